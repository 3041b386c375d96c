"""What must hold between the parts of a syntax file before it may speak for the department.

Each check is a generator of problems over the whole document; none stops at the first. `check_catalogue` and
`check_document` look at what is written; `check_readings` then asks the compiled parser, because whether two commands
accept the same message is best shown by such a message.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from syntax.compose import capacity, measure, render
from syntax.findings import Place, Problem
from syntax.fold import fold
from syntax.model import Accents, Catalogue, CitizenId, Command, Document, Example, HelpCommand, Parameter, RecordCommand
from syntax.parser import Parser, Read, Reading, spellings, squeeze
from syntax.unaccent import strange_characters

_KEYWORD: Final = re.compile(r"[A-Z][A-Z0-9]*(?: [A-Z0-9]+)*")
_SAMPLE_CITIZEN_ID: Final = "001085012345"

_PLACEHOLDERS: Final = {"misread": ("{usage}", "{short_code}")}
"""What a text may leave to be filled in; `{short_code}` everywhere."""


def check_catalogue(catalogue: Catalogue) -> Iterator[Problem]:
    """Every item of every law is covered, and every label can be sent."""
    for law, declared in catalogue.laws.items():
        covered = {field.items[law] for field in catalogue.fields.values() if law in field.items}
        for item in sorted(set(range(1, declared.items + 1)) ^ covered):
            yield Problem(
                ("laws", law, "items"),
                f"mục {item} của luật “{law}” không khớp với danh mục",
                "mỗi mục từ 1 đến items phải có ít nhất một trường, và không trường nào ghi mục khác",
            )
    for code, field in catalogue.fields.items():
        for law in field.items.keys() - catalogue.laws.keys():
            yield Problem(("fields", code, "items"), f"không có luật “{law}”", "ghi mã một luật có ở [laws]")
        yield from _check_characters(("fields", code, "short_label"), field.short_label)


def check_document(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Dates, views, commands and texts, each by itself and against the others."""
    if document.effective_until is not None and document.effective_until < document.effective_from:
        yield Problem(
            ("effective_until",), "ngày hết hiệu lực đứng trước ngày bắt đầu", "sửa effective_until hoặc effective_from"
        )
    yield from _check_views(document, catalogue)
    yield from _check_commands(document)
    yield from _check_texts(document)
    yield from _check_budget(document, catalogue)


def check_readings(document: Document, parser: Parser) -> Iterator[Problem]:
    """Each command is reached by its own words and by them alone, and each example reads as written."""
    for index, command in enumerate(document.commands):
        for witness in _witnesses(command):
            others = [name for name in parser.accepting(witness) if name != command.name]
            if others:
                yield Problem(
                    ("commands", index, "keyword"),
                    f"tin “{witness}” vừa là lệnh “{command.name}” vừa là lệnh “{others[0]}”",
                    "đổi từ khóa, tên gọi khác hoặc tham số của một trong hai lệnh",
                )
    yield from check_examples(document.examples, parser)


def check_examples(examples: Iterable[Example], parser: Parser) -> Iterator[Problem]:
    """Each text of each example reads as its example says."""
    for index, example in enumerate(examples):
        place = ("examples", index)
        if (example.reads is None) == (example.nearest is None):
            yield Problem(place, "ví dụ phải có đúng một trong hai khóa reads và nearest", "thêm hoặc bỏ bớt một khóa")
            continue
        expected = _described(example.reads, example.citizen_id, example.nearest, accented=example.accented)
        for text in example.texts:
            read = _reading_described(parser.read(text))
            if read != expected:
                yield Problem(
                    (*place, "texts"), f"ví dụ “{text}” đọc ra {read}, không phải {expected}", "sửa ví dụ hoặc sửa lệnh", text
                )


def _check_views(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    for code, view in document.views.items():
        place: Place = ("views", code, "fields")
        for name, times in Counter(view.fields).items():
            if name not in catalogue.fields:
                yield Problem(place, f"không có trường “{name}”", "dùng một mã có ở fields.toml", name)
                continue
            if times > 1:
                yield Problem(place, f"trường “{name}” ghi {times} lần", "chỉ ghi một lần", name)
            if catalogue.fields[name].protection is not None and name not in view.discloses:
                yield Problem(
                    place,
                    f"trường “{name}” là thông tin nhạy cảm hoặc của người khác",
                    f'bỏ trường này, hoặc ghi rõ discloses = ["{name}"] nếu được phép cung cấp',
                    name,
                )
        for name in view.discloses:
            if name not in view.fields or name not in catalogue.fields or catalogue.fields[name].protection is None:
                yield Problem(
                    ("views", code, "discloses"),
                    f"“{name}” không phải trường được bảo vệ có trong fields",
                    "bỏ khỏi discloses",
                    name,
                )


def _check_commands(document: Document) -> Iterator[Problem]:
    names: set[str] = set()
    owners: dict[str, str] = {}
    for index, command in enumerate(document.commands):
        place: Place = ("commands", index)
        if command.name in names:
            yield Problem((*place, "name"), f"hai lệnh cùng tên “{command.name}”", "đặt tên khác cho một lệnh")
        names.add(command.name)
        if isinstance(command, RecordCommand) and command.view not in document.views:
            yield Problem((*place, "view"), f"không có bảng trường “{command.view}”", "dùng một tên có ở [views]")
        for key, words in (("keyword", (command.keyword,)), ("aliases", command.aliases)):
            for word in words:
                yield from _check_keyword((*place, key), word)
                owner = owners.setdefault(squeeze(word), command.name)
                if owner != command.name or spellings(command).count(word) > 1:
                    yield Problem((*place, key), f"từ khóa “{word}” đã dùng ở lệnh “{owner}”", "chọn từ khóa khác", word)
        yield from _check_parameters((*place, "parameters"), command.parameters)


def _check_parameters(place: Place, parameters: Iterable[Parameter]) -> Iterator[Problem]:
    for kind, times in Counter(map(type, parameters)).items():
        if times > 1:
            yield Problem(place, f"tham số kiểu {kind.__name__} ghi {times} lần", "mỗi kiểu chỉ ghi một lần")
    for parameter in parameters:
        if isinstance(parameter, Accents):
            for word in parameter.words:
                yield from _check_keyword(place, word)


def _check_keyword(place: Place, word: str) -> Iterator[Problem]:
    if not _KEYWORD.fullmatch(fold(word)):
        yield Problem(place, f"“{word}” không dùng làm từ khóa được", "chỉ dùng chữ cái, chữ số và bắt đầu bằng chữ cái", word)


def _texts(document: Document) -> Iterator[tuple[Place, str]]:
    for name in document.texts.__struct_fields__:
        yield ("texts", name), getattr(document.texts, name)
    for index, command in enumerate(document.commands):
        yield ("commands", index, "usage"), command.usage
        if isinstance(command, HelpCommand):
            yield ("commands", index, "text"), command.text


def _check_texts(document: Document) -> Iterator[Problem]:
    longest_usage = max((command.usage for command in document.commands), key=len)
    for place, text in _texts(document):
        if place == ("texts", "refusal"):
            filled, segments = text, 1
        else:
            filled, segments = text.replace("{short_code}", document.short_codes[0]), document.segments_max
        if place == ("texts", "misread"):
            if "{usage}" not in text:
                yield Problem(place, "lời báo sai cú pháp không chỉ cách dùng", "thêm {usage} vào chỗ cần ghi cách dùng")
            filled = filled.replace("{usage}", longest_usage)
        accented = place[-1] == "text"
        yield from _check_characters(place, filled.replace("{short_code}", ""))
        if not filled.strip() and place[-1] not in {"head", "foot"}:
            yield Problem(place, "lời văn để trống", "viết lời văn")
        if measure(render(filled, accented=accented), accented=accented) > capacity(segments, accented=accented):
            yield Problem(place, f"lời văn dài quá {segments} tin nhắn", "viết ngắn lại")


def _check_characters(place: Place, text: str) -> Iterator[Problem]:
    if strange := strange_characters(text):
        yield Problem(
            place,
            f"có ký tự không gửi được qua mọi nhà mạng: {' '.join(strange)}",
            "chỉ dùng chữ tiếng Việt, chữ số và các dấu câu thông dụng",
        )


def _check_budget(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Any field of a view can be sent whole, if need be alone: else its value could never be seen."""
    texts = document.texts
    for code, view in document.views.items():
        for name in view.fields:
            if (field := catalogue.fields.get(name)) is None:
                continue
            line = f"{field.short_label}: ".ljust(len(field.short_label) + 2 + field.length_max, "x")
            reply = "\n".join((texts.head, line, texts.cut, texts.foot))
            for accented in (False, True):
                if measure(render(reply, accented=accented), accented=accented) > capacity(
                    document.segments_max, accented=accented
                ):
                    yield Problem(
                        ("views", code, "fields"),
                        f"trường “{name}” dài nhất không vừa {document.segments_max} tin nhắn",
                        "tăng segments_max, viết ngắn head và foot, hoặc bỏ trường này",
                        name,
                    )
                    break


def _witnesses(command: Command) -> Iterator[str]:
    """Messages that must mean this command: each spelling with each choice of parameters, with and without blanks."""
    choices = [_choices(parameter) for parameter in command.parameters]
    for spelling in spellings(command):
        for chosen in itertools.product(*choices):
            words = [spelling, *filter(None, chosen)]
            yield " ".join(words)
            yield "".join(words).replace(" ", "")


def _choices(parameter: Parameter) -> tuple[str, ...]:
    match parameter:
        case CitizenId(optional=optional):
            return ("", _SAMPLE_CITIZEN_ID) if optional else (_SAMPLE_CITIZEN_ID,)
        case Accents(words=words):
            return ("", *words)


def _reading_described(reading: Reading) -> str:
    if isinstance(reading, Read):
        return _described(reading.command, reading.citizen_id, None, accented=reading.accented)
    return _described(None, None, reading.nearest, accented=False)


def _described(command: str | None, citizen_id: str | None, nearest: str | None, *, accented: bool) -> str:
    if command is None:
        return f"“không hiểu, gần nhất là {nearest}”"
    return f"“{command}{f' {citizen_id}' if citizen_id else ''}{' có dấu' if accented else ''}”"

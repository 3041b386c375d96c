"""What must hold between the parts of a syntax file before it may speak for the department.

Each check is a generator of problems over the whole document, so that an author hears of all of them at once. These
look at what is declared; its words are looked at in `wording`, and what it reads is tried in `trials`.
"""

from __future__ import annotations

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from syntax.compose import fits, spelled
from syntax.findings import Place, Problem
from syntax.fold import fold
from syntax.model import (
    Accents,
    Catalogue,
    Choice,
    Command,
    Document,
    Field,
    Narrowing,
    Page,
    Parameter,
    RecordCommand,
    ViewDeclaration,
    Words,
)
from syntax.parser import name_of, spellings, squeeze
from syntax.unaccent import unaccent
from syntax.wording import check_label, check_texts

_KEYWORD: Final = re.compile(r"[A-Z][A-Z0-9]*(?: [A-Z0-9]+)*")
"""What a keyword must fold to."""


def check_catalogue(catalogue: Catalogue) -> Iterator[Problem]:
    """Every item of every law is covered, and every label can be sent."""
    for law, declared in catalogue.laws.items():
        covered = {field.items[law] for field in catalogue.fields.values() if law in field.items}
        for item in sorted(covered.symmetric_difference(range(1, declared.items + 1))):
            yield Problem(
                ("laws", law, "items"),
                f"mục {item} của luật “{law}” không khớp với danh mục trường",
                "mỗi mục từ 1 đến items cần ít nhất một trường, và không trường nào được ghi mục khác",
            )
    for code, field in catalogue.fields.items():
        for law in field.items.keys() - catalogue.laws.keys():
            yield Problem(("fields", code, "items"), f"không có luật “{law}”", "ghi mã một luật có ở [laws]")
        yield from check_label(("fields", code, "short_label"), field.short_label)
        yield from _check_written(("fields", code), field, catalogue)


def _check_written(place: Place, field: Field, catalogue: Catalogue) -> Iterator[Problem]:
    """Words of the catalogue that stand for a value: they can be sent, and are no longer than a value may be."""
    told = [((*place, "written"), words) for words in field.written.values()]
    if field.absent is not None:
        texts = dict.fromkeys(spelled(field.absent.text, accented=accented) for accented in (True, False))
        told += [((*place, "absent"), words) for words in texts]
        if field.absent.beside not in catalogue.fields:
            what = f"không có trường “{field.absent.beside}”"
            yield Problem((*place, "absent"), what, "ghi ở beside một mã có ở fields.toml", field.absent.beside)
    for where, words in told:
        yield from check_label(where, words)
        if max(len(words), len(unaccent(words))) > field.length_max:
            yield Problem(where, f"“{words}” dài hơn length_max", "viết ngắn lại, hoặc tăng length_max", words)


def check_document(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Dates, views, commands and texts, each by itself and against the others."""
    yield from _check_dates(document)
    for code, view in document.views.items():
        yield from _check_view(("views", code), view, catalogue)
        yield from _check_room(("views", code, "fields"), view, document, catalogue)
    yield from _check_names(document)
    for index, command in enumerate(document.commands):
        yield from _check_command(("commands", index), command, document, catalogue)
    yield from check_texts(document)


def _check_dates(document: Document) -> Iterator[Problem]:
    if document.effective_until is not None and document.effective_until < document.effective_from:
        what = "ngày hết hiệu lực đứng trước ngày bắt đầu"
        yield Problem(("effective_until",), what, "sửa effective_until hoặc effective_from")
    if document.grace_until is not None and document.grace_until < document.effective_from:
        what = "hạn dùng cú pháp cũ đứng trước ngày bắt đầu"
        yield Problem(("grace_until",), what, "sửa grace_until, hoặc bỏ khóa này nếu cú pháp cũ hết dùng ngay")
    if document.time_zone not in zoneinfo.available_timezones():
        yield Problem(("time_zone",), f"không có múi giờ “{document.time_zone}”", 'dùng "Asia/Ho_Chi_Minh"')


def _check_view(place: Place, view: ViewDeclaration, catalogue: Catalogue) -> Iterator[Problem]:
    """Fields that exist, each once; the protected ones declared, and none declared that is not protected."""
    for name, times in Counter(view.fields).items():
        if name not in catalogue.fields:
            yield Problem((*place, "fields"), f"không có trường “{name}”", "dùng một mã có ở fields.toml", name)
        elif times > 1:
            yield Problem((*place, "fields"), f"trường “{name}” ghi {times} lần", "chỉ ghi một lần", name)
    protected = {name for name in view.fields if name in catalogue.fields and catalogue.fields[name].protection}
    for name in sorted(protected.difference(view.discloses)):
        what = f"trường “{name}” là thông tin nhạy cảm hoặc của người khác"
        mend = f'bỏ trường này; nếu được phép cung cấp thì ghi rõ discloses = ["{name}"]'
        yield Problem((*place, "fields"), what, mend, name)
    for name in sorted(set(view.discloses) - protected):
        what = f"“{name}” không phải trường được bảo vệ có trong fields"
        yield Problem((*place, "discloses"), what, "bỏ khỏi discloses", name)


def _check_room(place: Place, view: ViewDeclaration, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """The longest value of any field can be sent whole, if need be alone: else it could never be seen."""
    texts = document.texts
    for name in view.fields:
        if name in catalogue.fields:
            field = catalogue.fields[name]
            surroundings = [texts.head or "", texts.foot or "", max((texts.cut, texts.more), key=_length)]
            label = spelled(field.short_label, accented=True)
            reply = "\n".join([f"{label}: {'x' * field.length_max}", *(spelled(text, accented=True) for text in surroundings)])
            if not fits(reply, document.segments_max, accented=True):
                what = f"trường “{name}” khi dài nhất không vừa {document.segments_max} tin nhắn"
                yield Problem(place, what, "tăng segments_max, viết ngắn head và foot, hoặc bỏ trường này", name)


def _length(text: str | Words) -> int:
    return len(spelled(text, accented=True))


def _check_names(document: Document) -> Iterator[Problem]:
    """No two commands of one name, or of one keyword."""
    names: set[str] = set()
    owners: dict[str, int] = {}
    for index, command in enumerate(document.commands):
        if command.name in names:
            what = f"hai lệnh cùng tên “{command.name}”"
            yield Problem(("commands", index, "name"), what, "đặt tên khác cho một lệnh")
        names.add(command.name)
        for word in spellings(command):
            if owners.setdefault(squeeze(word), index) != index:
                key = "keyword" if word == command.keyword else "aliases"
                what = f"từ khóa “{word}” đã dùng ở một lệnh trước"
                yield Problem(("commands", index, key), what, "chọn từ khóa khác", word)


def _check_command(place: Place, command: Command, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    if isinstance(command, RecordCommand) and command.view not in document.views:
        yield Problem((*place, "view"), f"không có nhóm trường “{command.view}”", "dùng một tên có ở [views]")
    yield from _check_keywords((*place, "keyword"), [command.keyword])
    yield from _check_keywords((*place, "aliases"), command.aliases)
    for parameter in command.parameters:
        yield from _check_parameter((*place, "parameters"), parameter, document, catalogue)
    for name, times in Counter(map(name_of, command.parameters)).items():
        if times > 1:
            what = f"{times} tham số cùng tên “{name}”"
            yield Problem((*place, "parameters"), what, "bỏ bớt, hoặc đặt name khác nhau")
    if not isinstance(command, RecordCommand) and not all(isinstance(p, Accents) for p in command.parameters):
        what = "lệnh trả lời bằng lời văn không dùng tham số nào ngoài accents"
        yield Problem((*place, "parameters"), what, "bỏ tham số, hoặc đổi answers thành record")


def _check_parameter(place: Place, parameter: Parameter, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    if isinstance(parameter, Narrowing) and parameter.equals not in catalogue.fields:
        what = f"không có trường “{parameter.equals}” để so sánh"
        yield Problem(place, what, "ghi ở equals một mã có ở fields.toml", parameter.equals)
    if isinstance(parameter, (Page, Accents)):
        yield from _check_keywords(place, parameter.words)
    if isinstance(parameter, Choice):
        owners: dict[str, str] = {}
        for option in parameter.options:
            yield from _check_keywords(place, option.words)
            if option.view not in document.views:
                yield Problem(place, f"không có nhóm trường “{option.view}”", "dùng một tên có ở [views]", option.view)
            for word in option.words:
                if owners.setdefault(squeeze(word), option.view) != option.view:
                    what = f"lựa chọn “{word}” thuộc về hai nhóm trường"
                    yield Problem(place, what, "mỗi từ chỉ ghi cho một lựa chọn", word)


def _check_keywords(place: Place, words: Iterable[str]) -> Iterator[Problem]:
    for word in words:
        if not _KEYWORD.fullmatch(fold(word)):
            what = f"“{word}” không dùng làm từ khóa được"
            yield Problem(place, what, "chỉ dùng chữ cái và chữ số, bắt đầu bằng chữ cái", word)

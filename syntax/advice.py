"""What loads, but hardly works as its author meant it; and what somebody should look at.

Warnings and notes over one syntax file and its catalogue. Nothing here refuses a file: that is for `checks`, `wording`,
`ambiguity` and `trials`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from syntax.compose import measure, render, segments_of, spelled
from syntax.findings import Place, Problem
from syntax.language import Syntax
from syntax.lengths import ViewLength
from syntax.model import (
    Accents,
    Catalogue,
    Choice,
    Command,
    Document,
    Example,
    FreeText,
    HelpCommand,
    RecordCommand,
    Text,
    Words,
)
from syntax.order import advise_order
from syntax.parser import Misread, Read, Retired, spellings, squeeze
from syntax.trials import SAMPLES
from syntax.unaccent import unaccent

_TO_TEXT: Final = re.compile(r"\b[Ss]oạn (?:tin )?(?P<message>[^\n]+?) gửi\b")
"""What a usage says should be texted."""

_EXAMPLE: Final = re.compile(r"ví dụ:? *[“\"']?(?P<message>[^)”\"'\n]+)")
_VARIABLE: Final = re.compile(r"<[^>\n]*>")
_NUMBER_TEXTED_TO: Final = re.compile(r"\bgửi(?: (?:tới|đến|số))? (?P<number>[0-9]{3,8})\b")


_FRAME: Final = frozenset(
    map(squeeze, ("SOẠN", "SOẠN TIN", "NHẮN", "NHẮN TIN", "GỬI", "GỞI", "DẤU CÁCH", "KHOẢNG TRẮNG"))
)
"""What people write around a command (`grammar`)."""


def advise_catalogue(catalogue: Catalogue) -> Iterator[Problem]:
    """Labels that a reply cannot tell apart, or that say two things."""
    owners: dict[str, str] = {}
    for code, field in catalogue.fields.items():
        place = ("fields", code, "short_label")
        label = unaccent(spelled(field.short_label, accented=False)).casefold()
        if (other := owners.setdefault(label, code)) != code:
            what = f"tên ngắn của “{code}” và “{other}” khi bỏ dấu là một"
            why = "trong tin không dấu, người đọc không biết giá trị nào là của mục nào"
            yield Problem(place, what, "đặt tên ngắn khác cho một mục", why=why, severity="warning")
        if isinstance(field.short_label, Words) and len(field.short_label.unaccented) >= len(
            field.short_label.accented
        ):
            yield from _two_spellings(place, field.short_label)  # a shorter one saves room


def advise_document(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """What is declared and not used, or used and not as one would think."""
    yield from _views(document, catalogue)
    for place, text in _all_texts(document):
        yield from _two_spellings(place, text)
        yield from _numbers(place, text, document)
    for index, command in enumerate(document.commands):
        yield from _command(("commands", index), command)
        yield from _usage_length(index, command, document)
    if not any(command.in_guide for command in document.commands):
        what, why = "không lệnh nào có trong tờ hướng dẫn", "tờ in ra không có cách nhắn nào"
        yield Problem(("commands", 0), what, "bỏ in_guide = false ở lệnh cho người dân", why=why, severity="warning")
    if document.suspended:
        what, why = "mọi lệnh đang tạm ngừng (suspended)", "mọi tin đều nhận lời báo tạm ngừng"
        yield Problem(("suspended",), what, "bỏ suspended khi dịch vụ hoạt động lại", why=why, severity="note")
    until = document.effective_until
    if until is not None and document.grace_until is not None and document.grace_until > until:
        what, why = (
            "hạn dùng cú pháp cũ kéo dài quá ngày hết hiệu lực của phiên bản này",
            "sau ngày ấy không tin nào được trả lời",
        )
        yield Problem(("grace_until",), what, "sửa grace_until hoặc effective_until", why=why, severity="warning")


def advise_reading(syntax: Syntax, examples: Iterable[Example]) -> Iterator[Problem]:
    """Commands that no example shows, and usages that do not lead where they say."""
    shown = {example.reads for example in examples}
    for index, command in enumerate(syntax.document.commands):
        if command.name not in shown:
            what, why = (
                f"lệnh “{command.name}” không có ví dụ nào",
                "ví dụ giữ cho lệnh không bị đổi nghĩa khi tệp được sửa",
            )
            mend = f'thêm một [[examples]] với reads = "{command.name}"'
            yield Problem(("commands", index), what, mend, why=why, severity="warning")
        yield from _usage(index, command, syntax)


def advise_lengths(document: Document, lengths: Iterable[ViewLength]) -> Iterator[Problem]:
    """Answers that are cut at worst."""
    commands = {command.name: command for command in document.commands}
    for length in lengths:
        command = commands[length.command]
        can_accent = command.accented or any(isinstance(parameter, Accents) for parameter in command.parameters)
        cut = (
            length.unaccented
            if length.unaccented.cut
            else length.accented
            if length.accented.cut and can_accent
            else None
        )
        if cut is not None:
            dressed = "" if cut is length.unaccented else " có dấu"
            what = f"nhóm “{length.view}” khi dài nhất là {cut.segments} tin nhắn{dressed}, mà lệnh “{length.command}” không có trang"
            why = f"quá {document.segments_max} tin nhắn thì các mục cuối bị lược, người nhắn không có cách xem tiếp"
            mend = "thêm tham số page cho lệnh, bớt mục, hoặc tăng segments_max"
            yield Problem(("views", length.view.partition("+")[0], "fields"), what, mend, why=why, severity="warning")


# ---- views ---------------------------------------------------------------------------------------------------------


def _views(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    used = {view for command in document.commands for view in _used_by(command)}
    owners: dict[frozenset[str], str] = {}
    for code, view in document.views.items():
        if code not in used:
            what, why = f"không lệnh nào dùng nhóm “{code}”", "nhóm thừa làm người sửa sau tưởng là có người xem được"
            yield Problem(("views", code), what, "bỏ nhóm này, hoặc cho một lệnh dùng nó", why=why, severity="warning")
        if (other := owners.setdefault(frozenset(view.fields), code)) != code:
            what, why = f"nhóm “{code}” gồm đúng những mục của nhóm “{other}”", "sửa nhóm này mà quên nhóm kia"
            yield Problem(("views", code, "fields"), what, "dùng chung một nhóm", why=why, severity="warning")
        for index, name in enumerate(view.discloses):
            if name in catalogue.fields and catalogue.fields[name].protection and name in view.fields:
                kind = "nhạy cảm" if catalogue.fields[name].protection == "sensitive" else "của người khác"
                what = f"nhóm “{code}” cung cấp thông tin {kind}: “{name}”"
                why = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: phải có căn cứ và ghi nhận được mỗi lần cung cấp"
                mend = "giữ lại nếu cơ quan quản lý đã cho phép; nếu không thì bỏ khỏi fields và discloses"
                yield Problem(("views", code, "discloses", index), what, mend, why=why, severity="note")


def _used_by(command: Command) -> Iterator[str]:
    """The views that can be asked for: that of the command only where no option need be chosen."""
    if isinstance(command, RecordCommand):
        choices = [parameter for parameter in command.parameters if isinstance(parameter, Choice)]
        if all(choice.optional for choice in choices):
            yield command.view
        for choice in choices:
            for option in choice.options:
                yield option.view


# ---- texts ---------------------------------------------------------------------------------------------------------


def _all_texts(document: Document) -> Iterator[tuple[Place, Text]]:
    for name in document.texts.__struct_fields__:
        text: Text | None = getattr(document.texts, name)
        if text is not None:
            yield ("texts", name), text
    for index, command in enumerate(document.commands):
        yield ("commands", index, "usage"), command.usage
        if isinstance(command, HelpCommand):
            yield ("commands", index, "text"), command.text


def _two_spellings(place: Place, text: Text) -> Iterator[Problem]:
    if isinstance(text, Words) and _letters(text.accented) != _letters(text.unaccented):
        what, why = (
            "hai cách viết có dấu và không dấu nói khác nhau",
            "người xin tin có dấu nhận lời khác với người khác",
        )
        yield Problem(
            place,
            what,
            "viết cho hai cách chỉ khác nhau ở dấu, hoặc chỉ ghi một cách có dấu",
            why=why,
            severity="warning",
        )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9{}]", "", unaccent(text).casefold())


def _numbers(place: Place, text: Text, document: Document) -> Iterator[Problem]:
    for number in _NUMBER_TEXTED_TO.findall(spelled(text, accented=True)):
        if number in document.short_codes:
            what, why = f"đầu số {number} ghi thẳng trong lời văn", "khi đổi đầu số, lời văn sẽ chỉ sai chỗ"
        else:
            what, why = f"lời văn chỉ đến đầu số {number}, không phải của dịch vụ", "người nhắn gửi đến dịch vụ khác"
        yield Problem(place, what, "ghi {short_code} ở chỗ đầu số", why=why, severity="warning")


# ---- commands ------------------------------------------------------------------------------------------------------


def _command(place: Place, command: Command) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for word in spellings(command):
        if (other := seen.setdefault(squeeze(word), word)) != word or list(spellings(command)).count(word) > 1:
            what, why = f"tên gọi “{word}” với “{other}” là một", "dấu, chữ hoa và khoảng trắng không phân biệt"
            yield Problem((*place, "aliases"), what, "bỏ tên gọi thừa", word, why, "warning")
    for word in spellings(command):
        if squeeze(word) in _FRAME:
            what, why = (
                f"“{word}” cũng là chữ thường đứng quanh lệnh",
                "người nhắn viết “Soạn … gửi …” thì khó biết lệnh nào",
            )
            yield Problem((*place, "keyword"), what, "chọn từ khóa khác", why=why, severity="warning")
    yield from advise_order(place, spellings(command), command.parameters)
    free_before = False
    for index, parameter in enumerate(command.parameters):
        here = (*place, "parameters", index)
        free = isinstance(parameter, FreeText)
        if free and free_before:
            what, why = (
                "hai tham số kiểu text đứng liền nhau",
                "không biết chữ nào thuộc tham số nào: tham số trước chỉ nhận một từ",
            )
            yield Problem(
                here, what, "đặt một tham số kiểu khác vào giữa, hoặc gộp làm một", why=why, severity="warning"
            )
        free_before = free
        if isinstance(parameter, Accents) and command.accented:
            what, why = (
                "lệnh luôn trả lời có dấu, tham số accents không thay đổi gì",
                "người nhắn ghi thêm mà không được gì",
            )
            yield Problem(here, what, "bỏ tham số này, hoặc bỏ accented", why=why, severity="warning")
    if command.suspended:
        what, why = f"lệnh “{command.name}” đang tạm ngừng (suspended)", "người nhắn lệnh này nhận lời báo tạm ngừng"
        yield Problem((*place, "suspended"), what, "bỏ suspended khi lệnh hoạt động lại", why=why, severity="note")


def _usage_length(index: int, command: Command, document: Document) -> Iterator[Problem]:
    for name in ("misread", "retired"):
        text: Text = getattr(document.texts, name)
        filled = spelled(text, accented=False).replace("{usage}", spelled(command.usage, accented=False))
        sent = render(filled.replace("{short_code}", document.short_codes[0]), accented=False)
        segments = segments_of(measure(sent, accented=False), accented=False)
        if segments > 1:
            what, why = (
                f"lời báo {name} kèm cách dùng này dài {segments} tin nhắn",
                "ai nhắn sai cũng nhận lời này: vừa tốn, vừa dài",
            )
            yield Problem(
                ("commands", index, "usage"),
                what,
                "viết cách dùng ngắn lại cho vừa một tin",
                why=why,
                severity="warning",
            )
            return


def _usage(index: int, command: Command, syntax: Syntax) -> Iterator[Problem]:
    """What a usage says should be texted, between "Soạn" and "gửi", or after "ví dụ", reads as the command."""
    place = ("commands", index, "usage")
    usage = spelled(command.usage, accented=True).replace("{short_code}", syntax.short_codes[0])
    messages = [_message(match["message"], command) for match in _TO_TEXT.finditer(usage)]
    if not messages:
        what, why = "cách dùng không nói phải soạn gì", "người nhắn sai không biết soạn thế nào"
        yield Problem(place, what, "viết dạng “Soạn … gửi {short_code}”", why=why, severity="warning")
        return
    for number, message in enumerate(messages):
        reading = syntax.read(message)
        if not isinstance(reading, Read) or (number == 0 and reading.command != command.name):
            what = f"cách dùng bảo soạn “{message}”, nhưng tin ấy {_read_as(reading)}"
            why = "làm đúng như hướng dẫn mà không được"
            mend = "sửa cách dùng; chỗ thay đổi thì ghi một ví dụ: “(ví dụ …)”"
            yield Problem(place, what, mend, why=why, severity="warning")


def _message(said: str, command: Command) -> str:
    """The message in what stands between "Soạn" and "gửi": the example, if there is one; a sample for each <variable>."""
    example = _EXAMPLE.search(said)
    message = example["message"] if example else said
    for parameter in command.parameters:
        if type(parameter) in SAMPLES:
            message = _VARIABLE.sub(SAMPLES[type(parameter)], message, count=1)
    return message.strip()


def _read_as(reading: Read | Misread | Retired) -> str:
    return f"là lệnh “{reading.command}”" if isinstance(reading, Read) else "không hiểu được"

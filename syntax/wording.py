"""Whether the words of a syntax file can be sent as they stand: characters that every operator's alphabet has, placeholders
that something fills, and room within the budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from syntax.compose import fits, spelled
from syntax.findings import Place, Problem
from syntax.model import Document, HelpCommand, Text, Words
from syntax.unaccent import SHARED, strange_characters

PLACEHOLDERS: Final = {
    "misread": ("usage", "short_code"),
    "retired": ("usage", "short_code"),
    "more": ("page", "pages", "next", "short_code"),
    "last": ("page", "pages", "short_code"),
}
"""What may stand in braces in a text of the file; in all others `short_code` alone."""

_ORDINARY: Final = ("short_code",)
_FILLED: Final = {"page": "99", "pages": "99", "next": ""}
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_BRACES: Final = re.compile(r"\{[^{}\n]{0,40}\}?|\}")
_FOR_FILLING: Final = "chỗ trong ngoặc nhọn là chỗ để máy ghi vào"

_TEXTS: Final = (
    "refusal", "misread", "busy", "over_quota", "suspended", "retired", "cut", "more", "last", "head", "foot",
    "empty",
)  # fmt: skip
_WITH_ACCENTS: Final = frozenset({"cut", "more", "last", "head", "foot", "empty"})
"""Texts that leave with accents, too."""
_NEEDS: Final = {
    "misread": ("usage", "lời báo sai cú pháp không chỉ cách dùng", "thêm {usage} vào chỗ cần ghi cách dùng"),
    "retired": ("usage", "lời báo cú pháp cũ không chỉ cách dùng mới", "thêm {usage} vào chỗ cần ghi cách dùng"),
    "more": ("next", "lời báo còn trang sau không chỉ cách xem tiếp", "thêm {next} vào chỗ cần ghi tin phải soạn"),
}


_ALPHABETS: Final = "mỗi nhà mạng có bảng chữ riêng; ký tự này đến máy người nhận có thể thành ký tự khác"


def check_texts(document: Document) -> Iterator[Problem]:
    """Every text that the service says."""
    texts = document.texts
    usage = max((command.usage for command in document.commands), key=lambda usage: len(spelled(usage, accented=False)))
    for name in _TEXTS:
        text: Text | None = getattr(texts, name)
        if text is None:
            continue
        place = ("texts", name)
        if name in _NEEDS and any(f"{{{_NEEDS[name][0]}}}" not in spelling for spelling in _spellings(text)):
            yield Problem(place, *_NEEDS[name][1:], why="người nhắn không biết phải làm gì tiếp")
        yield from _check_text(
            place,
            text,
            document,
            allowed=PLACEHOLDERS.get(name, _ORDINARY),
            accented=name in _WITH_ACCENTS,
            usage=usage,
        )
    if not fits(_filled(texts.refusal, document, usage, accented=False), 1, accented=False):
        why = "độ dài không được cho biết lý do từ chối, nên mọi lần từ chối chỉ là một tin"
        yield Problem(("texts", "refusal"), "lời từ chối dài quá một tin nhắn", "viết ngắn lại", why=why)
    for index, command in enumerate(document.commands):
        yield from _check_text(("commands", index, "usage"), command.usage, document)
        if isinstance(command, HelpCommand):
            yield from _check_text(("commands", index, "text"), command.text, document, accented=True)
        yield from _check_printed(("commands", index, "title"), command.title)
    yield from _check_printed(("authority",), document.authority)
    guide = document.guide
    yield from _check_printed(("guide", "title"), guide.title)
    yield from _check_printed(("guide", "introduction"), guide.introduction)
    yield from _check_printed(("guide", "contact"), guide.contact)
    for index, note in enumerate(guide.notes):
        yield from _check_printed(("guide", "notes", index), note)


def _check_printed(place: Place, text: str) -> Iterator[Problem]:
    """Words that only the guide prints: any character, but no braces with nothing to put in."""
    for strange in dict.fromkeys(_BRACES.findall(text.replace("{short_code}", ""))):
        mend = "chỉ dùng {short_code}; dấu ngoặc nhọn không dùng vào việc khác"
        yield Problem(place, f"không có gì để ghi vào chỗ {strange}", mend, why=_FOR_FILLING)


def check_label(place: Place, label: Text) -> Iterator[Problem]:
    """A label of the catalogue."""
    yield from _check_characters(place, label)


def _check_text(
    place: Place,
    text: Text,
    document: Document,
    *,
    allowed: tuple[str, ...] = _ORDINARY,
    accented: bool = False,
    usage: Text = "",
) -> Iterator[Problem]:
    for strange in sorted(
        {name for spelling in _spellings(text) for name in _PLACEHOLDER.findall(spelling)} - {*allowed}
    ):
        mend = "chỉ dùng " + ", ".join(f"{{{name}}}" for name in allowed)
        yield Problem(place, f"không có gì để ghi vào chỗ {{{strange}}}", mend, why=_FOR_FILLING)
    yield from _check_characters(place, text)
    for with_accents in (False, True)[: 1 + accented]:
        filled = _filled(text, document, usage, accented=with_accents)
        if not fits(filled, document.segments_max, accented=with_accents):
            why = "segments_max là số tin nhắn nhiều nhất của một lần trả lời"
            yield Problem(place, f"lời văn dài quá {document.segments_max} tin nhắn", "viết ngắn lại", why=why)
            return


def _filled(text: Text, document: Document, usage: Text, *, accented: bool) -> str:
    filled = spelled(text, accented=accented).replace("{usage}", spelled(usage, accented=accented))
    for name, value in (_FILLED | {"short_code": document.short_codes[0]}).items():
        filled = filled.replace(f"{{{name}}}", value)
    return filled


def _check_characters(place: Place, text: Text) -> Iterator[Problem]:
    spellings = [_PLACEHOLDER.sub("", spelling) for spelling in _spellings(text)]
    if strange := strange_characters("".join(spellings)):
        what = f"có ký tự không gửi được qua mọi nhà mạng: {' '.join(strange)}"
        yield Problem(place, what, "chỉ dùng chữ tiếng Việt, chữ số và dấu câu thông dụng", why=_ALPHABETS)
    if isinstance(text, Words) and not SHARED.issuperset(_PLACEHOLDER.sub("", text.unaccented)):
        what = "cách viết không dấu (unaccented) còn chữ có dấu"
        yield Problem(place, what, "bỏ dấu ở unaccented", why="một chữ có dấu làm tin dài gấp đôi")


def _spellings(text: Text) -> tuple[str, ...]:
    return (text.accented, text.unaccented) if isinstance(text, Words) else (text,)

"""What must hold between the parts of a syntax file before it may speak for the department.

Each check is a generator of problems over the whole document, so that an author hears of all of them at once. These
look at what is written; what it reads is tried in `trials`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from syntax.compose import fits
from syntax.findings import Place, Problem
from syntax.fold import fold
from syntax.model import Accents, Catalogue, Command, Document, HelpCommand, RecordCommand, ViewDeclaration
from syntax.parser import spellings, squeeze
from syntax.unaccent import strange_characters

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
        yield from _check_characters(("fields", code, "short_label"), field.short_label)


def check_document(document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Dates, views, commands and texts, each by itself and against the others."""
    if document.effective_until is not None and document.effective_until < document.effective_from:
        what = "ngày hết hiệu lực đứng trước ngày bắt đầu"
        yield Problem(("effective_until",), what, "sửa effective_until hoặc effective_from")
    for code, view in document.views.items():
        yield from _check_view(("views", code), view, catalogue)
        yield from _check_room(("views", code, "fields"), view, document, catalogue)
    yield from _check_names(document)
    for index, command in enumerate(document.commands):
        yield from _check_command(("commands", index), command, document)
    yield from _check_texts(document)


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
            reply = f"{texts.head}\n{field.short_label}: {'x' * field.length_max}\n{texts.cut}\n{texts.foot}"
            if not fits(reply, document.segments_max, accented=True):
                what = f"trường “{name}” khi dài nhất không vừa {document.segments_max} tin nhắn"
                yield Problem(place, what, "tăng segments_max, viết ngắn head và foot, hoặc bỏ trường này", name)


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


def _check_command(place: Place, command: Command, document: Document) -> Iterator[Problem]:
    if isinstance(command, RecordCommand) and command.view not in document.views:
        yield Problem((*place, "view"), f"không có nhóm trường “{command.view}”", "dùng một tên có ở [views]")
    if isinstance(command, HelpCommand):
        yield from _check_text((*place, "text"), command.text, document, accented=True)
    yield from _check_text((*place, "usage"), command.usage, document)
    yield from _check_keywords((*place, "keyword"), [command.keyword])
    yield from _check_keywords((*place, "aliases"), command.aliases)
    for parameter in command.parameters:
        if isinstance(parameter, Accents):
            yield from _check_keywords((*place, "parameters"), parameter.words)
    if len(set(map(type, command.parameters))) < len(command.parameters):
        yield Problem((*place, "parameters"), "hai tham số cùng kiểu", "mỗi kiểu tham số chỉ ghi một lần")


def _check_keywords(place: Place, words: Iterable[str]) -> Iterator[Problem]:
    for word in words:
        if not _KEYWORD.fullmatch(fold(word)):
            what = f"“{word}” không dùng làm từ khóa được"
            yield Problem(place, what, "chỉ dùng chữ cái và chữ số, bắt đầu bằng chữ cái", word)


def _check_texts(document: Document) -> Iterator[Problem]:
    texts = document.texts
    place = ("texts", "misread")
    if "{usage}" not in texts.misread:
        yield Problem(place, "lời báo sai cú pháp không chỉ cách dùng", "thêm {usage} vào chỗ cần ghi cách dùng")
    longest_usage = max((command.usage for command in document.commands), key=len)
    yield from _check_text(place, texts.misread.replace("{usage}", longest_usage), document)
    for name in ("refusal", "busy", "over_quota", "suspended", "cut", "head", "foot"):
        yield from _check_text(("texts", name), getattr(texts, name), document)
    if not fits(texts.refusal, 1, accented=False):
        yield Problem(("texts", "refusal"), "lời từ chối dài quá một tin nhắn", "viết ngắn lại")


def _check_text(place: Place, text: str, document: Document, *, accented: bool = False) -> Iterator[Problem]:
    filled = text.replace("{short_code}", document.short_codes[0])
    yield from _check_characters(place, filled)
    if not fits(filled, document.segments_max, accented=accented):
        yield Problem(place, f"lời văn dài quá {document.segments_max} tin nhắn", "viết ngắn lại")


def _check_characters(place: Place, text: str) -> Iterator[Problem]:
    if strange := strange_characters(text):
        what = f"có ký tự không gửi được qua mọi nhà mạng: {' '.join(strange)}"
        yield Problem(place, what, "chỉ dùng chữ tiếng Việt, chữ số và dấu câu thông dụng")

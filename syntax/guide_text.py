"""The citizens' guide as plain text: for a web page, an e-mail, a terminal.

No line is wider than `WIDTH` columns; a word that is longer stands alone. What stands for a value is in angle brackets, which
the gateway takes no notice of if someone types them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from syntax.guide import Notice, Pieces, notice
from syntax.language import Syntax

WIDTH: Final = 78
"""Columns: what a terminal and an e-mail of the usual 80 show without breaking lines."""

COUNTRY: Final = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
"""The national name and motto that head a public document (NĐ 30/2020/NĐ-CP, Phụ lục I)."""


def guide_text(syntax: Syntax) -> str:
    """The guide to a syntax, lines of at most `WIDTH` columns, a line feed at the end."""
    return "\n".join(_lines(notice(syntax))) + "\n"


def written(pieces: Pieces) -> str:
    """A message with what stands for a value in angle brackets."""
    return " ".join(f"<{piece.text}>" if piece.field else piece.text for piece in pieces)


def _lines(said: Notice) -> Iterator[str]:
    code = said.short_codes[0]
    for line in (said.superior.upper(), said.authority.upper(), "", *COUNTRY, "", said.title.upper()):
        yield from _centred(line)
    yield from ("", *_wrapped(said.introduction))
    if said.suspended:
        yield from ("", *_wrapped(f"ĐANG TẠM NGỪNG. {said.suspended}"))
    yield from ("", *_wrapped(f"Soạn tin theo mẫu dưới đây, gửi đến số {' hoặc '.join(said.short_codes)}."))

    yield from _heading("Cách soạn tin")
    for number, block in enumerate(said.blocks, 1):
        mark = " (ĐANG TẠM NGỪNG)" if block.suspended else ""
        yield from ("", *_wrapped(f"{number}. {block.title}{mark}", hang=3))
        for form in block.forms:
            yield from _wrapped(f"   {written(form.pieces)}   gửi {code}", hang=6)
            if form.gets:
                yield from _wrapped(f"      Được trả lời: {'; '.join(form.gets)}.", hang=6)
        if block.several:
            yield from _wrapped(f"   Hỏi nhiều mục một lần: {block.several}", hang=6)
        if block.fee:
            yield from _wrapped(f"   {block.fee}.", hang=6)

    if said.additions:
        yield from _heading("Có thể viết thêm ở cuối")
        yield ""
        for addition in said.additions:
            after = f" (sau {', '.join(addition.commands)})" if addition.commands else ""
            yield from _wrapped(f"   {written(addition.pieces)}: {addition.meaning}{after}", hang=6)
    if said.exchanges:
        yield from _heading("Ví dụ")
        for exchange in said.exchanges:
            yield from ("", *_wrapped(f"   Nhắn:     {exchange.message}", hang=13))
            first, *others = exchange.reply.split("\n")
            yield from _wrapped(f"   Trả lời:  {first}", hang=13)
            for line in others:
                yield from _wrapped(f"{'':13}{line}", hang=13)
    if said.notes or said.fee:
        yield from _heading("Lưu ý")
        yield ""
        for note in filter(None, (*said.notes, said.fee)):
            yield from _wrapped(f"- {note}", hang=2)
    if said.contact:
        yield from ("", *_wrapped(said.contact))
    yield from ("", *_wrapped(". ".join(said.validity) + "."))


def _heading(text: str) -> tuple[str, str]:
    return "", text.upper()


def _centred(text: str) -> list[str]:
    return [line.center(WIDTH).rstrip() for line in textwrap.wrap(text, WIDTH)] or [""]


def _wrapped(text: str, hang: int = 0) -> list[str]:
    begin = text[: len(text) - len(text.lstrip())]
    body = text.lstrip()
    return textwrap.wrap(
        body,
        WIDTH,
        initial_indent=begin,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    ) or [""]

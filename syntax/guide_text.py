"""The citizens' guide as plain text: for a web page, an e-mail, a terminal.

No line is wider than `WIDTH` columns; a word that is longer stands alone. What stands for a value is in angle brackets, which
the gateway takes no notice of if someone types them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from syntax.guide import Addition, Block, Exchange, Notice, Pieces, notice
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
    for line in (said.superior.upper(), said.authority.upper(), "", *COUNTRY, "", said.title.upper()):
        yield from _centred(line)
    yield from ("", *_wrapped(said.introduction))
    if said.suspended:
        yield from ("", *_wrapped(f"ĐANG TẠM NGỪNG. {said.suspended}"))
    codes = " hoặc ".join(said.short_codes)
    yield from ("", *_wrapped(f"Soạn tin như dưới đây rồi gửi đến số {codes}. {said.fee}"))
    yield from _section("Cách soạn tin", (line for block in said.blocks for line in _block(block, said.short_codes[0])))
    yield from _section("Có thể viết thêm ở cuối", ["", *(line for each in said.additions for line in _addition(each))])
    yield from _section("Ví dụ", (line for exchange in said.exchanges for line in _exchange(exchange)))
    yield from _section("Lưu ý", ["", *(line for note in said.notes for line in _wrapped(f"- {note}", hang=2))])
    yield from ("", *_wrapped(said.contact)) if said.contact else ()
    yield from ("", *_wrapped(". ".join(said.validity) + "."))


def _block(block: Block, code: str) -> Iterator[str]:
    mark = " (ĐANG TẠM NGỪNG)" if block.suspended else ""
    yield from ("", *_wrapped(f"{block.title}{mark}"))
    for form in block.forms:
        yield from _wrapped(f"   {written(form.pieces)}   gửi {code}", hang=6)
        if form.gets:
            yield from _wrapped(f"      {'; '.join(form.gets)}.", hang=6)
    if block.several:
        yield from _wrapped(f"   {block.several}   gửi {code}", hang=6)
        yield "      Hỏi nhiều mục trong một tin."
    if block.fee:
        yield from _wrapped(f"   {block.fee}.", hang=6)


def _addition(addition: Addition) -> Iterator[str]:
    after = f" (sau {', '.join(addition.commands)})" if addition.commands else ""
    yield from _wrapped(f"   {written(addition.pieces)}: {addition.meaning}{after}", hang=6)


def _exchange(exchange: Exchange) -> Iterator[str]:
    yield from ("", *_wrapped(f"   Nhắn:     {exchange.message}", hang=13))
    for mark, line in zip_longest(["   Trả lời:"], exchange.reply.split("\n"), fillvalue=""):
        yield from _wrapped(f"{mark:13}{line}", hang=13)


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Nothing, where there is nothing to say."""
    if any(said := list(lines)):
        yield from ("", heading.upper(), *said)


def _centred(text: str) -> list[str]:
    return [line.center(WIDTH).rstrip() for line in textwrap.wrap(text, WIDTH)] or [""]


def _wrapped(text: str, hang: int = 0) -> list[str]:
    """Lines that keep the blanks at the beginning and between, the second and later ones after `hang` blanks."""
    return textwrap.wrap(
        text.rstrip(), WIDTH, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
    )

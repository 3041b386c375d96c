"""From what people type to what the grammar matches: capital ASCII letters, digits, single blanks and line breaks.

One table, one rule: letters lose case, accents and width; digits lose width; a line break stays one; whatever is no
letter and no digit (blanks of any kind, quotes, brackets, the `_` and `˽` of printed guides, dots) becomes a blank;
what is invisible or sits on a letter (zero-width characters, accents typed apart, emoji variation marks) vanishes.
Letters of other scripts stay as they are and so match no keyword, as does what was lost on the way (U+FFFD), which may have
been a letter or a digit: folding forgives, it does not guess. Of DOMAIN s4 these
are: any case; with or without accents; đ; NFC, NFD and half-composed; full width; NBSP, zero-width and repeated blanks,
line breaks; quotes, brackets, the trailing period; `_`, `˽`, `[ ]`, `( )`, `< >` copied from print; dots in an ID.

Each character folds by itself. That makes it linear where normalising the whole text is not (marks in hostile order
cost Python's NFKD quadratic time), and makes folding what is folded change nothing.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

_LINE_BREAKS: Final = "\n\r\v\f\x85\u2028\u2029"
_D_WITH_STROKE: Final = "đĐðÐɖƉ"
"""đ does not decompose; ð is what some phones and Latin-1 links make of it, Ɖ what some keyboards and converters do."""

_LOST: Final = "\ufffd"
"""What decoding puts in the place of octets that make no sense."""

_TABLED: Final = (
    range(0x80, 0x250),  # Latin
    range(0x300, 0x370),  # accents typed apart
    range(0x1E00, 0x1F00),  # Vietnamese letters
    range(0x2000, 0x2070),  # typographic marks and blanks
    range(0xFF00, 0xFFF0),  # full width
)
"""Blocks whose folding is worth a table. It does not grow by what strangers send: it would have no bound."""

_REMEMBERED: Final = 1024
"""Characters outside the table that are remembered: some decompose into eighteen, and may come in thousands."""


@functools.lru_cache(maxsize=_REMEMBERED)
def _fold_character(character: str) -> str:
    if character in _LINE_BREAKS:
        return "\n"
    folded = ""
    for part in unicodedata.normalize("NFKD", character):
        category = unicodedata.category(part)
        if part in _D_WITH_STROKE:
            folded += "D"
        elif part.isascii():
            folded += part.upper() if part.isalnum() else " "
        elif category[0] in "LN" or part == _LOST:
            folded += part
        elif category[0] != "M" and category != "Cf":
            folded += " "
    return folded


class _Table(dict[int, str]):
    """Code point → folded text, for every code point."""

    def __missing__(self, code_point: int) -> str:
        return _fold_character(chr(code_point))


_ASCII: Final = {code: _fold_character(chr(code)) for code in range(0x80)}
_UNICODE: Final = _Table(_ASCII | {code: _fold_character(chr(code)) for block in _TABLED for code in block})


def fold(text: str) -> str:
    """Words in capital letters, one blank between them, one line break between lines that hold any.

    Never raises, takes linear time, and `fold(fold(text)) == fold(text)`.
    """
    folded = text.translate(_ASCII if text.isascii() else _UNICODE)
    if "\n" not in folded:
        return " ".join(folded.split())
    lines = (" ".join(line.split()) for line in folded.split("\n"))
    return "\n".join(line for line in lines if line)

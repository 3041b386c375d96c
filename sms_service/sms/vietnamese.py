"""Vietnamese letters: composed for comparison, unaccented for cheap replies.

Rule: GSM 7-bit has few of the 134 letters beyond ASCII, and one of the others makes a text UCS-2, at twice the price;
so replies are unaccented unless asked otherwise. đ and Đ do not decompose in Unicode and are named here.

The letters and printable ASCII together are fewer than 256, so ordinary text takes two table look-ups in C, an octet
a character; text with anything else takes the way through decomposition. Both give the same.
"""

import codecs
import re
from itertools import product
from unicodedata import normalize

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")  # level, grave, acute, tilde, hook, dot below
_LOWER = "".join(
    letter for letter in (normalize("NFC", v + t) for v, t in product(_VOWELS, _TONES)) if not letter.isascii()
)
LETTERS = _LOWER + "đ" + _LOWER.upper() + "Đ"
"""The 134 Vietnamese letters that are not ASCII, composed."""

_STROKE = str.maketrans("đĐ", "dD")
_MARKS = re.compile("[\u0300-\u036f]+")


def _by_decomposition(text: str) -> str:
    return normalize("NFC", _MARKS.sub("", normalize("NFD", text.translate(_STROKE))))


_PLAIN = "".join(map(chr, (0x0A, 0x0D, *range(0x20, 0x7F))))
# NUL stands first because codecs.charmap_build makes its fast map only so.
_CHARACTERS = "\0" + _PLAIN + LETTERS
_OCTETS = codecs.charmap_build(_CHARACTERS)
_UNACCENTED = ("\0" + _PLAIN + _by_decomposition(LETTERS)).ljust(256, "\0").encode("ascii")


def nfc(text: str) -> str:
    """Compose letters and marks (Unicode NFC), whether they came composed, decomposed or half so."""
    return normalize("NFC", text)


def unaccent(text: str) -> str:
    """Strip diacritical marks: ``Số điện thoại`` becomes ``So dien thoai``. All else stays as it is, composed."""
    if text.isascii():
        return text
    try:
        octets, _ = codecs.charmap_encode(text, "strict", _OCTETS)
    except UnicodeEncodeError:
        return _by_decomposition(text)
    return octets.translate(_UNACCENTED).decode("ascii")

"""Vietnamese without accents, in characters that every alphabet of the wire writes alike.

Letters, digits, blank, line feed and most punctuation have the same octets in GSM 03.38, ASCII and Latin-1; 3GPP TS
23.038 s6.2.1 puts other signs where ASCII has brackets, braces, `@`, `$`, `_`, `^`, `|`, `~` and the backslash. A reply
made of the shared ones is read the same whichever of the three an operator takes for its default, and a segment holds
160 characters of it instead of 70.

Sixty-seven letters and their capitals map to one letter each, so a charmap codec followed by a byte table does it in
C at a fifth of the cost of `str.translate`. What that table does not know takes the slow way, one character at a time.
"""

from __future__ import annotations

import codecs
import string
import unicodedata
from typing import Final

SHARED: Final = frozenset(string.ascii_letters + string.digits + " \n!\"#%&'()*+,-./:;<=>?")
"""The characters that GSM 03.38, ASCII and Latin-1 encode by the same octet."""

_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VOWELS: Final = "aăâeêioôơuưy"
_LOWER: Final = {
    unicodedata.normalize("NFC", vowel + tone): unicodedata.normalize("NFD", vowel)[0]
    for vowel in _VOWELS
    for tone in _TONES
} | {"đ": "d"}

VIETNAMESE: Final = {letter: plain for letter, plain in _LOWER.items() if not letter.isascii()} | {
    letter.upper(): plain.upper() for letter, plain in _LOWER.items() if not letter.isascii()
}
"""The 134 accented letters → the letter each is written by without accents."""

_SIGNS: Final = {
    **dict.fromkeys("[{", "("),
    **dict.fromkeys("]}", ")"),
    **dict.fromkeys("_~–—−‐‑•·", "-"),
    **dict.fromkeys("|\\⁄", "/"),
    **dict.fromkeys("`^‘’‚´", "'"),
    **dict.fromkeys("“”„«»", '"'),
    "×": "x",
    "\u00a0": " ",
}
_LETTERS: Final = dict(zip("đĐðÐøØłŁƀɃı", "dDdDoOlLbBi", strict=True)) | {
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
}
"""Letters that do not decompose: of foreign names and of Ê Đê, and what old links make of đ."""
_SPELLED: Final = {
    "@": "(a)",
    "$": "USD",
    "€": "EUR",
    "₫": "d",
    "…": "...",
    "¼": " 1/4",
    "½": " 1/2",
    "¾": " 3/4",
} | _LETTERS
"""Signs that take several characters; a field of contact holds an e-mail address."""
_UNKNOWN: Final = "?"

_PLAIN: Final = {"\0": " "} | {character: character for character in SHARED} | VIETNAMESE | _SIGNS
_UNDEFINED: Final = "\ufffe"
"""What `codecs.charmap_build` takes for an octet without a character."""
_CODEC: Final = codecs.charmap_build("".join(_PLAIN).ljust(256, _UNDEFINED))
_OCTETS: Final = "".join(_PLAIN.values()).encode("ascii").ljust(256, b"?")


def unaccent(text: str) -> str:
    """The text in `SHARED` characters only; `?` stands for what has no likeness there."""
    try:
        octets, _ = codecs.charmap_encode(text, "strict", _CODEC)
    except UnicodeEncodeError:
        return "".join(map(_spell, unicodedata.normalize("NFC", text)))
    return octets.translate(_OCTETS).decode("ascii")


def strange_characters(text: str) -> str:
    """Those characters of a text, once each, that are neither `SHARED` nor accented Vietnamese letters (NFC)."""
    return "".join(dict.fromkeys(c for c in text if c not in SHARED and c not in VIETNAMESE))


def _spell(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    if character in _SPELLED:
        return _SPELLED[character]
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf":
        return ""
    if category[0] == "Z" or category == "Cc":
        return " "
    parts = [part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part)[0] != "M"]
    if parts == [character] or not all(part in _PLAIN or part in _SPELLED for part in parts):
        return _UNKNOWN
    return "".join(map(_spell, parts))

"""GSM 7-bit (3GPP TS 23.038 section 6.2.1), unpacked: an octet a septet, as SMPP carries it.

Rule: reading never fails; writing says no rather than guess a look-alike. In between, text stands as *codes*, an octet
a character: a basic character is its septet, an extension character its second septet with the high bit set, and ``@``,
whose septet is 0, is 0x80. That form is what the C codec of ``codecs`` can build (it wants NUL at 0), and what is not
plain in it is visible to ``bytes.isascii``.
"""

import codecs
import re

# 3GPP TS 23.038 section 6.2.1: the basic character set, by septet.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038 section 6.2.1.1: what follows an escape.
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
EXTENDED = frozenset(_EXTENSION.values())
"""The characters that GSM 7-bit writes with two septets."""

_ESCAPE = "\x1b"
_REPLACEMENT = "\ufffd"
_UNMAPPED = "\ufffe"  # what codecs.charmap_build takes for "no character here"

_CODES = codecs.charmap_build(
    "\0"
    + _BASIC[1:].replace(_ESCAPE, _UNMAPPED)
    + "".join("@" if code == 0 else _EXTENSION.get(code, _UNMAPPED) for code in range(128))
)
_AT_CODE, _AT_SEPTET = b"\x80", b"\x00"
_EXTENSION_CODE = re.compile(rb"[\x81-\xff]")

ALIKE = bytes(septet for septet, character in enumerate(_BASIC) if septet == ord(character) and character != _ESCAPE)
"""The octets that mean the same character in GSM 7-bit, ASCII and Latin-1: all that most replies are made of."""

_DECODING = _BASIC + _REPLACEMENT * 128  # an octet above 0x7F is no septet
_ESCAPED = re.compile(_ESCAPE + "(.?)", re.DOTALL)
_AFTER_ESCAPE = {_BASIC[code]: character for code, character in _EXTENSION.items()} | {_ESCAPE: " ", "": " "}


class NotEncodable(ValueError):
    """The alphabet lacks a character of the text. Which one is not said: the text is personal."""


def gsm7_decode(data: bytes) -> str:
    """An escape before a code not in the extension yields the basic character; two, or one at the end, a blank."""
    text, _ = codecs.charmap_decode(data, "strict", _DECODING)
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda escaped: _AFTER_ESCAPE.get(escaped[1], escaped[1]), text)


def gsm7_septets(text: str) -> bytes | None:
    """Write text as ``gsm7_encode`` does, or say None where that raises."""
    try:
        codes, _ = codecs.charmap_encode(text, "strict", _CODES)
    except UnicodeEncodeError:
        return None
    if b"\0" in codes:  # NUL is in the map only because the map must have it
        return None
    if codes.isascii():
        return codes
    return _EXTENSION_CODE.sub(_escape, codes).replace(_AT_CODE, _AT_SEPTET)


def _escape(code: re.Match[bytes]) -> bytes:
    return bytes((0x1B, code[0][0] & 0x7F))


def gsm7_encode(text: str) -> bytes:
    """Write text with escape sequences for the extension table; so the octets are as many as the septets.

    Raises:
        NotEncodable: a character is neither in the basic set nor in the extension table.
    """
    septets = gsm7_septets(text)
    if septets is None:
        raise NotEncodable("GSM 7-bit lacks a character of the text")
    return septets


def encodable_gsm7(text: str) -> bool:
    """Whether GSM 7-bit, basic set and extension table, writes every character of the text."""
    return gsm7_septets(text) is not None


def septet_count(text: str) -> int:
    """Septets that the text costs: two for a character of the extension table, one for any other.

    Raises:
        NotEncodable: as ``gsm7_encode``.
    """
    return len(gsm7_encode(text))

"""The alphabets of a short message: octets to text by data_coding, and text to octets at the lowest price.

Rule: reading never fails and writing never guesses. What arrives is read with U+FFFD in place of what makes no sense,
for a garbled inquiry is still one that deserves an answer. What leaves goes out under data_coding 0 only if every
character survives both the SMSC's alphabet and the 7-bit alphabet on the air; otherwise as UCS-2, which every handset
reads.
"""

from enum import StrEnum

from sms_service.sms.gsm7 import ALIKE, NotEncodable, gsm7_decode, gsm7_encode, gsm7_septets
from sms_service.sms.personal import Personal

_ALIKE_ONLY = bytes(octet if octet in ALIKE else 0xFF for octet in range(256))
"""For bytes.translate, which gives ASCII back as it was if all of it is alike. To delete what is alike costs twice as much."""

_LITTLE_ENDIAN_MARK = b"\xff\xfe"
_BYTE_ORDER_MARKS = (b"\xfe\xff", _LITTLE_ENDIAN_MARK)

DATA_CODING_DEFAULT = 0
"""SMPP 3.4 section 5.2.19: the SMSC's default alphabet."""
DATA_CODING_UCS2 = 8
"""SMPP 3.4 section 5.2.19: UCS-2."""


class Alphabet(StrEnum):
    """How octets stand for characters; the values are what a settings file says."""

    GSM7 = "gsm"
    LATIN1 = "latin1"
    ASCII = "ascii"
    UCS2 = "ucs2"


# Looked up once: reaching a member through its class costs as much as decoding a short text.
_GSM7, _LATIN1, _ASCII, _UCS2 = Alphabet


class Encoded(Personal, frozen=True, gc=False):
    """Text as it travels.

    Attributes:
        data_coding: what names the alphabet to the SMSC (SMPP 3.4 section 5.2.19).
        alphabet: the alphabet that ``octets`` are written in.
        octets: the text.
        units: what it costs on the air: septets under data_coding 0, UTF-16 code units under UCS-2.
    """

    data_coding: int
    alphabet: Alphabet
    octets: bytes
    units: int


def _by_coding_group(data_coding: int) -> Alphabet | None:
    """Read an octet as a GSM data coding scheme (3GPP TS 23.038 section 4).

    None for reserved groups, which a receiver takes for codepoint 0. Compressed text cannot be read here and
    passes for 8-bit data, which reads as Latin-1.
    """
    match data_coding >> 4:
        case 0xC | 0xD:  # message waiting, 7-bit
            return _GSM7
        case 0xE:  # message waiting, UCS-2
            return _UCS2
        case 0xF:  # message class; bit 2 says 8-bit data
            return _LATIN1 if data_coding & 0x04 else _GSM7
        case group if group < 8:  # general and automatic deletion; bit 5 says compressed, bits 3-2 the alphabet
            plain = (_GSM7, _LATIN1, _UCS2, None)[data_coding >> 2 & 3]
            return _LATIN1 if data_coding & 0x20 else plain
        case _:
            return None


# SMPP 3.4 section 5.2.19 gives the lowest sixteen values a meaning of its own. 8-bit data and the alphabets not spoken
# here (JIS, Cyrillic, Hebrew, pictograms, KS C) read as Latin-1: an ASCII command in them stays legible.
_SMPP_CODINGS: dict[int, Alphabet | None] = {
    0x00: None,
    0x01: _ASCII,
    **dict.fromkeys((0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0A, 0x0D, 0x0E), _LATIN1),
    0x08: _UCS2,
    **dict.fromkeys((0x0B, 0x0C, 0x0F), None),
}
_ALPHABET_OF = tuple(_SMPP_CODINGS.get(coding, _by_coding_group(coding)) for coding in range(256))


def decode(data: bytes, data_coding: int, default: Alphabet) -> str:
    """Read a message's octets. Never raises; U+FFFD stands for what has no meaning.

    Args:
        data: the text without its user data header, an octet a septet if 7-bit.
        data_coding: as in the PDU. 0, the reserved values of SMPP 3.4 section 5.2.19 and the reserved coding groups of
            3GPP TS 23.038 section 4 mean ``default``; 8-bit data and alphabets not known here read as Latin-1.
        default: what data_coding 0 means to this SMSC. UCS-2 under 0 is read so by this setting alone: nothing is
            guessed from the octets.

    UCS-2 is read as UTF-16 big-endian, so that emoji arrive; a byte order mark is obeyed and dropped, an odd last octet
    is dropped. Nothing else is normalised: accents may be composed or not, blanks and controls stand as they came.
    """
    alphabet = _ALPHABET_OF[data_coding & 0xFF] or default
    if alphabet is _GSM7:
        return gsm7_decode(data)
    if alphabet is _UCS2:
        return _decode_ucs2(data)
    return data.decode("latin-1" if alphabet is _LATIN1 else "ascii", "replace")


def _decode_ucs2(data: bytes) -> str:
    mark = data[:2]
    if mark in _BYTE_ORDER_MARKS:
        data = data[2:]
    if len(data) % 2:
        data = data[:-1]
    return data.decode("utf-16-le" if mark == _LITTLE_ENDIAN_MARK else "utf-16-be", "replace")


def encode(text: str, alphabet: Alphabet) -> bytes:
    """Write text in one alphabet.

    UCS-2 writes everything: astral characters as surrogate pairs, a lone surrogate as ``?``.

    Raises:
        NotEncodable: the alphabet lacks a character of the text.
    """
    if alphabet is _GSM7:
        return gsm7_encode(text)
    if alphabet is _UCS2:
        return text.encode("utf-16-be", "replace")
    octets = _encode_octets(text, alphabet)
    if octets is None:
        raise NotEncodable("the alphabet lacks a character of the text")
    return octets


def _encode_octets(text: str, alphabet: Alphabet) -> bytes | None:
    try:
        return text.encode("latin-1" if alphabet is _LATIN1 else "ascii")
    except UnicodeEncodeError:
        return None


def encode_cheapest(text: str, default: Alphabet) -> Encoded:
    """Write text under data_coding 0 if it survives that, else as UCS-2 under 8.

    Args:
        text: composed (NFC), or letters cost more than they need.
        default: what data_coding 0 means to this SMSC. It recodes that to GSM 7-bit on the air; so a character must be
            in both, and is charged in septets. An SMSC whose default is UCS-2 is sent UCS-2 by its own name, 8.
    """
    if default is not _UCS2:
        if text.isascii() and (octets := text.encode("ascii")).translate(_ALIKE_ONLY) == octets:
            return Encoded(DATA_CODING_DEFAULT, default, octets, len(octets))
        septets = gsm7_septets(text)
        written = septets if default is _GSM7 else _encode_octets(text, default)
        if septets is not None and written is not None:
            return Encoded(DATA_CODING_DEFAULT, default, written, len(septets))
    octets = text.encode("utf-16-be", "replace")
    return Encoded(DATA_CODING_UCS2, _UCS2, octets, len(octets) // 2)

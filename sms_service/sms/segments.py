"""One outgoing text to the segments that carry it.

Rule: the text is cut between characters, never between octets of one, so no cut can fall inside an escape sequence or a
surrogate pair. Every size follows from one number, the 140 octets of a short message (3GPP TS 23.040
section 9.2.3.24.1), less the header that the chosen way of joining segments takes.
"""

from enum import StrEnum

from sms_service.sms.alphabets import DATA_CODING_DEFAULT, Alphabet, Encoded, encode, encode_cheapest
from sms_service.sms.gsm7 import EXTENDED
from sms_service.sms.personal import Personal
from sms_service.sms.tags import MESSAGE_PAYLOAD, SAR_MSG_REF_NUM, SAR_SEGMENT_SEQNUM, SAR_TOTAL_SEGMENTS
from sms_service.sms.udh import UDH_8_OCTETS, UDH_16_OCTETS, concat_udh

SHORT_MESSAGE_OCTETS = 140
"""User data of one short message on the air (3GPP TS 23.040 section 9.2.3.16)."""
MAX_SEGMENTS = 255
"""Segments that one message can have: total and number are octets."""
ESM_CLASS_UDHI = 0x40
"""esm_class bit 6: the text begins with a user data header (SMPP 3.4 section 5.2.12)."""


class LongMessages(StrEnum):
    """How a text longer than one segment travels; the values are what a settings file says."""

    UDH = "udh"  # headers with an 8-bit reference, made here
    UDH16 = "udh16"  # headers with a 16-bit reference, made here
    SAR = "sar"  # TLVs, from which the SMSC makes the headers
    PAYLOAD = "payload"  # one PDU with message_payload, which the SMSC cuts


# The SMSC makes a SAR reference, 16 bits, into a header of a width that it does not tell; what fits the wider fits
# both. How it cuts a message_payload is its own affair; 8-bit headers are usual, and only the count rests on it.
_HEADER_OCTETS = {
    LongMessages.UDH: UDH_8_OCTETS,
    LongMessages.UDH16: UDH_16_OCTETS,
    LongMessages.SAR: UDH_16_OCTETS,
    LongMessages.PAYLOAD: UDH_8_OCTETS,
}


def _septets_in(octets: int) -> int:
    return octets * 8 // 7


def _ucs2_units_in(octets: int) -> int:
    return octets // 2


SINGLE_SEPTETS = _septets_in(SHORT_MESSAGE_OCTETS)
"""Septets of a text that travels alone: 160."""
SINGLE_UCS2_UNITS = _ucs2_units_in(SHORT_MESSAGE_OCTETS)
"""UTF-16 code units of a text that travels alone: 70."""
SEGMENT_SEPTETS = {way: _septets_in(SHORT_MESSAGE_OCTETS - header) for way, header in _HEADER_OCTETS.items()}
"""Septets of one segment among several: 153, or 152 behind a 16-bit reference."""
SEGMENT_UCS2_UNITS = {way: _ucs2_units_in(SHORT_MESSAGE_OCTETS - header) for way, header in _HEADER_OCTETS.items()}
"""UTF-16 code units of one segment among several: 67, or 66 behind a 16-bit reference."""

_LAST_OF_ONE_UNIT = "\uffff"  # UTF-16 writes what comes after it as a surrogate pair


class Segment(Personal, frozen=True, gc=False):
    """What one submit_sm or deliver_sm carries of a text.

    Attributes:
        data_coding: alphabet (SMPP 3.4 section 5.2.19).
        esm_class: the UDHI bit or 0 (section 5.2.12).
        short_message: header and text, 160 octets at most; empty if the text stands in ``tlvs``.
        tlvs: (tag, value) of the SAR or message_payload parameters (section 5.3.2).
    """

    data_coding: int
    esm_class: int
    short_message: bytes
    tlvs: tuple[tuple[int, bytes], ...]


class TooManySegments(ValueError):
    """The text needs more segments than allowed."""


def split(
    text: str,
    *,
    reference: int,
    method: LongMessages,
    default: Alphabet,
    max_segments: int = MAX_SEGMENTS,
) -> tuple[Segment, ...]:
    """Cut a text into segments, in order, under the cheapest alphabet (``encode_cheapest``).

    Args:
        text: composed (NFC), or letters cost more than they need. Empty text is one empty segment.
        reference: tells this message from others to the same phone; as many of its low bits count as the method
            carries, 8 for ``UDH``, 16 for ``UDH16`` and ``SAR``. Not used for one segment alone.
        method: how segments are joined when there are several.
        default: what data_coding 0 means to the SMSC.
        max_segments: the most that may come of it, 1-255; for ``PAYLOAD``, as many as the SMSC would make.

    Raises:
        TooManySegments: the text does not fit ``max_segments``.
    """
    encoded = encode_cheapest(text, default)
    data_coding = encoded.data_coding
    if _fits_one(encoded):
        return (Segment(data_coding, 0, encoded.octets, ()),)
    pieces = _cut(text, encoded, method)
    total = len(pieces)
    allowed = min(max_segments, MAX_SEGMENTS)
    if total > allowed:
        raise TooManySegments(f"the text needs {total} segments, allowed are {allowed}")
    if method is LongMessages.PAYLOAD:
        return (Segment(data_coding, 0, b"", ((MESSAGE_PAYLOAD, encoded.octets),)),)
    segments = []
    for number, piece in enumerate(pieces, 1):
        esm_class, header, tlvs = _place(method, reference, total, number)
        segments.append(Segment(data_coding, esm_class, header + piece, tlvs))
    return tuple(segments)


def segment_count(text: str, default: Alphabet, method: LongMessages = LongMessages.UDH) -> int:
    """How many segments the text costs, however many are allowed. Cheaper than to split it."""
    encoded = encode_cheapest(text, default)
    return 1 if _fits_one(encoded) else len(_cut(text, encoded, method))


def _fits_one(encoded: Encoded) -> bool:
    return encoded.units <= (SINGLE_SEPTETS if encoded.data_coding == DATA_CODING_DEFAULT else SINGLE_UCS2_UNITS)


def _place(
    method: LongMessages, reference: int, total: int, number: int
) -> tuple[int, bytes, tuple[tuple[int, bytes], ...]]:
    """Say which segment this is: esm_class, user data header and TLVs."""
    if method is LongMessages.SAR:
        sar = (
            (SAR_MSG_REF_NUM, (reference & 0xFFFF).to_bytes(2, "big")),
            (SAR_TOTAL_SEGMENTS, bytes((total,))),
            (SAR_SEGMENT_SEQNUM, bytes((number,))),
        )
        return 0, b"", sar
    wide = method is LongMessages.UDH16
    return ESM_CLASS_UDHI, concat_udh(reference & (0xFFFF if wide else 0xFF), total, number, wide=wide), ()


def _cut(text: str, encoded: Encoded, method: LongMessages) -> list[bytes]:
    """The octets of pieces that each fit a segment among several, each as long as possible."""
    septets = encoded.data_coding == DATA_CODING_DEFAULT
    limit = (SEGMENT_SEPTETS if septets else SEGMENT_UCS2_UNITS)[method]
    octets = encoded.octets
    if encoded.units == len(text):  # a unit for each character: any cut is between two
        step = limit * (len(octets) // len(text))
        return [octets[start : start + step] for start in range(0, len(octets), step)]
    pieces, start, used = [], 0, 0
    for at, character in enumerate(text):
        cost = 2 if (character in EXTENDED if septets else character > _LAST_OF_ONE_UNIT) else 1
        if used + cost > limit:
            pieces.append(text[start:at])
            start, used = at, 0
        used += cost
    pieces.append(text[start:])
    return [encode(piece, encoded.alphabet) for piece in pieces]

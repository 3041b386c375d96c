"""The user data header: what a handset or an SMSC puts before the text to say which segment of which message it is.

Rule: 3GPP TS 23.040 section 9.2.3.24 tells a receiver to ignore what it cannot use, so only a header that runs past
the octets is an error. Of several concatenation elements the last valid one counts (the section's rule for mutually
exclusive elements). All other elements (ports, pictures, language shifts) are skipped.
"""

from enum import IntEnum

import msgspec

_IEI_CONCAT_8 = 0x00  # 3GPP TS 23.040 section 9.2.3.24.1
_IEI_CONCAT_16 = 0x08  # 3GPP TS 23.040 section 9.2.3.24.8

UDH_8_OCTETS = 6
"""Octets of a concatenation header with an 8-bit reference: UDHL, IEI, IEL, reference, total, number."""
UDH_16_OCTETS = 7
"""Octets of one with a 16-bit reference."""


class Numbering(IntEnum):
    """The series that a reference number belongs to. Equal references of different series are different messages."""

    UDH_8 = 8  # by the sending handset, 8 bits
    UDH_16 = 16  # by the sending handset, 16 bits
    SAR = 0  # by the SMSC, 16 bits in sar_msg_ref_num (SMPP 3.4 section 5.3.2.22)


class Concat(msgspec.Struct, frozen=True, gc=False):
    """Which segment of which message.

    Attributes:
        reference: the sender's number for the message, the same in all its segments.
        width: the series of the reference.
        total: segments of the message, 1-255.
        number: this segment's, from 1 to ``total``.
    """

    reference: int
    width: Numbering
    total: int
    number: int


class MalformedUdh(ValueError):
    """The header announces more octets than there are."""


def valid_concat(reference: int, width: Numbering, total: int, number: int) -> Concat | None:
    """The concatenation, or None where the numbers contradict one another and the element must be ignored."""
    return Concat(reference, width, total, number) if 1 <= number <= total else None


def parse_udh(data: bytes) -> tuple[Concat | None, bytes]:
    """Part a header from the text behind it.

    Returns:
        The concatenation, None if there is none that is valid, and the text's octets. A header whose elements do not
        fit its length is ignored whole, as the specification says.

    Raises:
        MalformedUdh: there is no header length, or it is more than the octets that follow.
    """
    if not data or data[0] >= len(data):
        raise MalformedUdh("user data header longer than the message")
    end = 1 + data[0]
    payload = data[end:]
    concat = None
    at = 1
    while at < end:
        start = at + 2
        if start > end or (at_next := start + data[at + 1]) > end:
            return None, payload
        concat = _concat(data[at], data[start:at_next]) or concat
        at = at_next
    return concat, payload


def _concat(identifier: int, element: bytes) -> Concat | None:
    if identifier == _IEI_CONCAT_8 and len(element) == 3:
        return valid_concat(element[0], Numbering.UDH_8, element[1], element[2])
    if identifier == _IEI_CONCAT_16 and len(element) == 4:
        return valid_concat(element[0] << 8 | element[1], Numbering.UDH_16, element[2], element[3])
    return None


def concat_udh(reference: int, total: int, number: int, *, wide: bool = False) -> bytes:
    """A header that says only which segment this is.

    Args:
        reference: 0-255, or 0-65535 if ``wide``.
        total: segments of the message, 1-255.
        number: this segment's, from 1.
        wide: whether the reference has 16 bits.

    Raises:
        ValueError: a number does not fit its field.
    """
    if not 1 <= number <= total:
        raise ValueError("segment number outside its message")
    if wide:
        return bytes((UDH_16_OCTETS - 1, _IEI_CONCAT_16, 4, reference >> 8, reference & 0xFF, total, number))
    return bytes((UDH_8_OCTETS - 1, _IEI_CONCAT_8, 3, reference, total, number))

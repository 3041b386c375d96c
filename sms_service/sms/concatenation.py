"""Incoming segments: what one of them is, which message it belongs to, and what they say together.

Rule: a message is known by SMSC, source, destination, reference, its series and total, all of them; with fewer, two
citizens who text the same short code at once are read as one. Segments come in any order and more than once. Octets
are joined before they are decoded, since senders exist that cut through an escape, a surrogate pair or a UCS-2
character.

Where segments wait, and for how long, is the journal's affair.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import attrgetter

from sms_service.sms.alphabets import Alphabet, decode
from sms_service.sms.personal import Personal
from sms_service.sms.segments import ESM_CLASS_UDHI
from sms_service.sms.tags import MESSAGE_PAYLOAD, SAR_MSG_REF_NUM, SAR_SEGMENT_SEQNUM, SAR_TOTAL_SEGMENTS
from sms_service.sms.udh import Concat, MalformedUdh, Numbering, parse_udh, valid_concat


class Inbound(Personal, frozen=True, gc=False):
    """The text's octets in one deliver_sm, and its place if it is one segment of several."""

    payload: bytes
    concat: Concat | None


class Part(Personal, frozen=True, gc=False):
    """A stored segment: its number, and its octets with the data_coding that they came under."""

    number: int
    data_coding: int
    payload: bytes


def part_of(esm_class: int, short_message: bytes, tlvs: Sequence[tuple[int, bytes]]) -> Inbound:
    """Take the text out of a deliver_sm. Never raises: what contradicts itself is taken for a message of its own.

    Args:
        esm_class: bit 6 says that the text begins with a user data header (SMPP 3.4 section 5.2.12).
        short_message: if empty, the text is in message_payload (section 5.3.2.32).
        tlvs: (tag, value) of all optional parameters. The SAR ones count where there is no header with a place.

    A message of one segment is whole: its ``concat`` is None. With the bit set but no room for a header, all is text.
    """
    if not esm_class & ESM_CLASS_UDHI and not tlvs:
        return Inbound(short_message, None)
    values = dict(tlvs)
    payload = short_message or values.get(MESSAGE_PAYLOAD, b"")
    concat = None
    if esm_class & ESM_CLASS_UDHI:
        try:
            concat, payload = parse_udh(payload)
        except MalformedUdh:
            concat = None
    concat = concat or _sar(values)
    return Inbound(payload, None if concat is None or concat.total == 1 else concat)


def _sar(values: dict[int, bytes]) -> Concat | None:
    """SMPP 3.4 sections 5.3.2.22-24: all three parameters, or they say nothing."""
    reference = values.get(SAR_MSG_REF_NUM, b"")
    total = values.get(SAR_TOTAL_SEGMENTS, b"")
    number = values.get(SAR_SEGMENT_SEQNUM, b"")
    if (len(reference), len(total), len(number)) != (2, 1, 1):
        return None
    return valid_concat(int.from_bytes(reference, "big"), Numbering.SAR, total[0], number[0])


def group_key(smsc: str, source: str, destination: str, concat: Concat) -> bytes:
    """Name the message that a segment belongs to: equal for its segments, different for any two messages.

    Fields carry their lengths, so that no two sets of fields run together to the same octets. The key holds
    the sender's number: seal it or take its keyed pseudonym before it is stored.
    """
    fields = (smsc.encode(), source.encode(), destination.encode())
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields) + bytes(
        (concat.width, concat.reference >> 8, concat.reference & 0xFF, concat.total)
    )


def group_complete(numbers: AbstractSet[int], total: int) -> bool:
    """Whether segments 1 to ``total`` are all there."""
    return all(number in numbers for number in range(1, total + 1))


def join(parts: Iterable[Part], default: Alphabet) -> str:
    """Read a message from its segments, given in any order, each number once.

    Neighbours of one data_coding are joined as octets and then decoded (``alphabets.decode``). Never raises.
    """
    ordered = sorted(parts, key=attrgetter("number"))
    return "".join(
        decode(b"".join(part.payload for part in run), data_coding, default)
        for data_coding, run in groupby(ordered, key=attrgetter("data_coding"))
    )

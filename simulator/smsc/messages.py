"""What passes between a phone and the SMSC: whole messages, whatever the number of their segments.

Their repr shows neither number nor text, so that no log does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from sms_service.smpp import DataCoding
from sms_service.sms import Alphabet, LongMessages, Segment, TooManySegments, encodable_gsm7, split

SEGMENTS_MAX: Final = 10
"""Of a message that a phone sends: common phones turn longer ones into pictures."""
Encoding = Literal["gsm7", "ucs2"]


class Content(msgspec.Struct, frozen=True, gc=False):
    """What a message says and what it took to carry it over the air."""

    text: str
    encoding: Encoding
    segments: int

    def __repr__(self) -> str:
        return f"<Content {self.encoding}, {self.segments} segments>"


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A whole message that reached a phone."""

    msisdn: str
    short_code: str
    """Who it is from."""
    content: Content

    def __repr__(self) -> str:
        return f"<Arrival {self.content!r}>"


class TooLong(Exception):
    """A phone's text needs more than SEGMENTS_MAX segments."""


def cut(text: str, reference: int, default: Alphabet) -> tuple[Content, Sequence[Segment]]:
    """What a phone makes of a text: the cheapest encoding, headers when it is long.

    Args:
        text: as typed, nothing normalised.
        reference: tells the long messages of a phone apart.
        default: the alphabet that data_coding 0 means here.

    Raises:
        TooLong: see there.
    """
    try:
        segments = split(text, reference=reference, method=LongMessages.UDH, default=default, max_segments=SEGMENTS_MAX)
    except TooManySegments:
        raise TooLong(f"at most {SEGMENTS_MAX} segments") from None
    return Content(text, encoding_of(text, segments[0].data_coding), len(segments)), segments


def encoding_of(text: str, data_coding: int) -> Encoding:
    """How a text goes over the air: only GSM 7-bit and UCS-2 exist there, whatever an SMSC speaks with its ESMEs."""
    return "ucs2" if data_coding == DataCoding.UCS2 or not encodable_gsm7(text) else "gsm7"

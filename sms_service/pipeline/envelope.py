"""How messages stand in the journal: sealed, bound to their row, and named by pseudonyms."""

from __future__ import annotations

import itertools
from typing import Final

import msgspec

from sms_service.keys import Pseudonyms, Sealer, SealError
from sms_service.model import Content, Inquiry, JournalledInquiry, NewInquiry, NewSegment, Received, StoredSegment
from sms_service.sms.concatenation import group_key
from sms_service.sms.udh import Concat

RUN_SHIFT: Final = 36
"""Bits for the inquiries of one run: 6.9e10, eighty days at 10,000 a second. 27 bits remain for runs: 1.3e8 starts."""


class SegmentContent(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the journal keeps sealed of one part of a long message."""

    msisdn: str
    short_code: str
    data_coding: int
    payload: bytes
    link: str
    """The link that acknowledges it."""

    def __repr__(self) -> str:
        return "<SegmentContent>"


_encode = msgspec.msgpack.Encoder().encode
_decode_content = msgspec.msgpack.Decoder(Content).decode
_decode_segment = msgspec.msgpack.Decoder(SegmentContent).decode


class Envelopes:
    """Makes rows of messages, and messages of rows, for one run."""

    def __init__(self, run_id: int, sealer: Sealer, pseudonyms: Pseudonyms) -> None:
        self._ids = itertools.count((run_id << RUN_SHIFT) + 1)
        self._sealer = sealer
        self._pseudonyms = pseudonyms

    def inquiry(self, smsc: str, link: str, accepted_at: float, content: Content) -> Inquiry:
        """A new inquiry with a number of its own."""
        canonical = b"\0".join(
            (
                smsc.encode(),
                content.msisdn.encode(),
                content.short_code.encode(),
                content.text.encode("utf-8", "replace"),
            )
        )
        return Inquiry(
            inquiry_id=next(self._ids),
            smsc=smsc,
            accepted_at=accepted_at,
            content=content,
            sender=self._pseudonyms.msisdn(content.msisdn),
            digest=self._pseudonyms.digest(canonical),
            link=link,
        )

    def row(self, inquiry: Inquiry) -> NewInquiry:
        """The journal's row of an inquiry."""
        return NewInquiry(
            inquiry_id=inquiry.inquiry_id,
            smsc=inquiry.smsc,
            accepted_at=inquiry.accepted_at,
            digest=inquiry.digest,
            sealed=self._sealer.seal(_encode(inquiry.content), _about_inquiry(inquiry.inquiry_id)),
        )

    def resumed(self, row: JournalledInquiry) -> Inquiry:
        """The inquiry of a row.

        Raises:
            SealError: the key file cannot open it.
        """
        try:
            content = _decode_content(self._sealer.open(row.sealed, _about_inquiry(row.inquiry_id)))
        except msgspec.DecodeError as error:
            raise SealError("a sealed value is of an unknown form") from error
        return Inquiry(
            inquiry_id=row.inquiry_id,
            smsc=row.smsc,
            accepted_at=row.accepted_at,
            content=content,
            sender=self._pseudonyms.msisdn(content.msisdn),
            digest=row.digest,
            resumed=True,
            may_have_left=row.may_have_left,
        )

    def segment(
        self, received: Received, accepted_at: float, msisdn: str, payload: bytes, concat: Concat
    ) -> NewSegment:
        """The journal's row of one part of a long message."""
        group = self._pseudonyms.digest(group_key(received.smsc, msisdn, received.destination_addr, concat))
        content = SegmentContent(msisdn, received.destination_addr, received.data_coding, payload, received.link)
        return NewSegment(
            group_key=group,
            number=concat.number,
            total=concat.total,
            smsc=received.smsc,
            accepted_at=accepted_at,
            sealed=self._sealer.seal(_encode(content), _about_segment(group, concat.number)),
        )

    def part_key(self, group: bytes, number: int) -> bytes:
        """The pseudonym of one part, by which it is known when it is redelivered after its message was whole."""
        return self._pseudonyms.digest(b"part" + group + number.to_bytes(2, "big"))

    def open_segment(self, stored: StoredSegment) -> SegmentContent:
        """One part.

        Raises:
            SealError: the key file cannot open it.
        """
        try:
            return _decode_segment(self._sealer.open(stored.sealed, _about_segment(stored.group_key, stored.number)))
        except msgspec.DecodeError as error:
            raise SealError("a sealed value is of an unknown form") from error


def _about_inquiry(inquiry_id: int) -> bytes:
    return b"inquiry" + inquiry_id.to_bytes(8, "big")


def _about_segment(group: bytes, number: int) -> bytes:
    return b"segment" + group + number.to_bytes(2, "big")

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


class AssembledContent(Content, frozen=True, gc=False, array_like=True):
    """The content of a long message with the keys of its parts: whoever finds it in the journal, after a commit was hidden
    or a process died, then knows its parts when they are redelivered.
    """

    parts: tuple[bytes, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode_content = msgspec.msgpack.Decoder(AssembledContent).decode
_decode_segment = msgspec.msgpack.Decoder(SegmentContent).decode


class Envelopes:
    """Makes rows of messages, and messages of rows, for one run."""

    def __init__(self, run_id: int, sealer: Sealer, pseudonyms: Pseudonyms) -> None:
        self._ids = itertools.count((run_id << RUN_SHIFT) + 1)
        self._sealer = sealer
        self._pseudonyms = pseudonyms

    def inquiry(self, smsc: str, link: str, since: float, content: Content) -> Inquiry:
        """A new inquiry with a number of its own, accepted at `since` of the monotonic clock."""
        canonical = f"{smsc}\0{content.msisdn}\0{content.short_code}\0{content.text}".encode("utf-8", "replace")
        return Inquiry(
            inquiry_id=next(self._ids),
            smsc=smsc,
            since=since,
            content=content,
            sender=self._pseudonyms.msisdn(content.msisdn),
            digest=self._pseudonyms.digest(canonical),
            link=link,
        )

    def row(self, inquiry: Inquiry, accepted_at: float) -> NewInquiry:
        """The journal's row of an inquiry that was accepted at `accepted_at` of the wall clock."""
        return NewInquiry(
            inquiry_id=inquiry.inquiry_id,
            smsc=inquiry.smsc,
            accepted_at=accepted_at,
            digest=inquiry.digest,
            sealed=self._sealer.seal(_encode(inquiry.content), _about_inquiry(inquiry.inquiry_id)),
        )

    def resumed(self, row: JournalledInquiry, now: float) -> Inquiry:
        """The inquiry of a row that was read at `now` of the monotonic clock.

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
            since=now - row.age_s,
            content=content,
            sender=self._pseudonyms.msisdn(content.msisdn),
            digest=row.digest,
            resumed=True,
            may_have_left=row.may_have_left,
        )

    def segment(
        self, received: Received, accepted_at: float, msisdn: str, payload: bytes, concat: Concat
    ) -> tuple[NewSegment, bytes]:
        """The journal's row of one part of a long message, and its key."""
        group = self._pseudonyms.digest(group_key(received.smsc, msisdn, received.destination_addr, concat))
        content = SegmentContent(msisdn, received.destination_addr, received.data_coding, payload, received.link)
        row = NewSegment(
            group_key=group,
            number=concat.number,
            total=concat.total,
            smsc=received.smsc,
            accepted_at=accepted_at,
            sealed=self._sealer.seal(_encode(content), _about_segment(group, concat.number)),
        )
        return row, self.part_key(group, concat.number, payload)

    def part_key(self, group: bytes, number: int, payload: bytes) -> bytes:
        """The pseudonym by which a part is known when it is redelivered after its message was whole. Its octets count:
        phones use the few references of a series again, and the next message's part in that place is another.
        """
        return self._pseudonyms.digest(b"part" + group + number.to_bytes(2, "big") + payload)

    def open_segment(self, stored: StoredSegment) -> SegmentContent:
        """One part.

        Raises:
            SealError: the key file cannot open it.
        """
        try:
            return _decode_segment(self._sealer.open(stored.sealed, _about_segment(stored.group_key, stored.number)))
        except msgspec.DecodeError as error:
            raise SealError("a sealed value is of an unknown form") from error


def parts_of(inquiry: Inquiry) -> tuple[bytes, ...]:
    """The keys of the parts that an inquiry was made of; none for a message that came whole."""
    content = inquiry.content
    return content.parts if isinstance(content, AssembledContent) else ()


def _about_inquiry(inquiry_id: int) -> bytes:
    return b"inquiry" + inquiry_id.to_bytes(8, "big")


def _about_segment(group: bytes, number: int) -> bytes:
    return b"segment" + group + number.to_bytes(2, "big")

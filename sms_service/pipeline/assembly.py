"""Assembly: one inquiry of the parts of a long message, made within the journal's transaction.

A group that is whole is read as one text. One that grew too old, or whose parts cannot be opened, was accepted all the
same: it becomes an inquiry that is never read, only answered as misread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from sms_service.keys import SealError
from sms_service.model import Inquiry, NewInquiry, StoredSegment
from sms_service.pipeline.envelope import AssembledContent, Envelopes, SegmentContent
from sms_service.pipeline.inflight import InFlight
from sms_service.ports import Clock
from sms_service.sms.alphabets import Alphabet
from sms_service.sms.concatenation import Part, join

_log = structlog.get_logger()


class Assembly:
    """What one call of the journal assembles."""

    def __init__(
        self, envelopes: Envelopes, alphabets: Mapping[str, Alphabet], in_flight: InFlight, clock: Clock
    ) -> None:
        self._envelopes = envelopes
        self._alphabets = alphabets
        self._in_flight = in_flight
        self._since = clock.monotonic()
        self._accepted_at = clock.time()
        self.made: dict[int, Inquiry] = {}
        """The inquiries that were made, stored or not. They have places in flight until `release`."""
        self.parts: list[tuple[bytes, str]] = []
        """Of the parts they were made of: the key, and the link that acknowledged it."""

    def assemble(self, stored: Sequence[StoredSegment]) -> NewInquiry:
        """The inquiry of one group."""
        opened: list[SegmentContent] = []
        keys: list[bytes] = []
        parts: list[Part] = []
        for segment in stored:
            try:
                content = self._envelopes.open_segment(segment)
            except SealError as error:
                _log.error("segment_unreadable", why=str(error))
                continue
            opened.append(content)
            parts.append(Part(segment.number, content.data_coding, content.payload))
            keys.append(self._envelopes.part_key(segment.group_key, segment.number, content.payload))
        smsc = stored[0].smsc
        whole = len(opened) == stored[0].total
        words = AssembledContent(
            msisdn=opened[0].msisdn if opened else "",
            short_code=opened[0].short_code if opened else "",
            text=join(parts, self._alphabets[smsc]) if whole else "",
            whole=whole,
            parts=tuple(keys),
        )
        self.parts.extend(zip(keys, (content.link for content in opened), strict=True))
        link = opened[-1].link if opened else ""
        inquiry = self._envelopes.inquiry(smsc, link, self._since, words)
        self.made[inquiry.inquiry_id] = inquiry
        self._in_flight.reserve((inquiry.inquiry_id,))
        return self._envelopes.row(inquiry, self._accepted_at)

    def release(self) -> None:
        """Give back the places of those that were not stored."""
        self._in_flight.release(self.made)

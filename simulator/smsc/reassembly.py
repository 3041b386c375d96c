"""Segments that an ESME submits to whole messages, as a phone shows them.

A message is known by both addresses and its reference, series and total. What is incomplete for too long is forgotten, and so is
the oldest when too many are incomplete.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.smsc.messages import Arrival, Content, encoding_of
from sms_service.smpp import SubmitSm
from sms_service.sms import Alphabet, Part, decode, join, part_of, segment_count

INCOMPLETE_MAX: Final = 10_000
"""Messages of which segments are missing: a second of replies that are all long."""
INCOMPLETE_AGE_S: Final = 300.0
"""Seconds for which a message waits for its segments, as long as a common phone does."""


class _Key(NamedTuple):
    msisdn: str
    short_code: str
    reference: int
    width: int
    total: int


class _Incomplete(NamedTuple):
    since: float
    parts: dict[int, Part]


class Reassembly:
    """Takes submit_sm in any order, some twice."""

    def __init__(self, default: Alphabet) -> None:
        self._default = default
        self._incomplete: dict[_Key, _Incomplete] = {}

    def __len__(self) -> int:
        return len(self._incomplete)

    def add(self, pdu: SubmitSm, msisdn: str, now: float) -> Arrival | None:
        """The whole message, if this was the last of its segments."""
        short_code = pdu.source_addr
        if not pdu.tlvs and not pdu.esm_class:
            text = decode(pdu.short_message, pdu.data_coding, self._default)
            return Arrival(msisdn, short_code, Content(text, encoding_of(text, pdu.data_coding), 1))
        inbound = part_of(pdu.esm_class, pdu.short_message, [(tlv.tag, tlv.value) for tlv in pdu.tlvs])
        concat = inbound.concat
        if concat is None:
            text = decode(inbound.payload, pdu.data_coding, self._default)
            # A message_payload may hold more than one segment's worth; the SMSC cuts it.
            segments = 1 if pdu.short_message else segment_count(text, self._default)
            return Arrival(msisdn, short_code, Content(text, encoding_of(text, pdu.data_coding), segments))
        key = _Key(msisdn, short_code, concat.reference, concat.width, concat.total)
        parts = self._parts(key, now)
        parts[concat.number] = Part(concat.number, pdu.data_coding, inbound.payload)
        if len(parts) < concat.total:
            return None
        del self._incomplete[key]
        text = join(parts.values(), self._default)
        data_coding = max(part.data_coding for part in parts.values())
        return Arrival(msisdn, short_code, Content(text, encoding_of(text, data_coding), len(parts)))

    def forget_old(self, now: float) -> None:
        """Drop what has waited for too long."""
        while self._incomplete:
            oldest = next(iter(self._incomplete))
            if now - self._incomplete[oldest].since <= INCOMPLETE_AGE_S:
                break
            del self._incomplete[oldest]

    def _parts(self, key: _Key, now: float) -> dict[int, Part]:
        incomplete = self._incomplete.get(key)
        if incomplete is None:
            if len(self._incomplete) >= INCOMPLETE_MAX:
                del self._incomplete[next(iter(self._incomplete))]
            incomplete = self._incomplete[key] = _Incomplete(now, {})
        return incomplete.parts

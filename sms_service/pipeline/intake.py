"""Intake: what the SMSC delivers becomes durable, and only then is acknowledged (DESIGN: accepted is durable).

For each batch: who sent it (a machine is never answered), is it redelivered (acknowledged only), commit, acknowledge,
hand on. When the journal cannot commit, the SMSC is told to try later and keeps the message. At the in-flight limit the
acknowledgement is held, so that the queue stays where it is safe; held for `hold_s`, it is turned away.

Long messages: each part is committed before it is acknowledged; the parts of a message find each other in the journal,
whatever link or instance they came by. A part redelivered after its message was whole would wait for the others in vain:
whole messages are remembered as answered ones are.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from sms_service.keys import SealError
from sms_service.model import (
    Acknowledgement,
    AckStatus,
    Content,
    Inquiry,
    NewInquiry,
    NewSegment,
    Received,
    Run,
    StoredSegment,
)
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.envelope import Envelopes, SegmentContent
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.pipeline.waiting import wait_for
from sms_service.ports import Clock, Journal, PortError, Transmitter, Volatile
from sms_service.settings import Limits
from sms_service.sms.alphabets import Alphabet, decode
from sms_service.sms.concatenation import Part, join, part_of
from sms_service.sms.msisdn import normalise

HELD_MAX: Final = 20_000
"""Messages held at the in-flight limit, over all links: some 10 MB. An SMSC that sends more without waiting for
acknowledgements ignores its window and is turned away at once."""
ROOM_CHECK_S: Final = 0.25
"""How often held messages are looked at for their age."""

_log = structlog.get_logger()


class Intake:
    """The first stage."""

    def __init__(
        self,
        *,
        run: Run,
        journal: Journal,
        volatile: Volatile,
        transmitter: Transmitter,
        hand_on: Callable[[Sequence[Inquiry]], None],
        doubt: Callable[[], None],
        in_flight: InFlight,
        envelopes: Envelopes,
        alphabets: Mapping[str, Alphabet],
        limits: Limits,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        """`doubt` is called when a commit's fate is unknown: the journal may hold inquiries that nobody here knows of."""
        self._run = run
        self._journal = journal
        self._volatile = volatile
        self._transmitter = transmitter
        self._hand_on = hand_on
        self._doubt = doubt
        self._in_flight = in_flight
        self._envelopes = envelopes
        self._alphabets = alphabets
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._patience = Patience("journal", clock, metrics)
        self._held: deque[Received] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def received(self, batch: Sequence[Received]) -> None:
        """Take messages from the ESME. Never waits."""
        for smsc, count in Counter(received.smsc for received in batch).items():
            self._metrics.received.labels(smsc).inc(count)
        if self._closed:
            self._turn_away(batch, AckStatus.TRY_LATER)
            return
        room = HELD_MAX - len(self._held)
        self._held.extend(batch[:room])
        if len(batch) > room:
            self._turn_away(batch[room:], AckStatus.QUEUE_FULL)
        if self._held:
            self._idle.clear()
            self._wake.set()

    def close(self) -> None:
        """From now on everything is turned away, also what is held: the SMSC delivers it to another instance."""
        self._closed = True
        held = list(self._held)
        self._held.clear()
        self._turn_away(held, AckStatus.TRY_LATER)

    async def idle(self) -> None:
        """Wait until nothing is held or being stored."""
        await self._idle.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        held = self._held
        while True:
            while not held:
                self._idle.set()
                self._wake.clear()
                await self._wake.wait()
            room = self._in_flight.room
            if room <= 0:
                await self._wait_for_room()
                continue
            size = min(room, self._limits.batch, len(held))
            await self._take_in([held.popleft() for _ in range(size)])

    async def _wait_for_room(self) -> None:
        deadline = self._clock.monotonic() - self._limits.hold_s
        late = []
        while self._held and self._held[0].received_at <= deadline:
            late.append(self._held.popleft())
        if late:
            self._turn_away(late, AckStatus.QUEUE_FULL)
            return
        await wait_for(self._in_flight.has_room, ROOM_CHECK_S, self._clock)

    def _turn_away(self, batch: Sequence[Received], status: AckStatus) -> None:
        if batch:
            self._metrics.turned_away.labels(status.value).inc(len(batch))
            self._acknowledge(batch, status)

    def _acknowledge(self, batch: Sequence[Received], status: AckStatus) -> None:
        self._transmitter.acknowledge([Acknowledgement(r.link, r.sequence_number, status) for r in batch])

    async def _take_in(self, batch: Sequence[Received]) -> None:
        whole: list[tuple[Received, Inquiry]] = []
        parts: list[tuple[Received, NewSegment]] = []
        machines: list[Received] = []
        now = self._clock.time()
        for received in batch:
            msisdn = normalise(received.source_addr, received.source_addr_ton, received.source_addr_npi)
            if msisdn is None:
                machines.append(received)
                continue
            inbound = part_of(received.esm_class, received.short_message, received.tlvs)
            if inbound.concat is not None:
                group = self._envelopes.group_key(received, msisdn, inbound.concat)
                content = SegmentContent(msisdn, received.destination_addr, received.data_coding, inbound.payload)
                number = inbound.concat.number
                sealed = self._envelopes.seal_segment(group, number, content)
                parts.append((received, NewSegment(group, number, inbound.concat.total, received.smsc, now, sealed)))
            else:
                text = decode(inbound.payload, received.data_coding, self._alphabets[received.smsc])
                words = Content(msisdn, received.destination_addr, text)
                whole.append((received, self._envelopes.inquiry(received.smsc, received.link, now, words)))
        if machines:
            self._metrics.discarded.labels("machine_sender").inc(len(machines))
            self._acknowledge(machines, AckStatus.ACCEPTED)
        if whole:
            await self._accept(whole)
        if parts:
            await self._accept_parts(parts)

    async def _accept(self, batch: list[tuple[Received, Inquiry]]) -> None:
        redelivered = await self._volatile.redelivered([inquiry.digest for _, inquiry in batch])
        new = [inquiry for (_, inquiry), known in zip(batch, redelivered, strict=True) if not known]
        ids = [inquiry.inquiry_id for inquiry in new]
        self._in_flight.reserve(ids)
        try:
            stored = (
                await self._journal.accept(self._run, [self._envelopes.row(inquiry) for inquiry in new]) if new else []
            )
        except PortError as error:
            self._in_flight.release(ids)
            self._failed(error)
            fresh = {inquiry.inquiry_id for inquiry in new}
            self._turn_away([r for r, inquiry in batch if inquiry.inquiry_id in fresh], AckStatus.TRY_LATER)
            self._acknowledge([r for r, inquiry in batch if inquiry.inquiry_id not in fresh], AckStatus.ACCEPTED)
            return
        except BaseException:
            self._in_flight.release(ids)
            raise
        self._patience.succeeded()
        self._acknowledge([received for received, _ in batch], AckStatus.ACCEPTED)
        accepted = [inquiry for inquiry, is_new in zip(new, stored, strict=True) if is_new]
        self._in_flight.release(ids)
        self._metrics.duplicates.inc(len(batch) - len(accepted))
        self._begin(accepted)

    async def _accept_parts(self, batch: list[tuple[Received, NewSegment]]) -> None:
        redelivered = await self._volatile.redelivered([segment.group_key for _, segment in batch])
        known = [received for (received, _), is_known in zip(batch, redelivered, strict=True) if is_known]
        new = [pair for pair, is_known in zip(batch, redelivered, strict=True) if not is_known]
        links = {segment.group_key: received.link for received, segment in new}
        assembly = Assembly(self._envelopes, self._alphabets, self._in_flight, self._clock, links)
        try:
            rows = await self._journal.accept_segments(self._run, [segment for _, segment in new], assembly.assemble)
        except PortError as error:
            self._failed(error)
            self._turn_away([received for received, _ in new], AckStatus.TRY_LATER)
            self._acknowledge(known, AckStatus.ACCEPTED)
            return
        finally:
            assembly.release()
        self._patience.succeeded()
        self._acknowledge([received for received, _ in batch], AckStatus.ACCEPTED)
        self._metrics.duplicates.inc(len(known))
        self._begin([assembly.made[row.inquiry_id] for row in rows])
        await self._volatile.remember([(group, links[group]) for group in assembly.groups])

    def _begin(self, inquiries: Sequence[Inquiry]) -> None:
        if inquiries:
            for smsc, count in Counter(inquiry.smsc for inquiry in inquiries).items():
                self._metrics.accepted.labels(smsc).inc(count)
            self._in_flight.add(inquiries)
            self._hand_on(inquiries)

    def _failed(self, error: PortError) -> None:
        self._patience.failed(error)
        self._doubt()


class Assembly:
    """Makes an inquiry of the parts of a long message, within the journal's transaction."""

    def __init__(
        self,
        envelopes: Envelopes,
        alphabets: Mapping[str, Alphabet],
        in_flight: InFlight,
        clock: Clock,
        links: Mapping[bytes, str],
    ) -> None:
        self._envelopes = envelopes
        self._alphabets = alphabets
        self._in_flight = in_flight
        self._clock = clock
        self._links = links
        self.made: dict[int, Inquiry] = {}
        """The inquiries that were made, stored or not."""
        self.groups: list[bytes] = []
        """The groups they were made of."""

    def assemble(self, stored: Sequence[StoredSegment]) -> NewInquiry:
        """The inquiry of one group. Parts that are missing or cannot be opened make it one that is never read."""
        opened: list[SegmentContent] = []
        parts: list[Part] = []
        for segment in stored:
            try:
                content = self._envelopes.open_segment(segment)
            except SealError as error:
                _log.error("segment_unreadable", why=str(error))
                continue
            opened.append(content)
            parts.append(Part(segment.number, content.data_coding, content.payload))
        first = stored[0]
        whole = len(opened) == first.total
        words = Content(
            msisdn=opened[0].msisdn if opened else "",
            short_code=opened[0].short_code if opened else "",
            text=join(parts, self._alphabets[first.smsc]) if whole else "",
            whole=whole,
        )
        inquiry = self._envelopes.inquiry(first.smsc, self._links.get(first.group_key, ""), self._clock.time(), words)
        self.made[inquiry.inquiry_id] = inquiry
        self.groups.append(first.group_key)
        self._in_flight.reserve((inquiry.inquiry_id,))
        return self._envelopes.row(inquiry)

    def release(self) -> None:
        """Give back the places; those of stored inquiries are taken again at once when they begin."""
        self._in_flight.release(self.made)

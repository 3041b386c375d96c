"""Intake: what the SMSC delivers becomes durable, and only then is acknowledged (DESIGN: accepted is durable).

For each batch: who sent it (a machine is never answered), is it redelivered (acknowledged only), commit, acknowledge,
hand on. When the journal cannot commit, the SMSC is told to try later and keeps the message. So are those that waited behind
a journal that hangs: an SMSC that hears nothing for long delivers again what it may have an answer for by then. At the
in-flight limit the acknowledgement is held, so that the queue stays where it is safe; held for `hold_s`, it is turned away.

Long messages: each part is committed before it is acknowledged; the parts of a message find each other in the journal,
whatever link or instance they came by. A part redelivered after its message was whole would wait for the others in vain:
the parts of whole messages are remembered as answered inquiries are, and until then the journal knows them.

A part in whose place the journal holds another one is of another message: phones use few references, some only one. Then the
older message, of which a part never came, is answered as misread (it was accepted), and the newer begins anew. Where the
newer message brings first just what the older lacks, nothing tells them apart, and the text is read as one: the sender is the
same, so nobody learns what is not theirs.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

import structlog

from sms_service.model import Acknowledgement, AckStatus, Content, Inquiry, NewSegment, Received, Run
from sms_service.observability.logging import describe
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.assembly import Assembly
from sms_service.pipeline.envelope import Envelopes, parts_of
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.pipeline.waiting import wait_for
from sms_service.ports import UNTRACED, Clock, Journal, PortError, Tracer, Transmitter, Volatile
from sms_service.settings import Limits
from sms_service.sms.alphabets import Alphabet, decode
from sms_service.sms.concatenation import part_of
from sms_service.sms.msisdn import normalise

HELD_MAX: Final = 20_000
"""Messages held at the in-flight limit, over all links; each SMSC has an equal share: some 10 MB, 90 MB if each had the longest payload.
An SMSC that sends more without waiting for acknowledgements ignores its window and is turned away at once."""
HELD_WHILE_DOWN_S: Final = 1.0
"""Seconds that a message is held behind others while the journal does not commit. With the journal's own time-out of 5 s an
SMSC has its answer within 6, before the 10 s after which SMSCs commonly deliver again."""
ROOM_CHECK_S: Final = 0.25
"""How often held messages are looked at for their age."""

Item = TypeVar("Item")

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
        links_stated: Callable[[], Awaitable[None]],
        in_flight: InFlight,
        envelopes: Envelopes,
        alphabets: Mapping[str, Alphabet],
        limits: Limits,
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        """`doubt` is called when a commit's fate is unknown: the journal may hold inquiries that nobody here knows of."""
        self._run = run
        self._journal = journal
        self._volatile = volatile
        self._transmitter = transmitter
        self._hand_on = hand_on
        self._doubt = doubt
        self._links_stated = links_stated
        self._in_flight = in_flight
        self._envelopes = envelopes
        self._alphabets = alphabets
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._tracer = tracer
        self._patience = Patience("journal", clock, metrics)
        self._held: dict[str, deque[Received]] = {smsc: deque() for smsc in alphabets}
        self._held_max = HELD_MAX // len(self._held)
        self._turns = deque(self._held)
        self._storing = 0
        self._wake = asyncio.Event()
        in_flight.when_freed(self._wake.set)
        self._closed = False
        self._isolated: set[str] = set()

    def received(self, batch: Sequence[Received]) -> None:
        """Take messages from the ESME. Never waits."""
        for smsc, count in Counter(received.smsc for received in batch).items():
            self._metrics.received.labels(smsc).inc(count)
        if self._closed:
            self._turn_away(batch, AckStatus.TRY_LATER)
            return
        for smsc, messages in itertools.groupby(batch, key=lambda received: received.smsc):
            if smsc in self._isolated:
                self._turn_away(list(messages), AckStatus.TRY_LATER)
            else:
                self._hold(self._held[smsc], list(messages))
        self._wake.set()

    def _hold(self, held: deque[Received], messages: list[Received]) -> None:
        room = self._held_max - len(held)
        held.extend(messages[:room])
        self._turn_away(messages[room:], AckStatus.QUEUE_FULL)

    def close(self) -> None:
        """From now on everything is turned away, also what is held: the SMSC delivers it to another instance."""
        self._closed = True
        for held in self._held.values():
            self._turn_away(list(held), AckStatus.TRY_LATER)
            held.clear()

    def open(self) -> None:
        """Take messages again."""
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether everything is turned away."""
        return self._closed

    def isolate(self, smsc: str) -> None:
        """Turn away what one SMSC delivers, also what is held of it. What was accepted is answered."""
        self._isolated.add(smsc)
        held = self._held[smsc]
        self._turn_away(list(held), AckStatus.TRY_LATER)
        held.clear()

    def admit(self, smsc: str) -> None:
        """Take messages of an isolated SMSC again."""
        self._isolated.discard(smsc)

    @property
    def isolated(self) -> list[str]:
        """The SMSCs whose messages are turned away."""
        return sorted(self._isolated)

    @property
    def at_work(self) -> bool:
        """Whether something is held or being stored."""
        return bool(self._storing or any(self._held.values()))

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            self._turn_away_late()
            if batch := self._next_batch():
                self._storing = len(batch)
                await self._take_in(batch)
                self._storing = 0
            elif any(self._held.values()):
                await wait_for(self._wake, ROOM_CHECK_S, self._clock)
            else:
                await self._wake.wait()

    def _next_batch(self) -> list[Received]:
        """As many messages as there is room for, oldest first for each SMSC; each SMSC is the first in its turn."""
        batch: list[Received] = []
        self._turns.rotate(-1)
        for smsc in self._turns:
            held = self._held[smsc]
            size = min(self._in_flight.room_for(smsc), self._limits.batch - len(batch), len(held)) if held else 0
            batch += [held.popleft() for _ in range(size)]
        return batch

    def _turn_away_late(self) -> None:
        """Give up on messages that have been held for too long: at the limit, or behind a journal that is down."""
        now = self._clock.monotonic()
        if self._patience.down:
            self._turn_away(self._held_since(now - HELD_WHILE_DOWN_S, at_limit=False), AckStatus.TRY_LATER)
        self._turn_away(self._held_since(now - self._limits.hold_s, at_limit=True), AckStatus.QUEUE_FULL)

    def _held_since(self, deadline: float, *, at_limit: bool) -> list[Received]:
        """Take out what was received until `deadline`; `at_limit`: of SMSCs for whose messages there is no room."""
        late: list[Received] = []
        for smsc, held in self._held.items():
            while held and held[0].received_at <= deadline and not (at_limit and self._in_flight.room_for(smsc)):
                late.append(held.popleft())
        return late

    def _turn_away(self, batch: Sequence[Received], status: AckStatus) -> None:
        if batch:
            self._metrics.turned_away.labels(status.value).inc(len(batch))
            self._acknowledge(batch, status)

    def _acknowledge(self, batch: Sequence[Received], status: AckStatus) -> None:
        if batch:
            self._transmitter.acknowledge([Acknowledgement(r.link, r.sequence_number, status) for r in batch])

    async def _take_in(self, batch: Sequence[Received]) -> None:
        whole: list[tuple[Received, Inquiry]] = []
        parts: list[tuple[Received, NewSegment]] = []
        machines: list[Received] = []
        illegible: list[Received] = []
        accepted_at = self._clock.time()
        for received in batch:
            try:
                read = self._read(received, accepted_at)
            except Exception as error:  # noqa: BLE001 - one message that we cannot deal with must not stop the others
                _log.error("message_rejected", error=describe(error))
                illegible.append(received)
                continue
            if read is None:
                machines.append(received)
            elif isinstance(read, Inquiry):
                whole.append((received, read))
            else:
                parts.append((received, read))
        self._turn_away(illegible, AckStatus.REJECTED)
        self._metrics.discarded.labels("machine_sender").inc(len(machines))
        self._acknowledge(machines, AckStatus.ACCEPTED)
        if whole and (whole := await self._new(whole, [inquiry.digest for _, inquiry in whole])):
            await self._accept(whole, accepted_at)
        if parts and (parts := await self._new(parts, [part.part_key for _, part in parts])):
            await self._accept_parts(parts)

    def _read(self, received: Received, accepted_at: float) -> Inquiry | NewSegment | None:
        """The inquiry, or a part of one; None from a sender that is no telephone. Its age counts from its receipt: a citizen
        whose message is held at the limit waits, too.
        """
        msisdn = normalise(received.source_addr, received.source_addr_ton, received.source_addr_npi)
        if msisdn is None:
            return None
        inbound = part_of(received.esm_class, received.short_message, received.tlvs)
        if inbound.concat is None:
            text = decode(inbound.payload, received.data_coding, self._alphabets[received.smsc])
            content = Content(msisdn, received.destination_addr, text)
            return self._envelopes.inquiry(received.smsc, received.link, received.received_at, content)
        return self._envelopes.segment(received, accepted_at, msisdn, inbound.payload, inbound.concat)

    async def _new(self, batch: list[tuple[Received, Item]], keys: list[bytes]) -> list[tuple[Received, Item]]:
        """Those that are not redelivered. The others are acknowledged: they were accepted before."""
        await self._links_stated()
        redelivered = await self._volatile.redelivered(keys)
        known = [received for (received, _), is_known in zip(batch, redelivered, strict=True) if is_known]
        self._metrics.duplicates.inc(len(known))
        self._acknowledge(known, AckStatus.ACCEPTED)
        return [pair for pair, is_known in zip(batch, redelivered, strict=True) if not is_known]

    async def _accept(self, batch: list[tuple[Received, Inquiry]], accepted_at: float) -> None:
        inquiries = [inquiry for _, inquiry in batch]
        ids = [inquiry.inquiry_id for inquiry in inquiries]
        self._in_flight.reserve(ids)
        try:
            rows = [self._envelopes.row(inquiry, accepted_at) for inquiry in inquiries]
            stored = await self._journal.accept(self._run, rows)
            journalled_at = self._clock.monotonic()
            self._accepted([received for received, _ in batch])
            self._tracer.accepted(itertools.compress(batch, stored), journalled_at)
            self._begin([inquiry for inquiry, is_new in zip(inquiries, stored, strict=True) if is_new])
            self._metrics.duplicates.inc(stored.count(False))
        except PortError as error:
            self._failed(error, [received for received, _ in batch])
        finally:
            self._in_flight.release(ids)

    async def _accept_parts(self, batch: list[tuple[Received, NewSegment]]) -> None:
        assembly = Assembly(self._envelopes, self._alphabets, self._in_flight, self._clock)
        try:
            rows = await self._journal.accept_segments(self._run, [segment for _, segment in batch], assembly.assemble)
            journalled_at = self._clock.monotonic()
            self._accepted([received for received, _ in batch])
            self._tracer.parts_accepted(batch, journalled_at)
            made = [assembly.made[row.inquiry_id] for row in rows]
            self._tracer.assembled((inquiry, parts_of(inquiry)) for inquiry in made)
            self._begin(made)
        except PortError as error:
            self._failed(error, [received for received, _ in batch])
            return
        finally:
            assembly.release()
        if assembly.parts:
            await self._volatile.remember(assembly.parts)

    def _accepted(self, batch: Sequence[Received]) -> None:
        self._patience.succeeded()
        self._acknowledge(batch, AckStatus.ACCEPTED)

    def _begin(self, inquiries: Sequence[Inquiry]) -> None:
        for smsc, count in Counter(inquiry.smsc for inquiry in inquiries).items():
            self._metrics.accepted.labels(smsc).inc(count)
        self._in_flight.add(inquiries)
        self._hand_on(inquiries)

    def _failed(self, error: PortError, batch: Sequence[Received]) -> None:
        self._patience.failed(error)
        self._doubt()
        self._turn_away(batch, AckStatus.TRY_LATER)

"""Dispatch: audit, then submit; then the outcome, and the ending.

What leaves is bounded by the windows of the SMSC's binds, and a place is given back only when the ending is committed.
So the audit entry is written just before its reply leaves, and at any moment the replies that are audited and not
finished, whose fate a crash would hide, are no more than the windows hold (DESIGN: accepted is answered).

A reply whose link dropped comes back and leaves again over another link, marked as uncertain when it may have arrived.

What the register said holds for `answer_fresh_s`: by then the number may be another's. A reply past its `leave_by` does not
leave; when its turn in the window has come, its inquiry goes back to be asked anew, with a deadline that counts from then, and
the new answer goes before what never had its turn. All answers about a record go this way, refusals too, so that nothing tells
them apart; help, misread, busy and quota notices say nothing that grows old. What has left of a stale reply decides what is
said of the new one, which leaves whole in any case (segments of two answers make no text):
- nothing: nothing is uncertain, though an audit entry may say that it was about to leave;
- some, unconfirmed: the citizen may have both, and the new audit entry says `repeated`, the ending `uncertain`;
- some, confirmed: the same; while it is fresh only the rest leaves. The ending counts the segments of both, as the SMSC does.
What is audited already keeps its place in the window while it is asked anew, so that the bound above holds.

A reply that could not leave within `give_up_s` of its acceptance ends as undeliverable.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from sms_service.keys import AuditChain
from sms_service.model import AuditEntry, ChainedEntry, DeliveryResult, Ending, Finished, ReplyOutcome, Stage
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.answering import Asking, Prepared
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.lanes import Lane, Outgoing
from sms_service.pipeline.patience import Patience
from sms_service.pipeline.waiting import wait_for
from sms_service.ports import UNTRACED, AuditTrail, Clock, PortError, Tracer, Transmitter
from sms_service.settings import Limits

UNCERTAIN_SENDINGS_MAX: Final = 3
"""Times that a reply leaves without a word of its fate: after that an SMSC that never answers would only send the citizen
the same again and again."""
LOOK_S: Final = 1.0
"""How often replies that cannot leave are looked at for their age."""

_CONFIRMED: Final = DeliveryResult.CONFIRMED  # looked up once: reaching a member through its class is slow

_log = structlog.get_logger()


class Dispatch:
    """The third stage."""

    def __init__(
        self,
        *,
        audit: AuditTrail,
        chain: AuditChain,
        transmitter: Transmitter,
        in_flight: InFlight,
        ask_again: Callable[[Sequence[Asking]], None],
        finish: Callable[[Sequence[Finished]], None],
        may_send: Callable[[], bool],
        limits: Limits,
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        """`may_send` is False while this run may have lost its inquiries to another."""
        self._audit = audit
        self._chain = chain
        self._transmitter = transmitter
        self._in_flight = in_flight
        self._ask_again = ask_again
        self._finish = finish
        self._may_send = may_send
        self._limits = limits
        self._clock = clock
        self._tracer = tracer
        self._patience = Patience("audit", clock, metrics)
        self._lanes: defaultdict[str, Lane] = defaultdict(Lane)
        self._turns: deque[str] = deque()
        self._under_way: dict[int, Outgoing] = {}
        self._asked_again: dict[int, Outgoing] = {}
        """What waits for a new answer. What is audited keeps its place meanwhile: see the module."""
        self._wake = asyncio.Event()

    def put(self, replies: Sequence[Prepared]) -> None:
        """Take replies that are ready."""
        for prepared in replies:
            lane = self._lanes[prepared.inquiry.smsc]
            outgoing = self._asked_again.get(prepared.inquiry.inquiry_id)
            if outgoing is None or outgoing.prepared.inquiry is not prepared.inquiry:
                lane.waiting.append(Outgoing(prepared))
                continue
            del self._asked_again[prepared.inquiry.inquiry_id]
            lane.give_back(outgoing)
            (lane.again.appendleft if outgoing.audited else lane.again.append)(outgoing)
            outgoing.renew(prepared)
        self._wake.set()

    def wake(self) -> None:
        """Look again: a window opened, or the run may send again."""
        self._wake.set()

    def outcomes(self, batch: Sequence[ReplyOutcome]) -> None:
        """Take what became of replies. Never waits."""
        finished = []
        now = self._clock.time()
        self._tracer.reached(Stage.CONFIRMED, (outcome.inquiry_id for outcome in batch if outcome.result is _CONFIRMED))
        for outcome in batch:
            outgoing = self._under_way.get(outcome.inquiry_id)
            if outgoing is None:
                continue
            outgoing.message_ids += outcome.message_ids
            if outcome.uncertain:
                outgoing.uncertain = True
                outgoing.uncertain_sendings += 1
            again = outgoing.uncertain_sendings < UNCERTAIN_SENDINGS_MAX
            if outcome.result is _CONFIRMED:
                finished.append(_ended(outgoing, outgoing.prepared.ending, now, outcome.command_status))
            elif outcome.result is DeliveryResult.RETURNED and again:
                outgoing.segments_left = tuple(outgoing.segments_left[index] for index in outcome.unconfirmed)
                self._put_back(outgoing)
            else:
                finished.append(_ended(outgoing, Ending.UNDELIVERABLE, now, outcome.command_status))
        self._finish(finished)
        self._wake.set()

    def has_under_way(self, inquiry_id: int) -> bool:
        """Whether its reply was given to the SMSC and is not confirmed, or is about to be."""
        return inquiry_id in self._under_way

    def forget(self, inquiry_ids: Sequence[int]) -> None:
        """Their endings are committed, or they are no longer ours: give back their places."""
        for inquiry_id in inquiry_ids:
            for table in (self._under_way, self._asked_again):
                outgoing = table.pop(inquiry_id, None)
                if outgoing is not None:
                    self._lane(outgoing).give_back(outgoing)
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            if batch := self._choose():
                await self._send(batch)
            elif any(lane.again or lane.waiting for lane in self._lanes.values()):
                await wait_for(self._wake, LOOK_S, self._clock)
            else:
                await self._wake.wait()

    def _lane(self, outgoing: Outgoing) -> Lane:
        return self._lanes[outgoing.prepared.inquiry.smsc]

    def _choose(self) -> list[Outgoing]:
        """As many replies as the windows and a batch hold, oldest first; each SMSC is the first in its turn.

        Those that are no longer ours are dropped, those that are too old end, those that would leave with a stale answer are
        asked again. Not so while the run may not send: then nobody here knows which are ours.
        """
        chosen: list[Outgoing] = []
        given_up: list[Finished] = []
        stale: list[Asking] = []
        if not self._may_send():
            return chosen
        now = self._clock.monotonic()
        too_old = now - self._limits.give_up_s
        for smsc in self._next_turn():
            lane = self._lanes[smsc]
            window = self._transmitter.window(smsc) if lane.again or lane.waiting else 0
            while queue := lane.again or lane.waiting:
                outgoing = queue[0]
                prepared = outgoing.prepared
                inquiry = prepared.inquiry
                if not self._in_flight.holds(inquiry):
                    queue.popleft()
                elif inquiry.since < too_old:
                    given_up.append(_ended(queue.popleft(), Ending.UNDELIVERABLE, self._clock.time()))
                elif len(chosen) < self._limits.batch and lane.admits(outgoing, window):
                    queue.popleft()
                    if prepared.reply.leave_by <= now and prepared.asked is not None:
                        self._set_aside(outgoing)
                        stale.append(msgspec.structs.replace(prepared.asked, since=now))
                        continue
                    lane.take(outgoing)
                    self._under_way[inquiry.inquiry_id] = outgoing
                    chosen.append(outgoing)
                else:
                    break
        if given_up:
            _log.warning("replies_given_up", count=len(given_up))
            self._finish(given_up)
        if stale:
            self._ask_again(stale)
        return chosen

    def _set_aside(self, outgoing: Outgoing) -> None:
        """Until its new answer comes."""
        if outgoing.audited:
            self._lane(outgoing).take(outgoing)
        self._asked_again[outgoing.prepared.inquiry.inquiry_id] = outgoing

    def _next_turn(self) -> deque[str]:
        if len(self._turns) != len(self._lanes):
            self._turns = deque(self._lanes)
        self._turns.rotate(-1)
        return self._turns

    async def _send(self, batch: list[Outgoing]) -> None:
        await self._record([outgoing for outgoing in batch if not outgoing.audited])
        leaving: list[Outgoing] = []
        held_back: list[Outgoing] = []
        may_send, now = self._may_send(), self._clock.monotonic()
        for outgoing in batch:
            # Those no longer under way were lost to another run while the entries were written.
            if self._under_way.get(outgoing.prepared.inquiry.inquiry_id) is outgoing:
                fresh = now < outgoing.prepared.reply.leave_by
                (leaving if may_send and fresh else held_back).append(outgoing)
        for outgoing in reversed(held_back):
            self._put_back(outgoing)
        if leaving:
            self._transmitter.submit([outgoing.reply() for outgoing in leaving])

    async def _record(self, batch: list[Outgoing]) -> None:
        """Commit the audit entries. Tried until it succeeds: they are links of a chain."""
        at_ms = int(self._clock.time() * 1000)
        entries = [self._entry(outgoing, at_ms) for outgoing in batch]
        while entries:
            try:
                await self._audit.append(entries)
            except PortError as error:
                self._patience.failed(error)
                await self._patience.pause()
            else:
                self._patience.succeeded()
                self._tracer.reached(Stage.AUDIT, (entry.entry.inquiry_id for entry in entries))
                break
        for outgoing in batch:
            outgoing.audited = True

    def _entry(self, outgoing: Outgoing, at_ms: int) -> ChainedEntry:
        prepared = outgoing.prepared
        inquiry = prepared.inquiry
        return self._chain.link(
            AuditEntry(
                inquiry_id=inquiry.inquiry_id,
                at_ms=at_ms,
                smsc=inquiry.smsc,
                sender=inquiry.sender,
                citizen=prepared.citizen,
                command=prepared.command,
                fields=prepared.fields,
                syntax=prepared.syntax,
                ending=prepared.ending,
                segments=len(prepared.reply.segments),
                repeated=outgoing.uncertain,
            )
        )

    def _put_back(self, outgoing: Outgoing) -> None:
        del self._under_way[outgoing.prepared.inquiry.inquiry_id]
        lane = self._lane(outgoing)
        lane.give_back(outgoing)
        lane.again.appendleft(outgoing)


def _ended(outgoing: Outgoing, ending: Ending, now: float, command_status: int = 0) -> Finished:
    return Finished(
        inquiry_id=outgoing.prepared.inquiry.inquiry_id,
        ending=ending,
        at=now,
        segments=len(outgoing.message_ids),
        uncertain=outgoing.uncertain,
        command_status=command_status,
        message_ids=outgoing.message_ids,
        fee=outgoing.prepared.fee if ending is Ending.ANSWERED else 0,
        sender=b"" if outgoing.audited else outgoing.prepared.inquiry.sender,
    )

"""Dispatch: audit, then submit; then the outcome, and the ending.

What leaves is bounded by the windows of the SMSC's binds, and a place is given back only when the ending is committed.
So the audit entry is written just before its reply leaves, and at any moment the replies that are audited and not
finished, whose fate a crash would hide, are no more than the windows hold (DESIGN: accepted is answered).

A reply whose link dropped comes back and leaves again over another link, marked as uncertain when it may have arrived.
One that finds no link until `give_up_s` ends as undeliverable.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from sms_service.keys import AuditChain
from sms_service.model import (
    AuditEntry,
    ChainedEntry,
    DeliveryResult,
    Ending,
    Finished,
    OutboundReply,
    ReplyOutcome,
)
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.answering import Prepared
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.pipeline.waiting import wait_for
from sms_service.ports import AuditTrail, Clock, PortError, Transmitter
from sms_service.settings import Limits

UNCERTAIN_SENDINGS_MAX: Final = 3
"""Times that a reply leaves without a word of its fate: after that an SMSC that never answers would only send the citizen
the same again and again."""
LOOK_S: Final = 1.0
"""How often replies that cannot leave are looked at for their age."""

_log = structlog.get_logger()


class Outgoing:
    """A reply on its way, from being ready to its ending."""

    __slots__ = ("audited", "message_ids", "prepared", "segments_left", "sent", "uncertain", "uncertain_sendings")

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.segments_left = prepared.reply.segments
        self.message_ids: list[str] = []
        self.audited = False
        self.sent = 0
        """Places taken in the window."""
        self.uncertain = prepared.inquiry.may_have_left
        self.uncertain_sendings = 0


class Dispatch:
    """The third stage."""

    def __init__(
        self,
        *,
        audit: AuditTrail,
        chain: AuditChain,
        transmitter: Transmitter,
        in_flight: InFlight,
        finish: Callable[[Sequence[Finished]], None],
        may_send: Callable[[], bool],
        limits: Limits,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        """`may_send` is False while this run may have lost its inquiries to another."""
        self._audit = audit
        self._chain = chain
        self._transmitter = transmitter
        self._in_flight = in_flight
        self._finish = finish
        self._may_send = may_send
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._patience = Patience("audit", clock, metrics)
        self._ready: dict[str, deque[Outgoing]] = {}
        self._taken: dict[str, int] = {}
        self._under_way: dict[int, Outgoing] = {}
        self._wake = asyncio.Event()

    def put(self, replies: Sequence[Prepared]) -> None:
        """Take replies that are ready."""
        for prepared in replies:
            self._queue(prepared.inquiry.smsc).append(Outgoing(prepared))
        if replies:
            self._wake.set()

    def wake(self) -> None:
        """Look again: a window opened, or the run may send again."""
        self._wake.set()

    def outcomes(self, batch: Sequence[ReplyOutcome]) -> None:
        """Take what became of replies. Never waits."""
        finished = []
        for outcome in batch:
            outgoing = self._under_way.get(outcome.inquiry_id)
            if outgoing is None:
                continue
            outgoing.message_ids.extend(outcome.message_ids)
            if outcome.uncertain:
                outgoing.uncertain = True
                outgoing.uncertain_sendings += 1
            again = outgoing.uncertain_sendings < UNCERTAIN_SENDINGS_MAX
            if outcome.result is DeliveryResult.RETURNED and again:
                self._take_back(outgoing, outcome)
            elif outcome.result is DeliveryResult.CONFIRMED:
                finished.append(self._ended(outgoing, outgoing.prepared.ending, outcome.command_status))
            else:
                finished.append(self._ended(outgoing, Ending.UNDELIVERABLE, outcome.command_status))
        if finished:
            self._finish(finished)

    def forget(self, inquiry_ids: Sequence[int]) -> None:
        """Their endings are committed, or they are no longer ours: give back their places."""
        for inquiry_id in inquiry_ids:
            outgoing = self._under_way.pop(inquiry_id, None)
            if outgoing is not None:
                self._taken[outgoing.prepared.inquiry.smsc] -= outgoing.sent
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            batch = self._choose()
            if batch:
                await self._send(batch)
                continue
            self._wake.clear()
            await self._wait()
            self._give_up_old()

    async def _wait(self) -> None:
        if not any(self._ready.values()):
            await self._wake.wait()
            return
        await wait_for(self._wake, LOOK_S, self._clock)

    def _queue(self, smsc: str) -> deque[Outgoing]:
        return self._ready.setdefault(smsc, deque())

    def _choose(self) -> list[Outgoing]:
        """As many replies as the windows and a batch hold, oldest first for each SMSC."""
        chosen: list[Outgoing] = []
        if not self._may_send():
            return chosen
        for smsc, queue in self._ready.items():
            window = self._transmitter.window(smsc) if queue else 0
            taken = self._taken.get(smsc, 0)
            while queue and window and len(chosen) < self._limits.batch:
                if queue[0].prepared.inquiry.inquiry_id not in self._in_flight:
                    queue.popleft()
                    continue
                size = len(queue[0].segments_left)
                if taken + size > window and taken:
                    break
                taken += size
                chosen.append(self._start(queue.popleft(), size))
            self._taken[smsc] = taken
        return chosen

    def _start(self, outgoing: Outgoing, size: int) -> Outgoing:
        outgoing.sent = size
        self._under_way[outgoing.prepared.inquiry.inquiry_id] = outgoing
        return outgoing

    async def _send(self, batch: list[Outgoing]) -> None:
        entries = [self._entry(outgoing) for outgoing in batch if not outgoing.audited]
        while entries:
            try:
                await self._audit.append(entries)
            except PortError as error:
                self._patience.failed(error)
                await self._patience.pause()
                continue
            self._patience.succeeded()
            break
        leaving: list[OutboundReply] = []
        for outgoing in batch:
            outgoing.audited = True
            if self._may_send() and outgoing.prepared.inquiry.inquiry_id in self._in_flight:
                leaving.append(msgspec.structs.replace(outgoing.prepared.reply, segments=outgoing.segments_left))
            else:
                self._hold_back(outgoing)
        if leaving:
            self._transmitter.submit(leaving)

    def _hold_back(self, outgoing: Outgoing) -> None:
        self._under_way.pop(outgoing.prepared.inquiry.inquiry_id, None)
        self._taken[outgoing.prepared.inquiry.smsc] -= outgoing.sent
        self._queue(outgoing.prepared.inquiry.smsc).appendleft(outgoing)

    def _entry(self, outgoing: Outgoing) -> ChainedEntry:
        prepared = outgoing.prepared
        return self._chain.link(
            AuditEntry(
                inquiry_id=prepared.inquiry.inquiry_id,
                at_ms=int(self._clock.time() * 1000),
                smsc=prepared.inquiry.smsc,
                sender=prepared.inquiry.sender,
                citizen=prepared.citizen,
                command=prepared.command,
                fields=prepared.fields,
                syntax=prepared.syntax,
                ending=prepared.ending,
                segments=len(prepared.reply.segments),
                repeated=prepared.inquiry.may_have_left,
            )
        )

    def _take_back(self, outgoing: Outgoing, outcome: ReplyOutcome) -> None:
        outgoing.segments_left = tuple(outgoing.segments_left[index] for index in outcome.unconfirmed)
        self._hold_back(outgoing)
        self._wake.set()

    def _ended(self, outgoing: Outgoing, ending: Ending, command_status: int) -> Finished:
        return Finished(
            inquiry_id=outgoing.prepared.inquiry.inquiry_id,
            ending=ending,
            at=self._clock.time(),
            segments=len(outgoing.message_ids),
            uncertain=outgoing.uncertain,
            command_status=command_status,
            message_ids=tuple(outgoing.message_ids),
        )

    def _give_up_old(self) -> None:
        oldest = self._clock.time() - self._limits.give_up_s
        finished = []
        for queue in self._ready.values():
            while queue and queue[0].prepared.inquiry.accepted_at < oldest:
                outgoing = queue.popleft()
                if outgoing.prepared.inquiry.inquiry_id in self._in_flight:
                    finished.append(self._ended(outgoing, Ending.UNDELIVERABLE, 0))
        if finished:
            _log.warning("replies_given_up", count=len(finished))
            self._finish(finished)

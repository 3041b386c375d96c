"""Recovery: what the journal holds and nobody answers is found and answered.

Three ways lead there. A process died: its inquiries belong to a dead run, and a living run that has a bind to their SMSC
takes them over (its own instance's at once, another's when the lease is over). A commit's fate was hidden by a failure:
the row is ours and in the journal, but not in flight. A part of a long message never came: its group grows too old.

The lease works both ways. A run that could not renew it in time (a stopped process, a partitioned one) must assume that
its inquiries were taken over: it sends nothing until it has renewed, and then drops what is no longer its own.

What was accepted goes before what is still with the SMSC: a takeover may exceed the in-flight limit by as much again,
and nothing new is accepted until it is answered.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import structlog

from sms_service.keys import SealError
from sms_service.model import Inquiry, JournalledInquiry, Run
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.assembly import Assembly
from sms_service.pipeline.envelope import Envelopes, parts_of
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.pipeline.waiting import wait_for
from sms_service.ports import UNTRACED, Clock, Journal, Misconfigured, PortError, Tracer, Transmitter, Volatile
from sms_service.settings import Limits
from sms_service.sms.alphabets import Alphabet

TICK_S: Final = 1.0
"""How often the live links are stated and the lease is looked at."""
STATEMENT_AGE_S: Final = 2 * TICK_S
"""How old our statement of links may be when we ask which have dropped; the store believes it for longer."""
RENEWALS_IN_A_LEASE: Final = 5
"""Four may fail before the lease is lost."""
DOUBT_S: Final = 60.0
"""How long after a hidden commit the journal is searched for it: a server may finish it after the connection is gone."""
SEARCH_S: Final = 2.0
"""How often, in that time."""
ROUTINE_S: Final = 30.0
"""How often the journal is searched, and groups of segments are aged, without a reason."""
PAGE: Final = 500
"""Rows read from the journal at once."""

_log = structlog.get_logger()


class RunOver(Exception):
    """The journal will never renew this run again: another process has its name, or it was closed. Only a new run can go
    on, and takes over what this one leaves.
    """


class Recovery:
    """Beside the stages."""

    def __init__(
        self,
        *,
        run: Run,
        journal: Journal,
        volatile: Volatile,
        transmitter: Transmitter,
        hand_on: Callable[[Sequence[Inquiry]], None],
        forget: Callable[[Sequence[int]], None],
        wake: Callable[[], None],
        in_flight: InFlight,
        envelopes: Envelopes,
        alphabets: Mapping[str, Alphabet],
        limits: Limits,
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._run = run
        self._journal = journal
        self._volatile = volatile
        self._transmitter = transmitter
        self._hand_on = hand_on
        self._forget = forget
        self._wake_dispatch = wake
        self._in_flight = in_flight
        self._envelopes = envelopes
        self._alphabets = alphabets
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._tracer = tracer
        self._patience = Patience("journal", clock, metrics)
        now = clock.monotonic()
        self._lease_until = now + limits.lease_s
        self._renew_at = now
        self._search_at = now
        self._doubt_until = now
        self._claim_at = now
        self._lapsed = False
        self._leaving = False
        self._unreadable: set[int] = set()
        self._stated_at = -math.inf
        self._wake = asyncio.Event()
        self._links_changed = asyncio.Event()

    def may_send(self) -> bool:
        """Whether this run holds its lease: what it holds in flight is its own."""
        return self._clock.monotonic() < self._lease_until

    def leave(self) -> None:
        """From now on nothing more is taken over: this run is draining."""
        self._leaving = True

    def stay(self) -> None:
        """Take over again what dead runs leave."""
        self._leaving = False

    def doubt(self) -> None:
        """A commit's fate is unknown: search the journal for a while."""
        now = self._clock.monotonic()
        self._doubt_until = now + DOUBT_S
        self._search_at = now

    def links_changed(self) -> None:
        """A bind came up or went down: say so, and take over what its SMSC brought."""
        self._claim_at = self._clock.monotonic()
        self._links_changed.set()
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._state_links())
            group.create_task(self._steps())

    async def _state_links(self) -> None:
        """On its own: a journal that hangs must not make live links look dropped."""
        while True:
            self._links_changed.clear()
            await self.state_links()
            await wait_for(self._links_changed, TICK_S, self._clock)

    async def links_stated(self) -> None:
        """Return once our links have been stated lately. A process that was stopped for a while must say that its links
        live before it asks which links have dropped, or it would take its own for dropped.
        """
        if self._clock.monotonic() - self._stated_at > STATEMENT_AGE_S:
            await self.state_links()

    async def state_links(self) -> None:
        """Say which links live and which have ended in order."""
        self._stated_at = self._clock.monotonic()
        if ended := self._transmitter.ended_links():
            await self._volatile.ended(ended)
        await self._volatile.links(self._transmitter.live_links())

    async def _steps(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.step()
            except PortError as error:
                self._patience.failed(error)
                self.doubt()
            else:
                self._patience.succeeded()
            await wait_for(self._wake, TICK_S, self._clock)

    async def step(self) -> None:
        """Do what is due.

        Raises:
            PortError: the journal did not do it, or did and could not say so; it is tried again within seconds.
            RunOver: see there.
        """
        self._look_at_lease()
        now = self._clock.monotonic()
        if now >= self._renew_at:
            await self._renew()
        if now >= self._claim_at and not self._leaving:
            self._claim_at = now + self._limits.lease_s / RENEWALS_IN_A_LEASE
            await self._claim()
        if now >= self._search_at:
            self._search_at = now + (SEARCH_S if now < self._doubt_until else ROUTINE_S)
            await self._search()
            if not self._leaving:
                await self._age_segments()

    def _look_at_lease(self) -> None:
        if not self._lapsed and not self.may_send():
            self._lapsed = True
            self._metrics.lapses.inc()
            _log.warning("lease_lapsed", lease_s=self._limits.lease_s)

    async def _renew(self) -> None:
        asked_at = self._clock.monotonic()
        try:
            await self._journal.renew(self._run)
        except Misconfigured as error:
            raise RunOver(str(error)) from error
        self._look_at_lease()
        if self._lapsed:
            await self._drop_lost()
            self._lapsed = False
            _log.info("lease_regained")
        self._lease_until = asked_at + self._limits.lease_s
        self._renew_at = asked_at + self._limits.lease_s / RENEWALS_IN_A_LEASE
        self._wake_dispatch()

    async def _drop_lost(self) -> None:
        """Let go of inquiries that another run has taken over."""
        before = self._in_flight.ids()
        owned = {row.inquiry_id for row in await self._owned()}
        lost = [inquiry_id for inquiry_id in before if inquiry_id not in owned]
        if lost:
            self._in_flight.remove(lost)
            self._forget(lost)
            _log.warning("inquiries_taken_over", count=len(lost))

    async def _owned(self) -> list[JournalledInquiry]:
        rows: list[JournalledInquiry] = []
        while page := await self._journal.owned(self._run, PAGE, rows[-1].inquiry_id if rows else 0):
            rows.extend(page)
        return rows

    async def _search(self) -> None:
        """Answer rows of ours that are not in flight. What ended while the rows were read is told apart by asking twice."""
        suspects = [row for row in await self._owned() if not self._in_flight.knows(row.inquiry_id)]
        if suspects:
            still = {row.inquiry_id for row in await self._owned()}
            await self._resume(row for row in suspects if row.inquiry_id in still)

    async def _claim(self) -> None:
        """Take over from dead runs, as much as there is and may be."""
        smscs = self._transmitter.bound()
        while smscs and (limit := min(PAGE, self._room())) > 0:
            rows = await self._journal.claim(self._run, smscs, self._limits.lease_s, limit)
            await self._resume(rows)
            if len(rows) < limit:
                break

    def _room(self) -> int:
        """What may still be taken over."""
        return self._in_flight.room + self._limits.in_flight

    async def _resume(self, rows: Iterable[JournalledInquiry]) -> None:
        resumed = []
        now = self._clock.monotonic()
        for row in rows:
            if row.inquiry_id in self._unreadable or row.smsc not in self._alphabets:
                continue
            try:
                resumed.append(self._envelopes.resumed(row, now))
            except SealError as error:
                self._unreadable.add(row.inquiry_id)
                _log.error("inquiry_unreadable", why=str(error))
        self._metrics.unreadable.set(len(self._unreadable))
        if resumed:
            _log.info("inquiries_resumed", count=len(resumed), may_have_left=sum(i.may_have_left for i in resumed))
            self._metrics.resumed.inc(len(resumed))
        # Before they can be finished: a redelivered part is known to the journal until then, and from then on here.
        if parts := [(key, "") for inquiry in resumed for key in parts_of(inquiry)]:
            await self._volatile.remember(parts)
        if resumed:
            self._begin(resumed)

    async def _age_segments(self) -> None:
        age_s = self._limits.reassembly_age_s
        smscs = self._transmitter.bound()
        while smscs and (limit := min(PAGE, self._room())) > 0:
            assembly = Assembly(self._envelopes, self._alphabets, self._in_flight, self._clock)
            try:
                rows = await self._journal.expire_segments(self._run, smscs, age_s, assembly.assemble, limit)
                for smsc, count in Counter(row.smsc for row in rows).items():
                    self._metrics.accepted.labels(smsc).inc(count)
                made = [assembly.made[row.inquiry_id] for row in rows]
                self._tracer.assembled((inquiry, parts_of(inquiry)) for inquiry in made)
                self._begin(made)
            finally:
                assembly.release()
            if len(assembly.made) < limit:
                break

    def _begin(self, inquiries: Sequence[Inquiry]) -> None:
        self._in_flight.add(inquiries)
        self._hand_on(inquiries)

"""The stages, joined: the sink of the ESME on one side, the ports on the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
import structlog

from sms_service.keys import AuditChain, Keys, Pseudonyms, Sealer
from sms_service.model import Ending, Finished, Inquiry, Received, ReplyOutcome, Run
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.answering import Answering, Asking, Prepared
from sms_service.pipeline.batching import Batcher
from sms_service.pipeline.dispatch import Dispatch
from sms_service.pipeline.envelope import Envelopes
from sms_service.pipeline.finishing import Finishing
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.intake import Intake
from sms_service.pipeline.recovery import Recovery
from sms_service.pipeline.syntaxes import Syntaxes
from sms_service.ports import (
    UNTRACED,
    AuditTrail,
    Clock,
    Journal,
    Population,
    Subscribers,
    Tracer,
    Transmitter,
    Volatile,
)
from sms_service.settings import Limits, Smsc

ASKING_WORKERS: Final = 2
"""While one batch waits for the register or the population, another is read or composed."""
GAUGES_S: Final = 1.0
"""How often the figures that are states, not events, are taken."""
DRAIN_LOOK_S: Final = 0.05
"""How often a draining gateway looks whether it is empty."""

_log = structlog.get_logger()


class Gateway:
    """One run of the pipeline. Implements `ports.MessageSink`."""

    def __init__(
        self,
        *,
        run: Run,
        keys: Keys,
        syntaxes: Syntaxes,
        smscs: Sequence[Smsc],
        limits: Limits,
        journal: Journal,
        audit: AuditTrail,
        population: Population,
        subscribers: Subscribers,
        volatile: Volatile,
        transmitter: Transmitter,
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
        blocked: Callable[[], AbstractSet[bytes]] = frozenset,
    ) -> None:
        """`blocked` tells the pseudonyms of the senders who are not to be answered."""
        self._clock = clock
        self._metrics = metrics
        pseudonyms = Pseudonyms(keys)
        envelopes = Envelopes(run.run_id, Sealer(keys), pseudonyms)
        by_name: Mapping[str, Smsc] = {smsc.name: smsc for smsc in smscs}
        alphabets = {smsc.name: smsc.default_alphabet for smsc in smscs}
        for ending in Ending:
            metrics.ending(ending.value, 0)
        self.in_flight = InFlight(limits.in_flight, len(smscs))
        self._finishing = Batcher(
            "finishing",
            Finishing(
                run=run,
                journal=journal,
                volatile=volatile,
                in_flight=self.in_flight,
                forget=self._forget,
                clock=clock,
                metrics=metrics,
                tracer=tracer,
            ).handle,
            size=limits.batch,
            workers=1,
            clock=clock,
            metrics=metrics,
        )
        answering = Answering(
            syntaxes=syntaxes,
            subscribers=subscribers,
            population=population,
            volatile=volatile,
            pseudonyms=pseudonyms,
            smscs=by_name,
            limits=limits,
            in_flight=self.in_flight,
            to_ask=self._to_ask,
            hand_on=self._ready,
            end_silently=self._end_silently,
            blocked=blocked,
            clock=clock,
            metrics=metrics,
            tracer=tracer,
        )
        self._reading = Batcher("reading", answering.read, size=limits.batch, workers=1, clock=clock, metrics=metrics)
        self._asking = Batcher(
            "asking", answering.ask, size=limits.batch, workers=ASKING_WORKERS, clock=clock, metrics=metrics
        )
        self._recovery = Recovery(
            run=run,
            journal=journal,
            volatile=volatile,
            transmitter=transmitter,
            hand_on=self._reading.put,
            forget=self._forget,
            wake=self._wake_dispatch,
            in_flight=self.in_flight,
            envelopes=envelopes,
            alphabets=alphabets,
            limits=limits,
            clock=clock,
            metrics=metrics,
            tracer=tracer,
        )
        self._dispatch = Dispatch(
            audit=audit,
            chain=AuditChain(keys, run.run_id),
            transmitter=transmitter,
            in_flight=self.in_flight,
            ask_again=self._asking.put,
            finish=self._finishing.put,
            may_send=self._recovery.may_send,
            limits=limits,
            clock=clock,
            metrics=metrics,
            tracer=tracer,
        )
        self._intake = Intake(
            run=run,
            journal=journal,
            volatile=volatile,
            transmitter=transmitter,
            hand_on=self._reading.put,
            doubt=self._recovery.doubt,
            links_stated=self._recovery.links_stated,
            in_flight=self.in_flight,
            envelopes=envelopes,
            alphabets=alphabets,
            limits=limits,
            clock=clock,
            metrics=metrics,
            tracer=tracer,
        )

    # ---- ports.MessageSink -----------------------------------------------------------------------------------------

    def received(self, batch: Sequence[Received]) -> None:
        """See the port."""
        self._intake.received(batch)

    def outcomes(self, batch: Sequence[ReplyOutcome]) -> None:
        """See the port."""
        self._dispatch.outcomes(batch)

    def links_changed(self) -> None:
        """See the port."""
        self._recovery.links_changed()
        self._dispatch.wake()

    # ---- the life of it --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled. An error that no stage deals with ends all of them: the journal keeps what is open."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._finishing.run(), name="finishing")
            group.create_task(self._dispatch.run(), name="dispatch")
            group.create_task(self._reading.run(), name="reading")
            group.create_task(self._asking.run(), name="asking")
            group.create_task(self._intake.run(), name="intake")
            group.create_task(self._recovery.run(), name="recovery")
            group.create_task(self._gauges(), name="gauges")

    async def drain(self, deadline_s: float) -> int:
        """Turn new messages away, take nothing over, and wait until nothing is in flight, at most `deadline_s`; how many
        are left.
        """
        self._intake.close()
        self._recovery.leave()
        deadline = self._clock.monotonic() + deadline_s
        while self._intake.at_work or self.in_flight:
            if self._clock.monotonic() >= deadline:
                _log.warning("drain_incomplete", left=len(self.in_flight))
                break
            await self._clock.sleep(DRAIN_LOOK_S)
        return len(self.in_flight)

    def close(self) -> None:
        """Turn new messages away and take nothing over, until `open`. What was accepted is answered."""
        self._intake.close()
        self._recovery.leave()
        self._metrics.draining.set(1)

    def open(self) -> None:
        """Take messages again."""
        self._intake.open()
        self._recovery.stay()
        self._metrics.draining.set(0)

    @property
    def intake(self) -> Intake:
        """The first stage, to be steered."""
        return self._intake

    def give_up(self, inquiry_id: int) -> bool:
        """End an inquiry without a reply. False when it is not in flight here, or its reply is under way at the SMSC: then it ends
        by itself.
        """
        inquiry = self.in_flight.get(inquiry_id)
        if inquiry is None or self._dispatch.has_under_way(inquiry_id):
            return False
        self._end_silently([inquiry], Ending.UNDELIVERABLE)
        return True

    def requeue(self, inquiry_id: int) -> bool:
        """Read an inquiry anew, as after a restart: quota aside, and its reply may leave twice. False when it is not in flight here, or
        its reply is under way at the SMSC.
        """
        inquiry = self.in_flight.get(inquiry_id)
        if inquiry is None or self._dispatch.has_under_way(inquiry_id):
            return False
        again = msgspec.structs.replace(inquiry, resumed=True, may_have_left=True)
        self.in_flight.add([again])  # in the other's place: whoever holds that finds that it is no longer in flight
        self._dispatch.forget([inquiry_id])
        self._reading.put([again])
        return True

    async def farewell(self) -> None:
        """The binds are down: say so a last time, lest what they acknowledged look unacknowledged."""
        await self._recovery.state_links()

    async def _gauges(self) -> None:
        while True:
            oldest = self.in_flight.oldest_since()
            self._metrics.in_flight.set(len(self.in_flight))
            self._metrics.oldest_s.set(0 if oldest is None else self._clock.monotonic() - oldest)
            await self._clock.sleep(GAUGES_S)

    # ---- the joints ------------------------------------------------------------------------------------------------

    # These reach stages that are made later, when they are called.

    def _to_ask(self, asking: Sequence[Asking]) -> None:
        self._asking.put(asking)

    def _ready(self, replies: Sequence[Prepared]) -> None:
        self._dispatch.put(replies)

    def _end_silently(self, inquiries: Sequence[Inquiry], ending: Ending) -> None:
        now = self._clock.time()
        self._finishing.put(
            Finished(one.inquiry_id, ending, now, segments=0, uncertain=False, sender=one.sender) for one in inquiries
        )

    def _forget(self, inquiry_ids: Sequence[int]) -> None:
        self._dispatch.forget(inquiry_ids)

    def _wake_dispatch(self) -> None:
        self._dispatch.wake()

"""The service as operators see it, renewed each second: the figures taken, exchanged, put together and judged.

Three loops beside each other, so that no wait of one shows in another: the sample, which waits for nothing; the exchange with
the other instances; the questions to the parts. What readers get is encoded once a second, however many they are.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from sms_service.model import BindView
from sms_service.observability.metrics import Metrics
from sms_service.ops.checks import Questions
from sms_service.ops.exchange import EXCHANGE_S, Exchange
from sms_service.ops.figures import Backlog, InstanceState, Notice, Orders
from sms_service.ops.fleet import overview
from sms_service.ops.health import Health
from sms_service.ops.history import History
from sms_service.ops.overview import Overview, Yardsticks
from sms_service.ops.sampler import SAMPLE_S, Sampler
from sms_service.ops.sayings import Saying, saying
from sms_service.ops.verdict import judge
from sms_service.ports import Board, Clock
from sms_service.settings import Limits

FAREWELL_S: Final = 1.0
"""Seconds for the others to hear that this instance leaves; otherwise they find it silent."""

_log = structlog.get_logger()


class Second(msgspec.Struct, frozen=True):
    """What is told each second."""

    verdict: Saying
    """The worst finding, or that all is well."""
    findings: tuple[Saying, ...]
    """All of them, the worst first."""
    view: Overview


class Live:
    """The figures of this instance and of all."""

    def __init__(
        self,
        instance: str,
        *,
        smscs: Sequence[str],
        limits: Limits,
        metrics: Metrics,
        board: Board,
        questions: Sequence[Questions],
        clock: Clock,
        backlog: Callable[[], Backlog | None] = lambda: None,
    ) -> None:
        """`questions` are put to the parts again and again; `backlog` is what the journal's has counted."""
        self._bounds = metrics.reply_seconds.bounds
        self._clock = clock
        self._health = Health(
            questions, clock, backlog=backlog, found=lambda part, well: metrics.part_up.labels(part).set(well)
        )
        self._sampler = Sampler(
            instance, metrics=metrics, health=self._health, smscs=smscs, in_flight_max=limits.in_flight, clock=clock
        )
        self._exchange = Exchange(board, instance, clock)
        self._yardsticks = Yardsticks(limits.quota, limits.quota_period_s, limits.answer_deadline_s)
        self._wakes: set[Callable[[], None]] = set()
        self._began = clock.monotonic()
        self.history = History()
        self._notice: Notice = self._sampler.take()
        self.second = self._judged()
        """The newest."""

    def serving(self, binds: Callable[[], Sequence[BindView]], orders: Callable[[], Orders] = Orders) -> None:
        """The gateway has started."""
        self._sampler.binds, self._sampler.orders = binds, orders
        self._sampler.state = InstanceState.SERVING

    def leaving(self) -> None:
        """It turns new messages away."""
        self._sampler.state = InstanceState.LEAVING

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` each second. Returns what ends it."""
        self._wakes.add(wake)
        return lambda: self._wakes.discard(wake)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sample(), name="sample")
            group.create_task(self._exchange_all(), name="exchange")
            group.create_task(self._health.run(), name="health")

    async def farewell(self) -> None:
        """Tell the others that this instance has left, if they know of it."""
        if not self._exchange.reached:
            return
        self._sampler.state = InstanceState.LEFT
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._exchange.once(self._sampler.take())
        except TimeoutError:
            _log.warning("farewell_unheard")

    def beat(self) -> None:
        """Take the figures of a second."""
        self._notice = self._sampler.take()
        self.second = self._judged()
        # Rounded, so that a beat that comes a little early or late is of its second all the same.
        self.history.put(round((self._clock.monotonic() - self._began) / SAMPLE_S), _values(self.second.view))
        for wake in self._wakes:
            wake()

    async def _sample(self) -> None:
        due = self._clock.monotonic()
        while True:
            self.beat()
            now = self._clock.monotonic()
            # Who was stopped does not catch up, and keeps the beat: seconds are counted from the first.
            due += SAMPLE_S * max(1, math.ceil((now - due) / SAMPLE_S))
            await self._clock.sleep(due - now)

    async def _exchange_all(self) -> None:
        while True:
            await self._exchange.once(self._notice)
            await self._clock.sleep(EXCHANGE_S)

    def _judged(self) -> Second:
        view = overview(self._notice, self._exchange.others(), self._bounds, self._yardsticks, self._exchange.why)
        findings = tuple(saying(finding) for finding in judge(view))
        return Second(findings[0], findings, view)


def _values(view: Overview) -> dict[str, float | None]:
    """What is kept of a second."""
    second = view.second
    values: dict[str, float | None] = {
        "accepted": second.accepted,
        "replied": second.replied,
        "p50_ms": second.p50_ms,
        "p95_ms": second.p95_ms,
        "p99_ms": second.p99_ms,
        "in_flight": view.in_flight,
        "oldest_s": view.oldest_s,
        "throttled": second.throttled,
        "turned_away": sum(second.turned_away.values()),
        "in_window": sum(smsc.in_window for smsc in view.smscs),
    }
    values |= {f"part:{part.name}": part.ms for part in view.parts}
    values |= {f"accepted:{smsc.name}": smsc.accepted for smsc in view.smscs}
    values |= {f"replied@{one.instance}": one.replied for one in view.instances if one.state != InstanceState.SILENT}
    return values

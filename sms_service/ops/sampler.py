"""The figures of this instance, taken once a second from what its metrics, its binds and its checks say.

Rule: what a second costs does not depend on the load. The stages count as they always do; here the counters are read, and a
minute of readings is kept to tell what happened in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from sms_service.model import BindView
from sms_service.observability.metrics import Metrics
from sms_service.ops.counters import Reading, flow, read
from sms_service.ops.figures import InstanceState, Notice, Orders, SmscFigures
from sms_service.ops.health import Health
from sms_service.ops.latency import added
from sms_service.ports import Clock

SAMPLE_S: Final = 1.0
"""Seconds between two samples."""
MINUTE_S: Final = 60.0
"""Seconds that "the last minute" looks back."""
_SLACK_S: Final = SAMPLE_S / 2
"""A reading that is older than a minute by less still counts as a minute old."""


class Sampler:
    """Makes the notices of one instance."""

    def __init__(
        self,
        instance: str,
        *,
        metrics: Metrics,
        health: Health,
        smscs: Sequence[str],
        in_flight_max: int,
        clock: Clock,
        binds: Callable[[], Sequence[BindView]] = lambda: (),
    ) -> None:
        self._instance = instance
        self._metrics = metrics
        self._health = health
        self._smscs = smscs
        self._in_flight_max = in_flight_max
        self._clock = clock
        self._started_at = clock.time()
        self._number = 0
        self._readings: deque[Reading] = deque(maxlen=round(MINUTE_S / SAMPLE_S) + 1)
        self.binds = binds
        """How the binds stand; there are none before the gateway has started."""
        self.orders: Callable[[], Orders] = Orders
        """What operators have ordered; nothing before then."""
        self.state = InstanceState.STARTING

    def take(self) -> Notice:
        """The figures now. The first has no second and no minute before it: nothing has happened in either."""
        now = self._clock.monotonic()
        reading = read(self._metrics, now)
        last = self._readings[-1] if self._readings else reading
        while self._readings and now - self._readings[0].at > MINUTE_S + _SLACK_S:
            self._readings.popleft()
        first = self._readings[0] if self._readings else last
        self._readings.append(reading)
        elapsed = max(now - last.at, SAMPLE_S / 10)
        self._number += 1
        binds = self.binds()
        return Notice(
            instance=self._instance,
            started_at=self._started_at,
            number=self._number,
            at=self._clock.time(),
            state=self.state,
            in_flight=int(reading.value("sms_in_flight")),
            in_flight_max=self._in_flight_max,
            oldest_s=reading.value("sms_oldest_unanswered_seconds"),
            unreadable=int(reading.value("sms_unreadable_inquiries")),
            second=flow(reading, last, per_s=elapsed),
            minute=flow(reading, first),
            total=flow(reading, None),
            latency_second=added(reading.latencies, last.latencies),
            latency_minute=added(reading.latencies, first.latencies),
            smscs=tuple(
                SmscFigures(
                    name,
                    second=flow(reading, last, name, per_s=elapsed),
                    minute=flow(reading, first, name),
                    binds=tuple(bind for bind in binds if bind.smsc == name),
                )
                for name in self._smscs
            ),
            parts=self._health.parts,
            backlog=self._health.backlog,
            orders=self.orders(),
        )

"""The figures of a load run while it goes on: counts of this second and of all, latencies, the first wrongs."""

from __future__ import annotations

import time
from collections import Counter
from typing import Final

from simulator.load.figures import GOOD, Ended, Metric, Second, Verdict, Wrong
from simulator.load.latencies import Latencies
from simulator.load.verdict import Said

WRONGS_MAX: Final = 100
"""Of a run that are told one by one; all are counted."""


class Tally:
    """Adds up. `second` closes a second, `ended` the run."""

    def __init__(self) -> None:
        self.latencies = {metric: Latencies() for metric in Metric}
        self.kinds: Counter[str] = Counter()
        self.intended = self.sent = self.acknowledged = self.replies = self.segments = 0
        self.lag_s = 0.0
        self._verdicts: Counter[Verdict] = Counter()
        self._all_verdicts: Counter[Verdict] = Counter()
        self._wrongs: list[Wrong] = []
        self._inquiries = 0
        self._lag_max_s = 0.0
        self._cpu_s = time.process_time()

    @property
    def lag_max_s(self) -> float:
        """The worst so far."""
        return max(self._lag_max_s, self.lag_s)

    def right(self) -> None:
        """A reply is as it should be."""
        self._verdicts[Verdict.RIGHT] += 1

    def say(self, said: Said, *, at_s: float, kind: str = "", inquiry: int = -1, times: int = 1) -> None:
        """A verdict of any kind."""
        self._verdicts[said.verdict] += times
        if said.verdict not in GOOD and len(self._wrongs) < WRONGS_MAX:
            self._wrongs.append(
                Wrong(verdict=said.verdict, at_s=round(at_s, 3), kind=kind, inquiry=inquiry, what=said.what)
            )

    def second(self, number: int, outstanding: int) -> Second:
        """What happened since the last call."""
        cpu = time.process_time()
        texts = {metric: text for metric, latencies in self.latencies.items() if (text := latencies.flush())}
        closed = Second(
            second=number,
            intended=self.intended,
            sent=self.sent,
            acknowledged=self.acknowledged,
            replies=self.replies,
            segments=self.segments,
            outstanding=outstanding,
            lag_ms=round(self.lag_s * 1000, 3),
            cpu_s=round(cpu - self._cpu_s, 6),
            verdicts=dict(self._verdicts),
            latencies=texts,
        )
        self._cpu_s = cpu
        self._inquiries += self.sent
        self._lag_max_s = self.lag_max_s
        self._all_verdicts.update(self._verdicts)
        self._verdicts.clear()
        self.intended = self.sent = self.acknowledged = self.replies = self.segments = 0
        self.lag_s = 0.0
        return closed

    def ended(self, *, void: str, stopped: bool) -> Ended:
        """The whole of it; no second is open."""
        return Ended(
            inquiries=self._inquiries,
            verdicts=dict(self._all_verdicts),
            kinds=dict(self.kinds),
            latencies={metric: text for metric, latencies in self.latencies.items() if (text := latencies.total())},
            lag_ms=round(self._lag_max_s * 1000, 3),
            void=void,
            stopped=stopped,
            wrongs=self._wrongs,
        )

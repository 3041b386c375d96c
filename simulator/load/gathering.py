"""What the SMSCs of one run tell, put together: second by second while it goes on, and the whole in the end.

Seconds are told when every SMSC that is still running has told its own. Counts add up, histograms are merged and never
averaged, the lag is the worst. What an SMSC says at its end is believed before the sum of its seconds; of one that was lost the sum is
all there is, and the run is void.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from simulator.load.figures import Ended, Happening, Metric, Preparing, Second, Verdict, Wrong
from simulator.load.latencies import decode, new_histogram
from simulator.load.plan import Plan

WRONGS_MAX: Final = 200
"""Wrong inquiries and replies that are told one by one; the counts hold all."""


class Quantiles(msgspec.Struct, frozen=True):
    """Latencies of one metric, in milliseconds."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One second of the run over all SMSCs. Counts as in `figures.Second`."""

    second: int
    """Since the start; 0 is the first."""
    intended: int
    sent: int
    acknowledged: int
    replies: int
    segments: int
    outstanding: int
    lag_ms: float
    cpu_s: float
    """Processor time of the SMSCs' processes."""
    verdicts: dict[Verdict, int]
    latencies: dict[Metric, Quantiles]
    """Of what ended within this second; empty in the warm-up."""


class Figures:
    """What is known of a run, or of some seconds of it: what an `Expression` looks at (`expressions.Measured`)."""

    def __init__(self) -> None:
        self.inquiries = 0
        self.lag_ms = 0.0
        self.verdicts: Counter[Verdict] = Counter()
        self.histograms: dict[Metric, Any] = {}
        self._seconds = self._replies = self._intended = 0
        self.is_open = True

    @property
    def rate(self) -> float | None:
        """Whole replies a second while inquiries were sent; None when no whole second of it was seen."""
        return self._replies / self._seconds if self._seconds else None

    @property
    def intended_rate(self) -> float | None:
        """Inquiries a second that were meant to be sent; None in closed loop."""
        return self._intended / self._seconds if self._seconds and self.is_open else None

    def percentile_us(self, metric: Metric, percent: float) -> float | None:
        """A latency in microseconds; None when nothing was measured."""
        histogram = self.histograms.get(metric)
        if histogram is None or not histogram.total_count:
            return None
        return float(histogram.get_value_at_percentile(percent))

    def mean_us(self, metric: Metric) -> float | None:
        """The mean latency in microseconds; None when nothing was measured."""
        histogram = self.histograms.get(metric)
        if histogram is None or not histogram.total_count:
            return None
        return float(histogram.get_mean_value())

    def verdict_count(self, verdict: Verdict) -> int:
        """How often this was said."""
        return self.verdicts[verdict]

    def quantiles(self, metric: Metric) -> Quantiles | None:
        """The usual percentiles; None when nothing was measured."""
        histogram = self.histograms.get(metric)
        return None if histogram is None else quantiles(histogram)

    def count_second(self, second: Second) -> None:
        """Count in the rates what one SMSC tells of a second of sending."""
        self._replies += second.replies
        self._intended += second.intended

    def close_second(self) -> None:
        """All SMSCs have told this second of sending."""
        self._seconds += 1

    def merge(self, latencies: dict[Metric, str]) -> None:
        """Add latencies, as text."""
        for metric, text in latencies.items():
            if text:
                self.histograms.setdefault(metric, new_histogram()).add(decode(text))


class Span(msgspec.Struct, frozen=True):
    """Seconds of a run that are looked at by themselves: `since_s` <= second < `until_s`."""

    since_s: float
    until_s: float

    def __contains__(self, second: object) -> bool:
        return isinstance(second, int) and self.since_s <= second < self.until_s


class Gathering:
    """One run.

    Args:
        plan: of all SMSCs together.
        smscs: how many carry it out.
        spans: seconds to be looked at by themselves.
    """

    def __init__(self, plan: Plan, smscs: int, spans: Sequence[Span] = ()) -> None:
        self.rows: list[Row] = []
        self.kinds: Counter[str] = Counter()
        self.wrongs: list[Wrong] = []
        self.void: list[str] = []
        """Why the run says nothing."""
        self.stopped = False
        self.spans = {span: _figures(plan) for span in spans}
        self._total = _figures(plan)
        self._sending = Span(plan.warmup_s, plan.duration_s)
        self._waiting: dict[int, dict[int, Second]] = {}
        self._preparing: dict[int, Preparing] = {}
        self._sums = {smsc: _figures(plan) for smsc in range(smscs)}
        self._next = dict.fromkeys(range(smscs), 0)
        self._ended: set[int] = set()

    @property
    def total(self) -> Figures:
        """The whole; final when all have ended."""
        return self._total

    @property
    def prepared(self) -> tuple[int, int]:
        """How many messages are made, and of how many."""
        told = self._preparing.values()
        return sum(one.done for one in told), sum(one.of for one in told)

    @property
    def is_over(self) -> bool:
        """Whether every SMSC has ended or was lost."""
        return len(self._ended) == len(self._sums)

    def take(self, smsc: int, happening: Happening) -> list[Row]:
        """Take what one SMSC tells; returns the seconds that all have told by now."""
        if isinstance(happening, Preparing):
            self._preparing[smsc] = happening
            return []
        if isinstance(happening, Second):
            self._take_second(smsc, happening)
        else:
            self._end(smsc, happening)
        return self._whole_seconds()

    def lose(self, smsc: int, why: str) -> list[Row]:
        """An SMSC tells no more; its seconds so far are what is known of it."""
        if smsc in self._ended:
            return []
        self.void.append(why)
        self._ended.add(smsc)
        known = self._sums[smsc]
        self._total.inquiries += known.inquiries
        self._total.verdicts += known.verdicts
        self._total.lag_ms = max(self._total.lag_ms, known.lag_ms)
        for metric, histogram in known.histograms.items():
            self._total.histograms.setdefault(metric, new_histogram()).add(histogram)
        return self._whole_seconds()

    def _take_second(self, smsc: int, second: Second) -> None:
        self._waiting.setdefault(second.second, {})[smsc] = second
        self._next[smsc] = second.second + 1
        found = self._sums[smsc]
        found.inquiries += second.sent
        found.verdicts.update(second.verdicts)
        found.lag_ms = max(found.lag_ms, second.lag_ms)
        found.merge(second.latencies)
        for span, figures in self.spans.items():
            if second.second in span:
                figures.inquiries += second.sent
                figures.verdicts.update(second.verdicts)
                figures.lag_ms = max(figures.lag_ms, second.lag_ms)
                figures.merge(second.latencies)
                figures.count_second(second)
        if second.second in self._sending:
            self._total.count_second(second)

    def _end(self, smsc: int, ended: Ended) -> None:
        self._ended.add(smsc)
        self._total.inquiries += ended.inquiries
        self._total.verdicts.update(ended.verdicts)
        self._total.lag_ms = max(self._total.lag_ms, ended.lag_ms)
        self._total.merge(ended.latencies)
        self.kinds.update(ended.kinds)
        self.wrongs += ended.wrongs[: max(0, WRONGS_MAX - len(self.wrongs))]
        self.stopped |= ended.stopped
        if ended.void and ended.void not in self.void:
            self.void.append(ended.void)

    def _whole_seconds(self) -> list[Row]:
        told = [self._next[smsc] for smsc in self._sums if smsc not in self._ended]
        until = min(told, default=max(self._next.values(), default=0))
        rows = []
        for number in sorted(self._waiting):
            if number >= until:
                break
            rows.append(_row(number, self._waiting.pop(number).values()))
            if number in self._sending:
                self._total.close_second()
            for span, figures in self.spans.items():
                if number in span:
                    figures.close_second()
        self.rows += rows
        return rows


def quantiles(histogram: Any) -> Quantiles | None:
    """The usual percentiles of a histogram of microseconds; None when it is empty."""
    if not histogram.total_count:
        return None
    return Quantiles(
        histogram.total_count,
        *(histogram.get_value_at_percentile(percent) / 1000 for percent in (50, 95, 99, 100)),
    )


def _figures(plan: Plan) -> Figures:
    figures = Figures()
    figures.is_open = bool(plan.curve)
    return figures


def _row(number: int, parts: Iterable[Second]) -> Row:
    seconds = list(parts)
    verdicts: Counter[Verdict] = Counter()
    merged = Figures()
    for second in seconds:
        verdicts.update(second.verdicts)
        merged.merge(second.latencies)
    found = {metric: merged.quantiles(metric) for metric in Metric}
    return Row(
        second=number,
        intended=sum(second.intended for second in seconds),
        sent=sum(second.sent for second in seconds),
        acknowledged=sum(second.acknowledged for second in seconds),
        replies=sum(second.replies for second in seconds),
        segments=sum(second.segments for second in seconds),
        outstanding=sum(second.outstanding for second in seconds),
        lag_ms=max(second.lag_ms for second in seconds),
        cpu_s=sum(second.cpu_s for second in seconds),
        verdicts=dict(verdicts),
        latencies={metric: known for metric, known in found.items() if known is not None},
    )

"""Axes of the page's charts: round ticks, linear or logarithmic, and many seconds brought to as many points as can be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

POINTS_MAX: Final = 240
"""Points of a line: as many as a chart of that width shows apart."""
TICKS: Final = 5
"""Of an axis, about."""
LOG_FROM: Final = 50.0
"""An axis is logarithmic when its largest value is so many times its smallest."""


SMALLEST: Final = 1e-3
"""What is less is as good as nothing: a microsecond, where milliseconds are drawn."""


class Axis(NamedTuple):
    """From values to a share of the axis, 0 to 1."""

    low: float
    high: float
    ticks: tuple[float, ...]
    is_log: bool

    def place(self, value: float) -> float:
        """Where a value is; what is below the axis is at its beginning."""
        if self.is_log:
            value = max(value, self.low)
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def linear(most: float, ticks: int = TICKS) -> Axis:
    """From 0 to a round number that is no less than `most`."""
    most = most if most >= SMALLEST else 1.0
    step = _round_up(most / ticks)
    count = max(1, math.ceil(most / step - 1e-9))
    return Axis(0.0, count * step, tuple(number * step for number in range(count + 1)), is_log=False)


def of_time(until_s: float) -> Axis:
    """Seconds of a run; ends with it, and has steps that clocks have."""
    until_s = max(until_s, 1.0)
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600)
    step = next((one for one in steps if until_s / one <= TICKS + 2), steps[-1])
    return Axis(0.0, until_s, tuple(float(at) for at in range(0, math.floor(until_s) + 1, step)), is_log=False)


def fitting(values: Sequence[float]) -> Axis:
    """Linear from 0, or logarithmic where that would press most values to the ground."""
    positive = sorted(value for value in values if value >= SMALLEST)
    if not positive or positive[-1] < positive[0] * LOG_FROM:
        return linear(positive[-1] if positive else 0.0)
    return logarithmic(positive[0], positive[-1])


def logarithmic(least: float, most: float) -> Axis:
    """From a power of ten that is no more than `least` to one that is no less than `most`."""
    first, last = math.floor(math.log10(least) + 1e-9), math.ceil(math.log10(most) - 1e-9)
    last = max(last, first + 1)
    step = max(1, math.ceil((last - first) / (TICKS + 1)))
    ticks = tuple(10.0**power for power in range(first, last + 1, step))
    return Axis(10.0**first, 10.0**last, ticks, is_log=True)


def thinned(points: Sequence[tuple[float, float]], *, worst: bool) -> list[tuple[float, float]]:
    """At most POINTS_MAX points: of each group that falls together the mean, or the largest when `worst`."""
    size = math.ceil(len(points) / POINTS_MAX)
    if size <= 1:
        return list(points)
    groups = [points[at : at + size] for at in range(0, len(points), size)]
    return [
        (
            sum(x for x, _ in group) / len(group),
            max(y for _, y in group) if worst else sum(y for _, y in group) / len(group),
        )
        for group in groups
    ]


def number(value: float) -> str:
    """A tick's text: 0, 0.5, 20, 1.5k, 2M."""
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def clock(at_s: float) -> str:
    """A moment of a run: 45 s, 1:30, 2:00:00."""
    whole = round(at_s)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _round_up(step: float) -> float:
    """To 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    for factor in (1, 2, 5, 10):
        if factor * power >= step * (1 - 1e-9):
            return factor * power
    return 10 * power

"""When inquiries are meant to be sent: a rate that changes evenly between points, to the moment of each inquiry and back.

Inquiry n is meant for the moment at which the curve's integral leaves n: the first for the first moment at which the rate is not
zero, the second when one inquiry's worth has passed. Integral and inverse are exact (a line integrates to a parabola), so nothing
drifts over a day. Before the first point the rate is the first's, after the last the last's.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from simulator.load.plan import Point

_WHOLE: Final = 1e-6
"""Of an inquiry: less than this beyond a whole number is what rounding left, and no inquiry of its own."""


class BadCurve(ValueError):
    """The points are none in time's order. The text says which."""


class _Piece(NamedTuple):
    """A part of the curve in which the rate changes evenly."""

    since: float
    until: float
    before: float
    """Inquiries until it begins."""
    rate: float
    """At its beginning."""
    slope: float
    """By which the rate grows, a second."""

    def area(self, seconds: float) -> float:
        """Inquiries within so many seconds of its beginning."""
        return self.rate * seconds + self.slope * seconds * seconds / 2

    def moment(self, number: int) -> float:
        """When the integral leaves `number`."""
        if not self.slope:
            return min(self.until, max(self.since, self.since + (number - self.before) / self.rate))
        left = max(0.0, number - self.before)
        root = self.rate + math.sqrt(max(0.0, self.rate * self.rate + 2 * self.slope * left))
        return min(self.until, self.since + (2 * left / root if root else 0.0))


class Schedule:
    """The moments of a run's inquiries, in seconds since its start.

    Args:
        curve: at least one point.
        duration_s: nothing is meant for later.

    Raises:
        BadCurve: see there.
    """

    def __init__(self, curve: Sequence[Point], duration_s: float) -> None:
        if not curve:
            raise BadCurve("a curve needs at least one point")
        for number, (point, after) in enumerate(pairwise(curve), 2):
            if after.at_s < point.at_s:
                raise BadCurve(f"point {number} of the curve is of {after.at_s:g} s, before the one that precedes it")
        self._pieces = tuple(_pieces(curve, duration_s))
        """Those in which something is sent."""
        self._before = [piece.before for piece in self._pieces]
        self._since = [piece.since for piece in self._pieces]
        area = self.area(duration_s)
        self.total: Final = math.ceil(area - _WHOLE)
        """Inquiries in all."""
        self.peak: Final = max((_highest(piece) for piece in self._pieces), default=0.0)
        """The highest rate, inquiries a second."""
        self._duration_s = duration_s

    def area(self, at_s: float) -> float:
        """The integral until a moment: inquiries' worth, fractions included."""
        index = bisect_right(self._since, at_s) - 1
        if index < 0:
            return 0.0
        piece = self._pieces[index]
        return piece.before + piece.area(min(at_s, piece.until) - piece.since)

    def moment(self, number: int) -> float:
        """When inquiry `number` of 0 … `total` - 1 is meant to be sent."""
        return self._pieces[bisect_right(self._before, number) - 1].moment(number)

    def moments(self, first: int, last: int) -> list[float]:
        """Those of inquiries `first` … `last` - 1."""
        found: list[float] = []
        while first < last:
            index = bisect_right(self._before, first) - 1
            piece = self._pieces[index]
            until = last
            if index + 1 < len(self._pieces):
                until = min(last, math.ceil(self._before[index + 1]))
            if piece.slope:
                found += [piece.moment(number) for number in range(first, until)]
            else:
                since, before, gap = piece.since, piece.before, 1 / piece.rate
                found += [since + (number - before) * gap for number in range(first, until)]
            first = until
        return found

    def due(self, at_s: float) -> int:
        """How many inquiries are meant for this moment or earlier."""
        number = min(self.total, math.floor(self.area(at_s)))
        while number < self.total and self.moment(number) <= at_s:
            number += 1
        while number and self.moment(number - 1) > at_s:
            number -= 1
        return number

    def busiest(self, window_s: float, step_s: float = 1.0) -> float:
        """The most inquiries within any window of so many seconds that begins on a step."""
        if window_s >= self._duration_s:
            return self.area(self._duration_s)
        starts = range(math.ceil((self._duration_s - window_s) / step_s) + 1)
        return max(self.area(start * step_s + window_s) - self.area(start * step_s) for start in starts)


def _pieces(curve: Sequence[Point], duration_s: float) -> Iterator[_Piece]:
    first, last = curve[0], curve[-1]
    points = [Point(0.0, first.rate), *curve, Point(max(duration_s, last.at_s), last.rate)]
    before = 0.0
    for point, after in pairwise(points):
        until = min(after.at_s, duration_s)
        if until <= point.at_s:
            continue
        slope = (after.rate - point.rate) / (after.at_s - point.at_s)
        piece = _Piece(point.at_s, until, before, point.rate, slope)
        area = piece.area(until - point.at_s)
        if area > 0:
            yield piece
            before += area


def _highest(piece: _Piece) -> float:
    return max(piece.rate, piece.rate + piece.slope * (piece.until - piece.since))

"""Drawing: from numbers of [0, 1) to values with given frequencies.

Only `random.Random(int).random()` is drawn from, whose sequence Python promises never to change (the promise does not
hold for its other methods), so a population is the same on every machine, version and hash seed.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date
from itertools import accumulate
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

Draw: TypeAlias = Callable[[], float]
"""The next number of [0, 1)."""


class Weighted(Generic[T]):
    """A choice between values of given weights, in no unit."""

    __slots__ = ("_bounds", "_total", "_values")

    def __init__(self, weights: Iterable[tuple[T, float]]) -> None:
        pairs = [(value, weight) for value, weight in weights if weight > 0]
        if not pairs:
            raise ValueError("nothing to choose from")
        self._values = [value for value, _ in pairs]
        *self._bounds, self._total = accumulate(weight for _, weight in pairs)

    def pick(self, draw: Draw) -> T:
        """One of the values."""
        return self._values[bisect_right(self._bounds, draw() * self._total)]


def weights(text: str) -> list[tuple[str, float]]:
    """What `name:weight name:weight …` says, `_` for a blank inside a name.

    Raises:
        ValueError: a word is not of this form.
    """
    pairs = (word.rsplit(":", 1) for word in text.split())
    return [(name.replace("_", " "), float(weight)) for name, weight in pairs]


def between(draw: Draw, low: int, high: int) -> int:
    """A whole number of low … high, both included, each as likely."""
    return low + int(draw() * (high - low + 1))


def day_between(draw: Draw, first: date, last: date) -> date:
    """A day of first … last, both included, each as likely."""
    return date.fromordinal(between(draw, first.toordinal(), last.toordinal()))

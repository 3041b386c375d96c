"""The forms of an open load as points of a curve, and the sharing of a plan among SMSCs.

A warm-up is the first seconds of its form. The daily curve is of a country whose people
sleep: hourly weights of person-to-business text traffic, lowest between three and four, with peaks in the morning and after supper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from simulator.load.plan import RATE_MAX, Plan, Point

DAY: Final = (
    14, 8, 5, 4, 4, 9, 24, 52, 86, 100, 97, 88, 70, 66, 78, 86, 88, 82, 72, 76, 84, 74, 50, 28,
)  # fmt: skip
"""Rate of each hour from midnight, in percent of the busiest."""
SPIKE_SHARE: Final = 0.2
"""Of the duration that a spike lasts; it begins after two fifths, so that what was before and what comes after are both seen."""
SPIKE_BEGINS: Final = 0.4


class BadRate(ValueError):
    """A text gives no rate, or one that cannot be. It says what is expected."""


def rate(text: str) -> float:
    """A rate as options take it: 1000, 1000/s, 2.5k.

    Raises:
        BadRate: see there.
    """
    plain = text.strip().removesuffix("/s")
    factor = 1000.0 if plain[-1:] in ("k", "K") else 1.0
    digits = plain[:-1] if factor > 1 else plain
    if not (digits.isascii() and digits.replace(".", "", 1).isdigit()):
        raise BadRate(f"{text!r} is no rate: expected inquiries a second, such as 500 or 2.5k")
    found = float(digits) * factor
    if not 0 <= found <= RATE_MAX:
        raise BadRate(f"{text!r}: a rate is 0 to {RATE_MAX:,.0f} inquiries a second")
    return found


def rates(text: str, separator: str, least: int, most: int) -> list[float]:
    """Several rates.

    Raises:
        BadRate: see there.
    """
    parts = text.split(separator)
    if not least <= len(parts) <= most:
        number = str(least) if least == most else f"{least} to {most}"
        raise BadRate(f"{text!r}: expected {number} rates with {separator!r} between them")
    found = [rate(part) for part in parts]
    if not any(found):
        raise BadRate(f"{text!r}: at least one rate must be above 0")
    return found


def steady(at: float, duration_s: float) -> tuple[Point, ...]:
    """One rate."""
    return (Point(0.0, at), Point(duration_s, at))


def ramp(first: float, last: float, duration_s: float) -> tuple[Point, ...]:
    """From one rate to another, evenly."""
    return (Point(0.0, first), Point(duration_s, last))


def steps(levels: Sequence[float], duration_s: float) -> tuple[Point, ...]:
    """One rate after another, each as long as the others."""
    length = duration_s / len(levels)
    return tuple(
        point
        for number, level in enumerate(levels)
        for point in (Point(number * length, level), Point(min(duration_s, (number + 1) * length), level))
    )


def spike(base: float, peak: float, duration_s: float) -> tuple[Point, ...]:
    """A rate, suddenly another, and the first again."""
    begin, end = duration_s * SPIKE_BEGINS, duration_s * (SPIKE_BEGINS + SPIKE_SHARE)
    return (
        Point(0.0, base), Point(begin, base), Point(begin, peak),
        Point(end, peak), Point(end, base), Point(duration_s, base),
    )  # fmt: skip


def daily(busiest: float, duration_s: float) -> tuple[Point, ...]:
    """A country's day from midnight to midnight, squeezed into the duration, with `busiest` in its busiest hour."""
    hours = [*DAY, DAY[0]]
    top = max(DAY)
    return tuple(Point(duration_s * hour / len(DAY), busiest * percent / top) for hour, percent in enumerate(hours))


def shared(plan: Plan, shares: int) -> list[Plan]:
    """A plan for each of so many SMSCs: the same but for the share, of which each makes its part of the rate or the concurrency."""
    return [msgspec.structs.replace(plan, share=share, shares=shares) for share in range(shares)]

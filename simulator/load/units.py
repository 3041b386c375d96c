"""Durations as people write them, read and written: `500ms`, `30s`, `1m30s`, `2h`."""

from __future__ import annotations

import re
from typing import Final

UNITS_S: Final = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
"""Seconds of each unit."""
NUMBER: Final = r"(?:\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})"
"""A number as options take it: no sign, no exponent."""
_PART: Final = re.compile(rf"({NUMBER})\s*(us|µs|ms|min|s|m|h)\s*", re.ASCII)
_PLAIN: Final = re.compile(NUMBER, re.ASCII)


class NoDuration(ValueError):
    """A text is none. It says what one looks like."""


def seconds(text: str) -> float:
    """The seconds of a duration; a number alone is one of seconds.

    Raises:
        NoDuration: see there.
    """
    left = text.strip().replace("μ", "µ")  # the Greek letter and the sign look alike
    if _PLAIN.fullmatch(left):
        return float(left)
    total, place = 0.0, 0
    while place < len(left):
        part = _PART.match(left, place)
        if part is None:
            break
        total += float(part[1]) * UNITS_S[part[2]]
        place = part.end()
    if not left or place < len(left):
        raise NoDuration(f"{text!r} is no duration: expected one such as 500ms, 30s, 1m30s or 2h")
    return total


def written(duration_s: float) -> str:
    """A duration in the unit that suits it, three digits: 0.87 ms, 12.3 ms, 4.56 s, 2 min 5 s."""
    if duration_s >= 60:
        minutes, rest = divmod(round(duration_s), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
        return " ".join(f"{number} {unit}" for number, unit in parts if number)
    if duration_s >= 1:
        return f"{_three(duration_s)} s"
    return f"{_three(duration_s * 1e3)} ms"


def _three(number: float) -> str:
    """Three significant digits, and no exponent."""
    if number >= 100:
        return f"{number:.0f}"
    return f"{number:.3g}" if number >= 0.001 else f"{number:.1g}" if number else "0"


def count(number: float) -> str:
    """A count with its thousands apart: 12,345."""
    return f"{number:,.0f}"

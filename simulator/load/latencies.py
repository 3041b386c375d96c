"""Latencies: HDR histograms of microseconds, filled in batches, and their text form.

A latency is first kept in a list, which costs what an append does; a flush rounds all of them to what a histogram tells apart, counts
equal ones, and records each once. The text form is HdrHistogram's V2, compressed, in base64: any of its implementations reads it.
"""

from __future__ import annotations

import binascii
import struct
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from hdrh.codec import (  # type: ignore[import-untyped]  # it ships no types, and is wrapped here alone
    HdrCookieException,
    HdrHistogramSettingsException,
    HdrLengthException,
)
from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # see above

from simulator.load.figures import DIGITS, LATENCY_MAX_US

LATENCY_MIN_US: Final = 1
_BITS: Final = 11
"""A histogram of three digits tells apart what differs in the first eleven bits: 2,048 steps of an octave and all below."""


class NoHistogram(ValueError):
    """A text is none, or one of other units or digits."""


def new_histogram() -> Any:
    """An empty `HdrHistogram` of microseconds up to an hour."""
    return HdrHistogram(LATENCY_MIN_US, LATENCY_MAX_US, DIGITS)


def decode(text: str) -> Any:
    """The histogram that a text stands for.

    Raises:
        NoHistogram: see there.
    """
    try:
        found = HdrHistogram.decode(text)
    except (
        HdrCookieException,
        HdrHistogramSettingsException,
        HdrLengthException,
        binascii.Error,
        zlib.error,
        struct.error,
        ValueError,
        TypeError,
        IndexError,
    ) as error:
        raise NoHistogram("not an HDR histogram in base64") from error
    if (found.lowest_trackable_value, found.highest_trackable_value, found.significant_figures) != (
        LATENCY_MIN_US,
        LATENCY_MAX_US,
        DIGITS,
    ):
        raise NoHistogram("an HDR histogram of other units or digits")
    return found


def encode(histogram: Any) -> str:
    """A histogram as text."""
    encoded: bytes = histogram.encode()
    return encoded.decode("ascii")


def merge(texts: Iterable[str]) -> Any:
    """One histogram of all that these texts count.

    Raises:
        NoHistogram: see there.
    """
    merged = new_histogram()
    for text in texts:
        merged.add(decode(text))
    return merged


class Latencies:
    """What is measured of one metric: those of this second, and all of them."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._total = new_histogram()

    def __len__(self) -> int:
        """Those that no flush has taken yet."""
        return len(self._seconds)

    def add(self, seconds: float) -> None:
        """One latency. Below zero it counts as none: clocks of a machine are not that exact."""
        self._seconds.append(seconds)

    def flush(self) -> str:
        """The histogram of what was added since the last flush, as text; empty when it was nothing."""
        if not self._seconds:
            return ""
        counts = Counter([_rounded(seconds) for seconds in self._seconds])
        self._seconds.clear()
        second = new_histogram()
        for microseconds, count in counts.items():
            second.record_value(microseconds, count)
        self._total.add(second)
        return encode(second)

    def total(self) -> str:
        """The histogram of all that was flushed, as text; empty when it was nothing."""
        return encode(self._total) if self._total.total_count else ""


def _rounded(seconds: float) -> int:
    """Microseconds as a histogram tells them apart."""
    microseconds = int(seconds * 1e6 + 0.5)
    if microseconds <= 0:
        return 0
    if microseconds >= LATENCY_MAX_US:
        return LATENCY_MAX_US
    shift = microseconds.bit_length() - _BITS
    return microseconds if shift <= 0 else microseconds >> shift << shift

"""The last hour, second by second, in memory.

A series is a ring of 3,600 numbers of 8 octets; 64 series at most, so 1.9 MB when all are in use, whatever the load and however
long the process lives. A second in which nothing was taken (the process was stopped, another instance was silent) holds
nothing, not 0. It is of this process alone: after a restart the hour begins anew.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Mapping
from typing import Final

HISTORY_S: Final = 3600
"""Seconds kept."""
SERIES_MAX: Final = 64
"""Series kept. Beyond it the one goes that has had no value for the longest: that of an instance which is no more."""

_NOTHING: Final = math.nan
_DECIMALS: Final = 1


class History:
    """Series by name, one value a second."""

    def __init__(self, seconds: int = HISTORY_S, series: int = SERIES_MAX) -> None:
        self._seconds = seconds
        self._series_max = series
        self._empty = array("d", [_NOTHING]) * seconds
        self._series: dict[str, array[float]] = {}
        self._last_value: dict[str, int] = {}
        """By series: in which second it had its last value."""
        self._now = -1
        """The second of the newest values: the place in each ring is this modulo its length."""
        self._began = 0

    def put(self, second: int, values: Mapping[str, float | None]) -> None:
        """Take the values of a second; seconds are numbered by a clock that never goes back. Those that were left out since
        the last are empty. None is no value. A second that is not after the last one is that one again.
        """
        if self._now < 0:
            self._began = second
            self._now = second - 1
        second = max(second, self._now)
        for passed in range(max(self._now + 1, second - self._seconds + 1), second + 1):
            for ring in self._series.values():
                ring[passed % self._seconds] = _NOTHING
        self._now = second
        for name, value in values.items():
            if value is not None:
                self._ring(name)[second % self._seconds] = round(value, _DECIMALS)
                self._last_value[name] = second

    def last(self, seconds: int, series: Collection[str] = ()) -> dict[str, list[float]]:
        """The newest so many seconds of each series, or of those named, oldest first; less where there were not as many. NaN for
        no value.
        """
        count = min(seconds, self._seconds, self._now - self._began + 1)
        start = (self._now - count + 1) % self._seconds
        told = {}
        for name, ring in self._series.items():
            if series and name not in series:
                continue
            end = start + count
            told[name] = (ring[start:end] + ring[: max(0, end - self._seconds)]).tolist()
        return told

    def _ring(self, name: str) -> array[float]:
        ring = self._series.get(name)
        if ring is None:
            if len(self._series) >= self._series_max:
                oldest = min(self._last_value, key=self._last_value.__getitem__)
                del self._series[oldest], self._last_value[oldest]
            ring = self._series[name] = self._empty[:]
        return ring

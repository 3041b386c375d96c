"""How the register fails when it is told to: slowly, now and then, or altogether."""

from math import exp, log
from random import Random
from statistics import NormalDist
from typing import Annotated, Final

import msgspec

LATENCY_MAX_MS: Final = 60_000
"""A minute: longer than any caller should wait."""

_NORMAL: Final = NormalDist()
_Z_P99: Final = _NORMAL.inv_cdf(0.99)
_LEAST: Final = 1e-9
"""A draw of 0 or 1 would wait no time, or for ever."""


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong with each look-up. Nothing, unless said."""

    latency_ms: Annotated[float, msgspec.Meta(ge=0, le=LATENCY_MAX_MS)] = 0
    """Waited before an answer; with `latency_p99_ms`, by half of the look-ups."""
    latency_p99_ms: Annotated[float, msgspec.Meta(ge=0, le=LATENCY_MAX_MS)] = 0
    """One look-up in a hundred waits longer than this, log-normally, as people wait for a busy register; 0: all wait alike."""
    error_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0
    """Share of the look-ups that are answered with status 503."""
    outage: bool = False
    """The connection is dropped and nothing answered."""

    def __post_init__(self) -> None:
        """Raises ValueError where the waits contradict each other."""
        if self.latency_p99_ms and not 0 < self.latency_ms <= self.latency_p99_ms:
            raise ValueError("latency_p99_ms goes with a latency_ms above 0 and no longer than it")


class FaultInjector:
    """The faults in force, and the dice that decide which look-ups fail; seeded, so a run can be repeated."""

    def __init__(self, seed: int) -> None:
        self.faults = Faults()
        self._draw = Random(seed).random  # noqa: S311 - nothing here is a secret

    def latency_s(self) -> float:
        """How long the next look-up waits. Never longer than LATENCY_MAX_MS."""
        median, p99 = self.faults.latency_ms, self.faults.latency_p99_ms
        if not median or p99 <= median:
            return median / 1000
        spread = log(p99 / median) / _Z_P99
        wait_ms = median * exp(spread * _NORMAL.inv_cdf(min(max(self._draw(), _LEAST), 1 - _LEAST)))
        return min(wait_ms, LATENCY_MAX_MS) / 1000

    def fails(self) -> bool:
        """Whether the next look-up is answered with an error."""
        return self._draw() < self.faults.error_rate

"""How the register fails when it is told to: slowly, now and then, or altogether."""

from random import Random
from typing import Annotated, Final

import msgspec

LATENCY_MAX_MS: Final = 60_000
"""A minute: longer than any caller should wait."""


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong with each look-up. Nothing, unless said."""

    latency_ms: Annotated[float, msgspec.Meta(ge=0, le=LATENCY_MAX_MS)] = 0
    """Waited before an answer."""
    error_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0
    """Share of the look-ups that are answered with status 503."""
    outage: bool = False
    """The connection is dropped and nothing answered."""


class FaultInjector:
    """The faults in force, and the dice that decide which look-ups fail; seeded, so a run can be repeated."""

    def __init__(self, seed: int) -> None:
        self.faults = Faults()
        self._draw = Random(seed).random  # noqa: S311 - nothing here is a secret

    def fails(self) -> bool:
        """Whether the next look-up is answered with an error."""
        return self._draw() < self.faults.error_rate

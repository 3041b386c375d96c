"""A clock that a test moves.

Rule: time stands still until the test says `advance`, or, with `auto`, until everyone who is awake has had
`SETTLE_TURNS` turns of the event loop without waking the sleeper whose turn it is. Sleepers wake in the order of their
deadlines, each with the loop to itself for some turns: the same test takes the same course every time, in no real time.
With real I/O under way a number of turns says nothing, so `auto` is for tests that have none.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import Final

SETTLE_TURNS: Final = 25
"""Turns of the event loop after which what a wake-up set off has come to rest: a call through the pipeline's stages and
the memory adapters takes fewer."""
EPOCH: Final = 1_780_000_000.0
"""Seconds since the epoch at which every fake clock starts."""


class FakeClock:
    """Time that only a test moves."""

    def __init__(self, *, auto: bool = False) -> None:
        self._now = 0.0
        self._wall = EPOCH
        self._auto = auto
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def monotonic(self) -> float:
        """Seconds since the test began."""
        return self._now

    def time(self) -> float:
        """The same from `EPOCH`, and by as much as it was set."""
        return self._wall + self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved that far; with `auto`, move it when nobody else has anything to do."""
        sleeper = (self._now + max(seconds, 0.0), next(self._order), asyncio.Event())
        heapq.heappush(self._sleepers, sleeper)
        try:
            if self._auto:
                await self._push_on(sleeper)
            else:
                await sleeper[2].wait()
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)
                heapq.heapify(self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Move time on, waking sleepers one after the other at their deadlines."""
        end = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._wake_first()
            await _settle()
        self._now = end
        await _settle()

    def jump(self, seconds: float) -> None:
        """Make it later without waking anybody: what a process sees that was stopped for a while."""
        self._now += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock: what NTP or a person does to a machine. Nobody wakes, and monotonic time goes on as it did."""
        self._wall += seconds

    async def _push_on(self, sleeper: tuple[float, int, asyncio.Event]) -> None:
        while not sleeper[2].is_set():
            await _settle()
            if self._sleepers and self._sleepers[0] is sleeper:
                self._wake_first()

    def _wake_first(self) -> None:
        deadline, _, event = heapq.heappop(self._sleepers)
        self._now = max(self._now, deadline)
        event.set()


async def _settle() -> None:
    for _ in range(SETTLE_TURNS):
        await asyncio.sleep(0)

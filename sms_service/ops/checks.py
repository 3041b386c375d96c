"""Asking the parts that the gateway needs how they are: for `/readyz`, and for the dashboard.

Times are by a clock of microseconds: the event loop's own, where it is uvloop's, moves in milliseconds.

Rule: a part is asked one question at a time, whoever asks and however often: one that hangs would otherwise be asked by more
and more connections, which the messages need. Every question has a limit; the parts are asked at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Final

import msgspec

CHECK_TIMEOUT_S: Final = 2.0
"""Seconds: a part that does not answer a check in time is not ready."""

Check = Callable[[], Awaitable[str]]
"""Asks one part how it is; an empty text for well, else what is missing."""


class Answer(msgspec.Struct, frozen=True):
    """What became of one question."""

    name: str
    why: str
    """What is missing; empty for well."""
    seconds: float
    """From the question to the answer, or so far where there is none."""


class Questions:
    """The checks of one process. The mapping may change while it runs: each question is put to those of the moment."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._under_way: dict[str, tuple[asyncio.Task[str], float]] = {}

    async def ask(self) -> list[Answer]:
        """Ask every part, at most `CHECK_TIMEOUT_S`."""
        return await asyncio.gather(*[self._ask(name, check) for name, check in self._checks.items()])

    async def _ask(self, name: str, check: Check) -> Answer:
        """One that is under way already is waited for instead of begun; one that is late is told to stop, and not waited for."""
        if name not in self._under_way:
            task = asyncio.ensure_future(check())
            self._under_way[name] = (task, perf_counter())
            task.add_done_callback(lambda _: self._under_way.pop(name))
        task, began = self._under_way[name]
        done, _ = await asyncio.wait((task,), timeout=CHECK_TIMEOUT_S)
        return Answer(name, _outcome(task, in_time=bool(done)), perf_counter() - began)


def _outcome(task: asyncio.Task[str], *, in_time: bool) -> str:
    """What is missing. A check that fails in a way of its own is told by the type of its error, which quotes nothing."""
    if not in_time and not task.cancelling():
        task.cancel()
    if not in_time or task.cancelled():
        return "does not answer in time"
    error = task.exception()
    return type(error).__name__ if error else task.result()

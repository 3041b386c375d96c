"""One run from its beginning to its outcome, and what a Ctrl-C does to it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, Protocol

from simulator.load.driver import Watching, carry_out
from simulator.load.gathering import Gathering, Row
from simulator.load.outcome import About, Done, Outcome, conclude
from simulator.load.remote import Smsc

HURRY_AFTER_S: Final = 1.0
"""A signal that follows the first sooner is the same request: timeout(1) and shells signal a process and its group."""


SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a run to end; SIGHUP when the terminal is closed."""


class Interrupts:
    """SIGINT, SIGTERM and SIGHUP: the first ends a run in order, one more gives it up; when nothing runs the first gives up."""

    def __init__(self, say: Callable[[str], None] = lambda _: None) -> None:
        """`say` tells the person at the keys what a signal has done."""
        self._say = say
        self.stop = asyncio.Event()
        self._running = False
        self._given_up = False
        self._at_s: float | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the block runs, signals are taken; to give up is to cancel the task that runs it."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        for number in SIGNALS:
            loop.add_signal_handler(number, self.take, task)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    @contextmanager
    def run(self) -> Iterator[None]:
        """A run that is given up ends here: the cancellation goes no further, so that what was is told."""
        self._running = True
        try:
            yield
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._given_up or task is None or task.uncancel():
                raise
        finally:
            self._running = False

    def take(self, task: asyncio.Task[object]) -> None:
        """A signal has come."""
        now_s = asyncio.get_running_loop().time()
        if self._at_s is not None and now_s - self._at_s < HURRY_AFTER_S:
            return
        self._at_s = now_s
        if self._running and not self.stop.is_set():
            self._say("interrupted: nothing more is sent, the last replies are waited for; Ctrl-C again gives up")
            self.stop.set()
        elif not self._given_up:
            self.stop.set()
            self._given_up = True
            task.cancel()


class Timeline(Protocol):
    """What is done while a run goes on."""

    @property
    def done(self) -> list[Done]:
        """What was done so far."""

    def reached(self, second: float) -> None:
        """So many seconds of the run are over."""

    async def begin(self) -> None:
        """Before the run."""

    async def end(self) -> None:
        """After the run, whatever became of it: everything is left as it was found."""


class _Both:
    """Tells the meter and the timeline."""

    def __init__(self, watching: Watching, timeline: Timeline | None) -> None:
        self._watching = watching
        self._timeline = timeline

    def preparing(self, done: int, of: int) -> None:
        self._watching.preparing(done, of)

    def second(self, row: Row) -> None:
        if self._timeline is not None:
            self._timeline.reached(row.second + 1)
        self._watching.second(row)


async def run_once(
    smscs: Sequence[Smsc], about: About, watching: Watching, interrupts: Interrupts, timeline: Timeline | None = None
) -> Outcome:
    """Carry out a plan, and conclude.

    Raises:
        Refused, Unreachable: it did not begin.
    """
    spans = {demand.span for demand in about.demands if demand.span is not None}
    gathering = Gathering(about.plan, len(smscs), sorted(spans, key=lambda span: (span.since_s, span.until_s)))
    began_at, began = datetime.now(UTC), time.monotonic()
    with interrupts.run():
        try:
            if timeline is not None:
                await timeline.begin()
            await carry_out(smscs, about.plan, gathering, _Both(watching, timeline), interrupts.stop)
        finally:
            if timeline is not None:
                await timeline.end()
    return conclude(
        about,
        gathering,
        began_at=began_at.replace(microsecond=0),
        took_s=time.monotonic() - began,
        timeline=timeline.done if timeline is not None else (),
        interrupted=interrupts.stop.is_set(),
    )

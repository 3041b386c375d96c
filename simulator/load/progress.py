"""How a run goes, while it goes: a bar with live rate and percentiles, or a plain line now and then where there is no terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from simulator.load.expressions import WRONG
from simulator.load.figures import Metric, Verdict
from simulator.load.gathering import Row
from simulator.load.plan import Plan

LINE_EVERY_S: Final = 5
"""Seconds between two plain lines."""
PREPARING_EVERY: Final = 0.25
"""Share of the preparing between two plain lines."""


class Meter:
    """Shows one run (`driver.Watching`). A context: what is shown ends with it.

    Args:
        console: where; standard error, so that what is written to standard output can be read by a program.
        plan: of the run.
        name: of the run, when it is one of several.
    """

    def __init__(self, console: Console, plan: Plan, name: str = "") -> None:
        self._console = console
        self._plan = plan
        self._name = f"{name}  " if name else ""
        self._wrong = self._missing = 0
        self._told_preparing = -PREPARING_EVERY
        self._task: TaskID | None = None
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[said]}"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(f"{self._name}preparing", total=None, said="")
            self._bar.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def preparing(self, done: int, of: int) -> None:
        """So many senders of all are made."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=of or None, said=f"{done:,} of {of:,}")
            return
        share = done / of if of else 0.0
        if share >= self._told_preparing + PREPARING_EVERY or (done == of and share > self._told_preparing):
            self._told_preparing = share
            self._say(f"preparing: {done:,} of {of:,} senders")

    def second(self, row: Row) -> None:
        """A second is over."""
        self._wrong += sum(row.verdicts.get(verdict, 0) for verdict in WRONG)
        self._missing += row.verdicts.get(Verdict.MISSING, 0)
        over = row.second + 1
        is_sending = over <= self._plan.duration_s
        state = (
            "warm-up" if over <= self._plan.warmup_s else "sending" if is_sending else "waiting for the last replies"
        )
        said = self._said(row)
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                description=self._name + state,
                completed=min(over, self._plan.duration_s),
                total=self._plan.duration_s,
                said=said,
            )
        elif over % LINE_EVERY_S == 0 or over == 1:
            self._say(f"{over:4d} s  {state}: {said}")

    def _said(self, row: Row) -> str:
        parts = [f"{row.sent:,}/s sent", f"{row.replies:,}/s replied"]
        last = row.latencies.get(Metric.LAST)
        if last is not None:
            parts.append(f"p50 {last.p50_ms:,.0f} p99 {last.p99_ms:,.0f} ms")
        parts.append(f"{row.outstanding:,} open")
        if self._wrong:
            parts.append(f"{self._wrong:,} WRONG")
        if self._missing:
            parts.append(f"{self._missing:,} missing")
        return ", ".join(parts)

    def _say(self, text: str) -> None:
        self._console.print(f"load: {self._name}{text}", highlight=False, markup=False, soft_wrap=True)

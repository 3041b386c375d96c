"""How far a long work over citizens is: a bar with its rate on a terminal, else a plain line now and then. On standard error."""

from __future__ import annotations

import time
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

LINE_EVERY_S: Final = 5.0
"""Seconds between two plain lines where there is no terminal."""
_MANY: Final = ("writing", "counting")
"""What is told of often; anything else is told each time."""


class Bar:
    """Shows one work over `of` citizens. A context: what is shown ends with it."""

    def __init__(self, of: int) -> None:
        self._of = of
        self._console = Console(stderr=True)
        self._began = self._told = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(bar_width=None), TextColumn("{task.fields[said]}"),
                TimeRemainingColumn(), console=self._console, transient=True,
            )  # fmt: skip
            self._task = self._progress.add_task("waiting", total=self._of, said="")
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def say(self, text: str) -> None:
        """A line beside it."""
        self._console.print(f"population: {text}", highlight=False, markup=False)

    def update(self, done: int, doing: str) -> None:
        """So many are done, and this is being done."""
        now = time.monotonic()
        said = f"{done:,} of {self._of:,}, {done / max(now - self._began, 1e-3):,.0f} a second"
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, description=doing, said=said)
        elif now - self._told >= LINE_EVERY_S or doing not in _MANY:
            self._told = now
            self.say(f"{doing}: {said}")

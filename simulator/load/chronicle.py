"""What one run has told so far, for readers who come when they like. The newest lines are kept; who comes later than that misses some."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

LINES_KEPT: Final = 10_000
"""Lines of a run: its preparation and more than two hours of its seconds, some 40 MB."""


class Chronicle:
    """Lines that are added until the end."""

    def __init__(self, kept: int = LINES_KEPT) -> None:
        self.ended = False
        self._lines: deque[bytes] = deque(maxlen=kept)
        self._told = 0
        self._news = asyncio.Condition()

    async def add(self, lines: Sequence[bytes], *, last: bool = False) -> None:
        """Tell these; with the `last` the run is over."""
        async with self._news:
            self._lines += lines
            self._told += len(lines)
            self.ended = self.ended or last
            self._news.notify_all()

    async def after(self, number: int) -> tuple[list[bytes], int]:
        """Wait for lines beyond the first `number`. Returns those that are kept of them, none when all has been told, and the number
        with which to ask again.
        """
        async with self._news:
            await self._news.wait_for(lambda: self._told > number or self.ended)
        kept_from = self._told - len(self._lines)
        return list(islice(self._lines, max(0, number - kept_from), None)), self._told

"""Batches that form while the previous one is at work.

There is no timer: one item alone travels at once, ten thousand travel some hundreds at a time. The cost of a round trip
is so shared by as many as came during the last one, which is just as many as load demands. Where several workers serve a
stage, a further one begins only on a full batch: two half batches would cost two round trips.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from sms_service.observability.metrics import Metrics
from sms_service.ports import Clock

Item = TypeVar("Item")


class Batcher(Generic[Item]):
    """Feeds a handler with batches, `workers` at a time. The handler deals with its errors itself: one that it lets
    through ends `run`.
    """

    def __init__(
        self,
        stage: str,
        handle: Callable[[list[Item]], Awaitable[None]],
        *,
        size: int,
        workers: int,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._handle = handle
        self._size = size
        self._workers = workers
        self._clock = clock
        self._items_metric = metrics.batch_items.labels(stage)
        self._seconds_metric = metrics.batch_seconds.labels(stage)
        self._waiting: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._at_work = 0

    def put(self, items: Iterable[Item]) -> None:
        """Add items; they are handled in this order."""
        self._waiting.extend(items)
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work())

    async def _work(self) -> None:
        waiting = self._waiting
        while True:
            while not waiting or (self._at_work and len(waiting) < self._size):
                self._wake.clear()
                await self._wake.wait()
            batch = [waiting.popleft() for _ in range(min(self._size, len(waiting)))]
            began = self._clock.monotonic()
            self._at_work += 1
            try:
                await self._handle(batch)
            finally:
                self._at_work -= 1
            self._items_metric.observe(len(batch))
            self._seconds_metric.observe(self._clock.monotonic() - began)

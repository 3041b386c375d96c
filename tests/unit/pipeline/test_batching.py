"""Batches that form while the previous one is at work."""

import asyncio

import pytest

from sms_service.adapters.memory import FakeClock
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.batching import Batcher


class Work:
    """A handler that the test lets finish."""

    def __init__(self):
        self.batches = []
        self.may_finish = asyncio.Event()

    async def handle(self, batch):
        self.batches.append(batch)
        await self.may_finish.wait()


@pytest.fixture
async def made():
    tasks = []

    def make(handle, *, size=3, workers=1):
        metrics = Metrics()
        batcher = Batcher("stage", handle, size=size, workers=workers, clock=FakeClock(), metrics=metrics)
        tasks.append(asyncio.create_task(batcher.run()))
        return batcher, metrics, tasks[-1]

    yield make
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_item_alone_travels_at_once(made):
    """Nothing waits for company."""
    work = Work()
    batcher, _, _ = made(work.handle)
    batcher.put([1])
    await settle()
    assert work.batches == [[1]]


async def test_what_comes_during_a_batch_travels_together(made):
    """The next batch is what came meanwhile, in order and at most `size`."""
    work = Work()
    batcher, metrics, _ = made(work.handle, size=3)
    batcher.put([1])
    await settle()
    batcher.put([2])
    batcher.put([3, 4, 5])
    await settle()
    assert work.batches == [[1]]
    work.may_finish.set()
    await settle()
    assert work.batches == [[1], [2, 3, 4], [5]]
    assert metrics.registry.get_sample_value("sms_batch_items_sum", {"stage": "stage"}) == 5
    assert metrics.registry.get_sample_value("sms_batch_seconds_count", {"stage": "stage"}) == 3


async def test_workers_are_at_work_side_by_side(made):
    """With two workers a second batch does not wait for the first, a third does."""
    work = Work()
    batcher, _, _ = made(work.handle, size=1, workers=2)
    batcher.put([1, 2, 3])
    await settle()
    assert work.batches == [[1], [2]]


async def test_a_further_worker_begins_only_on_a_full_batch(made):
    """Two half batches would cost two round trips; whoever is done first takes what has come."""
    work = Work()
    batcher, _, _ = made(work.handle, size=2, workers=2)
    batcher.put([1])
    await settle()
    batcher.put([2])
    await settle()
    assert work.batches == [[1]]
    batcher.put([3, 4])
    await settle()
    assert work.batches == [[1], [2, 3]]
    work.may_finish.set()
    await settle()
    assert work.batches == [[1], [2, 3], [4]]


async def test_a_further_worker_begins_on_a_full_batch_only(made):
    """Two half batches would cost two round trips where one does."""
    work = Work()
    batcher, _, _ = made(work.handle, size=3, workers=2)
    batcher.put([1])
    await settle()
    batcher.put([2, 3])
    await settle()
    assert work.batches == [[1]]
    batcher.put([4, 5])
    await settle()
    assert work.batches == [[1], [2, 3, 4]]
    work.may_finish.set()
    await settle()
    assert work.batches == [[1], [2, 3, 4], [5]]


async def test_putting_nothing_wakes_nobody_to_nothing(made):
    """An empty put never makes an empty batch."""
    work = Work()
    batcher, _, _ = made(work.handle, workers=2)
    batcher.put([])
    await settle()
    assert work.batches == []


async def test_an_error_of_the_handler_ends_the_stage(made):
    """The handler deals with its errors; one that it does not is not swallowed."""

    async def handle(_):
        raise ZeroDivisionError

    batcher, _, task = made(handle)
    batcher.put([1])
    await settle()
    assert task.done()
    assert task.exception().subgroup(ZeroDivisionError) is not None

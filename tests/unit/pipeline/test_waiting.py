"""Waiting for an event or a while."""

import asyncio

from sms_service.adapters.memory import FakeClock
from sms_service.pipeline.waiting import wait_for


async def test_ends_with_the_event():
    """An event that is set ends the wait before its time."""
    clock, event = FakeClock(), asyncio.Event()
    task = asyncio.create_task(wait_for(event, 10, clock))
    await clock.advance(1)
    assert not task.done()
    event.set()
    await clock.advance(0)
    assert task.done()


async def test_ends_with_the_time():
    """Without the event the wait ends when its time is over."""
    clock, event = FakeClock(), asyncio.Event()
    task = asyncio.create_task(wait_for(event, 10, clock))
    await clock.advance(9.9)
    assert not task.done()
    await clock.advance(0.1)
    assert task.done()


async def test_leaves_nothing_behind_when_cancelled():
    """Neither the sleep nor the wait for the event goes on."""
    clock, event = FakeClock(), asyncio.Event()
    task = asyncio.create_task(wait_for(event, 10, clock))
    await clock.advance(0)
    task.cancel()
    await clock.advance(0)
    assert task.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()}

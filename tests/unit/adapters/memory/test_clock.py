"""A clock that a test moves."""

import asyncio

from sms_service.adapters.memory.clock import EPOCH, FakeClock


async def test_time_stands_still_until_it_is_moved():
    """Both readings move together."""
    clock = FakeClock()
    assert (clock.monotonic(), clock.time()) == (0.0, EPOCH)
    await clock.advance(2.5)
    assert (clock.monotonic(), clock.time()) == (2.5, EPOCH + 2.5)


async def test_the_wall_clock_can_be_set():
    """Forward or back; monotonic time goes on."""
    clock = FakeClock()
    clock.step(-3600.0)
    await clock.advance(2.0)
    assert (clock.monotonic(), clock.time()) == (2.0, EPOCH - 3598.0)


async def test_sleepers_wake_in_order_at_their_deadlines():
    """Each sees its own deadline as now, also when it sleeps again on the way."""
    clock = FakeClock()
    woken = []

    async def sleeper(name: str, *waits: float) -> None:
        for wait in waits:
            await clock.sleep(wait)
            woken.append((name, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper("a", 3.0)), asyncio.create_task(sleeper("b", 1.0, 1.0, 5.0))]
    await clock.advance(4.0)
    assert woken == [("b", 1.0), ("b", 2.0), ("a", 3.0)]
    assert clock.monotonic() == 4.0
    await clock.advance(3.0)
    assert woken[3:] == [("b", 7.0)]
    await asyncio.gather(*tasks)


async def test_a_sleeper_that_is_cancelled_is_forgotten():
    """It wakes nobody later."""
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(1.0))
    await clock.advance(0.5)
    task.cancel()
    await clock.advance(1.0)
    assert task.cancelled()
    assert clock._sleepers == []


async def test_auto_moves_time_when_everyone_sleeps():
    """The earliest deadline first, without anyone saying so."""
    clock = FakeClock(auto=True)
    woken = []

    async def sleeper(name: str, *waits: float) -> None:
        for wait in waits:
            await clock.sleep(wait)
            woken.append((name, clock.monotonic()))

    await asyncio.gather(sleeper("a", 10.0, 10.0), sleeper("b", 15.0), sleeper("c", 0.0))
    assert woken == [("c", 0.0), ("a", 10.0), ("b", 15.0), ("a", 20.0)]

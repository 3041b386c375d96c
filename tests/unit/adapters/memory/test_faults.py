"""Calls that a test counts, fails and holds."""

import asyncio

import pytest

from sms_service.adapters.memory import (
    FakeClock,
    MemoryAuditTrail,
    MemoryJournal,
    MemoryPopulation,
    MemoryStore,
    MemorySubscribers,
)
from sms_service.model import NewInquiry, Subscriber, SubscriberState
from sms_service.ports import Unavailable

AWAY = Unavailable("away")


def inquiry(number: int) -> NewInquiry:
    return NewInquiry(number, "operator", 0.0, b"%d" % number, b"sealed")


async def test_the_next_calls_fail():
    """As many as were planned, then no more."""
    population = MemoryPopulation({"1": {"citizen_id": "1"}})
    population.fail_with(AWAY, calls=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await population.fetch(["1"], ())
    assert await population.fetch(["1", "2"], ()) == [{"citizen_id": "1"}, None]
    assert population.calls["fetch"] == 3
    assert population.largest["fetch"] == 2


async def test_a_failure_before_the_work_changes_nothing_one_after_it_does():
    """Both look alike to the caller."""
    journal = MemoryJournal(MemoryStore(), FakeClock())
    run = await journal.open_run("gateway-1")
    journal.fail_with(AWAY)
    with pytest.raises(Unavailable):
        await journal.accept(run, [inquiry(1)])
    assert await journal.owned(run, 10) == []
    journal.fail_with(AWAY, committed=True)
    with pytest.raises(Unavailable):
        await journal.accept(run, [inquiry(1)])
    assert len(await journal.owned(run, 10)) == 1


async def test_a_failure_may_be_planned_for_one_method():
    """Others go on; a plan can be given up."""
    journal = MemoryJournal(MemoryStore(), FakeClock())
    journal.fail_with(AWAY, method="renew", calls=5)
    run = await journal.open_run("gateway-1")
    with pytest.raises(Unavailable):
        await journal.renew(run)
    journal.heal()
    await journal.renew(run)


async def test_calls_can_be_held():
    """They wait until the test lets them go, and are counted as begun."""
    subscribers = MemorySubscribers({"84900000001": Subscriber(SubscriberState.AUTHENTICATED, "1")})
    subscribers.hold()
    call = asyncio.create_task(subscribers.lookup(["84900000001"]))
    await FakeClock().advance(1.0)
    assert subscribers.calls["lookup"] == 1
    assert not call.done()
    subscribers.release()
    assert (await call)[0] is not None


async def test_an_audit_trail_fails_too():
    """Every adapter that a real engine stands behind can fail."""
    audit = MemoryAuditTrail(MemoryStore())
    audit.fail_with(AWAY)
    with pytest.raises(Unavailable):
        await audit.append([])

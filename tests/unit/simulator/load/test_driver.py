"""A run over SMSCs that speak the interface, over HTTP."""

import asyncio

import msgspec
import pytest

from simulator.load import driver
from simulator.load.curves import steady
from simulator.load.driver import carry_out
from simulator.load.gathering import Gathering
from simulator.load.plan import Plan
from simulator.load.remote import Refused, Unreachable
from tests.unit.simulator.load.fake_engine import FakeSmsc

PLAN = Plan(duration_s=3, curve=steady(100, 3))


class Watcher:
    """Remembers what it was told, and stops the run at a second."""

    def __init__(self, stop_after=None):
        self.stop, self.stop_after = asyncio.Event(), stop_after
        self.prepared, self.rows = [], []

    def preparing(self, done, of):
        self.prepared.append((done, of))

    def second(self, row):
        self.rows.append(row)
        if row.second == self.stop_after:
            self.stop.set()


async def run(smscs, watcher=None, plan=PLAN):
    watcher = watcher or Watcher()
    gathering = Gathering(plan, len(smscs))
    await asyncio.wait_for(carry_out(smscs, plan, gathering, watcher, watcher.stop), 20)
    return gathering, watcher


async def test_shared_by_two(fakes):
    """Each is given its share; the rows are of both."""
    first, second = FakeSmsc(), FakeSmsc()
    gathering, watcher = await run(await fakes(first, second))
    assert [(fake.plans[0].share, fake.plans[0].shares, fake.plans[0].curve[0].rate) for fake in (first, second)] == [
        (0, 2, 100),
        (1, 2, 100),
    ]
    assert watcher.rows == gathering.rows
    assert sum(row.replies for row in watcher.rows) == gathering.total.inquiries == 300
    assert (20, 20) in watcher.prepared
    assert gathering.is_over
    assert not gathering.void
    assert first.deleted == second.deleted == 0


async def test_stopped_early(fakes):
    """All are told to end, and what they say at their end counts."""
    fake = [FakeSmsc(hold_at=2), FakeSmsc(hold_at=2)]
    gathering, _ = await run(await fakes(*fake), Watcher(stop_after=1))
    assert gathering.stopped
    assert [one.deleted for one in fake] == [1, 1]
    assert not gathering.void


async def test_one_refuses(fakes):
    """Nothing runs: the other is told to end; the reason is the SMSC's own."""
    good, bad = FakeSmsc(), FakeSmsc(refuse=(400, "the load needs 9 citizens"))
    with pytest.raises(Refused, match="the load needs 9 citizens"):
        await run(await fakes(good, bad))
    assert good.deleted == 1
    busy = FakeSmsc(refuse=(409, "a load runs already"))
    with pytest.raises(Refused, match="a load runs already"):
        await run(await fakes(busy))
    broken = FakeSmsc(refuse=(500, "out of order"))
    with pytest.raises(Unreachable, match="out of order"):
        await run(await fakes(broken))


async def test_nobody_there(fakes):
    fake = FakeSmsc()
    smscs = await fakes(fake)
    await fake.close()
    with pytest.raises(Unreachable, match="does not answer"):
        await run(smscs)


async def test_lost_on_the_way(fakes):
    """The run is void, and holds what was told until then; the other is heard to its end."""
    gathering, watcher = await run(await fakes(FakeSmsc(), FakeSmsc(cut_at=1)))
    assert gathering.is_over
    assert "during the run" in gathering.void[0] or "stopped telling" in gathering.void[0]
    assert gathering.total.inquiries == 150 + 50
    assert len(watcher.rows) == 4


async def test_one_that_does_not_end(fakes, monkeypatch):
    """It is waited for, and then given up."""
    monkeypatch.setattr(driver, "STOP_S", 0.05)
    plan = msgspec.structs.replace(PLAN, drain_s=0.0)
    deaf = FakeSmsc(hold_at=1)
    deaf.stopped = type("Deaf", (asyncio.Event,), {"set": lambda self: None})()
    gathering, _ = await run(await fakes(deaf), Watcher(stop_after=0), plan)
    assert "given up" in gathering.void[0]
    assert gathering.total.inquiries == 100


async def test_too_little_to_share(fakes):
    smscs = await fakes(FakeSmsc(), FakeSmsc())
    with pytest.raises(Refused, match="cannot be shared by 2"):
        await run(smscs, plan=Plan(duration_s=1, concurrency=1))


async def test_nonsense_is_told(fakes):
    """An SMSC that tells what is no event."""
    gathering, _ = await run(await fakes(FakeSmsc(lambda _plan: [{"event": "never heard of"}])))
    assert "no event of a load" in gathering.void[0]


async def test_a_mistake_of_the_watcher_is_not_swallowed(fakes):
    class Clumsy(Watcher):
        def second(self, row):
            raise ZeroDivisionError

    fake = FakeSmsc()
    with pytest.raises(ZeroDivisionError):
        await run(await fakes(fake), Clumsy())
    assert fake.deleted == 1

"""The figures of one instance, second by second."""

import pytest

from sms_service.adapters.memory.clock import FakeClock
from sms_service.model import Ending
from sms_service.observability.metrics import Metrics
from sms_service.ops.checks import Questions
from sms_service.ops.figures import Backlog, Flow, InstanceState, Orders, PartFigures
from sms_service.ops.health import Health
from sms_service.ops.sampler import MINUTE_S, Sampler
from tests.unit.ops.fleet import bind


class Rig:
    def __init__(self):
        self.clock = FakeClock()
        self.metrics = Metrics()
        self.metrics.begin(["viettel", "vina"])
        for ending in Ending:
            self.metrics.ending(ending.value, 0)
        self.backlog = Backlog(3, 1, 0.5)
        self.why = ""
        self.health = Health([Questions({"journal": self.check})], self.clock, backlog=lambda: self.backlog)
        self.sampler = Sampler(
            "gateway-1",
            metrics=self.metrics,
            health=self.health,
            smscs=["viettel", "vina"],
            in_flight_max=2000,
            clock=self.clock,
        )

    async def check(self):
        return self.why

    def answer(self, count, seconds=0.02, smsc="viettel"):
        self.metrics.accepted.labels(smsc).inc(count)
        self.metrics.ending("answered", count)
        self.metrics.reply_seconds.observe([seconds] * count)


@pytest.fixture
def rig():
    return Rig()


async def test_a_second_is_what_came_since_the_last(rig):
    """As a rate: a beat that is late does not make it look faster."""
    rig.answer(50)
    first = rig.sampler.take()
    assert (first.second, first.minute, first.total.accepted) == (Flow(), Flow(), 50)
    rig.answer(30)
    await rig.clock.advance(1)
    assert rig.sampler.take().second == Flow(accepted=30, endings={"answered": 30})
    rig.answer(30)
    await rig.clock.advance(1.5)
    notice = rig.sampler.take()
    assert notice.second == Flow(accepted=20, endings={"answered": 20})
    assert sum(notice.latency_second.values()) == 30
    assert (notice.number, notice.minute.accepted, notice.total.accepted) == (3, 60, 110)


async def test_a_minute_is_sixty_seconds(rig):
    """What is older goes, second by second."""
    rig.sampler.take()
    for second in range(1, 101):
        rig.answer(second)
        await rig.clock.advance(1)
        notice = rig.sampler.take()
    assert notice.minute.accepted == sum(range(41, 101))
    assert sum(notice.latency_minute.values()) == sum(range(41, 101))
    assert notice.total.accepted == 5050
    await rig.clock.advance(3600)  # the process was stopped
    assert rig.sampler.take().minute == Flow()


async def test_states_are_those_of_the_moment(rig):
    """In flight, the oldest, binds with their SMSC, parts and what the journal holds."""
    rig.metrics.in_flight.set(7)
    rig.metrics.oldest_s.set(1.25)
    rig.metrics.unreadable.set(2)
    notice = rig.sampler.take()
    assert notice.state is InstanceState.STARTING
    assert [one.binds for one in notice.smscs] == [(), ()]
    rig.sampler.state = InstanceState.SERVING
    rig.sampler.binds = lambda: [bind("vina", in_window=4), bind("viettel"), bind("vina")]
    rig.sampler.orders = lambda: Orders(isolated=("vina",))
    rig.why = "it hangs"
    await rig.health.look()
    notice = rig.sampler.take()
    assert (notice.in_flight, notice.in_flight_max, notice.oldest_s, notice.unreadable) == (7, 2000, 1.25, 2)
    assert [[one.in_window for one in smsc.binds] for smsc in notice.smscs] == [[0], [4, 0]]
    assert [(one.name, one.why) for one in notice.parts] == [("journal", "it hangs")]
    assert isinstance(notice.parts[0], PartFigures)
    assert notice.backlog == Backlog(3, 1, 0.5)
    assert notice.orders == Orders(isolated=("vina",))
    assert (notice.instance, notice.state, notice.started_at) == ("gateway-1", "serving", rig.clock.time())


async def test_each_smsc_by_itself(rig):
    """What came over one is not counted for the other."""
    rig.sampler.take()
    rig.answer(6, smsc="viettel")
    rig.answer(4, smsc="vina")
    rig.metrics.of_smsc("vina").throttled.inc(2)
    await rig.clock.advance(1)
    viettel, vina = rig.sampler.take().smscs
    assert (viettel.second, vina.second) == (Flow(accepted=6), Flow(accepted=4, throttled=2))
    assert vina.minute == Flow(accepted=4, throttled=2)


async def test_its_cost_does_not_depend_on_the_load(rig):
    """Nothing is kept for a message: after a million of them a reading holds as much as before the first."""
    rig.sampler.take()
    before = len(rig.sampler._readings[-1].samples)
    rig.answer(1_000_000 // 100)
    for _ in range(int(MINUTE_S) + 50):
        await rig.clock.advance(1)
        rig.sampler.take()
    assert len(rig.sampler._readings[-1].samples) == before
    assert len(rig.sampler._readings) == MINUTE_S + 1

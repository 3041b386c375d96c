"""The loops behind the dashboard: each second taken, judged, kept and told."""

import asyncio
import contextlib
import math

import pytest
from structlog.testing import capture_logs

from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.model import Ending
from sms_service.observability.metrics import Metrics
from sms_service.ops.checks import Questions
from sms_service.ops.live import Live
from sms_service.ports import Unavailable
from sms_service.settings import Limits
from tests.unit.ops.fleet import bind


class Instance:
    """One instance with all of its loops."""

    def __init__(self, name, board, clock, checks=None):
        self.metrics = Metrics()
        self.metrics.begin(["viettel"])
        for ending in Ending:
            self.metrics.ending(ending.value, 0)
        self.live = Live(
            name,
            smscs=["viettel"],
            limits=Limits(),
            metrics=self.metrics,
            board=board,
            questions=[Questions(checks or {})],
            clock=clock,
        )
        self.live.serving(lambda: [bind()])

    def answer(self, count, seconds=0.02):
        self.metrics.accepted.labels("viettel").inc(count)
        self.metrics.ending("answered", count)
        self.metrics.reply_seconds.observe([seconds] * count)

    @contextlib.asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.live.run())
        yield self
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def board(clock):
    return MemoryBoard(clock)


def history(live):
    return {
        name: [None if math.isnan(value) else value for value in values]
        for name, values in live.history.last(9).items()
    }


async def test_each_second_is_taken_judged_and_kept(clock, board):
    """The first at once; readers are woken each time."""
    instance, woken = Instance("gateway-1", board, clock), []
    unwatch = instance.live.watch(lambda: woken.append(clock.monotonic()))
    async with instance.running():
        await clock.advance(0)
        assert instance.live.second.verdict.code == "quiet"
        instance.answer(40)
        await clock.advance(1)
        assert (instance.live.second.verdict.code, instance.live.second.view.second.replied) == ("answering", 40)
        await clock.advance(1)
        unwatch()
        await clock.advance(1)
    assert woken == [0, 1, 2]
    told = history(instance.live)
    assert told["accepted"] == told["replied"] == told["accepted:viettel"] == told["replied@gateway-1"] == [0, 40, 0, 0]
    assert told["p50_ms"] == [None, pytest.approx(20, rel=0.13), None, None]


async def test_every_instance_sees_all(clock, board):
    """Three seconds later at most, whichever page one looks at: taken, put up, read."""
    one, two = Instance("gateway-1", board, clock), Instance("gateway-2", board, clock)
    async with one.running(), two.running():
        await clock.advance(1)
        one.answer(10)
        two.answer(5)
        await clock.advance(3)
        for instance in (one, two):
            view = instance.live.second.view
            assert [each.instance for each in view.instances] == ["gateway-1", "gateway-2"]
            assert (view.total.replied, view.in_flight_max, view.smscs[0].bound) == (15, 4000, 2)


async def test_one_that_leaves_is_gone_and_one_that_dies_is_missed(clock, board):
    """The first says farewell; the second just says nothing more."""
    one, two, three = (Instance(f"gateway-{number}", board, clock) for number in (1, 2, 3))
    async with one.running():
        async with two.running(), three.running():
            await clock.advance(2)
            three.live.leaving()
            await clock.advance(3)
            assert [each.state for each in one.live.second.view.instances] == ["serving", "serving", "leaving"]
        await three.live.farewell()
        await clock.advance(7)
        assert [(each.instance, each.state) for each in one.live.second.view.instances] == [
            ("gateway-1", "serving"),
            ("gateway-2", "silent"),
        ]
        assert one.live.second.verdict.code == "instance_silent"
        assert one.live.second.verdict.names == ("gateway-2",)


async def test_a_part_that_hangs_holds_up_no_figure(clock, board):
    """It is told as soon as its question has its limit behind it; the seconds go on meanwhile."""

    async def hang():
        await asyncio.Event().wait()

    instance = Instance("gateway-1", board, clock, {"journal": hang})
    async with instance.running():
        for _ in range(5):
            await clock.advance(1)
        assert len(history(instance.live)["accepted"]) == 6


async def test_a_board_that_hangs_holds_up_no_figure(clock):
    """Nor does it end anything when it fails."""

    class Hanging:
        async def exchange(self, _instance, _notice):
            await clock.sleep(30)
            raise Unavailable("redis: it cannot be reached")

    instance = Instance("gateway-1", Hanging(), clock)
    async with instance.running():
        for _ in range(40):
            await clock.advance(1)
        assert len(instance.live.history.last(60)["accepted"]) == 41
        assert instance.live.second.verdict.code == "alone"


async def test_a_process_that_was_stopped_does_not_catch_up(clock, board):
    """The seconds in which nobody looked are empty, and the beat goes on as before."""
    instance = Instance("gateway-1", board, clock)
    async with instance.running():
        await clock.advance(2)
        clock.jump(3.6)
        await clock.advance(2.6)
    assert history(instance.live)["accepted"] == [0, 0, 0, None, None, None, 0, 0, 0]


async def test_a_farewell_that_nobody_hears(clock, monkeypatch):
    """Leaving does not wait for a board that hangs, and does not fail for one that is away; who was never seen says nothing."""
    monkeypatch.setattr("sms_service.ops.live.FAREWELL_S", 0.01)

    class Away:
        def __init__(self):
            self.answer, self.asked = None, 0

        async def exchange(self, _instance, _notice):
            self.asked += 1
            if self.answer is None:
                await asyncio.Event().wait()
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

    away = Away()
    live = Instance("gateway-1", away, clock).live
    with capture_logs() as logs:
        await live.farewell()
        assert away.asked == 0
        away.answer = {}
        await live._exchange.once(live._notice)
        away.answer = Unavailable("away")
        await live.farewell()
        away.answer = None
        await live.farewell()
    assert away.asked == 3
    assert [line["event"] for line in logs] == ["farewell_unheard"]

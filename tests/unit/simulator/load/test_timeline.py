"""A scenario's steps, on processes and faults of the test's own."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.load.scenario_file import Step
from simulator.load.target import Target
from simulator.load.timeline import Timeline
from tests.unit.simulator.load.fake_engine import FakeSmsc


class World:
    """A demo whose gateway is a process that sleeps."""

    def __init__(self, folder, smsc, register, clients):
        self.folder, self.smsc, self.register = folder, smsc, register
        self.client, self.register_client = clients
        self.gateway = None

    async def start(self):
        self.gateway = await asyncio.create_subprocess_exec("sleep", "60")
        (self.folder / "pids").mkdir()
        self.names("gateway-1", self.gateway.pid)
        return self

    def names(self, name, pid):
        (self.folder / "pids" / name).write_text(f"{pid}\n")

    async def is_in(self, states):
        """Waits until the process is in one of these states: a signal is taken a little after it was sent."""
        async with asyncio.timeout(10):
            while Path(f"/proc/{self.gateway.pid}/stat").read_text().rpartition(")")[2].split()[0] not in states:
                await asyncio.sleep(0)
        return True

    def timeline(self, *steps, pid=None):
        target = Target(
            smsc_urls=(),
            ops_urls=(),
            subscribers_url="",
            citizens=1,
            seed=1,
            pid=pid or os.getpid(),
            folder=self.folder,
        )
        return Timeline(steps, target, [self.client], self.register_client)


@pytest_asyncio.fixture
async def world(fakes, tmp_path):
    smsc, register = FakeSmsc(), FakeSmsc()
    made = await World(tmp_path, smsc, register, await fakes(smsc, register)).start()
    yield made
    if made.gateway.returncode is None:
        made.gateway.kill()
    await made.gateway.wait()


async def done(timeline, steps):
    async with asyncio.timeout(10):
        while len(timeline.done) < steps:
            await asyncio.sleep(0)


async def test_steps_are_done_when_their_second_is_over(world):
    """Not before; and faults are taken back at the end."""
    timeline = world.timeline(Step(second=0, smsc={"maintenance": True}), Step(second=2, register={"outage": True}))
    await timeline.begin()
    assert world.smsc.faults == [{"maintenance": True}]
    timeline.reached(1)
    await asyncio.sleep(0)
    assert world.register.faults == []
    timeline.reached(2)
    await done(timeline, 2)
    assert world.register.faults == [{"outage": True}]
    await timeline.end()
    assert world.smsc.faults[-1] == world.register.faults[-1] == {"submit_per_second": 0.0, "maintenance": False}
    assert [one.what for one in timeline.done] == ["SMSC: maintenance", "register: outage"]


async def test_a_paused_process_goes_on(world):
    """When a step says so, or else at the end."""
    timeline = world.timeline(Step(second=0, pause="gateway-1"))
    await timeline.begin()
    assert await world.is_in("T")
    await timeline.end()
    assert await world.is_in("SR")
    timeline = world.timeline(Step(second=0, pause="gateway-1"), Step(second=0, resume="gateway-1"))
    await timeline.begin()
    assert await world.is_in("SR")
    await timeline.end()


async def test_a_killed_process(world):
    """By the signal that nobody can refuse."""
    timeline = world.timeline(Step(second=0, kill="gateway-1"))
    await timeline.begin()
    assert await world.gateway.wait() == -signal.SIGKILL
    await timeline.end()
    assert [one.error for one in timeline.done] == [""]


async def test_what_is_no_process_of_the_demo_is_left_alone(world):
    """A file of a process that is no more, or that is somebody else's."""
    world.names("postgres", os.getppid())
    timeline = world.timeline(Step(second=0, kill="postgres"), Step(second=0, kill="valkey"))
    await timeline.begin()
    await timeline.end()
    assert "not the demo's" in timeline.done[0].error
    assert "has no process valkey" in timeline.done[1].error


async def test_faults_that_are_refused_are_told(world):
    """In the step's own line."""
    timeline = world.timeline(Step(second=0, smsc={"nonsense": 1}))
    await timeline.begin()
    await timeline.end()
    assert timeline.done[0].error == "the fields are these"


@pytest.mark.parametrize("second", [3.0, 100.0])
async def test_an_early_end_does_what_is_due_and_no_more(world, second):
    """A run that is stopped at second 3 does not do what is meant for second 5."""
    timeline = world.timeline(Step(second=5, smsc={"maintenance": True}))
    await timeline.begin()
    timeline.reached(second)
    await timeline.end()
    assert [one.error for one in timeline.done] == ["" if second >= 5 else "the run ended before it"]
    assert (world.smsc.faults[:1] == [{"maintenance": True}]) == (second >= 5)


async def test_everything_is_undone_though_the_end_is_cancelled(world):
    """Whoever is in a hurry leaves no process stopped and no fault in force."""
    timeline = world.timeline(Step(second=0, pause="gateway-1"), Step(second=0, smsc={"maintenance": True}))
    await timeline.begin()
    assert await world.is_in("T")
    ending = asyncio.create_task(timeline.end())
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert await world.is_in("SR")
    assert world.smsc.faults[-1] == {"submit_per_second": 0.0, "maintenance": False}

"""An SMSC's HTTP as the load command sees it: the load's engine that calculates its run instead of sending it, and the faults."""

import asyncio
from collections import Counter

import msgspec
import pytest_asyncio
from aiohttp import web

from simulator.load.figures import Ended, Metric, Preparing, Second, Verdict, Wrong
from simulator.load.latencies import encode, new_histogram
from simulator.load.plan import Plan, Point
from simulator.load.remote import Smsc, session
from simulator.load.schedule import Schedule


def latencies(values_us):
    """A histogram as text."""
    histogram = new_histogram()
    for value, count in Counter(values_us).items():
        histogram.record_value(int(value), count)
    return encode(histogram)


def story(plan: Plan, *, capacity=1e9, base_us=20_000, wrongs=(), lag_ms=1.0, void="", drain=1):
    """The happenings of a run on a service that answers `capacity` inquiries a second in `base_us`, and lets the rest wait."""
    yield Preparing(done=0, of=10)
    yield Preparing(done=10, of=10)
    part = [Point(point.at_s, point.rate / plan.shares) for point in plan.curve]
    schedule = Schedule(part, plan.duration_s) if part else None
    backlog, total, said = 0, Counter(), Counter()
    values = {metric: [] for metric in Metric}
    for second in range(int(plan.duration_s) + drain):
        intended = 0
        if second < plan.duration_s:
            due = schedule.due if schedule else (lambda at: round(at * plan.concurrency * 10 / plan.shares))
            intended = due(second + 0.999999) - (due(second - 0.000001) if second else 0)
        backlog += intended
        replies = min(backlog, int(capacity / plan.shares))
        if second >= plan.duration_s:
            replies = backlog
        backlog -= replies
        waited = int(1e6 * backlog / max(1, capacity))
        verdicts = Counter({Verdict.RIGHT: replies})
        if second == 0:
            verdicts.update(wrong.verdict for wrong in wrongs)
        found = {}
        if second >= plan.warmup_s and replies:
            for factor, metric in enumerate(Metric, 1):
                of_second = [factor * base_us * (1 + number % 10 / 10) + waited for number in range(replies)]
                values[metric] += of_second
                found[metric] = latencies(of_second)
        total["inquiries"] += intended
        said.update(verdicts)
        yield Second(
            second=second, intended=intended, sent=intended, acknowledged=intended, replies=replies, segments=2 * replies,
            outstanding=backlog, lag_ms=lag_ms, cpu_s=0.1, verdicts=dict(verdicts), latencies=found,
        )  # fmt: skip
    yield Ended(
        inquiries=total["inquiries"], verdicts=dict(said), kinds={"keyword": total["inquiries"]},
        latencies={metric: latencies(of) for metric, of in values.items() if of},
        lag_ms=lag_ms, void=void, wrongs=list(wrongs),
    )  # fmt: skip


WRONG = Wrong(
    verdict=Verdict.OTHER_PERSON, at_s=0.5, kind="typed", inquiry=7, what="segment 1 of 2 differs from octet 12"
)


class FakeSmsc:
    """One SMSC.

    Args:
        tell: the happenings of a plan.
        refuse: why no plan is taken.
        hold_at: the second before which it waits to be stopped.
        cut_at: the second before which the connection breaks.
    """

    def __init__(self, tell=story, *, refuse=None, hold_at=None, cut_at=None, citizens=1_000_000, binds=2):
        self.citizens, self.binds = citizens, binds
        self.tell, self.refuse, self.hold_at, self.cut_at = tell, refuse, hold_at, cut_at
        self.plans, self.faults, self.deleted = [], [], 0
        self.in_force = {"submit_per_second": 0.0, "maintenance": False}
        self.stopped = asyncio.Event()

    async def start(self):
        app = web.Application()
        app.router.add_get("/admin/load", self.about)
        app.router.add_post("/admin/load", self.post)
        app.router.add_delete("/admin/load", self.delete)
        app.router.add_get("/admin/load/events", self.events)
        app.router.add_get("/admin/faults", self.show_faults)
        app.router.add_put("/admin/faults", self.put_faults)
        app.router.add_get("/healthz", self.healthz)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def close(self):
        await self.runner.cleanup()

    async def about(self, _request):
        return web.json_response({"citizens": self.citizens, "seed": 1, "running": False, "binds": self.binds})

    async def post(self, request):
        if self.refuse:
            status, reason = self.refuse
            return web.json_response({"error": reason}, status=status)
        self.stopped.clear()
        self.plans.append(msgspec.json.decode(await request.read(), type=Plan))
        return web.json_response({}, status=202)

    async def delete(self, _request):
        self.deleted += 1
        self.stopped.set()
        return web.json_response({})

    async def events(self, request):
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for happening in self.tell(self.plans[-1]):
            if isinstance(happening, Second) and happening.second == self.cut_at:
                request.transport.abort()
                return response
            if isinstance(happening, Second) and happening.second == self.hold_at:
                await self.stopped.wait()
            if isinstance(happening, Ended) and self.stopped.is_set():
                happening = msgspec.structs.replace(happening, stopped=True)  # noqa: PLW2901 - the same, stopped
            await response.write(msgspec.json.encode(happening) + b"\n")
        return response

    async def show_faults(self, _request):
        return web.json_response({"faults": self.in_force, "counts": {}, "profiles": []})

    async def put_faults(self, request):
        asked = await request.json()
        if asked == {"nonsense": 1}:
            return web.json_response({"error": "the fields are these"}, status=400)
        self.faults.append(asked)
        self.in_force = asked
        return await self.show_faults(request)

    async def healthz(self, _request):
        return web.Response(text="ok\n")


@pytest_asyncio.fixture
async def http():
    async with session() as opened:
        yield opened


@pytest_asyncio.fixture
async def fakes(http):
    """Starts fake SMSCs and returns them with their clients."""
    running = []

    async def start(*made):
        running.extend([await fake.start() for fake in made])
        return [Smsc(http, fake.url) for fake in made]

    yield start
    for fake in running:
        await fake.close()

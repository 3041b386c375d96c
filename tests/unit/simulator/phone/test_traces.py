"""Listening to what gateways tell."""

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.phone import traces as module
from simulator.phone.traces import Traces
from simulator.phone.trails import Place, Trail, Trails

MSISDN = "84912345678"


def journey(deliver, submit, port=50412):
    place = {"bind": 1, "local_port": port}
    return {
        "smsc": "simulated",
        "received_at": 1000.5,
        "deliver_sm": [{**place, "sequence_number": deliver}],
        "steps": [
            {"stage": "received", "ms": 0.0},
            {"stage": "submitted", "ms": 4.0, "submit_sm": {**place, "sequence_number": submit}},
        ],
    }


class Gateway:
    """An ops port that tells what a test puts in."""

    def __init__(self):
        self.told = asyncio.Queue()
        self.readers = 0
        self.status = 200
        app = web.Application()
        app.router.add_get("/api/trace", self.serve)
        self.server = TestServer(app)

    async def serve(self, request):
        if self.status != 200:
            return web.Response(status=self.status)
        self.readers += 1
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"retry: 1000\n\n")
        while (event := await self.told.get()) is not None:
            await response.write(event)
        return response

    def tell(self, value):
        self.told.put_nowait(b"id: 1\ndata: %b\n\n" % json.dumps(value).encode())


@pytest.fixture
async def gateway():
    gateway = Gateway()
    async with gateway.server:
        yield gateway


@pytest.fixture
async def rig(gateway):
    trails = Trails()
    traces = Traces([str(gateway.server.make_url("/"))], trails)
    yield trails, traces
    gateway.told.put_nowait(None)
    await traces.close()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_both_messages_get_the_journey(gateway, rig):
    """What was sent by its deliver_sm, what came by its submit_sm; nobody else's matters, nor what was lost."""
    trails, traces = rig
    sent, came = Trail(MSISDN, 0.0), Trail(MSISDN, 0.0)
    trails.place(sent, Place(50412, 5, 3))
    trails.place(came, Place(50412, 4, 9))
    traces.expect()
    gateway.told.put_nowait(b'event: lost\ndata: {"count": 5}\n\n')
    gateway.tell(journey(99, 98))
    gateway.tell(journey(3, 9, port=1))
    gateway.tell(journey(3, 9))
    await until(lambda: came.journey)
    assert sent.journey is came.journey
    assert (came.journey.smsc, came.journey.steps[1].ms) == ("simulated", 4.0)
    assert gateway.readers == 1


async def test_no_reader_while_nobody_waits(gateway, rig, monkeypatch):
    """It listens when asked, and stops a while after."""
    _, traces = rig
    monkeypatch.setattr(module, "LINGER_S", 0.01)
    await asyncio.sleep(0)
    assert gateway.readers == 0
    traces.expect()
    await until(lambda: gateway.readers == 1)
    traces.settled()
    gateway.tell(journey(1, 2))
    await asyncio.sleep(0.02)
    gateway.tell(journey(1, 2))
    gateway.told.put_nowait(None)
    await until(lambda: not traces._listening)
    traces.look()
    await until(lambda: gateway.readers >= 2)


@pytest.mark.parametrize(
    ("status", "event", "trouble"),
    [(404, b"", "off"), (503, b"", "unreachable"), (200, b"data: {}\n\n", "unreadable")],
)
async def test_troubles_are_named(gateway, rig, status, event, trouble):
    """Off, away, or of another version; told until it is well again."""
    _, traces = rig
    gateway.status = status
    gateway.told.put_nowait(event)
    traces.expect()
    await until(lambda: set(traces.troubles.values()) == {trouble})


async def test_a_gateway_that_is_away(rig, gateway):
    """It is tried again while something is waited for."""
    traces = Traces(["http://127.0.0.1:9"], Trails())
    traces.expect()
    await until(lambda: traces.troubles)
    assert set(traces.troubles.values()) == {"unreachable"}
    await traces.close()

"""Load runs over HTTP: one at a time, told from the beginning, ended early; plans that are none are explained."""

import asyncio

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from simulator.load.figures import Ended, Happening, Preparing, Second, Verdict
from simulator.load.plan import MIXES, Plan, Point
from simulator.load.web import BODY_MAX, Loads
from simulator.smsc.accounts import Account
from simulator.smsc.center import Center
from sms_service.sms import Alphabet

_read = msgspec.json.Decoder(Happening).decode
FOREVER = Plan(curve=(Point(0, 20), Point(600, 20)), duration_s=600, mix=MIXES["plain"], drain_s=0.1)


@pytest.fixture
def center():
    return Center([Account("gateway", "secret")], lambda _: None)


@pytest.fixture
async def client(center):
    app = web.Application()
    Loads(center, citizens=300, seed=1, alphabet=Alphabet.GSM7).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def post(client, plan):
    response = await client.post("/admin/load", data=msgspec.json.encode(plan))
    return response.status, await response.json()


async def happenings(client):
    async with client.get("/admin/load/events") as response:
        return [_read(line) async for line in response.content]


async def test_a_run_from_beginning_to_end(client):
    """Nobody is bound, so nothing is taken; and a reader that comes late is told everything."""
    plan = Plan(curve=(Point(0, 20), Point(0.5, 20)), duration_s=0.5, mix=MIXES["plain"], drain_s=0.1)
    assert await post(client, plan) == (202, {})
    told = await happenings(client)
    assert told == await happenings(client)
    assert [type(one) for one in told[-2:]] == [Second, Ended]
    assert any(isinstance(one, Preparing) for one in told)
    assert told[-1].inquiries == 10
    assert told[-1].verdicts == {Verdict.NOT_TAKEN: 10}


async def test_a_run_does_not_repeat_the_texts_of_the_one_before(client, center):
    """A service may take an equal text for one that was delivered again since a link broke, and answer it no more."""
    offered = []

    def refuse(_short_code, deliveries):
        offered[-1] |= {(one.prepared.pdu.source_addr, one.prepared.pdu.short_message) for one in deliveries}
        settled = [(one.token, 0x8) for one in deliveries]
        asyncio.get_running_loop().call_soon(lambda: center.watcher.settled(settled, center.now()))
        return True

    center.offer = refuse
    plan = Plan(curve=(Point(0, 100), Point(0.2, 100)), duration_s=0.2, mix=MIXES["plain"], drain_s=0.1)
    for _ in range(2):
        offered.append(set())
        assert (await post(client, plan))[0] == 202
        await happenings(client)
    first, second = offered
    assert {number for number, _ in first} & {number for number, _ in second}
    assert not first & second


async def test_whose_messages_can_be_sent(client):
    """So that a load against an SMSC that runs by itself knows its population."""
    assert await (await client.get("/admin/load")).json() == {"citizens": 300, "seed": 1, "running": False, "binds": 0}


async def test_one_at_a_time_and_an_early_end(client):
    assert (await client.delete("/admin/load")).status == 404
    assert (await client.get("/admin/load/events")).status == 404
    assert (await post(client, FOREVER))[0] == 202
    assert (await post(client, FOREVER))[0] == 409
    assert (await client.delete("/admin/load")).status == 202
    assert (await happenings(client))[-1].stopped
    assert (await post(client, FOREVER))[0] == 202


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan(duration_s=1), "either a curve"),
        (Plan(duration_s=1, concurrency=1, curve=(Point(0, 1),)), "either a curve"),
        (Plan(duration_s=1, concurrency=1, share=1), "share is one of"),
        (Plan(duration_s=1, concurrency=1, mix=msgspec.structs.replace(MIXES["plain"], keyword=0)), "the mix is empty"),
        (Plan(duration_s=1, curve=(Point(5, 1), Point(4, 1))), "before the one that precedes it"),
        (Plan(duration_s=60, curve=(Point(0, 5000),)), "citizens; the population has 300"),
    ],
)
async def test_what_is_no_plan(client, plan, says):
    status, answer = await post(client, plan)
    assert status == 400
    assert says in answer["error"]


@pytest.mark.parametrize("body", [b"{", b'{"duration_s": -1}', b'{"duration_s": 1, "speed": 2}', b"\xff"])
async def test_what_is_no_json_of_a_plan(client, body):
    response = await client.post("/admin/load", data=body)
    assert response.status == 400
    assert (await response.json())["error"]


async def test_a_plan_that_is_too_long(client):
    response = await client.post("/admin/load", data=b" " * (BODY_MAX + 1))
    assert response.status == 413


async def test_a_failure_is_told(client, monkeypatch):
    """And the next run is possible."""
    monkeypatch.setattr("simulator.load.web.Run", lambda *_, **__: 1 / 0)
    await post(client, FOREVER)
    assert (await happenings(client))[-1].void == "the simulator failed: ZeroDivisionError"
    monkeypatch.undo()
    assert (await post(client, FOREVER))[0] == 202


async def test_the_end_of_the_process_ends_the_run():
    center = Center([Account("gateway", "secret")], lambda _: None)
    app = web.Application()
    loads = Loads(center, citizens=300, seed=1, alphabet=Alphabet.GSM7)
    loads.add_routes(app)
    async with TestClient(TestServer(app)) as client:
        await post(client, FOREVER)
        await asyncio.sleep(0)
    assert loads._task.done()

import asyncio
import logging

import aiohttp
import msgspec
import pytest

from simulator.population import Population
from simulator.subscribers import service
from simulator.subscribers.faults import FaultInjector
from simulator.subscribers.register import Register
from simulator.subscribers.service import BATCH_MAX, BODY_MAX, make_app

POPULATION = Population(citizens=30, seed=2)
NUMBER = POPULATION.numbers(0)[0]
LOOKUP = "/v1/subscribers/lookup"


@pytest.fixture(scope="module")
def register():
    return Register(POPULATION)


@pytest.fixture
async def client(aiohttp_client, register):
    return await aiohttp_client(make_app(register, FaultInjector(1)))


async def test_a_lookup_answers_in_order(client):
    """Known numbers with what is known of them, unknown ones as null."""
    response = await client.post(LOOKUP, json={"msisdns": ["84000000000", NUMBER.msisdn]})
    assert response.status == 200
    assert response.content_type == "application/json"
    assert await response.json() == {"subscribers": [None, msgspec.to_builtins(NUMBER)]}


async def test_the_largest_batch_is_answered(client):
    """The limit itself is within it, and its request within the limit of the body."""
    response = await client.post(LOOKUP, json={"msisdns": [NUMBER.msisdn] * BATCH_MAX})
    assert len((await response.json())["subscribers"]) == BATCH_MAX


async def test_a_larger_batch_is_refused(client):
    """413, with the limit in the text."""
    response = await client.post(LOOKUP, json={"msisdns": ["84"] * (BATCH_MAX + 1)})
    assert response.status == 413
    assert str(BATCH_MAX) in (await response.json())["error"]


async def test_a_body_too_large_is_refused(client):
    """413 before it is read to its end."""
    response = await client.post(LOOKUP, data=b" " * (BODY_MAX + 1))
    assert response.status == 413
    assert "error" in await response.json()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"msisdns": 5}', b'{"msisdns": [84]}', b'{"msisdns": [null]}', b'{"msisdns": ["\xff"]}',
     b'{"msisdns": ["' + b"8" * 21 + b'"]}', b"84911111111", b'{"more":' + b"[" * 60_000, b"[" * 60_000, b'{"msisdns": [], "84911111111": 1}'],
)  # fmt: skip
async def test_a_request_of_another_form_is_refused(client, body):
    """400, with the form that is expected and nothing of what was sent."""
    response = await client.post(LOOKUP, data=body)
    assert response.status == 400
    error = (await response.json())["error"]
    assert "expected" in error
    assert "84911111111" not in error


@pytest.mark.parametrize(("method", "path", "status"), [("GET", LOOKUP, 405), ("GET", "/nothing", 404)])
async def test_other_requests_are_errors_in_json(client, method, path, status):
    """A wrong path or method is answered like every error."""
    response = await client.request(method, path)
    assert response.status == status
    assert set(await response.json()) == {"error"}


async def test_faults_are_set_and_shown(client):
    """A PUT sets them, what it leaves out is reset; a GET shows those in force."""
    await client.put("/admin/faults", json={"latency_ms": 1, "error_rate": 0.5})
    assert await (await client.get("/admin/faults")).json() == {
        "latency_ms": 1,
        "latency_p99_ms": 0,
        "error_rate": 0.5,
        "outage": False,
    }
    response = await client.put("/admin/faults", json={})
    assert await response.json() == {"latency_ms": 0, "latency_p99_ms": 0, "error_rate": 0, "outage": False}


async def test_impossible_faults_change_nothing(client):
    """400 with the form, and what was in force stays."""
    await client.put("/admin/faults", json={"error_rate": 1})
    response = await client.put("/admin/faults", json={"error_rate": 7})
    assert response.status == 400
    assert "error_rate" in (await response.json())["error"]
    assert (await (await client.get("/admin/faults")).json())["error_rate"] == 1


async def test_errors_are_told_and_forgotten(client):
    """503 while the rate says so, answers again afterwards."""
    await client.put("/admin/faults", json={"error_rate": 1})
    assert (await client.post(LOOKUP, json={"msisdns": []})).status == 503
    await client.put("/admin/faults", json={})
    assert (await client.post(LOOKUP, json={"msisdns": []})).status == 200


async def test_an_outage_drops_the_connection(client):
    """Nothing is answered to a look-up, while the register stays alive and can be mended."""
    await client.put("/admin/faults", json={"outage": True})
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.post(LOOKUP, json={"msisdns": [NUMBER.msisdn]})
    assert (await client.get("/healthz")).status == 200
    await client.put("/admin/faults", json={"outage": False})
    assert (await client.post(LOOKUP, json={"msisdns": []})).status == 200


async def test_latency_is_waited_out_and_holds_nobody_else(client, monkeypatch):
    """A look-up waits as long as told; meanwhile others are served."""
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(seconds):
        assert seconds == 0.25
        waiting.set()
        await go_on.wait()

    await client.put("/admin/faults", json={"latency_ms": 250})
    monkeypatch.setattr(service.asyncio, "sleep", sleep)
    lookup = asyncio.create_task(client.post(LOOKUP, json={"msisdns": [NUMBER.msisdn]}))
    await waiting.wait()
    assert (await client.get("/healthz")).status == 200
    assert not lookup.done()
    go_on.set()
    assert (await lookup).status == 200


async def test_nothing_is_logged_of_a_request(client, caplog):
    """Neither a good nor a broken request leaves a number in any log."""
    with caplog.at_level(logging.DEBUG):
        await client.post(LOOKUP, json={"msisdns": [NUMBER.msisdn]})
        await client.post(LOOKUP, data=f'{{"msisdns": "{NUMBER.msisdn}"}}')
    assert NUMBER.msisdn not in caplog.text


CHANGES = "/admin/changes"


async def test_changes_over_http(client):
    """Made, shown, undone; the look-up answers by them in between."""
    response = await client.post(CHANGES, json={"msisdn": NUMBER.msisdn, "change": "lock_two_way"})
    assert response.status == 200
    assert (await response.json())["number"]["state"] == "locked_two_way"
    (found,) = (await (await client.post(LOOKUP, json={"msisdns": [NUMBER.msisdn]})).json())["subscribers"]
    assert found["state"] == "locked_two_way"
    (shown,) = (await (await client.get(CHANGES)).json())["changed"]
    assert shown["number"] == found
    assert await (await client.delete(CHANGES, json={"msisdn": NUMBER.msisdn})).json() == {"undone": 1}
    assert await (await client.delete(CHANGES)).json() == {"undone": 0}


@pytest.mark.parametrize(
    ("method", "body", "what"),
    [
        ("POST", b"{}", "one of authenticate, disown"),
        ("POST", b'{"msisdn": "84911111111", "change": "sell"}', "one of authenticate, disown"),
        ("POST", b'{"msisdn": "84000000000", "change": "disown"}', "no such number"),
        ("DELETE", b'{"msisdns": []}', "nothing to undo all"),
    ],
)
async def test_changes_that_are_none(client, method, body, what):
    """With what would be right, and without what was sent."""
    response = await client.request(method, CHANGES, data=body)
    assert response.status == 400
    text = (await response.json())["error"]
    assert what in text
    assert "84911111111" not in text

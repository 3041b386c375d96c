"""The stream of journeys over HTTP."""

import asyncio
import json

import pytest

from sms_service.adapters.memory.clock import FakeClock
from sms_service.observability.metrics import Metrics
from sms_service.ops import journeys as kept
from sms_service.ops import trace
from sms_service.ops.journeys import Journeys
from sms_service.ops.server import make_app
from sms_service.ops.syntax import SyntaxControl
from tests.unit.ops.test_journeys import finish


@pytest.fixture
def journeys():
    return Journeys(FakeClock())


@pytest.fixture
async def client(aiohttp_client, journeys):
    return await aiohttp_client(make_app("gateway-1", Metrics().registry, {}, SyntaxControl(""), journeys))


async def events(response, count):
    """So many events: (name, id, data)."""
    found, name, number = [], "message", None
    async with asyncio.timeout(10):
        async for line in response.content:
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "id":
                number = int(value)
            elif key == "data":
                found.append((name, number, json.loads(value)))
                name, number = "message", None
                if len(found) == count:
                    break
    return found


def numbers(found):
    return [data["deliver_sm"][0]["sequence_number"] for _, _, data in found]


async def test_what_is_kept_then_what_finishes(client, journeys):
    """Events in order, each with its number."""
    finish(journeys, 1)
    async with client.get("/api/trace") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert numbers(await events(response, 1)) == [1]
        finish(journeys, 2)
        ((_, number, data),) = await events(response, 1)
    assert number == 2
    assert [step["stage"] for step in data["steps"]] == ["received", "journalled", "acknowledged", "finished"]


async def test_a_reader_goes_on_where_it_stopped(client, journeys):
    """By Last-Event-ID; one of an earlier run of the gateway begins anew."""
    for number in (1, 2, 3):
        finish(journeys, number)
    async with client.get("/api/trace", headers={"Last-Event-ID": "2"}) as response:
        assert numbers(await events(response, 1)) == [3]
    for odd in ("99", "x", "-1"):
        async with client.get("/api/trace", headers={"Last-Event-ID": odd}) as response:
            assert numbers(await events(response, 3)) == [1, 2, 3]


async def test_a_slow_reader_is_told_what_it_lost(client, journeys):
    """How many went between what it read and what is kept."""
    finish(journeys, 0)
    for number in range(1, kept.KEPT_MAX + 6):
        finish(journeys, number)
    async with client.get("/api/trace", headers={"Last-Event-ID": "1"}) as response:
        lost, first = await events(response, 2)
    assert lost == ("lost", None, {"count": 5})
    assert first[1] == 7


async def test_silence_is_filled_with_comments(client, monkeypatch):
    """So that no proxy takes the stream for dead."""
    monkeypatch.setattr(trace, "KEEP_ALIVE_S", 0.01)
    async with client.get("/api/trace") as response:
        async with asyncio.timeout(10):
            lines = [await response.content.readline() for _ in range(3)]
    assert lines[-1] == b": keep-alive\n"


async def test_readers_are_limited(client, monkeypatch, journeys):
    """Who leaves makes room."""
    monkeypatch.setattr(trace, "READERS_MAX", 1)
    finish(journeys, 1)
    async with client.get("/api/trace") as response:
        await events(response, 1)
        refused = await client.get("/api/trace")
        assert refused.status == 503
        assert "1 readers" in (await refused.json())["error"]
    async with asyncio.timeout(10):
        while True:
            finish(journeys, 2)
            response = await client.get("/api/trace")
            if response.status == 200:
                break
    response.close()


async def test_off(aiohttp_client):
    """Without tracing the answer names the setting."""
    client = await aiohttp_client(make_app("gateway-1", Metrics().registry, {}, SyntaxControl("")))
    response = await client.get("/api/trace")
    assert response.status == 404
    assert "[ops] trace = true" in (await response.json())["error"]


async def test_leaving_ends_the_streams(client, journeys):
    """A reader does not hold up the process."""
    finish(journeys, 1)
    async with client.get("/api/trace") as response:
        await events(response, 1)
        async with asyncio.timeout(5):
            await client.server.close()
            assert await response.content.read() == b"\n"

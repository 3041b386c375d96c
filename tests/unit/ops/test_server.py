"""What operators and Prometheus get over HTTP."""

import asyncio
import socket

import pytest
from aiohttp import ClientSession

from sms_service.model import Ending
from sms_service.observability.metrics import Metrics
from sms_service.ops import checks as checks_module
from sms_service.ops.server import CannotListen, make_app, serve
from sms_service.ops.syntax import SyntaxControl


async def well():
    return ""


@pytest.fixture
def metrics():
    made = Metrics()
    for ending in Ending:
        made.ending(ending.value, 0)
    return made


@pytest.fixture
def client(aiohttp_client, metrics):
    """A client of the application with these checks."""

    async def make(**checks):
        return await aiohttp_client(make_app("gateway-1", metrics.registry, checks, SyntaxControl("")))

    return make


async def test_alive(client):
    """`/healthz` asks nobody: it says that the process lives, whatever is down."""

    async def down():
        raise AssertionError

    response = await (await client(journal=down)).get("/healthz")
    assert response.status == 200
    assert await response.json() == {"instance": "gateway-1", "alive": True}


async def test_ready(client):
    """With every part well, `/readyz` says so with 200."""
    response = await (await client(journal=well, smsc=well)).get("/readyz")
    assert response.status == 200
    assert await response.json() == {"instance": "gateway-1", "ready": True, "missing": {}}


async def test_not_ready(client):
    """What is missing is named, with why, and the status is 503."""

    async def unbound():
        return "not bound: viettel"

    response = await (await client(journal=well, smsc=unbound)).get("/readyz")
    assert response.status == 503
    assert await response.json() == {
        "instance": "gateway-1",
        "ready": False,
        "missing": {"smsc": "not bound: viettel"},
    }


async def test_a_part_that_does_not_answer(client, monkeypatch):
    """A check that hangs counts as missing after its limit, and holds up no other: all run at once."""
    monkeypatch.setattr(checks_module, "CHECK_TIMEOUT_S", 0.05)
    begun = []

    async def hang():
        begun.append(1)
        await asyncio.Event().wait()

    response = await (await client(a=hang, b=hang, c=hang, d=well)).get("/readyz")
    assert response.status == 503
    assert (await response.json())["missing"] == dict.fromkeys("abc", "does not answer in time")
    assert len(begun) == 3


async def test_a_part_that_hangs_is_asked_once(client, monkeypatch):
    """However often `/readyz` is asked, one question waits for the part, until it is answered or has let go."""
    monkeypatch.setattr(checks_module, "CHECK_TIMEOUT_S", 0.05)
    begun, let_go = [], asyncio.Event()

    async def stubborn():
        begun.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            await let_go.wait()

    ops = await client(journal=stubborn)
    for _ in range(3):
        answers = await asyncio.gather(*(ops.get("/readyz") for _ in range(4)))
        assert {(await one.json())["missing"]["journal"] for one in answers} == {"does not answer in time"}
    assert len(begun) == 1
    let_go.set()
    await ops.get("/readyz")
    assert len(begun) == 2


async def test_a_check_that_fails(client):
    """An error of a check is told by its type: its text may quote a value."""

    async def fail():
        raise ValueError("84912345678")

    response = await (await client(journal=fail)).get("/readyz")
    assert (response.status, (await response.json())["missing"]) == (503, {"journal": "ValueError"})


async def test_metrics(client, metrics):
    """Prometheus' own format, with its content type."""
    metrics.ending("answered", 3)
    response = await (await client()).get("/metrics")
    assert response.content_type == "text/plain"
    assert 'sms_endings_total{ending="answered"} 3.0' in (await response.text()).splitlines()


async def test_stats(client, metrics):
    """The same figures as JSON, by name and labels; histograms by sum and count."""
    metrics.ending("refused", 2)
    metrics.reply_seconds.observe([0.5, 1.5])
    response = await (await client()).get("/api/stats")
    body = await response.json()
    assert body["instance"] == "gateway-1"
    assert body["figures"]['sms_endings_total{ending="refused"}'] == 2
    assert body["figures"]["sms_reply_seconds_sum"] == 2
    assert body["figures"]["sms_reply_seconds_count"] == 2
    assert not any("bucket" in name or "created" in name for name in body["figures"])


@pytest.mark.parametrize("path", ["/nothing", "/healthz/x", "/metrics/../nothing"])
async def test_nothing_else(client, path):
    """Other paths do not exist."""
    assert (await (await client()).get(path)).status == 404


async def test_only_reading(client):
    """Nothing here changes anything."""
    assert (await (await client()).post("/readyz")).status == 405


def free_port(host="127.0.0.1", family=socket.AF_INET):
    with socket.create_server((host, 0), family=family) as taken:
        return taken.getsockname()[1]


@pytest.mark.parametrize(("listen", "family"), [("127.0.0.1", socket.AF_INET), ("[::1]", socket.AF_INET6)])
async def test_listens(metrics, listen, family):
    """At HOST:PORT, an IPv6 address in brackets, until it is cleaned up."""
    try:
        port = free_port(listen.strip("[]"), family)
    except OSError:
        pytest.skip("this machine has no such address family")
    runner = await serve(make_app("gateway-1", metrics.registry, {}, SyntaxControl("")), f"{listen}:{port}")
    async with ClientSession() as session, session.get(f"http://{listen}:{port}/healthz") as response:
        assert response.status == 200
    await runner.cleanup()


async def test_a_port_in_use_is_named(metrics):
    """The address and what to change stand in the error, and nothing is left open."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            CannotListen, match=rf"cannot listen at {listen}: Address already in use\. .*\[ops\] listen"
        ):
            await serve(make_app("gateway-1", metrics.registry, {}, SyntaxControl("")), listen)


async def test_an_address_that_is_not_ours(metrics):
    """So is an address of another machine, or no address at all."""
    with pytest.raises(CannotListen, match=r"cannot listen at 192\.0\.2\.1:1"):
        await serve(make_app("gateway-1", metrics.registry, {}, SyntaxControl("")), "192.0.2.1:1")
    with pytest.raises(CannotListen, match=r"cannot listen at nowhere\.invalid:8081"):
        await serve(make_app("gateway-1", metrics.registry, {}, SyntaxControl("")), "nowhere.invalid:8081")

"""The dashboard over HTTP: page, parts of it, figures, stream and history."""

import asyncio
import json
import re

import pytest

from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.ops import dashboard
from sms_service.ops.server import make_app
from sms_service.ops.syntax import SyntaxControl
from tests.unit.ops.test_live import Instance


@pytest.fixture
def instance():
    clock = FakeClock()
    made = Instance("gateway-1", MemoryBoard(clock), clock)
    made.clock = clock
    made.live.beat()
    return made


@pytest.fixture
async def client(aiohttp_client, instance):
    app = make_app("gateway-1", instance.metrics.registry, {}, SyntaxControl(""), live=instance.live)
    return await aiohttp_client(app)


async def beat(instance):
    await instance.clock.advance(1)
    instance.live.beat()


async def events(response, count):
    found = []
    async with asyncio.timeout(10):
        async for line in response.content:
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
                if len(found) == count:
                    break
    return found


async def test_the_stream_tells_each_second(client, instance):
    """What is now, at once; then every beat, as named events."""
    async with client.get("/api/stream") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        (now,) = await events(response, 1)
        assert (now["verdict"]["code"], now["view"]["instance"]) == ("quiet", "gateway-1")
        instance.answer(7)
        await beat(instance)
        (now,) = await events(response, 1)
        assert (now["verdict"]["code"], now["view"]["second"]["replied"]) == ("answering", 7)
        assert now["verdict"]["vi"]["say"] == "Đang trả lời bình thường"


async def test_the_stream_is_encoded_once(client, instance, monkeypatch):
    """However many read."""
    encoded, encode = [], dashboard._encode
    monkeypatch.setattr(dashboard, "_encode", lambda value: encoded.append(value) or encode(value))
    readers = [await client.get("/api/stream") for _ in range(5)]
    for reader in readers:
        await events(reader, 1)
    assert len(encoded) == 1
    for reader in readers:
        reader.close()


async def test_readers_are_limited(client, monkeypatch):
    """One more is told so."""
    monkeypatch.setattr(dashboard, "READERS_MAX", 1)
    async with client.get("/api/stream") as response:
        await events(response, 1)
        refused = await client.get("/api/stream")
        assert refused.status == 503


async def test_leaving_ends_the_streams(client):
    """A reader does not hold up the process."""
    async with client.get("/api/stream") as response:
        await events(response, 1)
        async with asyncio.timeout(5):
            await client.server.close()
            assert await response.content.read() == b"\n"


async def test_stats_have_the_same(client, instance):
    """Beside the figures by their metric's name, which were there before."""
    instance.answer(3)
    await beat(instance)
    body = await (await client.get("/api/stats")).json()
    assert body["figures"]['sms_endings_total{ending="answered"}'] == body["view"]["total"]["endings"]["answered"] == 3
    assert (body["instance"], body["verdict"]["level"], len(body["findings"])) == ("gateway-1", "well", 1)


async def test_history(client, instance):
    """The seconds that were, oldest first; as many as are asked for."""
    for count in (1, 2, 3):
        instance.answer(count)
        await beat(instance)
    body = await (await client.get("/api/history")).json()
    assert body["series"]["replied"] == [0, 1, 2, 3]
    assert (body["until"], body["step_s"]) == (instance.clock.time(), 1)
    assert (await (await client.get("/api/history?seconds=2")).json())["series"]["replied"] == [2, 3]


async def test_history_of_some(client, instance):
    """Those that are asked for; one that is not there is left out."""
    await beat(instance)
    body = await (await client.get("/api/history?series=replied&series=mood&series=accepted")).json()
    assert body["series"] == {"accepted": [0, 0], "replied": [0, 0]}


@pytest.mark.parametrize("asked", ["0", "-1", "x", "3601", "1e3", "", "99999999999999999999"])
async def test_history_of_nonsense(client, asked):
    """Is refused with what is expected."""
    response = await client.get("/api/history", params={"seconds": asked})
    assert response.status == 400
    assert "1 to 3600" in await response.text()


async def test_the_page_and_its_parts(client):
    """Everything that the page names is there, from here, and under a policy that lets nothing else in."""
    seen, names = set(), ["/"]
    while names:
        name = names.pop()
        seen.add(name)
        response = await client.get(name)
        assert response.status == 200, name
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        text = await response.text()
        found = re.findall(r'(?:src|href)="(/static/[^"#]+)', text)
        found += [f"/static/dashboard/{part}" for part in re.findall(r'from "\./([\w.]+)"', text)]
        names += [part for part in found if part not in seen]
    assert {"/static/vendor/uPlot.iife.min.js", "/static/dashboard/vi.js", "/static/dashboard/charts.js"} <= seen


async def test_nothing_outside_is_asked_for():
    """No part of the page names another server; names of XML's vocabularies are no addresses."""
    for path in dashboard.STATIC.rglob("*.*"):
        if path.suffix in {".html", ".css", ".js", ".svg"} and path.parent.name != "vendor":
            text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "//" not in re.sub(r"^\s*//.*$|\s//.*$", "", text, flags=re.MULTILINE), path.name


async def test_uplot_has_its_licence():
    """It is vendored as it was published."""
    vendor = dashboard.STATIC / "vendor"
    assert "MIT" in (vendor / "uPlot.LICENSE").read_text()
    assert (vendor / "uPlot.iife.min.js").read_text().startswith("/*! https://github.com/leeoniya/uPlot (v1.6.32) */")


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/", "/static/dashboard", "/static/none.js"]
)
async def test_nothing_else_is_served(client, path):
    """Only files below the folder."""
    assert (await client.get(path, allow_redirects=False)).status == 404


async def test_both_languages_have_the_same_words():
    """A key in one and not in the other would be read out as it is; every key that is used is there."""

    def words(name):
        return set(
            re.findall(r'^  "([\w.]+)":', (dashboard.STATIC / "dashboard" / name).read_text("utf-8"), re.MULTILINE)
        )

    assert words("vi.js") == words("en.js")
    used = set()
    for path in [*(dashboard.STATIC / "dashboard").glob("*.js"), dashboard.STATIC / "dashboard.html"]:
        text = path.read_text("utf-8")
        used |= set(re.findall(r'\bt\("([\w.]+)"', text))
        used |= set(re.findall(r'data-t(?:-label)?="([\w.]+)"', text))
    assert used <= words("vi.js")


async def test_without_figures_there_is_no_dashboard(aiohttp_client, instance):
    """As in tests of the other routes."""
    client = await aiohttp_client(make_app("gateway-1", instance.metrics.registry, {}, SyntaxControl("")))
    assert (await client.get("/")).status == 404

"""The versions of the syntax over HTTP."""

import asyncio
import datetime as dt

import msgspec
import pytest

from sms_service.observability.metrics import Metrics
from sms_service.ops.server import make_app
from sms_service.ops.syntax import SyntaxControl

TOKEN = "a token of the test"


class State(msgspec.Struct):
    version: str = "2026.1"
    digest: str = "0" * 64
    effective_from: dt.date = dt.date(2026, 1, 1)
    effective_until: dt.date | None = None
    state: str = "in_force"


class Outcome(msgspec.Struct):
    accepted: bool
    at: float = 1.5
    findings: tuple[str, ...] = ()


class InUse:
    """Stands for what is in use; a reload ends as the test says."""

    def __init__(self):
        self.last_reload = None
        self.outcome = Outcome(accepted=True)
        self.reloads = 0

    def states(self):
        return [State()]

    async def reload(self):
        self.reloads += 1
        self.last_reload = self.outcome
        return self.outcome


@pytest.fixture
def in_use():
    return InUse()


@pytest.fixture
def client(aiohttp_client, in_use):
    async def make(token=TOKEN, *, started=True):
        control = SyntaxControl(token)
        if started:
            control.attach(in_use)
        return await aiohttp_client(make_app("gateway-1", Metrics().registry, {}, control))

    return make


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def test_says_which_versions_there_are(client):
    """With their days as ISO dates, for pages and programs."""
    response = await (await client()).get("/api/syntax")
    assert response.status == 200
    version = {"version": "2026.1", "digest": "0" * 64, "effective_from": "2026-01-01", "effective_until": None}
    assert await response.json() == {"versions": [version | {"state": "in_force"}], "last_reload": None}


async def test_reloads_for_whoever_has_the_token(client, in_use):
    """The answer says what is in use now."""
    response = await (await client()).post("/api/syntax/reload", headers=bearer(TOKEN))
    assert response.status == 200
    assert (await response.json())["last_reload"] == {"accepted": True, "at": 1.5, "findings": []}
    assert in_use.reloads == 1


async def test_a_refused_file_is_told_with_its_findings(client, in_use):
    """422: understood, and not done."""
    in_use.outcome = Outcome(accepted=False, findings=("c06.toml:7: không có trường “x” → bỏ",))
    response = await (await client()).post("/api/syntax/reload", headers=bearer(TOKEN))
    assert response.status == 422
    assert (await response.json())["last_reload"]["findings"] == ["c06.toml:7: không có trường “x” → bỏ"]


@pytest.mark.parametrize("headers", [{}, bearer("another"), bearer(""), {"Authorization": TOKEN}, bearer("tiếng Việt")])
async def test_without_the_token_nothing_is_done(client, in_use, headers):
    """401, whatever is shown instead of it."""
    response = await (await client()).post("/api/syntax/reload", headers=headers)
    assert response.status == 401
    assert in_use.reloads == 0


async def test_octets_that_are_no_text_are_no_token(in_use, client):
    """401 too: aiohttp reads them as surrogates, which nothing can write."""
    ops = await client()
    reader, writer = await asyncio.open_connection("127.0.0.1", ops.port)
    writer.write(b"POST /api/syntax/reload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()
    assert in_use.reloads == 0


async def test_without_a_token_file_control_is_off(client, in_use):
    """Nobody may, not even with an empty token; the answer names the setting."""
    response = await (await client("")).post("/api/syntax/reload", headers=bearer(""))
    assert response.status == 403
    assert "token_file" in await response.text()
    assert in_use.reloads == 0


async def test_while_the_gateway_starts_there_is_nothing_to_show(client):
    """503, and the page comes all the same."""
    starting = await client(started=False)
    assert (await starting.get("/api/syntax")).status == 503
    assert (await starting.post("/api/syntax/reload", headers=bearer(TOKEN))).status == 503
    page = await starting.get("/syntax")
    assert page.status == 200
    assert "Cú pháp đang dùng" in await page.text()


async def test_the_page_asks_nobody_outside(client):
    """Its policy lets it load nothing and speak to its own server alone."""
    response = await (await client()).get("/syntax")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    text = await response.text()
    assert "http://" not in text
    assert "https://" not in text

"""A register that answers nonsense is not believed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from sms_service.adapters import subscribers_http
from sms_service.adapters.subscribers_http import HttpSubscribers
from sms_service.ports import Misconfigured, Unavailable

ASKED = ["84900000001", "84900000002"]
GOOD = '{"msisdn": "84900000001", "state": "authenticated", "citizen_id": "001085012345", "bound_on": "2026-01-02"}'


class Register:
    """Answers as it is told to."""

    def __init__(self) -> None:
        self.body = f'{{"subscribers": [{GOOD}, null]}}'.encode()
        self.status = 200
        self.hangs = asyncio.Event()
        self.hangs.set()
        self.headers: dict[str, str] = {}

    async def lookup(self, request: web.Request) -> web.Response:
        self.headers = dict(request.headers)
        await self.hangs.wait()
        return web.Response(status=self.status, body=self.body, headers={"Location": "/elsewhere"})


@pytest.fixture
async def register() -> Register:
    return Register()


@pytest.fixture
async def url(register: Register) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.post(subscribers_http.PATH, register.lookup)])
    async with TestServer(app) as server:
        yield str(server.make_url("/"))
        register.hangs.set()


@pytest.fixture
async def subscribers(url: str) -> AsyncIterator[HttpSubscribers]:
    adapter = HttpSubscribers(url, timeout_s=10.0)
    yield adapter
    await adapter.close()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"subscribers": null}',
        '{"subscribers": []}',
        f'{{"subscribers": [{GOOD}]}}',
        f'{{"subscribers": [{GOOD}, null, null]}}',
        f'{{"subscribers": [null, {GOOD}]}}',
        f'{{"subscribers": [{GOOD}, {GOOD}]}}',
        '{"subscribers": [{"msisdn": "84900000001", "state": "authenticated", "citizen_id": "٠٠١٠٨٥٠١٢٣٤٥"}, null]}',
        b"\xff\xfe",
    ],
)
async def test_an_answer_that_makes_no_sense(register, subscribers, body):
    """It is as good as none: nobody is refused because of it."""
    register.body = body if isinstance(body, bytes) else body.encode()
    with pytest.raises(Unavailable, match="answer"):
        await subscribers.lookup(ASKED)


@pytest.mark.parametrize(
    "body",
    [
        '{"subscribers": [{"msisdn": "84900000001", "state": "asleep", "citizen_id": null}, null]}',
        '{"subscribers": [{"msisdn": "84900000001", "state": null, "citizen_id": null}, null]}',
        '{"subscribers": [{"msisdn": "84900000001", "state": "authenticated"}, null]}',
        '{"subscribers": [{"msisdn": "84900000001", "state": "authenticated", "citizen_id": "1\\u0000"}, null]}',
        '{"subscribers": [false, false]}',
        '{"subscribers": [{"msisdn": "84900000001", "state": "authenticated", "citizen_id": ""}, null]}',
        b'{"subscribers": [{"msisdn": "84900000001", "state": "\xff", "citizen_id": null}, null]}',
    ],
)
async def test_one_entry_that_is_not_understood(register, subscribers, body):
    """The register answers for each number, one of them strangely: a person must mend that, the others need not wait."""
    register.body = body if isinstance(body, bytes) else body.encode()
    with pytest.raises(Misconfigured, match="of a number"):
        await subscribers.lookup(ASKED)


@pytest.mark.parametrize(
    ("status", "text"),
    [(500, "HTTP 500"), (302, "HTTP 302"), (204, "HTTP 204"), (401, "token_file"), (403, "token_file"), (404, "url")],
)
async def test_any_status_but_200(register, subscribers, status, text):
    """A redirection is not followed, least of all to a page that says who logs in where. The remedy is named."""
    register.status = status
    if status == 204:
        register.body = None
    with pytest.raises(Unavailable, match=text):
        await subscribers.lookup(ASKED)


@pytest.mark.parametrize(
    ("status", "well"), [(200, True), (400, True), (422, True), (500, False), (401, False), (404, False)]
)
async def test_whether_it_is_there(register, subscribers, status, well):
    """Asked about nobody, a register that finds fault with the question is there; one that lets nobody in is of no use."""
    register.status = status
    if well:
        await subscribers.check()
    else:
        with pytest.raises(Unavailable, match=f"HTTP {status}"):
            await subscribers.check()


async def test_an_answer_without_end_is_not_read(register, subscribers):
    """What is longer than such an answer can be is given up."""
    register.body = f'{{"subscribers": [{GOOD}, null]}}' + " " * (2 * subscribers_http.ENTRY_BYTES_MAX)
    with pytest.raises(Unavailable, match="too long"):
        await subscribers.lookup(ASKED)


async def test_a_register_that_hangs(register, url):
    """Within the time-out there is an error, and afterwards it works again."""
    adapter = HttpSubscribers(url, timeout_s=0.05)
    register.hangs.clear()
    with pytest.raises(Unavailable, match="TimeoutError"):
        await adapter.lookup(ASKED)
    register.hangs.set()
    await adapter.close()
    adapter = HttpSubscribers(url, timeout_s=10.0)
    assert len(await adapter.lookup(ASKED)) == 2
    await adapter.close()


async def test_nobody_listens():
    """The error names the part and no number."""
    adapter = HttpSubscribers(f"http://127.0.0.1:{unused_port()}", timeout_s=10.0)
    with pytest.raises(Unavailable, match="subscribers") as caught:
        await adapter.lookup(ASKED)
    assert ASKED[0] not in str(caught.value)
    await adapter.close()


@pytest.mark.parametrize(("token", "header"), [("", None), ("t0ken", "Bearer t0ken")])
async def test_the_bearer_token(register, url, token, header):
    """It is sent when there is one."""
    adapter = HttpSubscribers(url, timeout_s=10.0, token=token)
    await adapter.lookup(ASKED)
    assert register.headers.get("Authorization") == header
    await adapter.close()

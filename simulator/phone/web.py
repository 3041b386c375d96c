"""The phone over HTTP: what the page asks for, and the page itself.

A phone sends through a `Network`, which the simulated SMSC is; what comes back the SMSC puts into the same `Inbox`
that this module reads. Errors are `{"error": …, "code": …}`: a Vietnamese sentence for the person at the page and a word for
programs. There is no access log, because its lines would hold numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec
from aiohttp import hdrs, web

from simulator.phone.details import Details
from simulator.phone.directory import Directory
from simulator.phone.inbox import Inbox, Message
from simulator.phone.refusals import ADDRESS_MAX, NotSent, read_msisdn
from simulator.phone.stream import Streams

BODY_MAX: Final = 16 * 1024
"""Octets of a request: the longest text in UTF-8, escaped, and some."""
TEXT_MAX: Final = 1530
"""Characters of a message: ten segments of 153."""
PHONES_MAX: Final = 12
"""Phones that one stream of events may watch: more than stand side by side."""
FOUND_DEFAULT: Final = 20
"""Citizens in an answer when the question names no limit."""

STATIC: Final = Path(__file__).with_name("static")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Of every answer: the page loads nothing from elsewhere, and a new version shows at once."""


class Network(Protocol):
    """What a phone is connected to."""

    def send(self, msisdn: str, short_code: str, text: str) -> Message:
        """Take a message for delivery and record it in the inbox.

        Raises:
            NotSent: see there.
        """

    def health(self) -> Mapping[str, object]:
        """What `/healthz` says; `binds` counts those of each account."""


class _Outgoing(msgspec.Struct, forbid_unknown_fields=True):
    msisdn: str = msgspec.field(name="from")
    short_code: str = msgspec.field(name="to")
    text: str


_encode = msgspec.json.Encoder().encode
_decode_outgoing = msgspec.json.Decoder(_Outgoing).decode


def make_app(network: Network, inbox: Inbox, directory: Callable[[], Directory], details: Details) -> web.Application:
    """The application; `directory` is called once, in a thread, when citizens are first asked for."""
    phone = _Phone(network, inbox, directory, details)
    app = web.Application(client_max_size=BODY_MAX, middlewares=[_explain])
    app.router.add_get("/", phone.page)
    app.router.add_get("/healthz", phone.health)
    app.router.add_post("/api/messages", phone.send)
    app.router.add_get("/api/phones/{msisdn}/messages", phone.messages)
    app.router.add_get("/api/phones/{msisdn}/events", phone.events)
    app.router.add_get("/api/events", phone.all_events)
    app.router.add_get("/api/citizens", phone.citizens)
    details.add_routes(app)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(_set_headers)
    app.on_shutdown.append(phone.close)
    return app


class _Phone:
    def __init__(self, network: Network, inbox: Inbox, directory: Callable[[], Directory], details: Details) -> None:
        self._network = network
        self._inbox = inbox
        self._streams = Streams(inbox, details.trails)
        self._make_directory = directory
        self._directory: asyncio.Task[Directory] | None = None

    async def page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def health(self, _request: web.Request) -> web.Response:
        return _json(self._network.health())

    async def send(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            # A form of another site can post text/plain, but not this.
            raise NotSent("content_type", "Yêu cầu phải có Content-Type: application/json.", 415)
        try:
            outgoing = _decode_outgoing(await request.read())
        except msgspec.MsgspecError as error:
            raise NotSent("bad_json", 'Yêu cầu phải có dạng {"from": "…", "to": "…", "text": "…"}.') from error
        short_code = outgoing.short_code.strip()
        if not (short_code.isascii() and short_code.isdecimal() and len(short_code) <= ADDRESS_MAX):
            raise NotSent("bad_short_code", "Đầu số nhận phải gồm các chữ số.")
        if not outgoing.text.strip():
            raise NotSent("empty_text", "Tin nhắn chưa có nội dung.")
        if len(outgoing.text) > TEXT_MAX:
            raise NotSent("text_too_long", f"Tin nhắn quá dài: tối đa {TEXT_MAX} ký tự.")
        message = self._network.send(read_msisdn(outgoing.msisdn), short_code, outgoing.text)
        return _json({"id": message.id})

    async def messages(self, request: web.Request) -> web.Response:
        return _json({"messages": self._inbox.messages(read_msisdn(request.match_info["msisdn"]))})

    async def events(self, request: web.Request) -> web.StreamResponse:
        return await self._streams.serve(request, read_msisdn(request.match_info["msisdn"]))

    async def all_events(self, request: web.Request) -> web.StreamResponse:
        return await self._streams.serve_all(request, _phones(request.query.getall("phone", [])))

    async def citizens(self, request: web.Request) -> web.Response:
        limit = request.query.get("limit", str(FOUND_DEFAULT))
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 5):
            raise NotSent("bad_limit", "Tham số limit phải là một số từ 0 đến 9999.")
        if self._directory is None:
            self._directory = asyncio.create_task(asyncio.to_thread(self._make_directory))
        directory = await asyncio.shield(self._directory)
        found = directory.find(request.query.get("query", ""), state=request.query.get("state", ""), limit=int(limit))
        return _json({"citizens": found})

    async def close(self, _app: web.Application) -> None:
        """End the streams, which would hold up shutdown."""
        self._streams.close()
        if self._directory is not None:
            self._directory.cancel()


def _phones(asked: list[str]) -> dict[str, int]:
    """Phones to watch, NUMBER or NUMBER:ID, with the id of the last message that the page has of each."""
    if not 0 < len(asked) <= PHONES_MAX:
        raise NotSent("bad_phones", f"Phải có từ 1 đến {PHONES_MAX} tham số phone.")
    phones: dict[str, int] = {}
    for phone in asked:
        number, _, last = phone.partition(":")
        if last and not (last.isascii() and last.isdecimal()):
            raise NotSent("bad_phones", "Tham số phone phải có dạng SỐ hoặc SỐ:MÃ TIN.")
        phones[read_msisdn(number)] = int(last or 0)
    return phones


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=_encode(value), status=status, content_type="application/json", charset="utf-8")


async def _set_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


@web.middleware
async def _explain(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every refusal in the one form."""
    try:
        return await handler(request)
    except NotSent as refused:
        return _json({"error": refused.message, "code": refused.code}, refused.status)
    except web.HTTPRequestEntityTooLarge:
        return _json({"error": "Yêu cầu quá lớn.", "code": "too_large"}, 413)
    except web.HTTPNotFound:
        return _json({"error": "Không có địa chỉ này.", "code": "not_found"}, 404)
    except web.HTTPMethodNotAllowed as refused:
        response = _json({"error": "Phương thức không được hỗ trợ.", "code": "method_not_allowed"}, 405)
        response.headers[hdrs.ALLOW] = refused.headers[hdrs.ALLOW]
        return response

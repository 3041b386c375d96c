"""Control over HTTP, for whoever shows the token of `[ops] token_file`.

    GET  /control                 a page that does all of it
    GET  /api/control             how this instance is steered, and the latest actions of all
    POST /api/control             {"action": …, "operator": …, …} → what was done, and whether it is written down
    GET  /api/control/inquiries   those in flight here, `?older_s=10`
    GET  /api/control/blocked     who is blocked, by pseudonym

Errors are `{"error": "…"}`: 400 for what cannot be done, 503 while the journal does not answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, Protocol

import msgspec
from aiohttp import web

from sms_service.ops.control import Token
from sms_service.ops.dashboard import HEADERS, STATIC
from sms_service.ports import PortError

BODY_MAX: Final = 4096
"""Octets of an action."""
OPERATOR_MAX: Final = 64
"""Characters of an operator's name, and of a reason four times as many."""

_encode = msgspec.json.Encoder().encode


class Wheel(Protocol):
    """What is steered (`pipeline.steering.Steering`)."""

    async def do(self, asked: Any) -> tuple[object, bool]:
        """Do an action."""

    async def state(self) -> object:
        """How it is now."""

    async def blocked(self) -> object:
        """Who is blocked."""

    def inquiries(self, older_s: float) -> object:
        """Those in flight."""


class SteeringControl:
    """The routes. The wheel is attached when the gateway has started.

    Args:
        token: see `Token`.
        read: makes an action of a body; raises `msgspec.MsgspecError`.
        refusals: what the wheel raises for what cannot be done.
    """

    def __init__(self, token: str, read: Callable[[bytes], Any], refusals: type[Exception]) -> None:
        self._token = Token(token)
        self._read = read
        self._refusals = refusals
        self._wheel: Wheel | None = None

    def attach(self, wheel: Wheel) -> None:
        """Say what is steered."""
        self._wheel = wheel

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        app.router.add_get("/control", self._page)
        app.router.add_get("/api/control", self._state)
        app.router.add_post("/api/control", self._do)
        app.router.add_get("/api/control/inquiries", self._inquiries)
        app.router.add_get("/api/control/blocked", self._blocked)

    async def _page(self, _request: web.Request) -> web.Response:
        body = (STATIC / "control.html").read_bytes()
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=HEADERS)

    async def _state(self, request: web.Request) -> web.Response:
        return await self._answer(request, lambda wheel: wheel.state())

    async def _blocked(self, request: web.Request) -> web.Response:
        async def told(wheel: Wheel) -> object:
            found = msgspec.to_builtins(await wheel.blocked(), builtin_types=(bytes,))
            return [{**one, "sender": one["sender"].hex()} for one in found]

        return await self._answer(request, told)

    async def _inquiries(self, request: web.Request) -> web.Response:
        try:
            older_s = float(request.query.get("older_s", "10"))
        except ValueError:
            return _error(HTTPStatus.BAD_REQUEST, "older_s: seconds")

        async def told(wheel: Wheel) -> object:
            return wheel.inquiries(older_s)

        return await self._answer(request, told)

    async def _do(self, request: web.Request) -> web.Response:
        self._token.demand(request)
        body = await request.content.read(BODY_MAX + 1)
        if len(body) > BODY_MAX:
            return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"an action has at most {BODY_MAX} octets")
        try:
            asked = self._read(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            # Of a value only its type is told: it may be a number.
            return _error(
                HTTPStatus.BAD_REQUEST, f"not an action: {type(error).__name__}; see sms-service control --help"
            )
        if len(asked.operator) > OPERATOR_MAX or len(asked.reason) > 4 * OPERATOR_MAX:
            return _error(
                HTTPStatus.BAD_REQUEST, f"operator: at most {OPERATOR_MAX} characters; reason: {4 * OPERATOR_MAX}"
            )

        async def done(wheel: Wheel) -> object:
            steered, recorded = await wheel.do(asked)
            return {"done": steered, "recorded": recorded}

        return await self._answer(request, done)

    async def _answer(self, request: web.Request, ask: Callable[[Wheel], Awaitable[object]]) -> web.Response:
        self._token.demand(request)
        if self._wheel is None:
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, "the gateway is starting")
        try:
            return web.Response(body=_encode(await ask(self._wheel)), content_type="application/json")
        except self._refusals as error:
            return _error(HTTPStatus.BAD_REQUEST, str(error))
        except PortError as error:
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _error(status: HTTPStatus, text: str) -> web.Response:
    return web.Response(body=_encode({"error": text}), status=status, content_type="application/json")

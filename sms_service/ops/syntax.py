"""The versions of the syntax, for operators: which speak today, and to read the files again.

`/syntax` is a page, `GET /api/syntax` what it shows, `POST /api/syntax/reload` what its button does. A file that is
refused changes nothing; its findings are the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
from aiohttp import web

from sms_service.ops.control import Token

_PAGE: Final = Path(__file__).with_name("static") / "syntax.html"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_encode = msgspec.json.Encoder().encode


class Reloaded(Protocol):
    """What became of a reload."""

    @property
    def accepted(self) -> bool:
        """Whether the new versions are in use."""
        ...


class SyntaxesInUse(Protocol):
    """What is in use, as the page sees it."""

    def states(self) -> Sequence[object]:
        """Every version, the latest first."""
        ...

    @property
    def last_reload(self) -> Reloaded | None:
        """The last reload, if there was any."""
        ...

    async def reload(self) -> Reloaded:
        """Read the files again."""
        ...


class SyntaxControl:
    """The routes. What is in use is attached when the gateway has started."""

    def __init__(self, token: str) -> None:
        self._token = Token(token)
        self._syntaxes: SyntaxesInUse | None = None

    def attach(self, syntaxes: SyntaxesInUse) -> None:
        """Say what is in use."""
        self._syntaxes = syntaxes

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        app.router.add_get("/syntax", self._page)
        app.router.add_get("/api/syntax", self._states)
        app.router.add_post("/api/syntax/reload", self._reload)

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(body=_PAGE.read_bytes(), content_type="text/html", charset="utf-8", headers=_HEADERS)

    async def _states(self, _request: web.Request) -> web.Response:
        return self._answer(self._in_use())

    async def _reload(self, request: web.Request) -> web.Response:
        self._token.demand(request)
        syntaxes = self._in_use()
        outcome = await syntaxes.reload()
        return self._answer(syntaxes, 200 if outcome.accepted else 422)

    def _in_use(self) -> SyntaxesInUse:
        if self._syntaxes is None:
            raise web.HTTPServiceUnavailable(text="the gateway is starting")
        return self._syntaxes

    def _answer(self, syntaxes: SyntaxesInUse, status: int = 200) -> web.Response:
        body = {"versions": syntaxes.states(), "last_reload": syntaxes.last_reload}
        return web.Response(body=_encode(body), status=status, content_type="application/json")

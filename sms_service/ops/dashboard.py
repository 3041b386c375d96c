"""The dashboard over HTTP: the page at `/`, what it shows at `/api/stats`, the same each second at `/api/stream`, the last hour at
`/api/history` (`?seconds=300&series=accepted&series=replied` for less).

    event: second
    data: {"verdict": {"level": "well", …}, "findings": […], "view": {…}}

A stream is of server-sent events (WHATWG HTML, section 9.2), one a second. A reader who is slow is given the newest and misses what
was between. Reading needs no token: figures name no person. Nothing here changes anything.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from sms_service.ops.history import HISTORY_S
from sms_service.ops.live import Live, Second

READERS_MAX: Final = 32
"""Streams at once: walls, desks and some phones. Each costs a write of some 10 kB a second."""
WRITE_TIMEOUT_S: Final = 10.0
"""Seconds that a reader may take for what was written, before it is let go: a phone that has lost its network."""
RETRY_MS: Final = 1000
"""Milliseconds that a reader waits before it connects again."""

STATIC: Final = Path(__file__).resolve().with_name("static")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Of the page and its parts: it loads nothing from elsewhere, and a new version shows at once."""

_encode = msgspec.json.Encoder().encode


class Dashboard:
    """The routes."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._wakes: set[asyncio.Event] = set()
        self._closing = False
        self._encoded: tuple[Second, bytes] | None = None

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        app.router.add_get("/", self._page)
        app.router.add_get("/static/{path:[A-Za-z0-9/_.-]+}", self._file)
        app.router.add_get("/api/history", self._history)
        app.router.add_get("/api/stream", self._stream)
        app.on_shutdown.append(self._close)

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "dashboard.html", headers=HEADERS)

    async def _file(self, request: web.Request) -> web.FileResponse:
        path = (STATIC / request.match_info["path"]).resolve()
        if not path.is_relative_to(STATIC) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=HEADERS)

    async def _history(self, request: web.Request) -> web.Response:
        asked = request.query.get("seconds", str(HISTORY_S))
        if not (asked.isascii() and asked.isdecimal() and 0 < int(asked[:9]) <= HISTORY_S):
            raise web.HTTPBadRequest(text=f"seconds: a number from 1 to {HISTORY_S}")
        wanted = request.query.getall("series", [])
        series = self._live.history.last(int(asked), wanted)
        body = {"until": self._live.second.view.at, "step_s": 1, "series": series}
        return web.Response(body=_encode(body), content_type="application/json")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if len(self._wakes) >= READERS_MAX or self._closing:
            raise web.HTTPServiceUnavailable(text=f"at most {READERS_MAX} readers at once")
        wake = asyncio.Event()
        unwatch = self._live.watch(wake.set)
        self._wakes.add(wake)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
        )
        try:
            await response.prepare(request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            while not self._closing:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await response.write(self._event())
                wake.clear()
                await wake.wait()
        except (ConnectionResetError, TimeoutError):
            pass  # the reader has left, or does not read
        finally:
            unwatch()
            self._wakes.discard(wake)
        return response

    def _event(self) -> bytes:
        second = self._live.second
        if self._encoded is None or self._encoded[0] is not second:
            self._encoded = (second, b"event: second\ndata: %b\n\n" % _encode(second))
        return self._encoded[1]

    async def _close(self, _app: web.Application) -> None:
        """End the streams, which would hold up leaving."""
        self._closing = True
        for wake in self._wakes:
            wake.set()

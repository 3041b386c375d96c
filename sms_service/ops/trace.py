"""`GET /api/trace`: the journeys of inquiries as they finish, as server-sent events (WHATWG HTML, section 9.2).

    id: 17
    data: {"smsc": "viettel", "received_at": 1795679262.912, "deliver_sm": [{"bind": 1, "local_port": 50412,
           "sequence_number": 5}], "steps": [{"stage": "received", "ms": 0.0}, …]}

A reader first gets what is kept, or what came after the `Last-Event-ID` that it shows. Nothing is queued for a reader: one that
is slow finds what is kept when it has read, and before it an event `lost` with how many are not. Off unless `[ops] trace` is
true: then the answer is 404.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from sms_service.ops.journeys import Journey, Journeys

READERS_MAX: Final = 16
"""Streams at once: a simulator, a dashboard and some people."""
KEEP_ALIVE_S: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies cut streams that are silent for 30-60 s."""
EVENTS_MAX: Final = 200
"""Journeys written at once, some 200 kB: between two writes others have their turn."""
RETRY_MS: Final = 1000
"""Milliseconds that a reader waits before it connects again."""

_HEADERS: Final = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
_encode = msgspec.json.Encoder().encode


class TraceStream:
    """The route. Without journeys, tracing is off."""

    def __init__(self, journeys: Journeys | None) -> None:
        self._journeys = journeys
        self._wakes: set[asyncio.Event] = set()
        self._closing = False

    def add_routes(self, app: web.Application) -> None:
        """Add the route to an application."""
        app.router.add_get("/api/trace", self._serve)
        app.on_shutdown.append(self._close)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        journeys = self._journeys
        if journeys is None:
            return _refused(404, "tracing is off: [ops] trace = true in the configuration switches it on")
        if len(self._wakes) >= READERS_MAX or self._closing:
            return _refused(503, f"at most {READERS_MAX} readers at once")
        wake = asyncio.Event()
        wake.set()  # first comes what is kept
        unwatch = journeys.watch(wake.set)
        self._wakes.add(wake)
        response = web.StreamResponse(headers=_HEADERS)
        try:
            await response.prepare(request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            await self._write_all(response, journeys, wake, _last_of(request, journeys))
        except ConnectionResetError:
            pass  # the reader has left
        finally:
            unwatch()
            self._wakes.discard(wake)
        return response

    async def _write_all(
        self, response: web.StreamResponse, journeys: Journeys, wake: asyncio.Event, last: int
    ) -> None:
        while not self._closing:
            lost, found = journeys.after(last, EVENTS_MAX)
            if lost:
                last += lost
                await response.write(b'event: lost\ndata: {"count": %d}\n\n' % lost)
            elif found:
                events = [_event(last + index, journey) for index, journey in enumerate(found, 1)]
                last += len(events)
                await response.write(b"".join(events))
            else:
                wake.clear()
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        await wake.wait()
                except TimeoutError:
                    await response.write(b": keep-alive\n\n")

    async def _close(self, _app: web.Application) -> None:
        """End the streams, which would hold up leaving."""
        self._closing = True
        for wake in self._wakes:
            wake.set()


def _last_of(request: web.Request, journeys: Journeys) -> int:
    """The number after which a reader goes on. One of an earlier run of the gateway is greater than any: then from the start."""
    resume = request.headers.get("Last-Event-ID", "")
    last = int(resume) if resume.isascii() and resume.isdecimal() else -1
    return last if 0 <= last <= journeys.count else journeys.forgotten


def _event(number: int, journey: Journey) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (number, _encode(journey))


def _refused(status: int, why: str) -> web.Response:
    return web.Response(body=_encode({"error": why}), status=status, content_type="application/json")

"""Live messages of a phone as server-sent events (WHATWG HTML, section 9.2).

One event for each new message, its data as in the list of messages. A reader that was cut off says where it stopped, by the
header Last-Event-ID that browsers send, or by `?after=ID` when it joins a list that it has just read; it is sent what it
missed. A stream holds no messages: it is woken, and reads what is new from the inbox, so a slow reader costs nothing.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from simulator.phone.inbox import Inbox, Message

KEEP_ALIVE_S: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies cut streams that are silent for 30-60 s."""
STREAMS_MAX: Final = 1000
"""Streams at once; each holds a connection and some kilobytes."""
RETRY_MS: Final = 1000
"""Milliseconds that a browser waits before it connects again."""

_encode = msgspec.json.Encoder().encode


class Streams:
    """All open streams of one inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._wakes: set[asyncio.Event] = set()
        self._closing = False

    async def serve(self, request: web.Request, msisdn: str) -> web.StreamResponse:
        """Stream this number's messages until the reader leaves or the server closes."""
        if len(self._wakes) >= STREAMS_MAX or self._closing:
            return web.Response(status=503)
        resume = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        if resume.isascii() and resume.isdecimal():
            last = int(resume)
        else:
            last = max((message.id for message in self._inbox.messages(msisdn)), default=0)
        wake = asyncio.Event()
        wake.set()  # first comes what was missed
        unwatch = self._inbox.watch(msisdn, wake.set)
        self._wakes.add(wake)
        try:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
            await response.prepare(request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            while not self._closing:
                try:
                    await asyncio.wait_for(wake.wait(), KEEP_ALIVE_S)
                except TimeoutError:
                    await response.write(b": keep-alive\n\n")
                    continue
                wake.clear()
                for message in self._inbox.messages(msisdn, after=last):
                    last = message.id
                    await response.write(_event(message))
        except ConnectionResetError:
            pass  # the reader has left
        finally:
            self._wakes.discard(wake)
            unwatch()
        return response

    def close(self) -> None:
        """End every stream, and take no more."""
        self._closing = True
        for wake in self._wakes:
            wake.set()


def _event(message: Message) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (message.id, _encode(message))

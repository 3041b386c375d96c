"""Live messages of a phone as server-sent events (WHATWG HTML, section 9.2).

One event for each new message, its data as in the list of messages. A reader that was cut off says where it stopped, by the
header Last-Event-ID that browsers send, or by `?after=ID` when it joins a list that it has just read; it is sent what it
missed. A stream holds no messages: it is woken, and reads what is new from the inbox, so a slow reader costs nothing.

The page watches all its phones over one stream, since browsers open six connections to a server and no more. There an event's data
is `{"phone", "message"}`, and events named `state` say what has become of what a phone sent: `{"phone", "id", "state"}`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from aiohttp import web

from simulator.phone.inbox import Inbox, Message
from simulator.phone.trails import State, Trails

KEEP_ALIVE_S: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies cut streams that are silent for 30-60 s."""
STREAMS_MAX: Final = 1000
"""Streams at once; each holds a connection and some kilobytes."""
RETRY_MS: Final = 1000
"""Milliseconds that a browser waits before it connects again."""

_encode = msgspec.json.Encoder().encode


class Streams:
    """All open streams of one inbox."""

    def __init__(self, inbox: Inbox, trails: Trails) -> None:
        self._inbox = inbox
        self._trails = trails
        self._wakes: set[asyncio.Event] = set()
        self._closing = False

    async def serve(self, request: web.Request, msisdn: str) -> web.StreamResponse:
        """Stream this number's messages until the reader leaves or the server closes."""
        last = _resumed(request)
        if last is None:
            last = max((message.id for message in self._inbox.messages(msisdn)), default=0)
        news = _News(self._inbox, self._trails, {msisdn: last})
        return await self._stream(request, news, lambda: news.messages(_event))

    async def serve_all(self, request: web.Request, phones: Mapping[str, int]) -> web.StreamResponse:
        """Stream the messages of several numbers, each from behind an id, and the states of what they sent."""
        resumed = _resumed(request) or 0
        news = _News(self._inbox, self._trails, {msisdn: max(last, resumed) for msisdn, last in phones.items()})
        return await self._stream(request, news, lambda: news.messages(_event_of) + news.states())

    async def _stream(self, request: web.Request, news: _News, read: Callable[[], bytes]) -> web.StreamResponse:
        if len(self._wakes) >= STREAMS_MAX or self._closing:
            return web.Response(status=503)
        wake = asyncio.Event()
        wake.set()  # first comes what was missed
        unwatch = news.watch(wake.set)
        self._wakes.add(wake)
        try:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
            await response.prepare(request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            while not self._closing:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        await wake.wait()
                except TimeoutError:
                    await response.write(b": keep-alive\n\n")
                    continue
                wake.clear()
                if found := read():
                    await response.write(found)
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


class _News:
    """What one reader has not seen yet of some phones."""

    def __init__(self, inbox: Inbox, trails: Trails, last: dict[str, int]) -> None:
        self._inbox = inbox
        self._trails = trails
        self._last = last
        self._states: dict[int, State] = {}

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` whenever there is more. Returns what ends it."""
        ends = [end(msisdn, wake) for msisdn in self._last for end in (self._inbox.watch, self._trails.watch)]

        def unwatch() -> None:
            for end in ends:
                end()

        return unwatch

    def messages(self, event: Callable[[str, Message], bytes]) -> bytes:
        """In the order of their ids over all phones, so that the last one says where the reader stopped."""
        newer: list[tuple[int, str, Message]] = []
        for msisdn, last in self._last.items():
            newer += [(message.id, msisdn, message) for message in self._inbox.messages(msisdn, after=last)]
        newer.sort(key=lambda one: one[0])
        for number, msisdn, _ in newer:
            self._last[msisdn] = number
        return b"".join([event(msisdn, message) for _, msisdn, message in newer])

    def states(self) -> bytes:
        """Of what the phones sent, as far as they have changed."""
        events: list[bytes] = []
        for msisdn in self._last:
            for number, state in self._trails.states(msisdn).items():
                if self._states.get(number) != state:
                    self._states[number] = state
                    data = _encode({"phone": msisdn, "id": number, "state": state})
                    events.append(b"event: state\ndata: %b\n\n" % data)
        return b"".join(events)


def _resumed(request: web.Request) -> int | None:
    """The id of the last message that the reader has."""
    typed = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return int(typed) if typed.isascii() and typed.isdecimal() else None


def _event(_msisdn: str, message: Message) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (message.id, _encode(message))


def _event_of(msisdn: str, message: Message) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (message.id, _encode({"phone": msisdn, "message": message}))

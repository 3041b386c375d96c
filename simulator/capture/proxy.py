"""A transparent TCP proxy between an ESME and an SMSC: octets are passed on unchanged and at once, and noted after that.

Each connection of an ESME gets one of its own to the SMSC. Either side may close, half-close or break it, and the other
side sees the same; who does not read is not read for.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from struct import Struct
from typing import Final, cast

from simulator.capture.tap import Tap
from sms_service.smpp import Role

CONNECT_S: Final = 10.0
"""Seconds that the SMSC is given to accept a connection."""
CONNECTIONS_MAX: Final = 1000
"""Connections at once: two descriptors each, below the 4,096 that a process commonly may have."""
_NO_LINGER: Final = Struct("ii").pack(1, 0)
"""Of SO_LINGER: closing discards what is not sent and resets the connection."""

TapFactory = Callable[[], Tap]
Clock = Callable[[], int]


class Proxy:
    """All connections that pass through.

    Args:
        host, port: the SMSC.
        tap: gives a tap for the next connection.
        clock: nanoseconds since the start of the recording.
    """

    def __init__(self, host: str, port: int, tap: TapFactory, clock: Clock) -> None:
        self._host = host
        self._port = port
        self._tap = tap
        self._pairs: set[_Pair] = set()
        self.clock: Final = clock
        self.refused = 0
        """Connections that came when there were too many."""

    @property
    def open(self) -> int:
        """Connections now."""
        return len(self._pairs)

    def side(self) -> asyncio.Protocol:
        """For `loop.create_server`."""
        return _Pair(self).esme

    def close(self) -> None:
        """End all connections; what was received is noted."""
        for pair in list(self._pairs):
            pair.abort("the recording ended")

    def admit(self, pair: _Pair) -> Tap | None:
        """A tap for a connection that has come; None: there are too many."""
        if len(self._pairs) >= CONNECTIONS_MAX:
            self.refused += 1
            return None
        self._pairs.add(pair)
        return self._tap()

    def forget(self, pair: _Pair) -> None:
        """The pair has ended."""
        self._pairs.discard(pair)

    async def connect(self, side: asyncio.Protocol) -> None:
        """To the SMSC. Raises OSError, TimeoutError included."""
        async with asyncio.timeout(CONNECT_S):
            await asyncio.get_running_loop().create_connection(lambda: side, self._host, self._port)


class _Pair:
    """The two connections that are one to those who talk."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._tap: Tap | None = None
        self._connecting: asyncio.Task[None] | None = None
        self.esme = _Side(self, Role.ESME)
        self.smsc = _Side(self, Role.SMSC)
        self.esme.peer, self.smsc.peer = self.smsc, self.esme

    def made(self, side: _Side) -> None:
        if side is self.smsc:
            self.esme.read(wanted=True)
            return
        self._tap = self._proxy.admit(self)
        if self._tap is None:
            side.reset()
            return
        self._tap.opened(self._proxy.clock())
        side.read(wanted=False)
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await self._proxy.connect(self.smsc)
        except TimeoutError:
            self._end(Role.SMSC, "the SMSC does not accept the connection in time")
        except OSError as error:
            self._end(Role.SMSC, f"the SMSC cannot be reached: {os.strerror(error.errno) if error.errno else error}")
        if self._tap is None:  # it failed, or the ESME left meanwhile
            self.smsc.reset()
            self.esme.reset()

    def passed(self, side: _Side, data: bytes) -> None:
        if self._tap is not None:
            self._tap.passed(self._proxy.clock(), side.origin, data)

    def lost(self, side: _Side, exc: Exception | None) -> None:
        self._end(side.origin, "" if exc is None else "connection broken")
        if exc is None:
            side.peer.close()
        else:
            side.peer.reset()
        if side is self.esme and self._connecting is not None:
            self._connecting.cancel()

    def abort(self, reason: str) -> None:
        self._end(Role.ESME, reason)
        if self._connecting is not None:
            self._connecting.cancel()
        self.esme.abort()
        self.smsc.abort()

    def _end(self, origin: Role, reason: str) -> None:
        if self._tap is not None:
            self._tap.closed(self._proxy.clock(), origin, reason)
            self._tap = None
            self._proxy.forget(self)


class _Side(asyncio.Protocol):
    """One of the two connections."""

    peer: _Side

    def __init__(self, pair: _Pair, origin: Role) -> None:
        self._pair = pair
        self.origin: Final = origin
        self._transport: asyncio.Transport | None = None
        self._early = b""
        """What is to be sent once there is a connection: some event loops read once more though they were told to wait."""
        self._ended = False
        """Whether this side sends no more."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._early:
            self._transport.write(self._early)
            self._early = b""
        if self.peer.has_ended:
            self._transport.write_eof()
        self._pair.made(self)

    def data_received(self, data: bytes) -> None:
        self.peer.write(data)
        self._pair.passed(self, data)

    def eof_received(self) -> bool:
        self._ended = True
        if self.peer.has_ended:
            return False  # both have: the transport closes, and the loss of it closes the other
        self.peer.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._pair.lost(self, exc)

    def pause_writing(self) -> None:
        self.peer.read(wanted=False)

    def resume_writing(self) -> None:
        self.peer.read(wanted=True)

    @property
    def has_ended(self) -> bool:
        return self._ended

    def write(self, data: bytes) -> None:
        if self._transport is None:
            self._early += data
            self.peer.read(wanted=True)  # that it is paused was forgotten by the loop that read, so pause it anew
            self.peer.read(wanted=False)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def write_eof(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def read(self, *, wanted: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """Break the connection so that the other end sees it broken, and not ended."""
        if self._transport is not None:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

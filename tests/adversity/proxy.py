"""A network that misbehaves: a proxy between a client and a real server (SMPP, PostgreSQL, Redis), on TCP or Unix sockets.

It knows no protocol. What it does by itself follows `Weather`, drawn from a seed, so that a failing run can be repeated as
far as the event loop allows: it cuts connections after a number of octets, passes octets on in other pieces than they came
in, and late. What a test does to it at once: `cut`, `hold` and `release`, `refuse` and `accept`. Everything is bounded: it
reads on only when what it read was taken, and holds at most `CONNECTIONS_MAX` connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Self

READ_OCTETS = 16_384
"""Octets read at a time, and so held for each direction of a connection."""
CONNECTIONS_MAX = 256
"""More than any pool or number of binds that a test opens; further ones are closed at once."""

Address = tuple[str, int] | Path
"""A TCP address, or the path of a Unix socket."""


@dataclass(frozen=True)
class Weather:
    """What happens to connections by chance. The default is fine weather."""

    life_octets: tuple[int, int] | None = None
    """A connection is cut after a number of octets, of both directions, in this range."""
    piece_octets: tuple[int, int] | None = None
    """Octets are passed on in pieces of sizes in this range."""
    delay_s: tuple[float, float] | None = None
    """Each piece is late by a time in this range."""


class Proxy:
    """Use as an async context manager; `address` is where clients connect."""

    def __init__(
        self, upstream: Address, *, listen: Path | None = None, weather: Weather | None = None, seed: int = 0
    ) -> None:
        """`listen`: the path of a Unix socket; a free port of the loopback if left out."""
        self._upstream = upstream
        self._listen = listen
        self._dice = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self._connections: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, ...]] = {}
        self.weather = weather or Weather()
        """May be changed; connections that stand keep the life that they were given."""
        self.address: Address = listen or ("127.0.0.1", 0)
        self.connected = 0
        """Connections that came, in all."""
        self.cuts = 0
        """Connections that were cut here."""

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()
        await self.refuse()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def port(self) -> int:
        """The TCP port where clients connect."""
        assert not isinstance(self.address, Path)
        return self.address[1]

    # ---- what a test does ------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Cut every connection: both ends see a reset."""
        for task, writers in list(self._connections.items()):
            self.cuts += 1
            for writer in writers:
                writer.transport.abort()
            task.cancel()

    def hold(self) -> None:
        """Pass nothing on, as a network does that is parted: nobody is told."""
        self._passing.clear()

    def release(self) -> None:
        """Pass on again, what was held first."""
        self._passing.set()

    async def refuse(self) -> None:
        """Take no new connections; those that stand stay."""
        if self._server is not None:
            self._server.close()
            self._server = None
            if isinstance(self.address, Path):
                self.address.unlink(missing_ok=True)

    async def accept(self) -> None:
        """Take connections, at the same address as before."""
        if self._server is not None:
            return
        if isinstance(self.address, Path):
            self._server = await asyncio.start_unix_server(self._arrived, self.address)
        else:
            self._server = await asyncio.start_server(self._arrived, *self.address)
            self.address = ("127.0.0.1", self._server.sockets[0].getsockname()[1])

    # ---- within ----------------------------------------------------------------------------------------------------

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connected += 1
        if len(self._connections) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections[task] = (writer,)
        try:
            await self._join(task, reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for one in self._connections.pop(task):
                one.transport.abort()

    async def _join(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry octets both ways until one end leaves or the connection's life is over."""
        if isinstance(self._upstream, Path):
            far_reader, far_writer = await asyncio.open_unix_connection(self._upstream)
        else:
            far_reader, far_writer = await asyncio.open_connection(*self._upstream)
        self._connections[task] = (writer, far_writer)
        life = _Life(self._draw(self.weather.life_octets))
        ways = [
            asyncio.ensure_future(self._carry(reader, far_writer, life)),
            asyncio.ensure_future(self._carry(far_reader, writer, life)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        if life.over:
            self.cuts += 1
            return
        for one in (writer, far_writer):  # an end left in order: what is under way arrives, and then the end
            one.close()
            with contextlib.suppress(OSError):
                await one.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, life: _Life) -> None:
        while data := await reader.read(READ_OCTETS):
            while data:
                size = self._draw(self.weather.piece_octets) or len(data)
                piece, data = data[:size], data[size:]
                if self.weather.delay_s is not None:
                    await asyncio.sleep(self._dice.uniform(*self.weather.delay_s))
                await self._passing.wait()
                writer.write(piece[: life.left] if life.left is not None else piece)
                await writer.drain()
                if life.spend(len(piece)):
                    return

    def _draw(self, bounds: tuple[int, int] | None) -> int | None:
        return None if bounds is None else self._dice.randint(*bounds)


class _Life:
    """How many octets a connection may carry yet."""

    def __init__(self, left: int | None) -> None:
        self.left = left
        self.over = False

    def spend(self, octets: int) -> bool:
        """Whether that was its end."""
        if self.left is not None:
            self.left = max(0, self.left - octets)
            self.over = self.left == 0
        return self.over

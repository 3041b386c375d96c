"""Real engines behind a line that a test cuts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.databases import journal_database, journal_dsn

__all__ = ["journal_database", "journal_dsn"]


class Line:
    """A Unix socket that passes on to another, until it is cut or hangs."""

    def __init__(self, path: Path, target: str) -> None:
        self.path = path
        self._target = target
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def restore(self) -> None:
        """Let through again."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_unix_server(self._connected, self.path)

    async def cut(self) -> None:
        """End all connections and take no new ones, as a server does that was killed."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self.path.unlink(missing_ok=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks)

    def hang(self) -> None:
        """Pass nothing on, as a network does that was parted."""
        self._flows.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(task := asyncio.current_task())
        task.add_done_callback(self._tasks.discard)
        far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        pair = {writer, far_writer}
        self._writers |= pair
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        self._writers -= pair

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()


@pytest.fixture
async def make_line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Callable[[str, str], Line]]:
    lines = []

    async def make(name: str, target: str) -> Line:
        line = Line(tmp_path_factory.mktemp("line") / name, target)
        await line.restore()
        lines.append(line)
        return line

    yield make
    for line in lines:
        line._flows.set()
        await line.cut()


@pytest.fixture
async def postgres_line(make_line, journal_dsn: str) -> tuple[Line, str]:
    """A line to the journal, and the journal's address at its end."""
    parts = urlsplit(journal_dsn)
    folder = parse_qs(parts.query)["host"][0]
    line = await make_line(".s.PGSQL.5432", f"{folder}/.s.PGSQL.5432")
    return line, f"postgresql://{parts.path}?host={line.path.parent}&port=5432&user=sms"


@pytest.fixture
async def valkey_line(make_line, valkey_url: str) -> tuple[Line, str]:
    """A line to the Valkey, and its address at its end."""
    line = await make_line("valkey.sock", urlsplit(valkey_url).path)
    return line, f"unix://{line.path}?db=0"

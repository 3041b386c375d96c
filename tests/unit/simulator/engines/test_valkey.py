"""How a Valkey is described, and when it is said to answer."""

import asyncio
import stat
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.engines.valkey import Valkey


@pytest.fixture
def valkey():
    with tempfile.TemporaryDirectory(prefix="s") as base:
        yield Valkey(Path(base, "valkey"), Path(base), Path("/vk/valkey-server"))


def test_it_keeps_nothing_and_listens_on_its_socket_alone(valkey):
    """And its folder is private."""
    argv = " ".join(valkey.program().argv)
    assert argv.startswith(f"/vk/valkey-server --port 0 --unixsocket {valkey.socket} --unixsocketperm 700 ")
    assert "--save  --appendonly no" in argv
    assert stat.S_IMODE(valkey.folder.stat().st_mode) == 0o700


def test_an_address_quotes_what_must_be_quoted(valkey):
    """A folder's name may hold what means something else in an address."""
    odd = Valkey(valkey.folder, Path("/a b?c%e"), valkey.server)
    assert odd.url == "unix:///a%20b%3Fc%25e/valkey.sock?db=0"


@asynccontextmanager
async def _server(valkey, answer):
    async def serve(reader, writer):
        if answer:
            await reader.readline()
            writer.write(answer)
        else:
            writer.transport.abort()
        writer.close()

    async with await asyncio.start_unix_server(serve, valkey.socket):
        yield


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"+PONG\r\n", True), (b"-LOADING\r\n", False), (b"", False)],
    ids=["well", "loading", "gone"],
)
async def test_it_answers_when_it_says_so(valkey, answer, expected):
    """Listening alone is not enough."""
    async with _server(valkey, answer):
        assert await valkey.answers() is expected


async def test_it_does_not_answer_before_it_listens(valkey):
    """Which is no error."""
    assert not await valkey.answers()

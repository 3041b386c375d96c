"""The proxy does what it is told, or the tests that stand on it prove nothing."""

import asyncio
import contextlib

import pytest

from tests.adversity.proxy import Proxy, Weather
from tests.unit.esme.fake_smsc import until


@pytest.fixture
async def echo(tmp_path):
    """A server that says what it hears, on a port and on a Unix socket."""

    async def serve(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(1000):
                writer.write(data)
        writer.close()

    tcp = await asyncio.start_server(serve, "127.0.0.1", 0)
    unix = await asyncio.start_unix_server(serve, tmp_path / "echo")
    yield {"tcp": ("127.0.0.1", tcp.sockets[0].getsockname()[1]), "unix": tmp_path / "echo"}
    tcp.close()
    unix.close()


async def call(proxy):
    if isinstance(proxy.address, tuple):
        return await asyncio.open_connection(*proxy.address)
    return await asyncio.open_unix_connection(proxy.address)


@pytest.mark.parametrize("upstream", ["tcp", "unix"])
@pytest.mark.parametrize("listen", ["tcp", "unix"])
async def test_passes_on(echo, tmp_path, upstream, listen):
    """Octets come through unchanged, over each kind of socket, in whatever pieces and however late."""
    weather = Weather(piece_octets=(1, 7), delay_s=(0, 0.0001))
    path = tmp_path / "proxy" if listen == "unix" else None
    async with Proxy(echo[upstream], listen=path, weather=weather) as proxy:
        reader, writer = await call(proxy)
        sent = bytes(range(256))
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()


async def test_cuts_after_a_number_of_octets(echo):
    """A connection lives for the octets that it was given, and its ends are told."""
    async with Proxy(echo["tcp"], weather=Weather(life_octets=(1500, 1500))) as proxy:
        reader, writer = await call(proxy)
        writer.write(bytes(1000))
        heard = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                heard += data
        assert len(heard) <= 500
        assert proxy.cuts == 1
        writer.close()


async def test_a_seed_is_a_life():
    """The same seed draws the same lives."""
    first, second = (Proxy(("127.0.0.1", 1), seed=7) for _ in range(2))
    assert [first._draw((1, 10**9)) for _ in range(5)] == [second._draw((1, 10**9)) for _ in range(5)]


async def test_cut_hold_refuse(echo):
    """What a test does happens at once: nothing passes while held, connections go when cut, none come when refused."""
    async with Proxy(echo["tcp"]) as proxy:
        reader, writer = await call(proxy)
        proxy.hold()
        writer.write(b"held")
        answer = asyncio.ensure_future(reader.read(100))
        done, _ = await asyncio.wait((answer,), timeout=0.05)
        assert not done
        proxy.release()
        assert await answer == b"held"
        proxy.cut()
        with contextlib.suppress(ConnectionError):
            assert await reader.read(1) == b""
        writer.close()
        await proxy.refuse()
        with pytest.raises(ConnectionError):
            await call(proxy)
        await proxy.accept()
        reader, writer = await call(proxy)
        writer.write(b"again")
        assert await reader.readexactly(5) == b"again"
        writer.close()
        assert proxy.connected == 2


async def test_nobody_behind_it(echo):
    """With no server behind it a connection is closed, as by a host whose server died."""
    async with Proxy(("127.0.0.1", 1)) as proxy:
        reader, writer = await call(proxy)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        await until(lambda: not proxy._connections)

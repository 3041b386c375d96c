"""The SMSC as it runs: over TCP, with its page, until it is told to leave."""

import asyncio
import socket

import aiohttp
import pytest

from simulator.smsc.accounts import Account
from simulator.smsc.server import CannotListen, Options, serve
from sms_service.smpp import BindTransceiver, Closed, CloseReason, ResponseReceived, Role, Session
from sms_service.sms import Alphabet


def options(**kwargs):
    return Options(
        **{
            "host": "127.0.0.1",
            "port": 0,
            "http_port": 0,
            "citizens": 5,
            "seed": 1,
            "accounts": (Account("gateway", "secret"),),
            "window": 10,
            "alphabet": Alphabet.GSM7,
            **kwargs,
        }
    )


class Running:
    """`serve` in a task, with the ports that it got."""

    async def __aenter__(self):
        self.stop = asyncio.Event()
        ready = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(serve(options(), self.stop, lambda *ports: ready.set_result(ports)))
        self.smpp_port, self.http_port = await ready
        return self

    async def __aexit__(self, *_):
        self.stop.set()
        await self.task


async def read_event(reader, session, kind):
    while True:
        data = await reader.read(4096)
        for event in session.receive_data(data, 0.0):
            if isinstance(event, kind):
                return event


async def test_binds_and_leaves():
    """An ESME binds over TCP, the health page counts it, and at the end it is asked to unbind."""
    async with Running() as running, aiohttp.ClientSession() as http:
        health = f"http://127.0.0.1:{running.http_port}/healthz"
        async with http.get(health) as response:
            assert (await response.json())["binds"] == {"gateway": 0}
        reader, writer = await asyncio.open_connection("127.0.0.1", running.smpp_port)
        session = Session(Role.ESME)
        session.request(BindTransceiver(system_id="gateway", password="secret"), 0.0)
        writer.write(session.data_to_send())
        assert (await read_event(reader, session, ResponseReceived)).response.command_status == 0
        async with http.get(health) as response:
            assert (await response.json())["binds"] == {"gateway": 1}
        running.stop.set()
        assert (await read_event(reader, session, Closed)).reason is CloseReason.PEER_UNBOUND
        writer.write(session.data_to_send())
        await running.task
        writer.close()


async def test_peer_that_does_not_leave(monkeypatch):
    """An ESME that ignores unbind does not hold up the end for longer than its time."""
    monkeypatch.setattr("simulator.smsc.server.LEAVE_S", 0.02)
    async with Running() as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.smpp_port)
        session = Session(Role.ESME)
        session.request(BindTransceiver(system_id="gateway", password="secret"), 0.0)
        writer.write(session.data_to_send())
        await read_event(reader, session, ResponseReceived)
        running.stop.set()
        await asyncio.wait_for(running.task, 5)
        writer.close()


async def test_time_passes(monkeypatch):
    """While nothing happens the SMSC's timers run."""
    ticked = asyncio.Event()
    monkeypatch.setattr("simulator.smsc.server.TICK_S", 0.001)
    monkeypatch.setattr("simulator.smsc.center.Center.tick", lambda _center: ticked.set())
    async with Running():
        await asyncio.wait_for(ticked.wait(), 5)


@pytest.mark.parametrize("which", ["port", "http_port"])
async def test_busy_port_is_named(which):
    """A port that is taken is named in the error."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"port {port}: Address already in use"):
            await serve(options(**{which: port}), asyncio.Event(), lambda *_: None)

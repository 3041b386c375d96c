"""The simulated SMSC as a process: SMPP on one port and the phone page on another, until both are told to leave.

The page is up first, so that whoever waits for it to answer can watch the binds come.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from simulator.load.web import Loads
from simulator.phone.details import Details
from simulator.phone.directory import Directory, make_directory
from simulator.phone.inbox import Inbox
from simulator.phone.network import PhoneNetwork
from simulator.phone.quiet import quiet_logger
from simulator.phone.traces import Traces
from simulator.phone.trails import Trails
from simulator.phone.web import make_app
from simulator.phone.wire import Wire
from simulator.smsc.accounts import Account
from simulator.smsc.admin import add_admin_routes
from simulator.smsc.center import TICK_S, Center
from simulator.smsc.messages import Arrival
from sms_service.smpp import SessionSettings
from sms_service.sms import Alphabet

LEAVE_S: Final = 2.0
"""Seconds that ESMEs are given to answer unbind when the process stops."""
LEAVE_LOOK_S: Final = 0.01
"""Seconds between two looks whether they have."""
HTTP_CLOSE_S: Final = 1.0
"""Seconds that requests are given to end when the process stops."""

_Opened = TypeVar("_Opened")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    host: str
    port: int
    """Of SMPP; 0 takes a free one, as for HTTP."""
    http_port: int
    citizens: int
    seed: int
    accounts: tuple[Account, ...]
    window: int
    """Unanswered deliver_sm of a bind."""
    alphabet: Alphabet
    """What data_coding 0 means."""
    ops_urls: tuple[str, ...] = ()
    """Of the gateways that bind here: whose `/api/trace` tells the journeys of the phones' messages."""


class CannotListen(Exception):
    """A port is taken or not allowed. The text names it."""


async def serve(options: Options, stop: asyncio.Event, on_ready: Callable[[int, int], None]) -> None:
    """Run until `stop` is set, then ask the ESMEs to leave.

    Args:
        options: see there.
        stop: ends it.
        on_ready: called once both ports listen, with the numbers of SMPP's and HTTP's.

    Raises:
        CannotListen: see there.
    """
    inbox = Inbox(wall=time.time())

    def on_arrivals(arrivals: Sequence[Arrival]) -> None:
        network.arrived(arrivals)

    center = Center(
        options.accounts,
        on_arrivals,
        settings=SessionSettings(window_size=options.window),
        alphabet=options.alphabet,
        seed=options.seed,
    )
    trails = Trails()
    traces = Traces(options.ops_urls, trails)
    about = {
        "short_code": options.accounts[0].short_codes[0],
        "population": f"{options.citizens}/{options.seed}",
    }

    network = PhoneNetwork(center, inbox, Wire(trails, center.listen), traces, about)

    def directory() -> Directory:
        return make_directory(options.citizens, options.seed)

    app = make_app(network, inbox, directory, Details(trails, traces, options.alphabet))
    add_admin_routes(app, center)
    Loads(center, citizens=options.citizens, seed=options.seed, alphabet=options.alphabet).add_routes(app)
    runner = web.AppRunner(app, access_log=None, logger=quiet_logger(), shutdown_timeout=HTTP_CLOSE_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.http_port)
        await _listening(site.start(), options.http_port)
        loop = asyncio.get_running_loop()
        server = await _listening(loop.create_server(center.link, options.host, options.port), options.port)
        on_ready(server.sockets[0].getsockname()[1], runner.addresses[0][1])
        async with server:
            await _tick_until(center, stop)
            server.close()
            await _leave(center)
    finally:
        await runner.cleanup()


async def _listening(opening: Awaitable[_Opened], port: int) -> _Opened:
    try:
        return await opening
    except OSError as error:
        raise CannotListen(f"cannot listen on port {port}: {os.strerror(error.errno or 0)}") from error


async def _tick_until(center: Center, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), TICK_S)
        except TimeoutError:
            center.tick()


async def _leave(center: Center) -> None:
    center.leave()
    for _ in range(round(LEAVE_S / LEAVE_LOOK_S)):
        if not center.links():
            return
        await asyncio.sleep(LEAVE_LOOK_S)

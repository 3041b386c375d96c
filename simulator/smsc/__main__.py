"""The simulated SMSC as a process: SMPP on one port, the phone page on another."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import click
import msgspec
from aiohttp import web

from simulator.phone.directory import Directory, make_directory
from simulator.phone.inbox import Inbox
from simulator.phone.network import PhoneNetwork, receive
from simulator.phone.web import make_app
from simulator.smsc.accounts import ACCOUNT_DEFAULT, Account, parse_account
from simulator.smsc.center import TICK_S, Center
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
    http_port: int
    citizens: int
    seed: int
    accounts: tuple[Account, ...]
    window: int
    alphabet: Alphabet


class CannotListen(Exception):
    """A port is taken or not allowed. The text names it."""


async def serve(options: Options, stop: asyncio.Event) -> None:
    """Run until `stop` is set, then ask the ESMEs to leave.

    Raises:
        CannotListen: see there.
    """
    inbox = Inbox(wall=time.time())
    center = Center(
        options.accounts,
        receive(inbox),
        settings=SessionSettings(window_size=options.window),
        alphabet=options.alphabet,
    )
    about = {
        "short_code": options.accounts[0].short_codes[0],
        "population": f"{options.citizens}/{options.seed}",
    }

    def directory() -> Directory:
        return make_directory(options.citizens, options.seed)

    app = make_app(PhoneNetwork(center, inbox, about), inbox, directory)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=HTTP_CLOSE_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.http_port)
        await _listening(site.start(), options.http_port)
        loop = asyncio.get_running_loop()
        server = await _listening(loop.create_server(center.link, options.host, options.port), options.port)
        smpp_port, http_port = server.sockets[0].getsockname()[1], runner.addresses[0][1]
        click.echo(f"SMPP on {options.host}:{smpp_port}, phone page on http://{options.host}:{http_port}/")
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


def _accounts(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Account, ...]:
    try:
        accounts = tuple(parse_account(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if len({account.system_id for account in accounts}) < len(accounts):
        raise click.BadParameter("two accounts have the same system_id")
    return accounts


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=2775, show_default=True, help="SMPP.")
@click.option("--http-port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Phone page.")
@click.option(
    "--citizens", type=click.IntRange(min=1), default=10_000, show_default=True, help="Size of the population."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the population.")
@click.option(
    "--account",
    "accounts",
    multiple=True,
    default=(ACCOUNT_DEFAULT,),
    show_default=True,
    callback=_accounts,
    metavar="SYSTEM_ID:PASSWORD[:CODES]",
    help="Who may bind, and for which short codes (5505). May be given again.",
)
@click.option(
    "--window", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Unanswered deliver_sm of a bind."
)
@click.option(
    "--alphabet",
    type=click.Choice([alphabet.value for alphabet in Alphabet]),
    callback=lambda _context, _parameter, value: Alphabet(value),
    default=Alphabet.GSM7.value,
    show_default=True,
    help="What data_coding 0 means.",
)
def main(**values: Any) -> None:
    """Stand in for an operator's SMSC: ESMEs bind over SMPP, people text from the phone page.

    \b
    Examples:
      python -m simulator.smsc
      python -m simulator.smsc --port 2775 --http-port 8080 --citizens 10000 --seed 1
      python -m simulator.smsc --account gateway:secret --account other:secret:8079,8179
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        asyncio.run(_serve_until_signal(Options(**values)))
    except CannotListen as error:
        raise click.ClickException(str(error)) from None


async def _serve_until_signal(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve(options, stop)


if __name__ == "__main__":
    main(prog_name="python -m simulator.smsc")

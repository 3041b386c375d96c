"""An ESME that answers every message at once, for measuring the simulated SMSC alone: `python -m simulator.echo --port 2775`.

It acknowledges each deliver_sm and submits one message back to its sender, always the same. Nothing is kept, nothing is looked up.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import time
from collections.abc import Callable
from typing import Final, cast

import click
import uvloop

from simulator.smsc.accounts import ACCOUNT_DEFAULT, Account, parse_account
from sms_service.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    Npi,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
    SubmitSm,
    SubmitTemplate,
    Ton,
)

AGAIN_S: Final = 1.0
"""Seconds between two attempts to bind again."""
WINDOW: Final = 100_000
"""Unanswered submit_sm: never the limit."""
TEXT: Final = b"Ho ten: NGUYEN VAN AN\nSinh: 01/02/1985\nGioi tinh: Nam\nSo DDCN: 001085000001\nSai? Goi 19000368"
"""As long as most replies are."""


class Echo(asyncio.Protocol):
    """One bind."""

    _transport: asyncio.Transport

    def __init__(self, account: Account) -> None:
        self._bind = BindTransceiver(system_id=account.system_id, password=account.password)
        self._session = Session(Role.ESME, SessionSettings(window_size=WINDOW), time.monotonic())
        self._template = SubmitTemplate(
            SubmitSm(
                source_addr_ton=Ton.NETWORK_SPECIFIC,
                source_addr=account.short_codes[0],
                dest_addr_ton=Ton.INTERNATIONAL,
                dest_addr_npi=Npi.ISDN,
            )
        )
        loop = asyncio.get_running_loop()
        self.bound: asyncio.Future[None] = loop.create_future()
        """Done when the SMSC has let us in; `Refused` when it has not."""
        self.ended: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._session.request(self._bind, time.monotonic())
        self._transport.write(self._session.data_to_send())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        session, numbers = self._session, []
        for event in session.receive_data(data, now):
            if isinstance(event, ResponseReceived) and not self.bound.done():
                self._answered(event)
            elif isinstance(event, RequestReceived) and isinstance(event.pdu, DeliverSm) and session.window_free:
                numbers.append(event.pdu.sequence_number)
                session.submit(self._template, event.pdu.source_addr, TEXT, now)
        if numbers:
            session.acknowledge(numbers)
        if data := session.data_to_send():
            self._transport.write(data)

    def _answered(self, event: ResponseReceived) -> None:
        """The bind was answered."""
        if status := event.response.command_status:
            self.bound.set_exception(Refused(f"the SMSC refuses the bind: {_name(status)}"))
        else:
            self.bound.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, whatever the cause
        if not self.bound.done():
            self.bound.set_exception(ConnectionResetError(errno.ECONNRESET, "the SMSC hung up"))
        self.ended.set_result(None)


class Refused(Exception):
    """The SMSC does not let us in. The text says with which command_status."""


async def echo(host: str, port: int, binds: int, account: Account, say: Callable[[str], None] = lambda _: None) -> None:
    """Bind, and answer until the last bind has ended.

    Raises:
        OSError: there is no SMSC.
        Refused: it does not let us in.
    """
    loop = asyncio.get_running_loop()
    echoes = [(await loop.create_connection(lambda: Echo(account), host, port))[1] for _ in range(binds)]
    await asyncio.gather(*[echo.bound for echo in echoes])
    say(f"{binds} transceiver binds to {host}:{port} as {account.system_id}; answering everything, until Ctrl-C")
    await asyncio.gather(*[echo.ended for echo in echoes])


async def stay(host: str, port: int, binds: int, account: Account, say: Callable[[str], None]) -> None:
    """As `echo`, and bind again whenever the binds were lost, until cancelled.

    Raises:
        OSError: there was no SMSC from the beginning.
        Refused: see `echo`.
    """
    await echo(host, port, binds, account, say)
    while True:
        say(f"the SMSC has ended the binds; binding again every {AGAIN_S:g} s")
        while True:
            await asyncio.sleep(AGAIN_S)
            try:
                await echo(host, port, binds, account, say)
            except OSError:
                continue
            break


def _account(_context: click.Context, _parameter: click.Parameter, value: str) -> Account:
    try:
        return parse_account(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", default="127.0.0.1", show_default=True, help="Of the SMSC.")
@click.option("--port", type=click.IntRange(1, 65535), default=2775, show_default=True, help="Of the SMSC.")
@click.option("--binds", type=click.IntRange(1, 64), default=2, show_default=True, help="Transceiver binds.")
@click.option(
    "--account", default=ACCOUNT_DEFAULT, show_default=True, callback=_account, metavar="SYSTEM_ID:PASSWORD[:CODES]",
    help="As whom to bind; the answers are from the first code (5505).",
)  # fmt: skip
@click.option("--once", is_flag=True, help="End when the SMSC ends the binds, instead of binding again.")
def main(host: str, port: int, binds: int, account: Account, once: bool) -> None:
    """Bind to an SMSC and answer every message, until Ctrl-C.

    \b
    Example:
      ./sms echo --port 2775 --binds 8
    """  # noqa: D301 - click wants the character, not the two that spell it

    def say(text: str) -> None:
        click.echo(f"echo: {text}", err=True)

    try:
        uvloop.run((echo if once else stay)(host, port, binds, account, say))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        say(f"no SMSC on {host}:{port}: {os.strerror(error.errno or 0)}")
        sys.exit(2)
    except Refused as error:
        say(f"{error}; see --account")
        sys.exit(2)


def _name(status: int) -> str:
    try:
        return CommandStatus(status).name
    except ValueError:
        return f"command_status {status:#x}"


if __name__ == "__main__":
    main(prog_name="python -m simulator.echo")

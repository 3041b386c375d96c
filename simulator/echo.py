"""An ESME that answers every message at once, for measuring the simulated SMSC alone: `python -m simulator.echo --port 2775`.

It acknowledges each deliver_sm and submits one message back to its sender, always the same. Nothing is kept, nothing is looked up.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Final, cast

import click
import uvloop

from simulator.smsc.accounts import ACCOUNT_DEFAULT, Account, parse_account
from sms_service.smpp import (
    BindTransceiver,
    DeliverSm,
    Npi,
    RequestReceived,
    Role,
    Session,
    SessionSettings,
    SubmitSm,
    SubmitTemplate,
    Ton,
)

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
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._session.request(self._bind, time.monotonic())
        self._transport.write(self._session.data_to_send())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        session, numbers = self._session, []
        for event in session.receive_data(data, now):
            if isinstance(event, RequestReceived) and isinstance(event.pdu, DeliverSm) and session.window_free:
                numbers.append(event.pdu.sequence_number)
                session.submit(self._template, event.pdu.source_addr, TEXT, now)
        if numbers:
            session.acknowledge(numbers)
        if data := session.data_to_send():
            self._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, whatever the cause
        self.ended.set_result(None)


async def echo(host: str, port: int, binds: int, account: Account) -> None:
    """Bind, and answer until the last bind has ended.

    Raises:
        OSError: there is no SMSC.
    """
    loop = asyncio.get_running_loop()
    echoes = [(await loop.create_connection(lambda: Echo(account), host, port))[1] for _ in range(binds)]
    await asyncio.gather(*[echo.ended for echo in echoes])


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
def main(host: str, port: int, binds: int, account: Account) -> None:
    """Bind to an SMSC and answer every message, until the SMSC ends the binds.

    \b
    Example:
      ./sms echo --port 2775 --binds 8
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        uvloop.run(echo(host, port, binds, account))
    except OSError as error:
        raise click.ClickException(f"no SMSC on {host}:{port}: {os.strerror(error.errno or 0)}") from None


if __name__ == "__main__":
    main(prog_name="python -m simulator.echo")

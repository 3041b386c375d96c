"""`python -m simulator.smsc`: the simulated SMSC from the command line."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import click
import uvloop

from simulator.smsc.accounts import ACCOUNT_DEFAULT, Account, parse_account
from simulator.smsc.server import CannotListen, Options, serve
from sms_service.sms import Alphabet


def _accounts(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Account, ...]:
    try:
        accounts = tuple(parse_account(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if len({account.system_id for account in accounts}) < len(accounts):
        raise click.BadParameter("two accounts have the same system_id")
    return accounts


def _urls(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not value.startswith(("http://", "https://")):
            raise click.BadParameter(f"{value}: expected http://HOST:PORT, as the gateway's [ops] listen says")
    return values


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
@click.option(
    "--ops-url",
    "ops_urls",
    multiple=True,
    callback=_urls,
    metavar="URL",
    help="Ops port of a gateway that binds here, for the journeys of messages. May be given again.",
)
def main(**values: Any) -> None:
    """Stand in for an operator's SMSC: ESMEs bind over SMPP, people text from the phone page.

    \b
    Examples:
      ./sms smsc                                           SMPP on 2775, bind as gateway with password secret
      ./sms smsc --port 2775 --http-port 8080 --citizens 10000 --seed 1
      ./sms smsc --account gateway:secret --account other:secret:8079,8179
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        uvloop.run(_serve_until_signal(Options(**values)))
    except CannotListen as error:
        click.echo(f"smsc: {error}", err=True)
        raise SystemExit(2) from None


async def _serve_until_signal(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    def announce(smpp_port: int, http_port: int) -> None:
        click.echo(f"SMPP on {options.host}:{smpp_port}, phone page on http://{options.host}:{http_port}/")

    await serve(options, stop, announce)


if __name__ == "__main__":
    main(prog_name="python -m simulator.smsc")

"""`./sms capture`: its commands and what they say on the terminal."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from simulator.capture.address import Address, AddressType
from simulator.capture.record import CannotListen, CannotWrite, Recorder, record
from simulator.capture.recording import Header, Writer, create
from simulator.capture.redact import Redaction
from simulator.capture.show import show_command

MEGA: Final = 1_000_000
MB_DEFAULT: Final = 1000
"""Megabytes: some eight million PDUs, and seldom more than a disk has."""


@click.group()
def capture() -> None:
    """Record what an ESME and an SMSC say to each other, show it, say it again."""


@capture.command("record")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--listen", type=AddressType(lowest_port=0), required=True, help="Where the ESME connects instead of the SMSC."
)
@click.option("--to", type=AddressType(), required=True, help="The SMSC.")
@click.option("--with-secrets", is_flag=True, help="Keep passwords; without it asterisks stand for them.")
@click.option(
    "--without-personal-data",
    is_flag=True,
    help="Put placeholders of the same length for addresses, contents, and all that may hold either.",
)
@click.option(
    "--max-mb",
    type=click.FloatRange(min=0, min_open=True),
    default=MB_DEFAULT,
    show_default=True,
    help="Megabytes that the file may have.",
)
@click.option("--duration", type=click.FloatRange(min=0, min_open=True), help="Seconds; without it until Ctrl-C.")
def record_command(
    *,
    file: Path,
    listen: Address,
    to: Address,
    with_secrets: bool,
    without_personal_data: bool,
    max_mb: float,
    duration: float | None,
) -> None:
    """Pass everything between ESMEs and an SMSC on, unchanged and at once, and write it into FILE, which must be new.

    It ends with Ctrl-C, after --duration, or when the file is full, and the connections end with it. TLS is not spoken: what is
    encrypted is kept as octets that are no PDU.

    \b
    Examples:
      ./sms capture record day.smpp --listen 127.0.0.1:2776 --to 127.0.0.1:2775
      ./sms capture record short.smpp --listen 0.0.0.0:2776 --to smsc.example:2775 --without-personal-data --duration 60
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        stream = create(file)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already: choose another name, or remove it") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be made: {error.strerror}") from None
    header = Header(
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        listen=str(listen),
        to=str(to),
        secrets=with_secrets,
        personal_data=not without_personal_data,
    )
    redaction = Redaction(secrets=with_secrets, personal_data=not without_personal_data)
    try:
        with stream:
            writer = Writer(stream, header, round(max_mb * MEGA))
            why = asyncio.run(_record_until_signal(writer, redaction, listen, to, duration))
    except CannotListen as error:
        file.unlink()
        raise click.ClickException(str(error)) from None
    except CannotWrite as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"Ended: {why}. Look at it with: ./sms capture show {file}", err=True)


async def _record_until_signal(
    writer: Writer, redaction: Redaction, listen: Address, to: Address, duration: float | None
) -> str:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    counting = _Line()
    started = time.monotonic_ns()
    try:
        return await record(
            Recorder(writer, redaction, stop),
            listen,
            to,
            stop=stop,
            duration_s=duration,
            clock=lambda: time.monotonic_ns() - started,
            on_ready=lambda address: click.echo(f"Recording: {address} -> {to}. End with Ctrl-C.", err=True),
            on_look=counting.show,
        )
    finally:
        counting.end()


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)


class _Line:
    """A line on standard error that changes; where that is no terminal only its last state is written."""

    def __init__(self) -> None:
        self._text = ""
        self._live = sys.stderr.isatty()

    def show(self, text: str) -> None:
        self._text = text
        if self._live:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)

    def end(self) -> None:
        if self._text:
            click.echo("" if self._live else self._text, err=True)


capture.add_command(show_command)

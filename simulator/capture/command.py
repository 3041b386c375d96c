"""`./sms capture`: its commands and what they say on the terminal."""

from __future__ import annotations

import asyncio
import math
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from click.core import ParameterSource

from simulator.capture.address import Address, AddressType
from simulator.capture.outcome import Outcome
from simulator.capture.record import CannotListen, CannotWrite, Recorder, record
from simulator.capture.recording import Header, NotARecording, Reader, Writer, create
from simulator.capture.redact import Redaction
from simulator.capture.replay import CannotReplay, check_replayable, replay
from simulator.capture.script import Script, TooLarge, make_script
from simulator.capture.show import show_command
from sms_service.smpp import Role

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

    def end(self, *, last: bool = True) -> None:
        """Leave the line; `last`: where it was never shown, show it now."""
        if self._text and (last or self._live):
            click.echo("" if self._live else self._text, err=True)


capture.add_command(show_command)


class SpeedType(click.ParamType[float]):
    """How many times as fast, or `max`."""

    name = "FACTOR|max"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if value == "max":
            return math.inf
        try:
            speed = float(value)
        except ValueError:
            speed = 0.0
        if not 0 < speed < math.inf:
            self.fail("expected a factor above 0, such as 2, or max", param, ctx)
        return speed


@capture.command("replay")
@click.argument("file", type=click.File("rb"))
@click.option("--to", type=AddressType(), help="Replay the ESME, to this SMSC.")
@click.option("--listen", type=AddressType(lowest_port=0), help="Replay the SMSC, to the ESMEs that connect here.")
@click.option(
    "--speed",
    type=SpeedType(),
    default=1.0,
    show_default=True,
    help="How many times as fast as it was recorded; max: as fast as the answers come, within the recorded window.",
)
@click.option(
    "--password",
    envvar="SMPP_PASSWORD",
    show_envvar=True,
    help="For the binds of the ESME; needed unless the recording has them.",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds that the SMSC waits for the next connection.",
)
@click.pass_context
def replay_command(
    context: click.Context,
    *,
    file: BinaryIO,
    to: Address | None,
    listen: Address | None,
    speed: float,
    password: str | None,
    wait: float,
) -> None:
    """Say again what one side of the recording FILE said, and tell where the other side answers otherwise.

    The requests of that side are sent when they were sent in the recording, under live sequence numbers; requests of the other side are
    answered as they were, after the same time. Compared are the status of every answer and how many requests of each command came.

    \b
    Exit codes: 0 no difference, 1 differences, 2 it cannot be replayed.

    \b
    Examples:
      SMPP_PASSWORD=secret ./sms capture replay day.smpp --to 127.0.0.1:2775
      ./sms capture replay day.smpp --listen 127.0.0.1:2775 --speed max
    """  # noqa: D301 - click wants the character, not the two that spell it
    if (to is None) == (listen is None):
        raise click.UsageError("one of --to and --listen is needed, and not both")
    role = Role.ESME if to else Role.SMSC
    if listen and context.get_parameter_source("password") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--password is the ESME's: it goes with --to")
    address = to or listen
    assert address is not None
    try:
        reader = Reader(file)
        script = make_script(reader, role)
        if reader.problem:
            click.echo(f"replay: {reader.problem}: replayed is what stands before", err=True)
        check_replayable(script, role, has_secrets=reader.header.secrets, password=password)
        _warn(script, reader.header)
        outcome = asyncio.run(_replay_until_signal(script, role, address, None if speed == math.inf else speed, wait))
    except (NotARecording, TooLarge, CannotReplay) as error:
        click.echo(f"replay: {error}", err=True)
        context.exit(2)
    click.echo("\n".join(outcome.lines()))
    context.exit(1 if outcome.differences else 0)


def _warn(script: Script, header: Header) -> None:
    if not header.personal_data:
        click.echo(
            "replay: placeholders stand for addresses and contents: the other side may answer otherwise", err=True
        )
    if script.left_out_pdus or script.left_out_octets:
        click.echo(
            f"replay: left out are {script.left_out_pdus} answers to nothing"
            f" and {script.left_out_octets} octets that are no PDU",
            err=True,
        )


async def _replay_until_signal(
    script: Script, role: Role, address: Address, speed: float | None, wait_s: float
) -> Outcome:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    counting = _Line()
    try:
        return await replay(
            script,
            role,
            address,
            speed,
            stop=stop,
            wait_s=wait_s,
            on_ready=lambda listening: click.echo(f"Listening: {listening}. End with Ctrl-C.", err=True),
            on_look=counting.show,
        )
    finally:
        counting.end(last=False)

"""`./sms capture show`: a recording on the terminal, or for a program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import click
import msgspec

from simulator.capture.recording import NotARecording, Reader, Record
from simulator.capture.summary import Summary
from simulator.capture.view import View
from sms_service.smpp import CommandId
from sms_service.sms import Alphabet

COMMANDS: Final = tuple(command.name.lower() for command in CommandId)


@click.command("show")
@click.argument("file", type=click.File("rb"))
@click.option("-v", "--verbose", is_flag=True, help="Every field: octets, value, section of SMPP 3.4, hexadecimal.")
@click.option("--texts", is_flag=True, help="The contents of messages too.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line; with --summary one alone.")
@click.option("--summary", is_flag=True, help="Counts, response times and windows instead of PDUs.")
@click.option(
    "--command", "commands", multiple=True, type=click.Choice(COMMANDS), metavar="NAME", help="Only these: submit_sm …"
)
@click.option("--connection", "connections", multiple=True, type=click.IntRange(min=1), help="Only these.")
@click.option(
    "--errors", is_flag=True, help="Only errors: a command_status, what cannot be decoded, broken connections."
)
@click.option(
    "--alphabet",
    type=click.Choice([alphabet.value for alphabet in Alphabet]),
    callback=lambda _context, _parameter, value: Alphabet(value),
    default=Alphabet.GSM7.value,
    show_default=True,
    help="What data_coding 0 means.",
)
def show_command(
    *,
    file: BinaryIO,
    verbose: bool,
    texts: bool,
    as_json: bool,
    summary: bool,
    commands: tuple[str, ...],
    connections: tuple[int, ...],
    errors: bool,
    alphabet: Alphabet,
) -> None:
    """Show the recording FILE: time in seconds, connection, direction, command, sequence_number, status, octets, addresses.

    A PDU that cannot be decoded is shown in hexadecimal with the reason, whatever is in it. A file that was cut is shown up to the
    cut. FILE may be - for standard input.

    \b
    Examples:
      ./sms capture show day.smpp
      ./sms capture show day.smpp -v --texts --connection 2
      ./sms capture show day.smpp --errors --command submit_sm_resp
      ./sms capture show day.smpp --summary
      ./sms capture show day.smpp --json | jq 'select(.command == "deliver_sm").sequence_number'
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        reader = Reader(file)
    except NotARecording as error:
        raise click.ClickException(str(error)) from None
    views = _chosen((View(record, alphabet, texts=texts) for record in reader), commands, connections, errors=errors)
    if summary:
        _summarise((view.record for view in views), as_json=as_json)
    else:
        for view in views:
            click.echo(msgspec.json.encode(view.json()) if as_json else view.verbose() if verbose else view.line())
    if reader.problem:
        click.echo(f"show: {reader.problem}", err=True)


def _chosen(
    views: Iterator[View], commands: tuple[str, ...], connections: tuple[int, ...], *, errors: bool
) -> Iterator[View]:
    for view in views:
        if connections and view.record.connection not in connections:
            continue
        if commands and view.command not in commands:
            continue
        if not errors or view.is_error:
            yield view


def _summarise(records: Iterator[Record], *, as_json: bool) -> None:
    summary = Summary()
    for record in records:
        summary.add(record)
    summary.end()
    if as_json:
        click.echo(msgspec.json.encode(summary.json()))
    else:
        click.echo("\n".join(summary.lines()))

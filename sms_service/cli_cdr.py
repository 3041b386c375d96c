# ruff: noqa: PLC0415
"""`sms-service cdr`: call detail records for reconciliation with the operators. What is heavy is imported when the command is called."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from sms_service.explaining import NOT_WELL, config_option, explained, refuse, settings_of

if TYPE_CHECKING:
    from sms_service.billing import Numbers, Totals
    from sms_service.model import CallDetailRecord
    from sms_service.settings import Settings

ZONE: Final = "Asia/Ho_Chi_Minh"
"""In which days begin, and times are written."""
BATCH: Final = 1000
"""Records written at a time."""
PROGRESS_EVERY: Final = 100_000
"""Records between two words on how far it is."""
FILE_MODE: Final = 0o600
"""Of daily files: who asked how often is nobody else's business, pseudonym or not."""

EXAMPLES: Final = """\
\b
Example: sms-service cdr --config config.toml --from 2026-11-01 --to 2026-11-30 > november.csv
         sms-service cdr --config config.toml --from 01/11/2026 --to 30/11/2026 --smsc viettel --daily cdr/
         sms-service cdr --config config.toml --from 27/11/2026 --smsc viettel --numbers - < viettel-numbers.csv

\b
Columns: time (local, when it ended), smsc, sender (pseudonym), command, fee (đồng), segments (of the reply, confirmed by the SMSC),
message_ids (the SMSC's), ending, uncertain (a segment was sent again because its first sending got no answer), inquiry_id.

\b
An operator's list has a number a line, once for each message; what stands behind the number is passed over. Printed are the senders
that are counted otherwise: the line of the list, the pseudonym, their count and ours.

Exit code 1 when the sums contradict the audit trail, or the operator's list differs; 2 when nothing could be read.
"""


class _Day(click.ParamType[dt.date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            with contextlib.suppress(ValueError):
                return dt.datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no time zone
        raise click.BadParameter(f"{value!r} is no day; write 2026-11-30 or 30/11/2026", ctx, param)


@click.command(epilog=EXAMPLES)
@config_option
@click.option("--from", "first", type=_Day(), required=True, metavar="DATE", help="First day, in Vietnam's time.")
@click.option("--to", "last", type=_Day(), metavar="DATE", help="Last day, included.  [default: the first]")
@click.option("--smsc", help="Only what came over this SMSC, by its name in the configuration.")
@click.option(
    "--daily", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Write a file a day, cdr-2026-11-27.csv, instead of standard output. A file appears whole, in place of an older one.",
)  # fmt: skip
@click.option(
    "--numbers", type=click.File("r", encoding="utf-8-sig"), metavar="FILE|-",
    help="Match this list of an operator's against the records, and print the differences instead of the records.",
)  # fmt: skip
def cdr(  # noqa: PLR0917 - click passes each by name
    config: Path, first: dt.date, last: dt.date | None, smsc: str | None, daily: Path | None, numbers: TextIO | None
) -> None:
    """Export call detail records: a line for each accepted inquiry, with its fee, for reconciliation with the operators."""
    import asyncio

    from sms_service.billing import BadNumbers, Totals

    last = last or first
    if last < first:
        raise click.UsageError(f"--to {last} is before --from {first}")
    if daily is not None and numbers is not None:
        raise click.UsageError("--daily and --numbers are two tasks: give one")
    with explained():
        settings = settings_of(config)
        if smsc is not None and smsc not in (known := [one.name for one in settings.smsc]):
            click.echo(f"cdr: the configuration has no SMSC {smsc!r} now (it has {', '.join(known)})", err=True)
        totals = Totals()
        try:
            matched = _numbers(settings, numbers) if numbers is not None else None
            asyncio.run(_export(settings, (first, last), smsc, _Target(daily, matched, totals)))
        except BadNumbers as error:
            refuse(f"--numbers: {error}")
        except UnicodeDecodeError:
            refuse("--numbers: the list is no UTF-8 text")
        except BrokenPipeError:
            _silence()
            sys.exit(NOT_WELL)
        except OSError as error:
            refuse(f"{error.filename or daily}: {error.strerror}")
        except KeyboardInterrupt:
            click.echo("cdr: interrupted; files that were complete stay", err=True)
            sys.exit(130)
    differs = _tell_differences(matched) if matched is not None else False
    for line in totals.told():
        click.echo(f"cdr: {line}", err=True)
    sys.exit(NOT_WELL if differs or not totals.match_audit else 0)


class _Target:
    """Where records go: standard output, daily files, or the comparison alone."""

    def __init__(self, daily: Path | None, numbers: Numbers | None, totals: Totals) -> None:
        import zoneinfo

        self.zone = zoneinfo.ZoneInfo(ZONE)
        self.daily = daily
        self.numbers = numbers
        self.totals = totals

    def days(self, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
        """The stretches that are written each by itself."""
        if self.daily is None:
            yield first, last
            return
        for number in range((last - first).days + 1):
            day = first + dt.timedelta(days=number)
            yield day, day

    @contextlib.contextmanager
    def writing(self, day: dt.date) -> Iterator[Callable[[str], object]]:
        """Takes the text of one stretch."""
        if self.numbers is not None:
            yield lambda _text: None
        elif self.daily is None:
            yield sys.stdout.write
            sys.stdout.flush()
        else:
            self.daily.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.daily / f"cdr-{day.isoformat()}.csv"
            unfinished = path.with_name(f".{path.name}.unfinished")
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                yield file.write
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)


async def _export(settings: Settings, days: tuple[dt.date, dt.date], smsc: str | None, target: _Target) -> None:
    from sms_service.app import call_detail_records
    from sms_service.billing import day_bounds, heading, lines

    told = 0
    for first, last in target.days(*days):
        with target.writing(first) as write:
            write(heading())
            since, until = day_bounds(first, last, target.zone)
            async for batch in _batches(call_detail_records(settings, since, until, smsc)):
                for record in batch:
                    target.totals.add(record)
                    if target.numbers is not None:
                        target.numbers.add(record)
                write(lines(batch, target.zone))
                told += len(batch)
                if told % PROGRESS_EVERY < len(batch):
                    click.echo(f"cdr: {told:,} records …", err=True)


async def _batches(records: AsyncIterator[CallDetailRecord]) -> AsyncIterator[list[CallDetailRecord]]:
    batch: list[CallDetailRecord] = []
    async for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _numbers(settings: Settings, given: TextIO) -> Numbers:
    from sms_service.billing import Numbers
    from sms_service.keys import Pseudonyms, read_keys

    numbers = Numbers(Pseudonyms(read_keys(Path(settings.keys.file))).msisdn)
    counted = numbers.read(given)
    click.echo(f"cdr: {counted:,} lines of the operator's list", err=True)
    return numbers


def _tell_differences(numbers: Numbers) -> bool:
    count = 0
    for difference in numbers.differences():
        if not count:
            click.echo("line,sender,operator,records")
        count += 1
        place = "" if difference.line is None else difference.line
        click.echo(f"{place},{difference.sender.hex()},{difference.theirs},{difference.ours}")
    click.echo(
        f"cdr: {count:,} senders are counted otherwise" if count else "cdr: the operator counts the same", err=True
    )
    return count > 0


def _silence() -> None:
    """Whoever read standard output has read enough: Python must not complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""`./sms population`: a synthetic population made in a database, counted, and the replies that it must get."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NoReturn

import asyncpg
import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from simulator.engines.program import CannotStartError
from simulator.population.bar import Bar
from simulator.population.export import HEADER, export_lines, write_export
from simulator.population.population import CITIZENS_MAX, SEED_MAX, Population
from simulator.population.postgres import Occupied, jobs_for, load_population
from simulator.population.statistics import SAMPLE, TOP, Statistics, statistics
from syntax import REFERENCE
from syntax import load as load_syntax

FAILED: Final = 2
INTERRUPTED: Final = 130

MAKE: Final = """\
\b
Examples:
  ./sms population make --dsn postgresql:///population --citizens 1000000
  ./sms population make --dsn postgresql://db/people --citizens 10000000 --jobs 4 --replace

It is made in one transaction: whoever reads meanwhile sees what was there before, and Ctrl-C leaves that as it was. A record takes
about a kilobyte of disk, its index entry fifty octets.
"""
STATS: Final = """\
\b
Examples:
  ./sms population stats --citizens 10000
  ./sms population stats --citizens 100000000 --count 50000 --json
"""
EXPECT: Final = """\
\b
Examples:
  ./sms population expect --citizens 10000 > expected.tsv
  ./sms population expect --citizens 1000000 --output expected.tsv

A line a number, tab-separated: msisdn state citizen_id name text reply, as ./sms demo --export writes it.
"""

_citizens = click.option(
    "--citizens",
    type=click.IntRange(1, CITIZENS_MAX),
    default=10_000,
    show_default=True,
    help="Size of the population.",
)
_seed = click.option(
    "--seed", type=click.IntRange(0, SEED_MAX), default=1, show_default=True, help="Another seed, other people."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def population() -> None:
    """The synthetic population: make it in a database, count what it is like, export the replies it must get."""


@population.command(epilog=MAKE)
@_citizens
@_seed
@click.option("--dsn", help="Of the PostgreSQL database that is to hold it.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Of a demo, instead of --dsn: its database.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes that draw citizens.  [default: one a processor]")
@click.option("--replace", is_flag=True, help="Put it in the place of another that the database holds.")
def make(citizens: int, seed: int, **options: Any) -> None:
    """Make it in a PostgreSQL database, by streaming COPY."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background process would be deaf to it
    wanted = Population(citizens, seed)
    try:
        asyncio.run(_make(options["dsn"], wanted, options["jobs"], replace=options["replace"]))
    except Occupied as error:
        _fail(f"{error}; --replace puts another population in its place")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, CannotStartError) as error:
        _fail(f"{type(error).__name__}: {error}. The database is as it was.")
    except (TypeError, ValueError) as error:  # what the driver makes of an address that is none
        _fail(f"--dsn: {error}; expected postgresql://USER@HOST:PORT/DATABASE")
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("population: interrupted; the database is as it was", err=True)
        sys.exit(INTERRUPTED)


async def _make(dsn: str, wanted: Population, jobs: int | None, *, replace: bool) -> None:
    began = time.monotonic()
    with Bar(wanted.citizens) as bar:
        sizes = await load_population(dsn, wanted, bar.say, jobs=jobs, progress=bar.update, replace=replace)
    took_s = time.monotonic() - began
    if sizes is None:
        click.echo(f"population: {wanted.citizens:,} citizens of seed {wanted.seed} stand there already")
        return
    mebibytes = [octets / 2**20 for octets in sizes]
    click.echo(
        f"population: {wanted.citizens:,} citizens of seed {wanted.seed} in {took_s:,.1f} s, {wanted.citizens / took_s:,.0f} a second "
        f"with {jobs or jobs_for(wanted.citizens)} processes; table {mebibytes[0]:,.0f} MiB, index {mebibytes[1]:,.0f} MiB"
    )


@population.command(epilog=STATS)
@_citizens
@_seed
@click.option(
    "--count",
    type=click.IntRange(1),
    default=SAMPLE,
    show_default=True,
    help="Citizens who are counted: the first ones.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def stats(citizens: int, seed: int, count: int, as_json: bool) -> None:
    """Count what it is like: age, sex, provinces, ethnic groups, names, states of numbers."""
    with Bar(min(count, citizens)) as bar:
        found = statistics(Population(citizens, seed), count, lambda done: bar.update(done, "counting"))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1))
        return
    _print(found)


@population.command(epilog=EXPECT)
@_citizens
@_seed
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File; standard output, if left out.")
def expect(citizens: int, seed: int, output: Path | None) -> None:
    """Export an inquiry for each number and the reply that it must get."""
    people = Population(citizens, seed)
    try:
        if output is not None:
            write_export(output, people)
            return
        write = sys.stdout.write
        write("\t".join(HEADER) + "\n")
        for line in export_lines(people, load_syntax(REFERENCE)):
            write("\t".join(line) + "\n")
    except BrokenPipeError:
        sys.stderr.close()  # whoever read has read enough
    except OSError as error:
        _fail(f"{output or 'standard output'}: {error.strerror}")


def _print(found: Statistics) -> None:
    console = Console()
    console.print(
        f"{found.citizens:,} citizens; of the first {found.counted:,}: {found.numbers:,} numbers, {found.departed:,} dead or missing",
        highlight=False,
    )
    for name in (
        "age",
        "sex",
        "born_in",
        "lives_in",
        "ethnicity",
        "religion",
        "family_name",
        "given_name",
        "marital_status",
    ):
        _table(console, name, getattr(found, name).items(), found.counted)
    _table(console, "number_state", found.number_state.items(), found.numbers)
    _table(console, "numbers_a_citizen", found.numbers_a_citizen.items(), found.counted)


def _table(console: Console, name: str, rows: Iterable[tuple[str, int]], whole: int) -> None:
    listed = list(rows)
    more = f" (the {TOP} most frequent)" if len(listed) == TOP else ""
    table = Table(title=name.replace("_", " ") + more, title_justify="left", box=box.SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    most = max((count for _, count in listed), default=1)
    for value, count in listed:
        table.add_row(value, f"{100 * count / whole:.1f} %", "█" * round(30 * count / most))
    console.print(table)


def _fail(text: str) -> NoReturn:
    click.echo(f"population: {text}", err=True)
    sys.exit(FAILED)

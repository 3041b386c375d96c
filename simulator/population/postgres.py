"""The population in PostgreSQL: one table whose columns are the field codes, filled by COPY as the citizens are drawn.

It is made in one transaction, so a database holds a whole population or none; a row beside it says which one. The same
population is made once: who finds it there goes on at once. A large one is drawn by several processes, whose lines flow into one COPY;
at no time is more than a few blocks of it in memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg

from simulator.engines.program import CannotStartError, Program
from simulator.population.copying import COLUMNS, blocks
from simulator.population.population import VERSION, Population

_SQL: Final = files("simulator.population")

QUERY: Final = (_SQL / "record.sql").read_text(encoding="utf-8")
"""What a gateway asks this table for: the records of the citizen IDs in $1 (text[]), a column for each field code."""

_SCHEMA: Final = (_SQL / "schema.sql").read_text(encoding="utf-8")
_ROOT: Final = Path(__file__).resolve().parents[2]

_LOADERS_LOCK: Final = 5_505_001
"""Advisory lock under which a database gets its population: of two that come at once, the second finds it made."""

JOBS_FROM: Final = 50_000
"""Citizens from which processes of their own are worth their start: they are drawn in two seconds."""

_SWAP: Final = (
    "DROP TABLE IF EXISTS citizen",
    "ALTER TABLE citizen_unfinished RENAME TO citizen",
    "ALTER INDEX citizen_unfinished_pkey RENAME TO citizen_pkey",
    "DELETE FROM synthetic_population",
)
"""Last of all: now readers wait, for as long as this takes."""

PIPE_OCTETS: Final = 1 << 20
"""Octets that are waited for from a process, some 1,300 citizens."""

Progress = Callable[[int, str], None]
"""Is told of so many citizens written, and what is done now."""


class Sizes(NamedTuple):
    """Octets on disk."""

    records: int
    index_entries: int


class Occupied(Exception):
    """A database holds something that was not to be replaced. The text says what."""


def jobs_for(citizens: int) -> int:
    """Processes that draw so many citizens, unless told: one for each processor, none for few."""
    return len(os.sched_getaffinity(0)) if citizens >= JOBS_FROM else 1


async def load_population(
    dsn: str,
    population: Population,
    say: Callable[[str], None],
    *,
    jobs: int | None = None,
    progress: Progress = lambda _written, _doing: None,
    replace: bool = True,
) -> Sizes | None:
    """Make the database at `dsn` hold exactly this population. Until it is whole, readers read what was there before.

    Args:
        dsn: see there.
        population: see there.
        say: is told what takes long.
        jobs: processes that draw citizens; 1 draws them in this one. From the main thread only, if more.
        progress: see there.
        replace: put it in the place of another, whatever that is.

    Returns:
        What it takes on disk; None when it stood there already.

    Raises:
        Occupied: without `replace`, the database holds something else.
        OSError, asyncpg.PostgresError: the database cannot be reached, or refuses. It is as before.
        CannotStartError: a process that draws citizens failed. It is as before.
    """
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOADERS_LOCK)
            found = await _holds(connection)
            if found == _description(population):
                return None
            if not replace:
                await _check_free(connection, found)
            say(f"writing {population.citizens:,} citizens")
            await connection.execute(_SCHEMA)
            async with _lines(population, jobs or jobs_for(population.citizens)) as lines:
                await connection.copy_to_table(
                    "citizen_unfinished", source=_counted(lines, progress), columns=COLUMNS, format="text", freeze=True
                )
            progress(population.citizens, "indexing")
            await connection.execute("ALTER TABLE citizen_unfinished ADD PRIMARY KEY (citizen_id)")
            progress(population.citizens, "analysing")
            await connection.execute("ANALYZE citizen_unfinished")
            grants = await _grants(connection)
            for statement in [*_SWAP, *grants]:
                await connection.execute(statement)
            await connection.execute("INSERT INTO synthetic_population VALUES ($1, $2, $3)", *_description(population))
            return Sizes(*await connection.fetchrow("SELECT pg_table_size('citizen'), pg_indexes_size('citizen')"))
    finally:
        await connection.close()


async def _check_free(connection: asyncpg.Connection, found: tuple[int, int, int] | None) -> None:
    """Raises Occupied unless the database has no citizens at all."""
    if found is not None:
        former = "" if found[2] == VERSION else ", of a former version"
        raise Occupied(f"the database holds {found[0]:,} citizens of seed {found[1]}{former}")
    if await connection.fetchval("SELECT to_regclass('citizen')") is not None:
        raise Occupied("the database has a table citizen that is no synthetic population")


async def _grants(connection: asyncpg.Connection) -> list[str]:
    """Who might do what with the table that is given up, to be said of the new one."""
    return [
        row[0]
        for row in await connection.fetch(
            "SELECT format('GRANT %s ON citizen TO %s', privilege_type, "
            "CASE grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee) END) "
            "FROM information_schema.role_table_grants "
            "WHERE table_schema = current_schema() AND table_name = 'citizen' AND grantee <> current_user"
        )
    ]


async def _counted(lines: AsyncIterator[bytes], progress: Progress) -> AsyncIterator[bytes]:
    written = 0
    async for some in lines:
        yield some
        written += some.count(b"\n")
        progress(written, "writing")


@asynccontextmanager
async def _lines(population: Population, jobs: int) -> AsyncIterator[AsyncIterator[bytes]]:
    """The lines of all citizens, in any order, whole ones at a time."""
    async with AsyncExitStack() as stack:
        if jobs == 1:
            yield _drawn_here(population)
        else:
            yield _merged([await stack.enter_async_context(_drawing(population, job, jobs)) for job in range(jobs)])


async def _drawn_here(population: Population) -> AsyncIterator[bytes]:
    for block in blocks(population):
        yield block
        await asyncio.sleep(0)  # others are waiting for this loop too


@asynccontextmanager
async def _drawing(population: Population, job: int, jobs: int) -> AsyncIterator[Process]:
    """A process that draws every `jobs`-th block. It ends with this one, however that ends."""
    program = Program(
        name="citizens",
        argv=(
            sys.executable, "-m", "simulator.population.copying", "--citizens", str(population.citizens),
            "--seed", str(population.seed), "--first", str(job), "--step", str(jobs),
        ),
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *program.command(), env=program.env, stdin=DEVNULL, stdout=PIPE, limit=PIPE_OCTETS, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class _Drawer:
    """One process that draws, read by whole lines."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._rest = b""

    async def lines(self) -> bytes:
        """Some more whole lines; none at the end.

        Raises:
            CannotStartError: the process failed.
        """
        assert self._process.stdout is not None  # it was asked for
        while some := await self._process.stdout.read(PIPE_OCTETS):
            lines, line_end, self._rest = (self._rest + some).rpartition(b"\n")
            if line_end:
                return lines + line_end
        if status := await self._process.wait():
            raise CannotStartError(f"a process that draws citizens ended with exit status {status}")
        return b""


async def _merged(processes: list[Process]) -> AsyncIterator[bytes]:
    """What they write, whole lines at a time, whoever has some."""
    reading = {asyncio.ensure_future(drawer.lines()): drawer for drawer in map(_Drawer, processes)}
    try:
        while reading:
            done, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                drawer = reading.pop(task)
                if lines := task.result():
                    reading[asyncio.ensure_future(drawer.lines())] = drawer
                    yield lines
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


def _description(population: Population) -> tuple[int, int, int]:
    return population.citizens, population.seed, VERSION


async def _holds(connection: asyncpg.Connection) -> tuple[int, int, int] | None:
    if await connection.fetchval("SELECT to_regclass('synthetic_population')") is None:
        return None
    row = await connection.fetchrow("SELECT citizens, seed, version FROM synthetic_population")
    return tuple(row) if row else None

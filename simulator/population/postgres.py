"""The population in PostgreSQL: one table whose columns are the field codes, filled by COPY as the citizens are drawn.

It is made in one transaction, so a database holds a whole population or none; a row beside it says which one. The same
population is made once: who finds it there goes on at once.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Final

import asyncpg
from msgspec.structs import astuple, fields

from simulator.population.population import VERSION, Population
from simulator.population.record import Citizen

_SQL: Final = files("simulator.population")

QUERY: Final = (_SQL / "record.sql").read_text(encoding="utf-8")
"""What a gateway asks this table for: the records of the citizen IDs in $1 (text[]), a column for each field code."""

_SCHEMA: Final = (_SQL / "schema.sql").read_text(encoding="utf-8")
_COLUMNS: Final = tuple(field.name for field in fields(Citizen))

_LOADERS_LOCK: Final = 5_505_001
"""Advisory lock under which a database gets its population: of two that come at once, the second finds it made."""


async def load_population(dsn: str, population: Population, say: Callable[[str], None]) -> bool:
    """Make the database at `dsn` hold exactly this population; `say` is told what takes long.

    Returns:
        True when it was written, False when it stood there already.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be reached, or refuses. It is as before.
    """
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOADERS_LOCK)
            if await _holds(connection) == _description(population):
                return False
            say(f"writing {population.citizens} citizens")
            await connection.execute(_SCHEMA)
            for block in population.blocks():
                await connection.copy_records_to_table("citizen", records=map(astuple, block), columns=_COLUMNS)
            await connection.execute("ALTER TABLE citizen ADD PRIMARY KEY (citizen_id)")
            await connection.execute("INSERT INTO synthetic_population VALUES ($1, $2, $3)", *_description(population))
            await connection.execute("ANALYZE citizen")
            return True
    finally:
        await connection.close()


def _description(population: Population) -> tuple[int, int, int]:
    return population.citizens, population.seed, VERSION


async def _holds(connection: asyncpg.Connection) -> tuple[int, int, int] | None:
    if await connection.fetchval("SELECT to_regclass('synthetic_population')") is None:
        return None
    row = await connection.fetchrow("SELECT citizens, seed, version FROM synthetic_population")
    return tuple(row) if row else None

"""The population in PostgreSQL: one query of the department's own, for a batch of citizens.

The query takes `$1::text[]` and names its columns by field code; `citizen_id` among them says whose record a row is. Records
are matched by it, never by order. Of its columns only those that a batch needs are asked for: what no reply discloses never
leaves the store. The session can only read.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import asyncpg

from sms_service.adapters.postgres.database import Database
from sms_service.ports import Misconfigured

KEY: Final = "citizen_id"
STATEMENTS_MAX: Final = 64
"""Statements remembered, one for each set of fields that was ever asked for together."""
_TYPES: Final = frozenset({"text", "varchar", "bpchar", "date"})
"""PostgreSQL's types that arrive as str or date, the two that a reply can be composed of."""


class PostgresPopulation:
    """The citizens' records."""

    def __init__(self, database: Database, query: str) -> None:
        self._database = database
        self._query = query
        self._columns: frozenset[str] | None = None
        """What the query gives; None until it has been looked at."""
        self._statement = functools.lru_cache(STATEMENTS_MAX)(self._narrowed)

    async def check(self, fields: Collection[str]) -> None:
        """See that the query can be used, and gives these fields.

        Raises:
            Misconfigured: it cannot; the text says why.
            Unavailable: nobody can say now.
        """
        async with self._database.connection() as connection:
            statement = await connection.prepare(self._query)
            takes = [parameter.name for parameter in statement.get_parameters()]
            attributes = statement.get_attributes()
        gives = {attribute.name: attribute.type.name for attribute in attributes}
        if takes != ["text[]"]:
            raise Misconfigured(f"population.query takes {takes or 'no parameter'}, but one is needed: $1::text[]")
        for column, kind in gives.items():
            if kind not in _TYPES:
                raise Misconfigured(f"population.query gives {column!r} as {kind}; cast it to text or date")
        for column, times in Counter(attribute.name for attribute in attributes).items():
            if times > 1:
                raise Misconfigured(f"population.query gives a column twice, {column!r}; name each once")
        self._columns = frozenset(gives)
        self._statement.cache_clear()
        narrowed = self._statement(frozenset(fields))
        async with self._database.connection() as connection:
            try:
                await connection.prepare(narrowed)
            except asyncpg.PostgresSyntaxError:
                raise Misconfigured(
                    "population.query cannot stand as a subquery; leave out what follows its end, such as a comment behind a semicolon"
                ) from None

    async def fetch(self, citizen_ids: Sequence[str], fields: Collection[str]) -> list[Mapping[str, object] | None]:
        """See `ports.Population`.

        Raises:
            Misconfigured: the query cannot be used, lacks a field, or gives two records for one ID.
        """
        if self._columns is None:
            await self.check(fields)
        async with self._database.connection() as connection:
            rows = await connection.fetch(self._statement(frozenset(fields)), citizen_ids)
        records: dict[str, Mapping[str, object]] = {row[KEY]: row for row in rows}
        if len(records) != len(rows):
            raise Misconfigured("population.query gives more than one record for a citizen; it must give one")
        return [records.get(citizen_id) for citizen_id in citizen_ids]

    def _narrowed(self, fields: frozenset[str]) -> str:
        """The query for these fields alone."""
        wanted = sorted(fields | {KEY})
        for column in wanted:
            if self._columns is not None and column not in self._columns:
                raise Misconfigured(f"population.query gives no column {column!r}; name its columns by field code")
        columns = ", ".join('"' + column.replace('"', '""') + '"' for column in wanted)
        return f"SELECT {columns} FROM ({self._query.rstrip().rstrip(';')}\n) AS record"  # noqa: S608 - codes of the catalogue

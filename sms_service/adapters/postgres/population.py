"""The population in PostgreSQL: one query of the department's own, for a batch of citizens.

The query takes `$1::text[]` and names its columns by field code; `citizen_id` among them says whose record a row is. Records
are matched by it, never by order. The session can only read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sms_service.adapters.postgres.database import Database
from sms_service.ports import Misconfigured

KEY: Final = "citizen_id"
_TYPES: Final = frozenset({"text", "varchar", "bpchar", "date"})
"""PostgreSQL's types that arrive as str or date, the two that a reply can be composed of."""


class PostgresPopulation:
    """The citizens' records."""

    def __init__(self, database: Database, query: str) -> None:
        self._database = database
        self._query = query

    async def check(self) -> frozenset[str]:
        """See that the query can be used.

        Returns:
            The field codes that it gives.

        Raises:
            Misconfigured: it cannot; the text says why.
            Unavailable: nobody can say now.
        """
        async with self._database.connection() as connection:
            statement = await connection.prepare(self._query)
            takes = [parameter.name for parameter in statement.get_parameters()]
            gives = {attribute.name: attribute.type.name for attribute in statement.get_attributes()}
        if takes != ["text[]"]:
            raise Misconfigured(f"population.query takes {takes or 'no parameter'}, but one is needed: $1::text[]")
        if KEY not in gives:
            raise Misconfigured(f"population.query gives no column {KEY!r}; name its columns by field code")
        for column, kind in gives.items():
            if kind not in _TYPES:
                raise Misconfigured(f"population.query gives {column!r} as {kind}; cast it to text or date")
        return frozenset(gives)

    async def fetch(self, citizen_ids: Sequence[str]) -> list[Mapping[str, object] | None]:
        """See `ports.Population`.

        Raises:
            Misconfigured: the query gives two records for one ID.
        """
        async with self._database.connection() as connection:
            rows = await connection.fetch(self._query, citizen_ids)
        records: dict[str, Mapping[str, object]] = {row[KEY]: dict(row) for row in rows}
        if len(records) != len(rows):
            raise Misconfigured("population.query gives more than one record for a citizen; it must give one")
        return [records.get(citizen_id) for citizen_id in citizen_ids]

"""The notices of all instances in the journal's database, where there is no Redis or it is away.

One row an instance, overwritten each second, in a table that writes no log: after a crash of the server it is empty, and full
again a second later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.queries import read_queries
from sms_service.ports import NOTICE_TTL_S

_SQL: Final = read_queries("board.sql")


class PostgresBoard:
    """Implements `ports.Board`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def exchange(self, instance: str, notice: bytes) -> Mapping[str, bytes]:
        """See `ports.Board`."""
        async with self._database.connection() as connection:
            others = await connection.fetch(_SQL["exchange"], instance, notice, NOTICE_TTL_S)
        return {row["instance"]: row["notice"] for row in others} | {instance: notice}

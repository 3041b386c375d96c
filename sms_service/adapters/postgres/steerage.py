"""What operators do, in the journal's database."""

from __future__ import annotations

from typing import Final

from sms_service.adapters.limits import BLOCKED_MAX, too_many_blocked
from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.queries import read_queries
from sms_service.model import Blocked, Steered

_SQL: Final = read_queries("steerage.sql")


class PostgresSteerage:
    """Implements `ports.Steerage`."""

    def __init__(self, database: Database, blocked_max: int = BLOCKED_MAX) -> None:
        self._database = database
        self._blocked_max = blocked_max

    async def record(self, steered: Steered) -> None:
        """See the port."""
        one = steered
        async with self._database.connection() as connection:
            await connection.execute(
                _SQL["record"], one.at, one.instance, one.operator, one.action, one.target, one.outcome
            )

    async def recorded(self, limit: int) -> list[Steered]:
        """See the port."""
        async with self._database.connection() as connection:
            return [Steered(**row) for row in await connection.fetch(_SQL["recorded"], limit)]

    async def block(self, blocked: Blocked) -> None:
        """See the port."""
        one = blocked
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                _SQL["block"], one.sender, one.since, one.reason, one.operator, self._blocked_max
            )
        if row is None:
            raise too_many_blocked(self._blocked_max)

    async def unblock(self, sender: bytes) -> bool:
        """See the port."""
        async with self._database.connection() as connection:
            return await connection.fetchrow(_SQL["unblock"], sender) is not None

    async def blocked(self) -> list[Blocked]:
        """See the port."""
        async with self._database.connection() as connection:
            return [Blocked(**row) for row in await connection.fetch(_SQL["blocked"])]

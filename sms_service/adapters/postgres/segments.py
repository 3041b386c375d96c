"""Parts of long messages in PostgreSQL, until they are whole or too old.

A group's parts may come over several instances at the same moment. A lock on the group for the transaction makes one of them
see them all: without it neither would see the other's uncommitted part, and the message would wait for its expiry.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg

from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.inquiries import insert_inquiries
from sms_service.adapters.postgres.queries import read_queries
from sms_service.model import NewInquiry, NewSegment, Run, StoredSegment

_SQL: Final = read_queries("segments.sql")

Assemble = Callable[[Sequence[StoredSegment]], NewInquiry]


class Segments:
    """The table of parts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, run: Run, segments: Sequence[NewSegment], assemble: Assemble) -> list[NewInquiry]:
        """See `ports.Journal.accept_segments`."""
        keys = [one.group_key for one in segments]
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["lock"], keys)
            await connection.execute(
                _SQL["insert"],
                keys,
                [one.number for one in segments],
                [one.total for one in segments],
                [one.smsc for one in segments],
                [one.accepted_at for one in segments],
                [one.sealed for one in segments],
            )
            complete = [row["group_key"] for row in await connection.fetch(_SQL["complete"], keys)]
            return await _assemble(connection, run, complete, assemble)

    async def expire(
        self, run: Run, smscs: Sequence[str], age_s: float, assemble: Assemble, limit: int
    ) -> list[NewInquiry]:
        """See `ports.Journal.expire_segments`."""
        async with self._database.transaction() as connection:
            rows = await connection.fetch(_SQL["overdue"], age_s, limit, smscs)
            overdue = [row["group_key"] for row in rows]
            await connection.execute(_SQL["lock"], overdue)
            return await _assemble(connection, run, overdue, assemble)


async def _assemble(
    connection: asyncpg.Connection, run: Run, keys: Sequence[bytes], assemble: Assemble
) -> list[NewInquiry]:
    """Turn these groups into inquiries; one that another instance took in the meantime has no parts left."""
    if not keys:
        return []
    parts = [StoredSegment(**row) for row in await connection.fetch(_SQL["take"], keys)]
    groups = itertools.groupby(parts, key=lambda part: part.group_key)
    inquiries = [assemble(list(group)) for _, group in groups]
    stored = await insert_inquiries(connection, run, inquiries)
    return list(itertools.compress(inquiries, stored))

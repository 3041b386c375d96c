"""The journal in PostgreSQL: what has been accepted and is not finished.

Everything goes in batches, a statement and a commit each. New inquiries go in by COPY, at half the cost of an INSERT that
looks for conflicts; the rare batch with a duplicate goes in again by that INSERT. Endings go as one JSON document, which
costs this process a third of what arrays cost. Both are safe to repeat, because a lost connection leaves it open whether
the server committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import asyncpg
import msgspec

from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.inquiries import insert_inquiries, rows
from sms_service.adapters.postgres.queries import read_queries
from sms_service.adapters.postgres.runs import Runs
from sms_service.adapters.postgres.segments import Segments
from sms_service.model import (
    Finished,
    JournalCounts,
    JournalledInquiry,
    NewInquiry,
    NewSegment,
    Run,
    StoredSegment,
)
from sms_service.ports import Clock

_SQL: Final = read_queries("journal.sql")
_COLUMNS: Final = ("inquiry_id", "run_id", "accepted_at", "smsc", "digest", "sealed")


class PostgresJournal:
    """One process's journal."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._runs = Runs(database, clock)
        self._segments = Segments(database)

    async def open_run(self, instance: str) -> Run:
        """See `ports.Journal`."""
        return await self._runs.open(instance)

    async def renew(self, run: Run) -> None:
        """See `ports.Journal`."""
        await self._runs.renew(run)

    async def close_run(self, run: Run) -> None:
        """See `ports.Journal`."""
        await self._runs.close(run)

    async def accept(self, run: Run, inquiries: Sequence[NewInquiry]) -> list[bool]:
        """See `ports.Journal`."""
        records = [(one.inquiry_id, run.run_id, one.accepted_at, one.smsc, one.digest, one.sealed) for one in inquiries]
        async with self._database.connection() as connection:
            try:
                await connection.copy_records_to_table("inquiry", columns=_COLUMNS, records=records)
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
                return await insert_inquiries(connection, run, inquiries)
        return [True] * len(inquiries)

    async def accept_segments(
        self, run: Run, segments: Sequence[NewSegment], assemble: Callable[[Sequence[StoredSegment]], NewInquiry]
    ) -> list[NewInquiry]:
        """See `ports.Journal`."""
        return await self._segments.accept(run, segments, assemble)

    async def expire_segments(
        self,
        run: Run,
        smscs: Sequence[str],
        age_s: float,
        assemble: Callable[[Sequence[StoredSegment]], NewInquiry],
        limit: int,
    ) -> list[NewInquiry]:
        """See `ports.Journal`."""
        return await self._segments.expire(run, smscs, age_s, assemble, limit)

    async def finish(self, run: Run, finished: Sequence[Finished]) -> list[bool]:
        """See `ports.Journal`."""
        async with self._database.connection() as connection:
            status = await connection.execute(_SQL["finish"], run.run_id, msgspec.json.encode(finished).decode())
            if rows(status) == len(finished):
                return [True] * len(finished)
            ids = [one.inquiry_id for one in finished]
            mine = {row["inquiry_id"] for row in await connection.fetch(_SQL["which_ended"], run.run_id, ids)}
        return [inquiry_id in mine for inquiry_id in ids]

    async def claim(self, run: Run, smscs: Sequence[str], lease_s: float, limit: int) -> list[JournalledInquiry]:
        """See `ports.Journal`."""
        take_silent = self._runs.renewals.steady(lease_s)
        return await self._fetch("claim", run.run_id, run.instance, smscs, take_silent, lease_s, limit)

    async def owned(self, run: Run, limit: int, after: int = 0) -> list[JournalledInquiry]:
        """See `ports.Journal`."""
        return await self._fetch("owned", run.run_id, after, limit)

    async def _fetch(self, query: str, *arguments: object) -> list[JournalledInquiry]:
        async with self._database.connection() as connection:
            return [JournalledInquiry(**row) for row in await connection.fetch(_SQL[query], *arguments)]

    async def counts(self) -> JournalCounts:
        """See `ports.Journal`."""
        async with self._database.connection() as connection:
            return JournalCounts(**await connection.fetchrow(_SQL["counts"]))

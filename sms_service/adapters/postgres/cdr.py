"""Call detail records out of the journal's database, streamed: memory holds `READ_AHEAD` of them, however many months are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Final

from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.queries import read_queries
from sms_service.model import CallDetailRecord, Ending

READ_AHEAD: Final = 1000
"""Records fetched at a time, some 300 KB."""

_SQL: Final = read_queries("cdr.sql")


class PostgresRecords:
    """The endings, each with what the audit trail says of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, since: dt.datetime, until: dt.datetime, smsc: str | None) -> AsyncIterator[CallDetailRecord]:
        """Those from `since` to before `until`, as they were when the reading began, in the order of their times.

        Raises:
            Unavailable, Misconfigured: see there.
        """
        async with self._database.connection() as connection, connection.transaction(readonly=True):
            async for row in connection.cursor(_SQL["records"], since, until, smsc, prefetch=READ_AHEAD):
                yield CallDetailRecord(
                    inquiry_id=row["inquiry_id"],
                    at=row["at"],
                    smsc=row["smsc"],
                    sender=row["sender"] or b"",
                    command=row["command"],
                    fee=row["fee"],
                    segments=row["segments"],
                    message_ids=tuple(row["message_ids"]),
                    ending=Ending(row["ending"]),
                    uncertain=row["uncertain"],
                    audited=Ending(row["audited"]) if row["audited"] else None,
                )

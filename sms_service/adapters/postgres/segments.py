"""Parts of long messages in PostgreSQL, until they are whole or too old.

A group's parts may come over several instances at the same moment. A lock on the group for the transaction makes one of them
see them all: without it neither would see the other's uncommitted part, and the message would wait for its expiry. The lock
also makes a redelivered part wait for the commit of which the connection was lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg

from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.inquiries import insert_inquiries
from sms_service.adapters.postgres.queries import read_queries
from sms_service.adapters.rounds import rounds
from sms_service.model import NewInquiry, NewSegment, Run, StoredSegment

_SQL: Final = read_queries("segments.sql")

Assemble = Callable[[Sequence[StoredSegment]], NewInquiry]


class Segments:
    """The table of parts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, run: Run, segments: Sequence[NewSegment], assemble: Assemble) -> list[NewInquiry]:
        """See `ports.Journal.accept_segments`."""
        made: list[NewInquiry] = []
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["lock"], [one.group_key for one in segments])
            for step in rounds(segments):
                keys = [one.group_key for one in step]
                numbers = [one.number for one in step]
                part_keys = [one.part_key for one in step]
                followed = await _keys(connection, "followed", keys, numbers, part_keys)
                made += await _assemble(connection, run, followed, assemble)
                await connection.execute(
                    _SQL["insert"],
                    keys,
                    numbers,
                    [one.total for one in step],
                    [one.smsc for one in step],
                    [one.accepted_at for one in step],
                    [one.sealed for one in step],
                    part_keys,
                )
                complete = await _keys(connection, "complete", keys)
                made += await _assemble(connection, run, complete, assemble)
        return made

    async def expire(
        self, run: Run, smscs: Sequence[str], age_s: float, assemble: Assemble, limit: int
    ) -> list[NewInquiry]:
        """See `ports.Journal.expire_segments`."""
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["forget"], age_s)
            overdue = await _keys(connection, "overdue", age_s, limit, smscs)
            await connection.execute(_SQL["lock"], overdue)
            return await _assemble(connection, run, overdue, assemble)


async def _keys(connection: asyncpg.Connection, query: str, *arguments: object) -> list[bytes]:
    return [row["group_key"] for row in await connection.fetch(_SQL[query], *arguments)]


async def _assemble(
    connection: asyncpg.Connection, run: Run, keys: Sequence[bytes], assemble: Assemble
) -> list[NewInquiry]:
    """Turn these groups into inquiries, but for those that may be redelivered; one that another instance took in the meantime
    has no parts left.
    """
    if not keys:
        return []
    rows = await connection.fetch(_SQL["take"], keys)
    groups = [list(group) for _, group in itertools.groupby(rows, key=lambda row: row["group_key"])]
    groups = [group for group in groups if not _forgotten(group)]
    inquiries = [assemble([_stored(row) for row in group]) for group in groups]
    stored = await insert_inquiries(connection, run, inquiries)
    parts = [
        (row["part_key"], inquiry.inquiry_id)
        for group, inquiry, is_stored in zip(groups, inquiries, stored, strict=True)
        for row in group
        if is_stored and row["part_key"] is not None
    ]
    await connection.execute(_SQL["remember"], [key for key, _ in parts], [inquiry_id for _, inquiry_id in parts])
    return list(itertools.compress(inquiries, stored))


def _forgotten(group: Sequence[asyncpg.Record]) -> bool:
    """Whether nobody waits for its answer: see `ports.Journal.accept_segments`."""
    is_whole = len(group) >= group[0]["total"]
    return all(row["unfinished" if is_whole else "known"] for row in group)


def _stored(row: asyncpg.Record) -> StoredSegment:
    return StoredSegment(row["group_key"], row["number"], row["total"], row["smsc"], row["sealed"])

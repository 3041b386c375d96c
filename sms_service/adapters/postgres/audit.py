"""The audit trail in PostgreSQL: chains of entries, append-only.

Entries go in by COPY: it costs a third of an INSERT from arrays, and an audit trail has no conflicts but one: a batch whose
commit was not heard of is appended again. Then what is there must be the same, to the mac.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import asyncpg
import msgspec

from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.queries import read_queries
from sms_service.model import AuditEntry, ChainedEntry, Ending
from sms_service.ports import Misconfigured

READ_AHEAD: Final = 1000
"""Entries fetched at a time while a chain is read: some 300 KB."""

_SQL: Final = read_queries("audit.sql")
_COLUMNS: Final = (
    "chain",
    "position",
    "mac",
    "inquiry_id",
    "at_ms",
    "smsc",
    "sender",
    "citizen",
    "command",
    "fields",
    "syntax",
    "ending",
    "segments",
    "repeated",
)


class PostgresAuditTrail:
    """The audit trail in the journal's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entries: Sequence[ChainedEntry]) -> None:
        """See `ports.AuditTrail`."""
        async with self._database.connection() as connection:
            try:
                await _copy(connection, entries)
            except asyncpg.UniqueViolationError:
                await _copy(connection, await _not_there(connection, entries))

    async def chains(self) -> dict[int, int]:
        """How many entries each chain has."""
        async with self._database.connection() as connection:
            return {row["chain"]: row["entries"] for row in await connection.fetch(_SQL["chains"])}

    async def read(self, chain: int) -> AsyncIterator[ChainedEntry]:
        """One chain from its first entry, as it was when the reading began. Memory holds `READ_AHEAD` entries."""
        async with self._database.connection() as connection, connection.transaction(readonly=True):
            async for row in connection.cursor(_SQL["read"], chain, prefetch=READ_AHEAD):
                position, mac, inquiry_id, at_ms, smsc, sender, citizen, command, fields, syntax, ending, *rest = row
                entry = AuditEntry(
                    inquiry_id, at_ms, smsc, sender, citizen, command, fields, syntax, Ending(ending), *rest
                )
                yield ChainedEntry(chain=chain, position=position, mac=mac, entry=entry)


async def _copy(connection: asyncpg.Connection, entries: Sequence[ChainedEntry]) -> None:
    records = [(one.chain, one.position, one.mac, *msgspec.structs.astuple(one.entry)) for one in entries]
    await connection.copy_records_to_table("audit_entry", columns=_COLUMNS, records=records)


async def _not_there(connection: asyncpg.Connection, entries: Sequence[ChainedEntry]) -> list[ChainedEntry]:
    """The entries that the chain lacks.

    Raises:
        Misconfigured: it holds others at the positions of the rest.
    """
    chain, first, last = entries[0].chain, entries[0].position, entries[-1].position
    there = dict(await connection.fetch(_SQL["macs"], chain, first, last))
    if any(there.get(one.position, one.mac) != one.mac for one in entries):
        raise Misconfigured(f"audit: chain {chain} holds other entries between {first} and {last}; two runs share it")
    return [one for one in entries if one.position not in there]

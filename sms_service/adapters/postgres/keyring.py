"""Whose keys a journal was written with, in its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sms_service.adapters.keyrings import compare, compare_trail
from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.queries import read_queries
from sms_service.model import AuditEntry, ChainedEntry, Ending

_SQL: Final = read_queries("keyring.sql")


class PostgresKeyring:
    """Implements `ports.Keyring`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check(
        self, fingerprints: Mapping[str, bytes], holds: Callable[[ChainedEntry], bool], *, adopt: bool = True
    ) -> None:
        """See the port."""
        names = list(fingerprints)
        async with self._database.connection() as connection:
            known = dict(await connection.fetch(_SQL["known"], names))
            compare(fingerprints, known)
            if "audit" not in known:
                row = await connection.fetchrow(_SQL["first_entry"])
                compare_trail(None if row is None else _entry(row), holds)
            if adopt and len(known) < len(names):
                await connection.execute(_SQL["adopt"], names, list(fingerprints.values()))
                compare(fingerprints, dict(await connection.fetch(_SQL["known"], names)))


def _entry(row: tuple[object, ...]) -> ChainedEntry:
    chain, position, mac, inquiry_id, at_ms, smsc, sender, citizen, command, fields, syntax, ending, *rest = row
    entry = AuditEntry(inquiry_id, at_ms, smsc, sender, citizen, command, fields, syntax, Ending(ending), *rest)  # type: ignore[arg-type]
    return ChainedEntry(chain=chain, position=position, mac=mac, entry=entry)  # type: ignore[arg-type]  # as the columns' types say

"""The schema of journal and audit trail: its migrations, and whether the database has them.

Migrations are files in the layout of dbmate (`NNNN_what.sql`, `-- migrate:up`), applied in order, each in a transaction of
its own together with the record that it was. The gateway never migrates by itself: it refuses a schema it does not know.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import asyncpg

from sms_service.adapters.postgres.errors import port_errors
from sms_service.adapters.postgres.queries import read_queries
from sms_service.ports import Misconfigured, Unavailable

MIGRATIONS: Final = Path(__file__).with_name("migrations")
CONNECT_TIMEOUT_S: Final = 10.0
"""Seconds to reach the server. The statements have no limit: a person waits for them."""
LOCK_TIMEOUT_S: Final = 5.0
"""Seconds for which a migration waits for a table. What a gateway asks of the table queues up behind it, and no SMSC is acknowledged
meanwhile; a backup may hold it for hours."""

_SQL: Final = read_queries("migrations.sql")


def known_versions(folder: Path = MIGRATIONS) -> dict[str, Path]:
    """The migrations of this program by version, in order."""
    return {path.name.partition("_")[0]: path for path in sorted(folder.glob("*.sql"))}


async def migrate(dsn: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing. Several processes may call it at once; calling it again changes nothing.

    Returns:
        The versions applied now.

    Raises:
        Unavailable: somebody holds a table; those versions that were applied before stay. Or see `errors`.
        Misconfigured: see `errors`.
    """
    with port_errors("journal"):
        connection = await asyncpg.connect(
            dsn, timeout=CONNECT_TIMEOUT_S, server_settings={"application_name": "sms-service:migrate"}
        )
        try:
            return await _apply(connection, known_versions(folder))
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)


async def _apply(connection: asyncpg.Connection, known: dict[str, Path]) -> list[str]:
    await connection.execute(_SQL["lock"])
    await connection.execute(_SQL["prepare"])
    applied = {row["version"] for row in await connection.fetch(_SQL["applied"])}
    missing = [version for version in known if version not in applied]
    for version in missing:
        up, _, _ = known[version].read_text("utf-8").partition("-- migrate:down")
        try:
            async with connection.transaction():
                await connection.execute(_SQL["lock_timeout"], f"{LOCK_TIMEOUT_S}s")
                await connection.execute(up)
                await connection.execute(_SQL["record"], version)
        except asyncpg.LockNotAvailableError as error:
            raise Unavailable(
                f"journal: version {version} needs a table that another session has held for more than {LOCK_TIMEOUT_S:g} s "
                f"({type(error).__name__}); nothing of it was applied. Wait for the backup or the long query to end (pg_stat_activity "
                "shows it), and run: sms-service migrate"
            ) from None
    return missing


async def check_schema(connection: asyncpg.Connection) -> None:
    """See that the database has exactly the migrations of this program.

    Raises:
        Misconfigured: it has not; the text names the remedy.
    """
    known = set(known_versions())
    try:
        applied = {row["version"] for row in await connection.fetch(_SQL["applied"])}
    except asyncpg.UndefinedTableError:
        applied = set()
    if missing := known - applied:
        raise Misconfigured(f"journal: the schema lacks version {min(missing)}; run: sms-service migrate")
    if applied - known:
        raise Misconfigured(f"journal: the schema is at version {max(applied)}, newer than this program; update it")

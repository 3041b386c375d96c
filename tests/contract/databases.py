"""A journal's database for tests: made once in a test process as an operator makes it, emptied after each test.

Making and dropping a database waits for the disk, which a busy machine makes a matter of seconds.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from sms_service.adapters.postgres import migrate

if TYPE_CHECKING:
    from simulator.engines.postgres import Postgres

SQL = Path(__file__).parents[2] / "deploy" / "sql"
_EMPTY = """
SET session_replication_role = replica;  -- the audit trail's trigger guards it from everybody else
DELETE FROM audit_entry; DELETE FROM ending; DELETE FROM segment; DELETE FROM inquiry; DELETE FROM inquiry_part; DELETE FROM gateway_run; DELETE FROM instance_notice; DELETE FROM operator_action; DELETE FROM key_fingerprint; DELETE FROM blocked_sender;
"""


def as_role(dsn: str, role: str) -> str:
    """The same database, entered as another role; the servers of the tests trust whoever reaches their socket."""
    return dsn.replace("user=sms", f"user={role}")


def psql(server: "Postgres", database: str, file: Path, role: str = "sms", **variables: str) -> str:
    """What psql says when it runs a file of statements."""
    settings = [argument for name, value in variables.items() for argument in ("-v", f"{name}={value}")]
    command = [server.binaries / "psql", "-X", "-d", as_role(server.dsn(database), role), *settings, "-f", file]
    done = subprocess.run(command, env={}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def journal_database(postgres_server: "Postgres") -> str:
    """The address of a database with the journal's schema, owned by its owner, shared by the tests of this process."""
    psql(postgres_server, "postgres", SQL / "cluster.sql")
    asyncio.run(migrate(as_role(postgres_server.dsn("journal"), "sms_owner")))
    psql(postgres_server, "journal", SQL / "journal.sql", role="sms_owner")
    return postgres_server.dsn("journal")


@pytest.fixture
def journal_dsn(journal_database: str) -> Iterator[str]:
    """The address of an empty journal, for one who may do everything."""

    async def empty() -> None:
        connection = await asyncpg.connect(journal_database)
        await connection.execute(_EMPTY)
        await connection.close()

    yield journal_database
    asyncio.run(empty())

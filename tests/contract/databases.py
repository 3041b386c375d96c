"""A journal's database for tests: made once in a test process, emptied after each test.

Making and dropping a database waits for the disk, which a busy machine makes a matter of seconds.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import asyncpg
import pytest

from sms_service.adapters.postgres import migrate

if TYPE_CHECKING:
    from simulator.engines.postgres import Postgres

_EMPTY = """
SET session_replication_role = replica;  -- the audit trail's trigger guards it from everybody else
DELETE FROM audit_entry; DELETE FROM ending; DELETE FROM segment; DELETE FROM inquiry; DELETE FROM inquiry_part; DELETE FROM gateway_run; DELETE FROM instance_notice; DELETE FROM operator_action; DELETE FROM blocked_sender;
"""


@pytest.fixture(scope="session")
def journal_database(postgres_server: "Postgres") -> str:
    """The address of a database with the journal's schema, shared by the tests of this process."""
    dsn = postgres_server.dsn("journal_of_tests")

    async def make() -> None:
        await postgres_server.create_database("journal_of_tests")
        await migrate(dsn)

    asyncio.run(make())
    return dsn


@pytest.fixture
def journal_dsn(journal_database: str) -> Iterator[str]:
    """The address of an empty journal."""

    async def empty() -> None:
        connection = await asyncpg.connect(journal_database)
        await connection.execute(_EMPTY)
        await connection.close()

    yield journal_database
    asyncio.run(empty())

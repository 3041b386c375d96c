"""The pool of connections: bounded, used again, given back whatever happens."""

import asyncio

import asyncpg
import pytest

from sms_service.adapters.postgres import Database
from sms_service.ports import Unavailable

TIMEOUT_S = 0.3
CONNECTIONS = 2


@pytest.fixture
async def database(journal_dsn):
    database = Database.journal(journal_dsn, user="test", connections=CONNECTIONS, timeout_s=TIMEOUT_S)
    yield database
    await database.close()


async def backend(database: Database) -> int:
    async with database.connection() as connection:
        return await connection.fetchval("SELECT pg_backend_pid()")


async def test_a_connection_is_used_again(database):
    assert await backend(database) == await backend(database)


async def test_no_more_than_the_connections_that_are_allowed(database):
    """A call beyond them waits for a place, and no longer than any other call does."""
    async with database.connection() as one, database.connection() as other:
        assert one.get_server_pid() != other.get_server_pid()
        with pytest.raises(Unavailable):
            await backend(database)
        waiting = asyncio.create_task(backend(database))
        await asyncio.sleep(0)
    assert await waiting in (one.get_server_pid(), other.get_server_pid())


async def test_a_place_is_given_back_after_an_error(database):
    """With its connection when that is whole: what the server refuses does not end a connection."""
    before = await backend(database)
    for _ in range(2 * CONNECTIONS):
        with pytest.raises(Exception, match="SQLSTATE"):
            async with database.connection() as connection:
                await connection.execute("SELECT 1 / 0")
    assert await backend(database) == before


async def test_a_lost_connection_is_replaced(database):
    before = await backend(database)
    for _ in range(2 * CONNECTIONS):
        async with database.connection() as connection:
            connection.terminate()
    assert await backend(database) != before


async def test_nobody_waits_for_a_place_that_was_given_to_a_cancelled_call(database):
    async with database.connection(), database.connection():
        given_up = asyncio.create_task(backend(database))
        waiting = asyncio.create_task(backend(database))
        await asyncio.sleep(0)
    given_up.cancel()
    assert await waiting
    async with database.connection(), database.connection():
        pass


async def test_closing_closes_all(database, journal_dsn):
    """Those at rest, those at work, and those outside the pool."""
    session = await database.session({})
    async with database.connection() as at_work:
        at_rest = await backend(database)
        await database.close()
    assert session.is_closed()
    assert at_work.is_closed()
    watcher = await asyncpg.connect(journal_dsn)
    async with asyncio.timeout(5):
        while await watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", at_rest):
            await asyncio.sleep(0.01)
    await watcher.close()

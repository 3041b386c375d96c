"""The fixtures that other tests stand on."""

import asyncpg
import redis.asyncio


async def _tables(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE TABLE mark (n int)")
        return await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()


async def test_a_database_is_empty_first(postgres_dsn):
    """What a test makes in its database is all there is."""
    assert await _tables(postgres_dsn) == 1


async def test_a_database_is_empty_again(postgres_dsn):
    """The next test sees nothing of the one before."""
    assert await _tables(postgres_dsn) == 1


async def _mark(url):
    async with redis.asyncio.Redis.from_url(url) as client:
        await client.incr("mark")
        return await client.get("mark")


async def test_a_store_is_empty_first(valkey_url):
    """What a test writes is all there is."""
    assert await _mark(valkey_url) == b"1"


async def test_a_store_is_empty_again(valkey_url):
    """The next test sees nothing of the one before."""
    assert await _mark(valkey_url) == b"1"

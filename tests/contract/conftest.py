"""Every adapter of a port behind one harness, so that a test states the port's rule once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from sms_service.adapters.memory import (
    FakeClock,
    MemoryAuditTrail,
    MemoryBoard,
    MemoryJournal,
    MemoryPopulation,
    MemoryStore,
    MemorySubscribers,
    MemoryVolatile,
)
from sms_service.adapters.postgres import (
    Database,
    PostgresAuditTrail,
    PostgresBoard,
    PostgresJournal,
    PostgresPopulation,
)
from sms_service.adapters.redis import RedisBoard, RedisVolatile
from sms_service.adapters.subscribers_http import HttpSubscribers
from sms_service.model import Run, Subscriber, SubscriberState
from sms_service.ports import AuditTrail, Board, Journal, Population, Subscribers
from tests.contract.databases import as_role, journal_database, journal_dsn

__all__ = ["journal_database", "journal_dsn"]


class MemoryJournals:
    """Processes that share a store."""

    def __init__(self) -> None:
        self.clock = FakeClock(auto=True)
        self._store = MemoryStore()

    def process(self) -> tuple[Journal, AuditTrail]:
        return MemoryJournal(self._store, self.clock), MemoryAuditTrail(self._store)

    async def kill(self, journal: Journal, run: Run) -> None:
        assert isinstance(journal, MemoryJournal)
        journal.die(run)

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    async def set_clock(self, seconds: float) -> None:
        """The store's own clock is set by so much."""
        self._store.clock_set_by += seconds

    async def close(self) -> None:
        pass


class PostgresJournals:
    """Processes that share a database, with the rights that `deploy/sql` gives a gateway."""

    def __init__(self, dsn: str) -> None:
        self.clock = FakeClock(auto=True)
        self._dsn = dsn
        self._databases: list[Database] = []

    def process(self) -> tuple[Journal, AuditTrail]:
        database = Database.journal(as_role(self._dsn, "sms_gateway"), user="test", connections=4)
        self._databases.append(database)
        return PostgresJournal(database, self.clock), PostgresAuditTrail(database)

    async def kill(self, journal: Journal, run: Run) -> None:
        assert isinstance(journal, PostgresJournal)
        journal._runs.drop()

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.set_clock(seconds)

    async def set_clock(self, seconds: float) -> None:
        """The server's clock cannot be moved; what it has written down can."""
        connection = await asyncpg.connect(self._dsn)
        for table, column in (
            ("gateway_run", "renewed_at"),
            ("inquiry", "stored_at"),
            ("segment", "stored_at"),
            ("inquiry_part", "stored_at"),
        ):
            await connection.execute(
                f"UPDATE {table} SET {column} = {column} - make_interval(secs => $1)",
                float(seconds),
            )
        await connection.close()

    async def close(self) -> None:
        await asyncio.gather(*(database.close() for database in self._databases))


Journals = MemoryJournals | PostgresJournals


@pytest.fixture(params=["memory", "postgres"])
def make_journals(request: pytest.FixtureRequest) -> Callable[[], Journals]:
    if request.param == "memory":
        return MemoryJournals
    dsn = request.getfixturevalue("journal_dsn")
    return lambda: PostgresJournals(dsn)


@pytest.fixture
async def journals(make_journals: Callable[[], Journals]) -> AsyncIterator[Journals]:
    harness = make_journals()
    yield harness
    await harness.close()


# Volatile


class MemoryVolatiles:
    """One process: the memory of a process is its own."""

    shared = False

    def __init__(self) -> None:
        self._clock = FakeClock()

    def process(self, instance: str) -> MemoryVolatile:
        return MemoryVolatile(quota_period_s=60.0, duplicate_window_s=300.0, clock=self._clock)

    async def passes(self, seconds: float) -> None:
        await self._clock.advance(seconds)

    async def close(self) -> None:
        pass


class RedisVolatiles:
    """Processes that share a Valkey."""

    shared = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._processes: list[RedisVolatile] = []

    def process(self, instance: str) -> RedisVolatile:
        fallback = MemoryVolatile(quota_period_s=60.0, duplicate_window_s=300.0, clock=FakeClock())
        volatile = RedisVolatile(
            self._url,
            instance=instance,
            timeout_s=5.0,
            quota_period_s=60.0,
            duplicate_window_s=300.0,
            fallback=fallback,
        )
        self._processes.append(volatile)
        return volatile

    async def passes(self, seconds: float) -> None:
        """The server's clock cannot be moved; the time that each key has left can."""
        async with Redis.from_url(self._url) as client:
            async for key in client.scan_iter():
                left = await client.pttl(key) - round(seconds * 1000)
                if left > 0:
                    await client.pexpire(key, left)
                else:
                    await client.delete(key)

    async def close(self) -> None:
        for volatile in self._processes:
            assert not volatile.degraded
            await volatile.close()


@pytest.fixture(params=["memory", "redis"])
def make_volatiles(request: pytest.FixtureRequest) -> Callable[[], MemoryVolatiles | RedisVolatiles]:
    if request.param == "memory":
        return MemoryVolatiles
    url = request.getfixturevalue("valkey_url")
    return lambda: RedisVolatiles(url)


@pytest.fixture
async def volatiles(make_volatiles) -> AsyncIterator[MemoryVolatiles | RedisVolatiles]:
    harness = make_volatiles()
    yield harness
    await harness.close()


# Board


class MemoryBoards:
    """Processes that share a board in memory."""

    def __init__(self) -> None:
        self._clock = FakeClock()
        self._board = MemoryBoard(self._clock)

    def process(self) -> Board:
        return self._board

    async def passes(self, seconds: float) -> None:
        await self._clock.advance(seconds)

    async def close(self) -> None:
        pass


class RedisBoards:
    """Processes that share a Valkey."""

    def __init__(self, url: str) -> None:
        self._time = RedisVolatiles(url)
        self._url = url
        self._processes: list[RedisBoard] = []

    def process(self) -> Board:
        self._processes.append(RedisBoard(self._url, timeout_s=5.0))
        return self._processes[-1]

    async def passes(self, seconds: float) -> None:
        await self._time.passes(seconds)

    async def close(self) -> None:
        for board in self._processes:
            await board.close()


class PostgresBoards:
    """Processes that share the journal's database, with the rights that `deploy/sql` gives a gateway."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._databases: list[Database] = []

    def process(self) -> Board:
        self._databases.append(Database.journal(as_role(self._dsn, "sms_gateway"), user="test", connections=3))
        return PostgresBoard(self._databases[-1])

    async def passes(self, seconds: float) -> None:
        """The server's clock cannot be moved; what it has written down can."""
        connection = await asyncpg.connect(self._dsn)
        await connection.execute(
            "UPDATE instance_notice SET put_up_at = put_up_at - make_interval(secs => $1)", float(seconds)
        )
        await connection.close()

    async def close(self) -> None:
        await asyncio.gather(*(database.close() for database in self._databases))


Boards = MemoryBoards | RedisBoards | PostgresBoards


@pytest.fixture(params=["memory", "redis", "postgres"])
def make_boards(request: pytest.FixtureRequest) -> Callable[[], Boards]:
    if request.param == "memory":
        return MemoryBoards
    if request.param == "redis":
        url = request.getfixturevalue("valkey_url")
        return lambda: RedisBoards(url)
    dsn = request.getfixturevalue("journal_dsn")
    return lambda: PostgresBoards(dsn)


@pytest.fixture
async def boards(make_boards: Callable[[], Boards]) -> AsyncIterator[Boards]:
    harness = make_boards()
    yield harness
    await harness.close()


# Subscribers

REGISTER = {
    "84900000001": Subscriber(SubscriberState.AUTHENTICATED, "001085012345"),
    "84900000002": Subscriber(SubscriberState.DISOWNED, "001085012346"),
    "84900000003": Subscriber(SubscriberState.UNVERIFIED, None),
}


@pytest.fixture(params=["memory", "http"])
async def subscribers(request: pytest.FixtureRequest) -> AsyncIterator[Subscribers]:
    if request.param == "memory":
        yield MemorySubscribers(REGISTER)
        return

    async def lookup(http: web.Request) -> web.Response:
        known = [(msisdn, REGISTER.get(msisdn)) for msisdn in (await http.json())["msisdns"]]
        return web.json_response(
            {
                "subscribers": [
                    one
                    and {"msisdn": msisdn, "state": one.state, "citizen_id": one.citizen_id, "bound_on": "2026-01-02"}
                    for msisdn, one in known
                ]
            }
        )

    app = web.Application()
    app.add_routes([web.post("/register/v1/subscribers/lookup", lookup)])
    async with TestServer(app) as server:
        adapter = HttpSubscribers(str(server.make_url("/register")), timeout_s=5.0)
        yield adapter
        await adapter.close()


# Population

PEOPLE = {
    "001085012345": {"citizen_id": "001085012345", "full_name": "Nguyễn Thị Hoà", "birth_date": date(1985, 2, 28)},
    "001085012346": {"citizen_id": "001085012346", "full_name": "Lê Văn Ðức", "birth_date": None},
}


@pytest.fixture(params=["memory", "postgres"])
def population_dsn(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "memory" else request.getfixturevalue("postgres_dsn")


@pytest.fixture
async def population(population_dsn: str | None) -> AsyncIterator[Population]:
    if population_dsn is None:
        yield MemoryPopulation(PEOPLE)
        return
    connection = await asyncpg.connect(population_dsn)
    await connection.execute("CREATE TABLE citizen (citizen_id text PRIMARY KEY, full_name text, birth_date date)")
    await connection.copy_records_to_table("citizen", records=[tuple(person.values()) for person in PEOPLE.values()])
    await connection.close()
    database = Database.population(population_dsn, user="test", connections=2, timeout_s=5.0)
    query = "SELECT * FROM citizen WHERE citizen_id = ANY ($1)"
    yield PostgresPopulation(database, query)
    await database.close()

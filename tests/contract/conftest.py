"""Every adapter of a port behind one harness, so that a test states the port's rule once."""

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from sms_service.adapters.memory import FakeClock, MemoryAuditTrail, MemoryJournal, MemoryStore
from sms_service.adapters.postgres import Database, PostgresAuditTrail, PostgresJournal, migrate
from sms_service.model import Run
from sms_service.ports import AuditTrail, Journal


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

    async def close(self) -> None:
        pass


class PostgresJournals:
    """Processes that share a database."""

    def __init__(self, dsn: str) -> None:
        self.clock = FakeClock(auto=True)
        self._dsn = dsn
        self._databases: list[Database] = []

    def process(self) -> tuple[Journal, AuditTrail]:
        database = Database.journal(self._dsn, user="test", connections=4)
        self._databases.append(database)
        return PostgresJournal(database, self.clock), PostgresAuditTrail(database)

    async def kill(self, journal: Journal, run: Run) -> None:
        assert isinstance(journal, PostgresJournal)
        journal._runs.drop()

    async def passes(self, seconds: float) -> None:
        """The server's clock cannot be moved; what it has written down can."""
        await self.clock.advance(seconds)
        connection = await asyncpg.connect(self._dsn)
        await connection.execute(
            "UPDATE gateway_run SET renewed_at = renewed_at - make_interval(secs => $1)", float(seconds)
        )
        await connection.close()

    async def close(self) -> None:
        await asyncio.gather(*(database.close() for database in self._databases))


Journals = MemoryJournals | PostgresJournals


@pytest.fixture(params=["memory", "postgres"])
def make_journals(request: pytest.FixtureRequest) -> Callable[[], Journals]:
    if request.param == "memory":
        return MemoryJournals
    dsn = request.getfixturevalue("postgres_dsn")
    asyncio.run(migrate(dsn))
    return lambda: PostgresJournals(dsn)


@pytest.fixture
async def journals(make_journals: Callable[[], Journals]) -> AsyncIterator[Journals]:
    harness = make_journals()
    yield harness
    await harness.close()

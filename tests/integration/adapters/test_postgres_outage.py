"""PostgreSQL goes away and comes back."""

import asyncio
import time

import pytest

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.memory import FakeClock
from sms_service.adapters.postgres import Database, PostgresJournal
from sms_service.adapters.postgres.runs import NAME_GRACE_S
from sms_service.model import NewInquiry
from sms_service.ports import Misconfigured, Unavailable

TIMEOUT_S = 0.3


def inquiry(number: int) -> NewInquiry:
    return NewInquiry(number, "operator", 1.0, number.to_bytes(16, "big"), b"sealed")


@pytest.fixture
async def database(postgres_line):
    database = Database.journal(postgres_line[1], user="test", connections=4, timeout_s=TIMEOUT_S)
    yield database
    await database.close()


async def test_a_server_that_was_killed(postgres_line, database):
    """Calls fail at once, and work again when it is back, without anyone's doing; what was accepted is there."""
    line, _ = postgres_line
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    assert await journal.accept(run, [inquiry(1)]) == [True]
    await line.cut()
    for call in (journal.accept(run, [inquiry(2)]), journal.renew(run), journal.counts(), journal.owned(run, 10)):
        with pytest.raises(Unavailable):
            await call
    await line.restore()
    assert await journal.accept(run, [inquiry(1), inquiry(2)]) == [True, True]
    await journal.renew(run)
    assert len(await journal.owned(run, 10)) == 2


async def test_calls_under_way_when_the_line_is_cut(postgres_line, database):
    """Whoever waits for an answer learns that none will come."""
    line, _ = postgres_line
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    line.hang()
    calls = [asyncio.create_task(journal.accept(run, [inquiry(number)])) for number in (1, 2)]
    await asyncio.sleep(0)
    await line.cut()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)


async def test_a_server_that_hangs(postgres_line, database):
    """A call gives up within its time-outs, and its connection is not used again."""
    line, _ = postgres_line
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    await journal.counts()
    line.hang()
    before = time.monotonic()
    for call in (journal.accept(run, [inquiry(1)]), journal.renew(run), journal.counts()):
        with pytest.raises(Unavailable):
            await call
    assert time.monotonic() - before < 3 * 4 * TIMEOUT_S
    await line.restore()
    assert (await journal.accept(run, [inquiry(1)])) == [True]
    await journal.renew(run)


async def test_a_name_that_was_lost_with_its_session(postgres_line, journal_dsn, database):
    """Who lost the line takes its name back; when another process has it by then, there is one way only: to stop."""
    line, _ = postgres_line
    clock = FakeClock(auto=True)
    journal = PostgresJournal(database, clock)
    run = await journal.open_run("gateway-1")
    await line.cut()
    with pytest.raises(Unavailable):
        await journal.renew(run)
    await line.restore()
    await journal.renew(run)
    await line.cut()
    other_database = Database.journal(journal_dsn, user="other", connections=1)
    await PostgresJournal(other_database, SystemClock()).open_run("gateway-1")
    await line.restore()
    with pytest.raises(Unavailable, match="gateway-1"):
        await journal.renew(run)
    await clock.advance(NAME_GRACE_S)
    with pytest.raises(Misconfigured, match="gateway-1"):
        await journal.renew(run)
    await other_database.close()


async def test_leaving_after_the_session_was_lost(postgres_line, database):
    """A run can be closed without the session that held its name."""
    line, _ = postgres_line
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    await line.cut()
    with pytest.raises(Unavailable):
        await journal.renew(run)
    with pytest.raises(Unavailable):
        await journal.close_run(run)
    await line.restore()
    await journal.close_run(run)
    with pytest.raises(Misconfigured, match="closed"):
        await journal.renew(run)


async def test_no_server_from_the_start(postgres_line, database):
    """Opening a run says that it cannot now."""
    line, _ = postgres_line
    await line.cut()
    with pytest.raises(Unavailable, match="journal"):
        await PostgresJournal(database, SystemClock()).open_run("gateway-1")


async def test_closing_does_not_wait_for_a_server_that_hangs(postgres_line, journal_dsn):
    """A process leaves also when its database does not say goodbye."""
    line, dsn = postgres_line
    database = Database.journal(dsn, user="test", connections=2, timeout_s=TIMEOUT_S)
    await PostgresJournal(database, SystemClock()).open_run("gateway-1")
    line.hang()
    before = time.monotonic()
    await database.close()
    assert time.monotonic() - before < 10

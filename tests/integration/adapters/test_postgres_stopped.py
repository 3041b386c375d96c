"""PostgreSQL hangs without dying: its processes are stopped, and go on later.

A process that is stopped keeps its connections, its locks and its place in every queue: nothing tells its clients.
"""

import asyncio
import os
import signal
import time
from contextlib import ExitStack, contextmanager

import asyncpg
import pytest

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.memory import FakeClock
from sms_service.adapters.postgres import Database, PostgresJournal
from sms_service.adapters.postgres.runs import NAME_GRACE_S
from sms_service.model import NewInquiry, NewSegment
from sms_service.ports import Misconfigured, Unavailable

TIMEOUT_S = 1.0


@contextmanager
def stopped(pid: int):
    """Stop a process of our own server, and let it go on."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
async def database(journal_dsn):
    database = Database.journal(journal_dsn, user="test", connections=3, timeout_s=TIMEOUT_S)
    yield database
    await database.close()


async def eventually(condition, timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not await condition():
            await asyncio.sleep(0.02)


def session_pid(journal: PostgresJournal) -> int:
    return journal._runs._session.get_server_pid()


async def test_the_backend_of_our_name_hangs_and_the_run_goes_on(journal_dsn, database):
    """The name is held by a session of ours that does not answer, so nobody else can have it: the run is renewed without
    it, for as long as that lasts, and has its name again afterwards."""
    clock = FakeClock(auto=True)
    journal = PostgresJournal(database, clock)
    run = await journal.open_run("gateway-1")
    hanging = session_pid(journal)
    other_database = Database.journal(journal_dsn, user="other", connections=1)
    with stopped(hanging):
        with pytest.raises(Unavailable):
            await journal.renew(run)
        for _ in range(3):
            await journal.renew(run)
            await clock.advance(NAME_GRACE_S)
        with pytest.raises(Misconfigured, match="gateway-1"):
            await PostgresJournal(other_database, clock).open_run("gateway-1")

    async def holds_the_name() -> bool:
        await journal.renew(run)
        return journal._runs._named

    await eventually(holds_the_name)
    assert session_pid(journal) != hanging
    await other_database.close()


async def test_of_several_sessions_one_is_kept(journal_dsn, database):
    """However often the run is renewed without its name, there are as many connections as before."""
    journal = PostgresJournal(database, FakeClock(auto=True))
    run = await journal.open_run("gateway-1")
    before = len(database._open)
    with stopped(session_pid(journal)):
        with pytest.raises(Unavailable):
            await journal.renew(run)
        await journal.renew(run)
        second = session_pid(journal)
        for _ in range(20):
            await journal.renew(run)
        assert session_pid(journal) == second
    assert len(database._open) == before


@pytest.mark.parametrize("call", ["counts", "accept", "accept_segments"])
async def test_a_call_is_given_up_after_one_time_out(database, call):
    """Not after a second one, for the driver to cancel what nobody waits for: neither a statement nor a transaction."""
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    arguments = {
        "counts": (),
        "accept": (run, [NewInquiry(1, "operator", 1.0, bytes(16), b"sealed")]),
        "accept_segments": (run, [NewSegment(bytes(16), 1, 2, "operator", 1.0, b"sealed", b"key")], None),
    }[call]
    async with database.connection() as connection:
        pid = connection.get_server_pid()
    with stopped(pid):
        before = time.monotonic()
        with pytest.raises(Unavailable):
            await getattr(journal, call)(*arguments)
        assert time.monotonic() - before < 1.8 * TIMEOUT_S
        await journal.counts()  # over another backend


async def test_one_time_out_for_all_connections(database):
    """When every backend that we have hangs, one call finds out, not one call for each of them."""
    journal = PostgresJournal(database, SystemClock())
    async with database.connection() as a, database.connection() as b, database.connection() as c:
        pids = [one.get_server_pid() for one in (a, b, c)]
    with ExitStack() as all_stopped:
        for pid in pids:
            all_stopped.enter_context(stopped(pid))
        with pytest.raises(Unavailable):
            await journal.counts()
        await journal.counts()


async def test_calls_that_are_cancelled_leave_nothing_behind(database):
    """Neither a connection that waits for a server that hangs, nor a task."""
    journal = PostgresJournal(database, SystemClock())
    await journal.counts()
    async with database.connection() as connection:
        pid = connection.get_server_pid()
    tasks = asyncio.all_tasks()
    with stopped(pid):
        asking = [asyncio.create_task(journal.counts()) for _ in range(3)]
        await asyncio.sleep(0.05)
        before = time.monotonic()
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)
        assert time.monotonic() - before < 0.8 * TIMEOUT_S
        assert asyncio.all_tasks() <= tasks
        await journal.counts()


async def test_what_a_person_must_mend_does_not_end_the_run(journal_dsn, database):
    """A renewal that PostgreSQL refuses (a right, a password, a table) is tried again: the run is still its own."""
    journal = PostgresJournal(database, FakeClock(auto=True))
    run = await journal.open_run("gateway-1")
    connection = await asyncpg.connect(journal_dsn)
    await connection.execute("ALTER TABLE gateway_run RENAME TO away")
    with pytest.raises(Unavailable, match="migrate"):
        await journal.renew(run)
    await connection.execute("ALTER TABLE away RENAME TO gateway_run")
    await journal.renew(run)
    await connection.close()


async def test_a_lock_that_others_hold_leaves_no_statement_waiting(journal_dsn, database):
    """Someone alters a table: our calls are given up, and the server does not go on with them, backend after backend."""
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    connection = await asyncpg.connect(journal_dsn)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sms-service:test' AND wait_event_type = 'Lock'"
    )
    async with connection.transaction():
        await connection.execute("LOCK TABLE inquiry")
        calls = [
            journal.accept(run, [NewInquiry(n, "operator", 1.0, n.to_bytes(16, "big"), b"sealed")]) for n in (1, 2)
        ]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [Unavailable, Unavailable]

        async def none_waits() -> bool:
            return await connection.fetchval(waiting) == 0

        await eventually(none_waits, timeout_s=TIMEOUT_S)
    assert await journal.accept(run, [NewInquiry(1, "operator", 1.0, bytes(16), b"sealed")]) == [True]
    await connection.close()

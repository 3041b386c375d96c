"""PostgreSQL on a full disk: it is read, and takes nothing. A trigger says so as the server does (SQLSTATE 53100)."""

from contextlib import asynccontextmanager

import asyncpg
import pytest

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.postgres import Database, PostgresAuditTrail, PostgresJournal
from sms_service.keys import AuditChain, new_keys
from sms_service.model import AuditEntry, Ending, Finished, NewInquiry, NewSegment
from sms_service.ports import Unavailable


@pytest.fixture
async def database(journal_dsn):
    database = Database.journal(journal_dsn, user="test", connections=3)
    yield database
    await database.close()


@asynccontextmanager
async def full(dsn: str, table: str):
    """Nothing more goes into a table."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END$$;"
        f"CREATE TRIGGER no_space BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION no_space()"
    )
    try:
        yield
    finally:
        await connection.execute("DROP FUNCTION no_space CASCADE")
        await connection.close()


def inquiry(number: int) -> NewInquiry:
    return NewInquiry(number, "operator", 1.0, number.to_bytes(16, "big"), b"sealed")


async def test_accepting(journal_dsn, database):
    """Nothing is accepted, part of a batch neither; the same batch is when there is room."""
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    async with full(journal_dsn, "inquiry"):
        with pytest.raises(Unavailable, match="53100"):
            await journal.accept(run, [inquiry(1), inquiry(2)])
        await journal.renew(run)
        assert await journal.owned(run, 10) == []
    assert await journal.accept(run, [inquiry(1), inquiry(2)]) == [True, True]


async def test_accepting_parts(journal_dsn, database):
    """A part that completes a message, when the message cannot be stored, stays with the SMSC; the others wait on."""
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")

    def part(number: int) -> NewSegment:
        return NewSegment(bytes(16), number, 2, "operator", 1.0, b"sealed", bytes([number]) * 16)

    await journal.accept_segments(run, [part(1)], lambda _: inquiry(1))
    async with full(journal_dsn, "inquiry"):
        with pytest.raises(Unavailable, match="53100"):
            await journal.accept_segments(run, [part(2)], lambda _: inquiry(1))
        assert (await journal.counts()).segments == 1
    assert await journal.accept_segments(run, [part(2)], lambda _: inquiry(1)) == [inquiry(1)]


async def test_finishing(journal_dsn, database):
    """What cannot be ended stays open with its content, and is ended once when there is room."""
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    await journal.accept(run, [inquiry(1)])
    done = [Finished(1, Ending.ANSWERED, 2.0, 1, False)]
    async with full(journal_dsn, "ending"):
        with pytest.raises(Unavailable, match="53100"):
            await journal.finish(run, done)
        assert [row.inquiry_id for row in await journal.owned(run, 10)] == [1]
    assert await journal.finish(run, done) == [True]
    assert await journal.owned(run, 10) == []


async def test_auditing(journal_dsn, database):
    """The entries go in as one when there is room, and the chain is whole."""
    trail, chain = PostgresAuditTrail(database), AuditChain(new_keys(), 7)
    entries = [
        chain.link(AuditEntry(number, 1, "operator", b"s", b"c", "DC", "", "2026", Ending.REFUSED, 1, False))
        for number in (1, 2)
    ]
    async with full(journal_dsn, "audit_entry"):
        with pytest.raises(Unavailable, match="53100"):
            await trail.append(entries)
        assert await trail.chains() == {}
    await trail.append(entries)
    assert await trail.chains() == {7: 2}

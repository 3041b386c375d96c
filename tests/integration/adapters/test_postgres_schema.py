"""Migrations, and what the schema itself guarantees."""

import asyncio
import re
import time
from pathlib import Path

import asyncpg
import pytest

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.postgres import Database, PostgresJournal, check_schema, migrate
from sms_service.adapters.postgres.queries import read_queries
from sms_service.adapters.postgres.schema import MIGRATIONS, known_versions
from sms_service.model import NewInquiry, NewSegment
from sms_service.ports import Misconfigured, Unavailable


@pytest.fixture
async def connection(postgres_dsn):
    connection = await asyncpg.connect(postgres_dsn)
    yield connection
    await connection.close()


async def test_migrating_again_changes_nothing(postgres_dsn, connection):
    """The first call applies everything, the second nothing."""
    assert await migrate(postgres_dsn) == list(known_versions())
    assert await migrate(postgres_dsn) == []
    await check_schema(connection)


async def test_processes_that_migrate_at_once(postgres_dsn, connection):
    """One of them does it, the others wait and find it done."""
    applied = await asyncio.gather(*(migrate(postgres_dsn) for _ in range(4)))
    assert sorted(applied) == [[], [], [], list(known_versions())]


async def test_a_migration_that_fails_leaves_nothing_of_itself(postgres_dsn, connection, tmp_path):
    """Each is applied whole or not at all; those before it stay, and the next call goes on from there."""
    (tmp_path / "0001_good.sql").write_text("-- migrate:up\nCREATE TABLE one ();\n-- migrate:down\nDROP TABLE one;\n")
    bad = tmp_path / "0002_bad.sql"
    bad.write_text("-- migrate:up\nCREATE TABLE two ();\nCREATE TABLE one ();\n")
    with pytest.raises(Misconfigured):
        await migrate(postgres_dsn, tmp_path)
    tables = "SELECT to_regclass('one') IS NOT NULL, to_regclass('two') IS NOT NULL"
    assert tuple(await connection.fetchrow(tables)) == (True, False)
    bad.write_text("-- migrate:up\nCREATE TABLE two ();\n")
    assert await migrate(postgres_dsn, tmp_path) == ["0002"]


def test_migrations_are_numbered_and_can_be_undone():
    """Each has a number of its own, and both directions."""
    files = sorted(Path(MIGRATIONS).glob("*.sql"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path in files:
        assert path.read_text().startswith("-- migrate:up\n")
        assert "\n-- migrate:down\n" in path.read_text()


async def test_undoing_leaves_an_empty_database(postgres_dsn):
    """The way down leads back."""
    await migrate(postgres_dsn)
    connection = await asyncpg.connect(postgres_dsn)
    for path in reversed(known_versions().values()):
        await connection.execute(path.read_text().partition("-- migrate:down")[2])
    left = await connection.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    await connection.close()
    assert {row["relname"] for row in left} == {"schema_migrations", "schema_migrations_pkey"}


async def test_what_waits_keeps_its_age_when_the_schema_is_brought_up_to_date(postgres_dsn, connection, tmp_path):
    """Rows of an older version get the moment that its gateway wrote down; one from the future is young."""
    for path in list(known_versions().values())[:1]:
        (tmp_path / path.name).write_text(path.read_text())
    await migrate(postgres_dsn, tmp_path)
    now = time.time()
    await connection.executemany(
        "INSERT INTO inquiry VALUES ($1, 1, $2, 'operator', $3, '')",
        [(1, now - 1000, b"1"), (2, now + 1000, b"2")],
    )
    await connection.execute("INSERT INTO segment VALUES ('g', 1, 2, $1, 'operator', '')", now - 1000)
    await migrate(postgres_dsn)
    age = "SELECT extract(epoch FROM now() - stored_at)::float FROM "
    ages = [row[0] for row in await connection.fetch(f"{age} inquiry ORDER BY inquiry_id")]
    assert ages == pytest.approx([1000, 0], abs=60)
    assert await connection.fetchval(f"{age} segment") == pytest.approx(1000, abs=60)


async def first_version(dsn, folder):
    """A journal as the first version of the gateway made it."""
    for path in list(known_versions().values())[:1]:
        (folder / path.name).write_text(path.read_text())
    await migrate(dsn, folder)


async def test_a_gateway_that_stores_parts_does_not_deadlock_with_a_migration(postgres_dsn, connection, tmp_path):
    """It locks `segment` before `inquiry`, and so does the migration."""
    await first_version(postgres_dsn, tmp_path)
    async with connection.transaction():
        await connection.execute("INSERT INTO segment VALUES ('g', 1, 2, 0, 'operator', '')")
        migrating = asyncio.create_task(migrate(postgres_dsn))
        watcher = await asyncio.wait_for(asyncpg.connect(postgres_dsn), 5)
        while not await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        await watcher.close()
        await connection.execute("INSERT INTO inquiry VALUES (1, 1, 0, 'operator', 'd', '')")
    assert await migrating == list(known_versions())[1:]


async def test_a_migration_does_not_keep_messages_waiting_behind_a_reader(postgres_dsn, connection, tmp_path):
    """A backup reads for hours. The migration gives up, names the remedy, and lets those through that came after it."""
    await first_version(postgres_dsn, tmp_path)
    async with connection.transaction():
        await connection.execute("SELECT FROM inquiry")
        async with asyncio.timeout(30):
            with pytest.raises(Unavailable, match="LockNotAvailable"):
                await migrate(postgres_dsn)
    assert await migrate(postgres_dsn) == list(known_versions())[1:]


async def test_a_part_of_an_older_version_keeps_its_place(postgres_dsn, connection):
    """Nobody can tell whether another is the same, so, as that version did, it is taken for the same."""
    await migrate(postgres_dsn)
    await connection.execute("INSERT INTO segment VALUES ('g', 1, 2, 0, 'operator', 'old')")
    database = Database.journal(postgres_dsn, user="test", connections=2)
    journal = PostgresJournal(database, SystemClock())
    run = await journal.open_run("gateway-1")
    groups = []

    def assemble(group):
        groups.append([one.sealed for one in group])
        return NewInquiry(1, "operator", 0.0, b"digest", b"")

    new = [NewSegment(b"g", number, 2, "operator", 0.0, b"new", b"key %d" % number) for number in (1, 2)]
    assert len(await journal.accept_segments(run, new, assemble)) == 1
    await database.close()
    assert groups == [[b"old", b"new"]]


async def open_journal(dsn: str) -> None:
    database = Database.journal(dsn, user="test", connections=1)
    try:
        await PostgresJournal(database, SystemClock()).open_run("gateway-1")
    finally:
        await database.close()


async def test_a_journal_without_schema_is_refused(postgres_dsn):
    """The text names the remedy."""
    with pytest.raises(Misconfigured, match="sms-service migrate"):
        await open_journal(postgres_dsn)


async def test_a_journal_with_an_older_schema_is_refused(postgres_dsn):
    """A migration is missing."""
    await migrate(postgres_dsn)
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("DELETE FROM schema_migrations")
    await connection.close()
    with pytest.raises(Misconfigured, match="lacks version 0001; run: sms-service migrate"):
        await open_journal(postgres_dsn)


async def test_a_journal_with_a_newer_schema_is_refused(postgres_dsn):
    """This program does not know what it would find."""
    await migrate(postgres_dsn)
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("INSERT INTO schema_migrations VALUES ('9999')")
    await connection.close()
    with pytest.raises(Misconfigured, match="9999, newer than this program"):
        await open_journal(postgres_dsn)


@pytest.mark.parametrize(
    ("dsn", "text"),
    [
        ("postgresql://h:port/db", "dsn"),
        ("postgresql:///nowhere?{query}", "no such database"),
        ("postgresql:///{database}?{query}&user=nobody", "credentials"),
    ],
)
async def test_a_dsn_that_does_not_fit(postgres_dsn, dsn, text):
    """Each is told apart, without quoting the dsn, which may hold a password."""
    database, _, query = postgres_dsn.removeprefix("postgresql:///").partition("?")
    query = query.replace("&user=sms", "" if "user=" in dsn else "&user=sms")
    with pytest.raises(Misconfigured, match=text):
        await open_journal(dsn.format(database=database, query=query))


async def test_the_session_that_writes(journal_dsn):
    """It waits for the disk whatever the server's default, shows by whom it is used, and compiles nothing."""
    database = Database.journal(journal_dsn, user="gateway-1", connections=1)
    async with database.connection() as connection:
        settings = {
            name: await connection.fetchval("SELECT current_setting($1)", name)
            for name in ("synchronous_commit", "application_name", "jit")
        }
    await database.close()
    assert settings == {"synchronous_commit": "on", "application_name": "sms-service:gateway-1", "jit": "off"}


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_entry SET command = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_the_audit_trail_cannot_be_changed(journal_dsn, change):
    """Not even by its owner without first removing the trigger; nor by a statement that meets no row."""
    connection = await asyncpg.connect(journal_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await connection.execute(change)
    finally:
        await connection.close()


async def test_the_hot_statements_use_indexes(journal_dsn):
    """On tables without statistics too: the journal is small, but mostly dead rows."""
    database = Database.journal(journal_dsn, user="test", connections=1)
    sql = Path(MIGRATIONS).with_name("journal.sql").read_text()
    finish = sql[sql.index("WITH gone") : sql.index("-- name: which_ended")]
    async with database.connection() as connection:
        plan = await connection.fetch("EXPLAIN " + finish.replace("$1", "1").replace("$2", "'[]'"))
    await database.close()
    text = "\n".join(row[0] for row in plan)
    assert "Index Scan using inquiry_pkey" in text
    assert "Seq Scan" not in text


@pytest.mark.parametrize(
    ("statement", "types"),
    [
        ("followed", "bytea[], integer[], bytea[]"),
        ("insert", "bytea[], integer[], integer[], text[], double precision[], bytea[], bytea[]"),
        ("complete", "bytea[]"),
        ("take", "bytea[]"),
        ("forget", "double precision"),
    ],
)
async def test_the_statements_of_parts_look_at_no_whole_table(journal_dsn, statement, types):
    """Planned while the tables are empty, as in a new installation; the plan stays when they are not."""
    database = Database.journal(journal_dsn, user="test", connections=1)
    sql = read_queries("segments.sql")[statement]
    async with database.connection() as connection:
        await connection.execute(f"PREPARE statement ({types}) AS {sql}")
        nulls = ", ".join(["NULL"] * (types.count(",") + 1))
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE statement ({nulls})"))
        await connection.execute("DEALLOCATE statement")
    await database.close()
    assert "Seq Scan" not in plan
    assert "Hash" not in plan.replace("HashAggregate", "")
    assert plan.count("Index Cond") == len(re.findall("Index (?:Only )?Scan ", plan)), plan


async def test_every_table_says_what_it_is_for(journal_dsn):
    """Whoever looks into the database finds it explained there."""
    connection = await asyncpg.connect(journal_dsn)
    tables = await connection.fetch(
        "SELECT relname, obj_description(oid) AS says FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations'"
    )
    await connection.close()
    assert {row["relname"] for row in tables} == {
        "gateway_run",
        "inquiry",
        "inquiry_part",
        "segment",
        "ending",
        "audit_entry",
        "instance_notice",
        "key_fingerprint",
        "operator_action",
        "blocked_sender",
    }
    assert all(row["says"] for row in tables)

"""What the roles of `deploy/sql` may not do. What a gateway must be able to, `tests/contract` does as `sms_gateway`."""

import subprocess

import asyncpg
import pytest
from click.testing import CliRunner

from sms_service.cli import commands
from sms_service.keys import new_keys, write_keys
from tests.contract.databases import SQL, as_role, journal_database, journal_dsn, psql
from tests.unit.settings.test_load import LEAST

__all__ = ["journal_database", "journal_dsn"]

TABLES = ("schema_migrations", "gateway_run", "inquiry", "segment", "inquiry_part", "ending", "audit_entry")


async def refused(dsn, statement):
    """The statement is refused for want of a right, not for anything else."""
    connection = await asyncpg.connect(dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as caught:
            await connection.execute(statement)
        return str(caught.value)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET citizen = ''",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DROP TABLE audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER append_only",
        "DROP TRIGGER append_only ON audit_entry",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SET session_replication_role = replica",
        "UPDATE ending SET fee = 0",
        "DELETE FROM ending",
        "UPDATE operator_action SET operator = ''",
        "DELETE FROM operator_action",
        "UPDATE blocked_sender SET since = now()",
        "UPDATE inquiry SET sealed = ''",
        "UPDATE gateway_run SET instance = ''",
        "DELETE FROM gateway_run",
        "TRUNCATE inquiry",
        "INSERT INTO schema_migrations VALUES ('9999')",
        "CREATE TABLE public.mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE TEMP TABLE mine (n int)",
        "SET ROLE sms_owner",
    ],
)
async def test_a_gateway_cannot_unsay_anything(journal_dsn, statement):
    """Whoever has a gateway's password can answer, but not change or remove what was answered, nor the rules."""
    assert "append-only" not in await refused(
        as_role(journal_dsn, "sms_gateway"), statement
    )  # the trigger is a second net


@pytest.mark.parametrize("table", ["inquiry", "segment", "inquiry_part", "gateway_run", "instance_notice"])
async def test_an_auditor_sees_no_open_inquiry(journal_dsn, table):
    """Endings and the trail are what an auditor is for."""
    assert await refused(as_role(journal_dsn, "sms_auditor"), f"SELECT * FROM {table}")


@pytest.mark.parametrize("role", ["sms_auditor", "sms_population"])
async def test_who_only_reads_cannot_write(journal_dsn, role):
    """Not even after saying that it means to."""
    dsn = as_role(journal_dsn, role)
    if role == "sms_population":
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="database"):
            await asyncpg.connect(dsn)
        return
    statement = "SET default_transaction_read_only = off; BEGIN READ WRITE; INSERT INTO ending (inquiry_id) VALUES (1)"
    assert "ending" in await refused(dsn, statement)


async def test_every_table_is_the_owners(journal_dsn):
    """The rights of `journal.sql` are given by the owner, so all must be its own; no other role has any of its own."""
    connection = await asyncpg.connect(journal_dsn)
    rows = await connection.fetch("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert {row["tableowner"] for row in rows} == {"sms_owner"}
    assert {row["tablename"] for row in rows} >= set(TABLES)


def test_the_rights_are_given_again(journal_dsn, postgres_server):
    """After each migration: what was given too much meanwhile is gone, and nothing else changes."""
    psql(postgres_server, "postgres", SQL / "cluster.sql")
    before = psql_text(postgres_server, "\\dp")
    psql_text(postgres_server, "GRANT ALL ON audit_entry TO sms_gateway; GRANT SELECT ON ending TO PUBLIC")
    assert psql_text(postgres_server, "\\dp") != before
    psql(postgres_server, "journal", SQL / "journal.sql", role="sms_owner")
    assert psql_text(postgres_server, "\\dp") == before


def psql_text(server, statement):
    command = [server.binaries / "psql", "-X", "-d", server.dsn("journal"), "-c", statement]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize(
    "command",
    [["audit", "verify"], ["cdr", "--from", "2026-11-27", "--to", "2026-11-28"]],
    ids=["audit verify", "cdr"],
)
def test_an_auditor_can_audit(journal_dsn, tmp_path, command):
    """Both commands, as `sms_auditor`."""
    write_keys(tmp_path / "sms.keys", new_keys())
    (tmp_path / "config.toml").write_text(LEAST)
    dsn = as_role(journal_dsn, "sms_auditor")
    result = CliRunner().invoke(
        commands, [*command, "--config", str(tmp_path / "config.toml")], env={"SMS_JOURNAL_DSN": dsn}
    )
    assert result.exit_code == 0, result.output


async def test_the_population_is_read_and_nothing_else(postgres_server, postgres_dsn):
    """Only the table or view that is named, in a database that serves others too, whose rights stay as they are."""
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("""
        CREATE SCHEMA service; CREATE TABLE people (id text, secret text);
        INSERT INTO people VALUES ('1', 'x'); CREATE VIEW service.sms_citizen AS SELECT id FROM people;
    """)
    await connection.close()
    psql(postgres_server, "postgres", SQL / "cluster.sql")
    database = postgres_dsn.partition("///")[2].partition("?")[0]
    psql(postgres_server, database, SQL / "population.sql", schema="service", relation="sms_citizen")

    reader = as_role(postgres_dsn, "sms_population")
    connection = await asyncpg.connect(reader)
    assert [tuple(row) for row in await connection.fetch("SELECT * FROM service.sms_citizen")] == [("1",)]
    await connection.close()
    assert "people" in await refused(reader, "SELECT * FROM people")
    writing = "SET default_transaction_read_only = off; BEGIN READ WRITE; DELETE FROM service.sms_citizen"
    assert "sms_citizen" in await refused(reader, writing)

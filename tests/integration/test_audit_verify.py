"""`sms-service audit verify` on a real trail."""

import asyncio

import asyncpg
import pytest
from click.testing import CliRunner

from sms_service.adapters.postgres import Database, PostgresAuditTrail
from sms_service.cli import commands
from sms_service.keys import AuditChain, new_keys, write_keys
from sms_service.model import AuditEntry, Ending
from tests.contract.databases import journal_database, journal_dsn
from tests.unit.settings.test_load import LEAST

__all__ = ["journal_database", "journal_dsn"]

KEYS = new_keys()
CHAINS = {3: 2500, 9: 40}
"""Entries by chain: one is longer than what is read at a time."""


def entry(number):
    return AuditEntry(
        number, 1_700_000_000_000, "viettel", b"s" * 16, b"c" * 16, "DC", "", "1", Ending.ANSWERED, 1, False
    )


@pytest.fixture
def trail(journal_dsn):
    """A trail of two chains; a way to tamper with it."""

    async def fill():
        database = Database.journal(journal_dsn, user="test", connections=1)
        audit = PostgresAuditTrail(database)
        for number, entries in CHAINS.items():
            chain = AuditChain(KEYS, number)
            await audit.append([chain.link(entry(count)) for count in range(entries)])
        await database.close()

    async def execute(statement):
        connection = await asyncpg.connect(journal_dsn)
        await connection.execute("SET session_replication_role = replica")  # the trail is append-only
        await connection.execute(statement)
        await connection.close()

    asyncio.run(fill())
    return lambda statement: asyncio.run(execute(statement))


@pytest.fixture
def verify(tmp_path, journal_dsn):
    """Call the command; its exit code and what it says."""
    write_keys(tmp_path / "sms.keys", KEYS)
    (tmp_path / "config.toml").write_text(LEAST.replace("postgresql://sms:hunter2@db/journal", journal_dsn))

    def call():
        result = CliRunner().invoke(commands, ["audit", "verify", "--config", str(tmp_path / "config.toml")])
        return result.exit_code, result.output

    return call


def test_a_whole_trail(trail, verify):
    """Every chain is walked to its end."""
    expected = "chain 3: 2500 entries hold, whole\nchain 9: 40 entries hold, whole\n2 chains, 0 broken\n"
    assert verify() == (0, expected)


@pytest.mark.parametrize(
    ("statement", "holds", "at"),
    [
        ("UPDATE audit_entry SET citizen = '' WHERE chain = 3 AND position = 1200", 1199, 1200),
        ("DELETE FROM audit_entry WHERE chain = 3 AND position = 1200", 1199, 1201),
        ("DELETE FROM audit_entry WHERE chain = 3 AND position = 1", 0, 2),
    ],
    ids=["changed", "taken out", "taken from the front"],
)
def test_a_broken_chain(trail, verify, statement, holds, at):
    """The first entry that does not hold is named, the other chains are walked all the same."""
    trail(statement)
    code, says = verify()
    assert code == 1
    assert says.splitlines() == [
        f"chain 3: {holds} entries hold, BROKEN at entry {at}",
        "chain 9: 40 entries hold, whole",
        "2 chains, 1 broken",
    ]

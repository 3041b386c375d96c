"""Reading the audit trail back."""

import asyncpg
import pytest

from sms_service.adapters.postgres import Database, PostgresAuditTrail
from sms_service.adapters.postgres import audit as module
from sms_service.keys import AuditChain, new_keys, verify_chain
from sms_service.model import AuditEntry, Ending

KEYS = new_keys()


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        number,
        1_700_000_000_000 + number,
        "operator",
        bytes([number % 256]) * 16,
        b"" if number % 2 else b"c" * 16,
        "DC",
        "full_name,birth_date",
        "c06/1",
        list(Ending)[number % len(Ending)],
        number % 7,
        number % 3 == 0,
    )


@pytest.fixture
async def audit(journal_dsn, monkeypatch):
    monkeypatch.setattr(module, "READ_AHEAD", 10)
    database = Database.journal(journal_dsn, user="test", connections=2)
    yield PostgresAuditTrail(database)
    await database.close()


async def read(audit: PostgresAuditTrail, chain: int) -> list:
    return [link async for link in audit.read(chain)]


async def test_a_chain_comes_back_as_it_was_written(audit):
    """Entry for entry, so that it verifies; chains do not mix."""
    chains = {number: AuditChain(KEYS, number) for number in (3, 9)}
    written = {number: [chain.link(entry(count)) for count in range(37)] for number, chain in chains.items()}
    for number in chains:
        await audit.append(written[number][:20])
        await audit.append(written[number][20:])
    assert await audit.chains() == {3: 37, 9: 37}
    for number in chains:
        links = await read(audit, number)
        assert links == written[number]
        assert verify_chain(KEYS, links) == (37, None)
    assert await read(audit, 4) == []


@pytest.mark.parametrize(
    ("tampering", "good"),
    [
        ("UPDATE audit_entry SET citizen = '' WHERE position = 5", 4),
        ("UPDATE audit_entry SET segments = segments + 1 WHERE position = 1", 0),
        ("DELETE FROM audit_entry WHERE position = 7", 6),
    ],
)
async def test_tampering_shows(audit, journal_dsn, tampering, good):
    """A superuser can go past the trigger, but cannot make the chain hold."""
    chain = AuditChain(KEYS, 3)
    await audit.append([chain.link(entry(count)) for count in range(10)])
    connection = await asyncpg.connect(journal_dsn)
    await connection.execute(f"SET session_replication_role = replica; {tampering}")
    await connection.close()
    held, broken = verify_chain(KEYS, await read(audit, 3))
    assert held == good
    assert broken is not None


async def test_reading_may_be_given_up(audit):
    """A reader that stops half-way gives its connection back."""
    chain = AuditChain(KEYS, 3)
    await audit.append([chain.link(entry(count)) for count in range(50)])
    for _ in range(5):
        reading = audit.read(3)
        assert (await anext(reading)).position == 1
        await reading.aclose()
    assert await audit.chains() == {3: 50}

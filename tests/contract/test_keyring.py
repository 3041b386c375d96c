"""The contract of `ports.Keyring`, in memory and in PostgreSQL: a journal is written with one set of keys."""

import msgspec
import pytest

from sms_service.adapters.memory import MemoryAuditTrail, MemoryKeyring, MemoryStore
from sms_service.adapters.postgres import Database, PostgresAuditTrail, PostgresKeyring
from sms_service.keys import AuditChain, begins_chain, fingerprints, new_keys
from sms_service.model import AuditEntry, Ending
from sms_service.ports import Misconfigured
from tests.contract.databases import as_role

KEYS, OTHERS = new_keys(), new_keys()


@pytest.fixture(params=["memory", "postgres"])
def dsn(request):
    """Of the journal; None for memory."""
    return request.getfixturevalue("journal_dsn") if request.param == "postgres" else None


@pytest.fixture
async def stores(dsn):
    """A keyring, and the audit trail beside it."""
    if dsn is None:
        store = MemoryStore()
        yield MemoryKeyring(store), MemoryAuditTrail(store)
        return
    database = Database.journal(as_role(dsn, "sms_gateway"), user="test", connections=2)
    yield PostgresKeyring(database), PostgresAuditTrail(database)
    await database.close()


async def check(keyring, keys, **options):
    await keyring.check(fingerprints(keys), lambda first: begins_chain(keys, first), **options)


async def begin_trail(trail, keys, chain=7):
    link = AuditChain(keys, chain)
    entry = AuditEntry(1, 2, "viettel", b"s" * 16, b"", "own_record", "", "1", Ending.REFUSED, 1, False)
    await trail.append([link.link(entry), link.link(entry)])


async def test_the_first_keys_are_the_journals(stores):
    """Again and again; others are refused, and which differ is told with the remedy."""
    keyring, _ = stores
    for _ in range(2):
        await check(keyring, KEYS)
    with pytest.raises(Misconfigured, match=r"not the one of this journal \(audit, pseudonym, seal 1 differ\).*escrow"):
        await check(keyring, OTHERS)
    await check(keyring, KEYS)


@pytest.mark.parametrize("field", ["audit", "pseudonym", "seal"])
async def test_one_other_key_is_enough(stores, field):
    keyring, _ = stores
    await check(keyring, KEYS)
    with pytest.raises(Misconfigured, match=f"\\({field}.* differ"):
        await check(keyring, msgspec.structs.replace(KEYS, **{field: getattr(OTHERS, field)}))


async def test_the_sealing_key_is_changed_by_a_new_number(stores):
    """The new one is written down, the old one may go; under its number none but itself may come back."""
    keyring, _ = stores
    await check(keyring, KEYS)
    both = msgspec.structs.replace(KEYS, seal={**KEYS.seal, 2: OTHERS.seal[1]})
    await check(keyring, both)
    await check(keyring, msgspec.structs.replace(KEYS, seal={2: OTHERS.seal[1]}))
    with pytest.raises(Misconfigured, match="seal 1 differ"):
        await check(keyring, msgspec.structs.replace(both, seal={1: OTHERS.seal[1], 2: OTHERS.seal[1]}))


async def test_a_trail_that_is_older_than_fingerprints_decides(stores):
    """Whoever cannot have begun it is refused; whoever has is written down."""
    keyring, trail = stores
    await begin_trail(trail, KEYS)
    with pytest.raises(Misconfigured, match="with which the audit trail was begun"):
        await check(keyring, OTHERS)
    await check(keyring, KEYS)
    with pytest.raises(Misconfigured, match="differ"):
        await check(keyring, OTHERS)


async def test_only_looking_writes_nothing_down(stores):
    """An auditor with the wrong file does not make it the journal's."""
    keyring, _ = stores
    await check(keyring, OTHERS, adopt=False)
    await check(keyring, KEYS)
    with pytest.raises(Misconfigured):
        await check(keyring, OTHERS, adopt=False)

"""The contract of `ports.AuditTrail`, in memory and in PostgreSQL."""

import pytest

from sms_service.keys import AuditChain, new_keys
from sms_service.model import AuditEntry, Ending
from sms_service.ports import Misconfigured

KEYS = new_keys()


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        number, 1_700_000_000_123, "operator", b"s" * 16, b"", "DC", "", "c06/1", Ending.REFUSED, 1, False
    )


@pytest.fixture
def audit(journals):
    return journals.process()[1]


async def test_appending_again_is_safe(audit):
    """A batch whose commit was not heard of may be appended again, with more behind it."""
    chain = AuditChain(KEYS, 7)
    entries = [chain.link(entry(number)) for number in range(5)]
    await audit.append(entries[:3])
    await audit.append(entries[:3])
    await audit.append(entries)
    await audit.append(entries[2:4])


async def test_a_position_is_written_once(audit):
    """Another entry at a position that is taken is refused, and so is the rest of its batch."""
    chain = AuditChain(KEYS, 7)
    first = chain.link(entry(1))
    await audit.append([first])
    usurper = AuditChain(KEYS, 7)
    batch = [usurper.link(entry(2)), usurper.link(entry(3))]
    with pytest.raises(Misconfigured, match="chain 7"):
        await audit.append(batch)
    await audit.append([first, chain.link(entry(4))])


async def test_chains_are_independent(audit):
    """The same position in another chain is another entry."""
    await audit.append([AuditChain(KEYS, 7).link(entry(1))])
    await audit.append([AuditChain(KEYS, 8).link(entry(1))])


async def test_an_empty_batch_is_nothing(audit):
    """No call fails for having nothing to do."""
    await audit.append([])

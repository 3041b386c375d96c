"""The limits of the memory that stands in for Redis; its rules are the contract's."""

import pytest

from sms_service.adapters.memory import FakeClock, MemoryVolatile
from sms_service.adapters.memory import volatile as module


@pytest.fixture
def volatile(monkeypatch: pytest.MonkeyPatch) -> MemoryVolatile:
    monkeypatch.setattr(module, "SENDERS_MAX", 3)
    monkeypatch.setattr(module, "ANSWERED_MAX", 3)
    return MemoryVolatile(quota_period_s=60.0, duplicate_window_s=300.0, clock=FakeClock())


async def test_senders_beyond_the_limit_push_out_the_oldest(volatile):
    """Memory is bounded; the count that began first is lost first."""
    await volatile.count([b"a", b"b", b"c", b"d"])
    assert await volatile.count([b"d", b"c", b"b"]) == [2, 2, 2]
    assert await volatile.count([b"a"]) == [1]
    assert len(volatile._counted) <= 4


async def test_answers_beyond_the_limit_push_out_the_oldest(volatile):
    """Memory is bounded; what was answered first is forgotten first."""
    await volatile.remember([(b"a", ""), (b"b", ""), (b"c", ""), (b"a", "")])
    await volatile.remember([(b"d", "")])
    assert await volatile.redelivered([b"a", b"b", b"c", b"d"]) == [True, False, True, True]
    assert len(volatile._answered) == 3

"""The contract of `ports.Steerage`, in memory and in PostgreSQL."""

import datetime as dt

import asyncpg
import pytest

from sms_service.adapters.memory import MemorySteerage
from sms_service.adapters.postgres import Database, PostgresSteerage
from sms_service.model import Blocked, Steered
from sms_service.ports import Misconfigured

AT = dt.datetime(2026, 11, 27, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(params=["memory", "postgres"])
def dsn(request):
    """Of the journal; None for memory."""
    return request.getfixturevalue("journal_dsn") if request.param == "postgres" else None


@pytest.fixture
async def steerage(dsn):
    if dsn is None:
        yield MemorySteerage(blocked_max=3)
        return
    database = Database.journal(dsn, user="test", connections=2)
    yield PostgresSteerage(database, blocked_max=3)
    await database.close()


def blocked(number, reason="asks in a loop", minutes=0):
    return Blocked(b"%016d" % number, AT + dt.timedelta(minutes=minutes), reason, "lan")


async def test_actions_are_written_down(steerage):
    """The newest first, as many as are asked for."""
    assert await steerage.recorded(10) == []
    actions = [Steered(AT, "gateway-1", "lan", action, "viettel", "done") for action in ("stop", "start", "pace")]
    for action in actions:
        await steerage.record(action)
    assert await steerage.recorded(2) == actions[:0:-1]


async def test_who_is_blocked(steerage):
    """The latest first; each once; since when stays."""
    await steerage.block(blocked(1))
    await steerage.block(blocked(2, minutes=1))
    await steerage.block(blocked(1, "another reason", minutes=9))
    assert await steerage.blocked() == [blocked(2, minutes=1), blocked(1, "another reason")]
    assert await steerage.unblock(blocked(2).sender) is True
    assert await steerage.unblock(blocked(2).sender) is False
    assert [one.sender for one in await steerage.blocked()] == [blocked(1).sender]


async def test_as_many_as_can_be(steerage):
    """One more is refused; of one that is blocked the reason may change."""
    for number in range(3):
        await steerage.block(blocked(number))
    with pytest.raises(Misconfigured, match="3 senders are blocked"):
        await steerage.block(blocked(4))
    await steerage.block(blocked(2, "other"))
    assert len(await steerage.blocked()) == 3


async def test_what_was_done_cannot_be_changed(journal_dsn):
    """Not in the database either."""
    connection = await asyncpg.connect(journal_dsn)
    await connection.execute(
        "INSERT INTO operator_action (at, instance, operator, action, target, outcome) VALUES (now(), '', '', '', '', '')"
    )
    for statement in (
        "UPDATE operator_action SET operator = 'x'",
        "DELETE FROM operator_action",
        "TRUNCATE operator_action",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()

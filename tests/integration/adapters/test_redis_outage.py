"""Redis goes away and comes back; nobody waits for it."""

import asyncio
import os
import time

import pytest
from redis.asyncio import Redis

from sms_service.adapters.memory import FakeClock, MemoryVolatile
from sms_service.adapters.redis import RedisBoard, RedisVolatile
from sms_service.ports import Unavailable

TIMEOUT_S = 0.2
A, B = b"a" * 16, b"b" * 16
LINK = "gateway-1/5.1"


class Watched:
    """A process, and what it was told of degradation."""

    def __init__(self, url: str) -> None:
        self.told: list[bool] = []
        self.volatile = RedisVolatile(
            url,
            instance="gateway-1",
            timeout_s=TIMEOUT_S,
            quota_period_s=60.0,
            duplicate_window_s=300.0,
            fallback=MemoryVolatile(quota_period_s=60.0, duplicate_window_s=300.0, clock=FakeClock()),
            on_degraded=self.told.append,
        )


async def probed(volatile: RedisVolatile, live: list[str]) -> None:
    """State links during an outage, and wait for what nobody else does: whether Redis is back."""
    await volatile.links(live)
    await volatile._probe


@pytest.fixture
async def watched(valkey_line):
    watched = Watched(valkey_line[1])
    yield watched
    await watched.volatile.close()


async def test_memory_stands_in_from_the_first_failure(valkey_line, watched):
    """Every call goes on; quotas begin anew in this process, and are Redis's again when it is back."""
    line, _ = valkey_line
    volatile = watched.volatile
    assert await volatile.count([A, A]) == [1, 2]
    await line.cut()
    assert await volatile.count([A, A, B]) == [1, 2, 1]
    await volatile.links([LINK])
    await volatile.remember([(A, LINK), (B, "gateway-1/4.9")])
    assert await volatile.redelivered([A, B]) == [False, True]
    assert volatile.degraded
    await line.restore()
    assert await volatile.count([A]) == [3]
    await probed(volatile, [LINK])
    assert not volatile.degraded
    assert await volatile.count([A]) == [3]
    assert watched.told == [True, False]


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancellation_is_never_swallowed(valkey_line, watched, turns):
    """Whatever a call waits for just then, who is told to stop stops, and the connection is not used again."""
    task = asyncio.create_task(forever(watched.volatile))
    for _ in range(20 + turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done == {task}
    assert task.cancelled()
    assert await watched.volatile.redelivered([A]) == [False]


async def forever(volatile):
    while True:
        await volatile.redelivered([A])
        await volatile.links([LINK])


async def test_what_was_answered_during_an_outage_stays_known(valkey_line, watched):
    """The links that an outage drops bring their redeliveries after it."""
    line, _ = valkey_line
    volatile = watched.volatile
    await line.cut()
    await volatile.remember([(A, LINK)])
    await volatile.remember([(A, LINK)])
    await line.restore()
    await probed(volatile, [])
    await volatile.remember([(B, LINK)])
    assert await volatile.redelivered([A, B, b"c" * 16]) == [True, True, False]


async def test_a_redis_that_hangs_is_waited_for_once(valkey_line, watched):
    """One batch loses the time-out; those after it lose nothing, and only the statement of links tries again."""
    line, _ = valkey_line
    volatile = watched.volatile
    await volatile.count([A])
    line.hang()
    before = time.monotonic()
    assert await volatile.count([A]) == [1]
    assert TIMEOUT_S * 0.9 <= time.monotonic() - before < 10 * TIMEOUT_S
    before = time.monotonic()
    for turn in range(100):
        assert await volatile.count([A]) == [turn + 2]
        await volatile.links([LINK])  # so that links are stated, which messages may wait for
    assert time.monotonic() - before < TIMEOUT_S
    await volatile._probe
    assert volatile.degraded
    await line.restore()
    await probed(volatile, [LINK])
    assert not volatile.degraded
    assert watched.told == [True, False]


async def test_no_redis_from_the_start(valkey_line, watched):
    """It works without, and takes to it when it comes."""
    line, _ = valkey_line
    await line.cut()
    assert await watched.volatile.count([A]) == [1]
    await line.restore()
    await probed(watched.volatile, [])
    assert await watched.volatile.count([A]) == [1]
    assert watched.told == [True, False]


async def test_a_redis_that_forgot_the_scripts(valkey_url, watched):
    """A restart empties it; the scripts are brought again, and nothing is degraded."""
    await watched.volatile.count([A])
    async with Redis.from_url(valkey_url) as client:
        await client.script_flush()
        await client.flushall()
    assert await watched.volatile.count([A]) == [1]
    assert watched.told == []


async def test_keys_hold_pseudonyms_and_expire(valkey_url, watched):
    """Everything in Redis goes by itself, and no key says more than a pseudonym or an instance."""
    senders = [os.urandom(16) for _ in range(3)]
    await watched.volatile.count(senders)
    await watched.volatile.remember([(A, LINK)])
    await watched.volatile.links([LINK])
    async with Redis.from_url(valkey_url, decode_responses=True) as client:
        left = {key: await client.pttl(key) for key in await client.keys()}
    assert left.keys() == {*(f"sms:q:{one.hex()}" for one in senders), f"sms:d:{A.hex()}", "sms:l:gateway-1"}
    assert all(0 < left[key] <= limit * 1000 for key in left for limit in [{"q": 60, "d": 300, "l": 5}[key[4]]])


async def test_a_pseudonym_of_another_length_is_a_mistake(watched):
    """The scripts cut their string in pieces of one length; a wrong one would count for others."""
    with pytest.raises(ValueError, match="length"):
        await watched.volatile.count([A, b"short"])


async def test_a_board_that_hangs_is_given_up(valkey_line):
    """Whoever has another one goes there; when Redis is back the same board serves."""
    line, url = valkey_line
    board = RedisBoard(url, timeout_s=TIMEOUT_S)
    await board.check()
    line.hang()
    for ask in (board.check(), board.exchange("gateway-1", b"1")):
        with pytest.raises(Unavailable, match=r"^redis: it cannot be reached \(TimeoutError\)$"):
            await ask
    await line.restore()
    assert await board.exchange("gateway-1", b"2") == {"gateway-1": b"2"}
    await board.close()

"""The contract of `ports.Board`, in memory, in Redis and in PostgreSQL."""

import pytest

from sms_service.adapters.boards import SpareBoard
from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.ports import Misconfigured, Unavailable

OCTETS = bytes(range(256))


async def test_each_sees_what_all_have_put_up(boards):
    """Its own notice among them, octet for octet."""
    first, second = boards.process(), boards.process()
    assert await first.exchange("gateway-1", OCTETS) == {"gateway-1": OCTETS}
    assert await second.exchange("gateway-2", b"{}") == {"gateway-1": OCTETS, "gateway-2": b"{}"}
    assert await first.exchange("gateway-1", b"") == {"gateway-1": b"", "gateway-2": b"{}"}


async def test_a_notice_takes_the_place_of_the_last(boards):
    """There is one of each instance, the newest."""
    first, second = boards.process(), boards.process()
    for notice in (b"1", b"2", b"3"):
        await first.exchange("gateway-1", notice)
    assert await second.exchange("gateway-2", b"x") == {"gateway-1": b"3", "gateway-2": b"x"}


async def test_who_says_nothing_more_is_taken_down(boards):
    """After five seconds, and comes again with its next notice."""
    first, second = boards.process(), boards.process()
    await first.exchange("gateway-1", b"1")
    await boards.passes(4)
    assert (await second.exchange("gateway-2", b"2")).keys() == {"gateway-1", "gateway-2"}
    await boards.passes(2)
    assert (await second.exchange("gateway-2", b"2")).keys() == {"gateway-2"}
    assert (await first.exchange("gateway-1", b"1")).keys() == {"gateway-1", "gateway-2"}


class Broken:
    def __init__(self, error):
        self.error = error

    async def exchange(self, instance, notice):
        raise self.error


@pytest.mark.parametrize("error", [Unavailable("away"), Misconfigured("no table")])
async def test_a_spare_stands_in(error):
    """While the first cannot be reached the second is used; what both say is the second's error."""
    spare = MemoryBoard(FakeClock())
    assert await SpareBoard(Broken(error), spare).exchange("gateway-1", b"1") == {"gateway-1": b"1"}
    with pytest.raises(Misconfigured, match="neither"):
        await SpareBoard(Broken(error), Broken(Misconfigured("neither"))).exchange("gateway-1", b"1")


async def test_the_first_is_preferred():
    """The second hears nothing while the first answers."""
    clock = FakeClock()
    first, second = MemoryBoard(clock), MemoryBoard(clock)
    await SpareBoard(first, second).exchange("gateway-1", b"1")
    assert await second.exchange("gateway-2", b"2") == {"gateway-2": b"2"}

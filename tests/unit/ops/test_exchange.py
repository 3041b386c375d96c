"""What instances hear of each other."""

import msgspec
import pytest
from structlog.testing import capture_logs

from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.ops.exchange import FORGET_S, INSTANCES_MAX, SILENT_S, Exchange
from sms_service.ops.figures import InstanceState
from sms_service.ports import Unavailable
from tests.unit.ops.fleet import notice


class Line:
    """A board that may be away."""

    def __init__(self, board):
        self.board = board
        self.error = None

    async def exchange(self, instance, octets):
        if self.error:
            raise self.error
        return await self.board.exchange(instance, octets)


class Two:
    """Two instances before one board."""

    def __init__(self):
        self.clock = FakeClock()
        self.board = MemoryBoard(self.clock)
        self.line = Line(self.board)
        self.one = Exchange(self.line, "gateway-1", self.clock)
        self.two = Exchange(self.board, "gateway-2", self.clock)
        self.number = 0

    async def second(self, *, two=True, state=InstanceState.SERVING, started_at=1.0):
        """A second passes; both say something, or only the first."""
        self.number += 1
        if two:
            await self.two.once(
                notice("gateway-2", number=self.number, state=state, started_at=started_at, in_flight=self.number)
            )
        await self.one.once(notice("gateway-1", number=self.number))
        await self.clock.advance(1)

    def heard(self):
        return [(seen.notice.instance, seen.notice.number, seen.silent_s) for seen in self.one.others()]


@pytest.fixture
def two():
    return Two()


async def test_the_newest_of_each_other(two):
    """Not its own."""
    await two.second()
    await two.second()
    assert two.heard() == [("gateway-2", 2, 0)]


async def test_silence_is_counted(two):
    """From when the last new notice was read, though the board still shows the old one for a while; then it is forgotten."""
    await two.second()
    for _ in range(8):
        await two.second(two=False)
    assert two.heard() == [("gateway-2", 1, 8)]
    await two.clock.advance(FORGET_S)
    await two.second(two=False)
    assert two.heard() == []


async def test_it_comes_back(two):
    """Started again under the same name, also where its numbers begin anew."""
    for _ in range(3):
        await two.second()
    for _ in range(6):
        await two.second(two=False)
    two.number = 0
    await two.second(started_at=2.0)
    assert two.heard() == [("gateway-2", 1, 0)]


async def test_who_takes_its_leave_is_forgotten_at_once(two):
    """Nobody has to look after it."""
    await two.second()
    await two.second(state=InstanceState.LEFT)
    assert two.heard() == []


async def test_nobody_is_silent_while_the_board_is_away(two):
    """They cannot be heard; why is told once it has lasted."""
    await two.second()
    two.line.error = Unavailable("redis: it cannot be reached")
    for _ in range(int(SILENT_S) - 2):
        await two.second()
    assert (two.heard(), two.one.why) == ([("gateway-2", 1, 0)], "")
    await two.second()
    assert (two.heard(), two.one.why) == ([("gateway-2", 1, 0)], "redis: it cannot be reached")
    two.line.error = None
    await two.second()
    assert (two.heard()[0][2], two.one.why) == (0, "")


@pytest.mark.parametrize("octets", [b"", b"{}", b"\xff", b'{"instance":1}', b'{"instance":"gateway-9"'])
async def test_what_cannot_be_read_is_passed_over(two, octets):
    """And told once, until it can be read."""
    with capture_logs() as logs:
        for _ in range(3):
            await two.board.exchange("gateway-2", octets)
            await two.second(two=False)
    assert two.heard() == []
    assert [line["event"] for line in logs] == ["notice_unreadable"]


async def test_a_notice_under_another_s_name_is_passed_over(two):
    """It would stand twice."""
    await two.board.exchange("gateway-2", msgspec.json.encode(notice("gateway-3")))
    await two.second(two=False)
    assert two.heard() == []


async def test_a_notice_of_a_newer_version_is_read(two):
    """What it says more is passed over, what it lacks has its default."""
    body = msgspec.to_builtins(notice("gateway-2", in_flight=5)) | {"mood": "bright"}
    del body["in_flight"]
    await two.board.exchange("gateway-2", msgspec.json.encode(body))
    await two.second(two=False)
    assert [seen.notice.in_flight for seen in two.one.others()] == [0]


async def test_as_many_as_a_cell_has(two):
    """A board full of something else does not fill the memory."""
    for number in range(INSTANCES_MAX + 10):
        await two.board.exchange(f"a{number:03}", msgspec.json.encode(notice(f"a{number:03}")))
    await two.second(two=False)
    assert len(two.heard()) == INSTANCES_MAX


async def test_nothing_of_a_citizen_is_put_up(two):
    """A notice holds figures, and names of the configuration."""
    await two.second()
    octets = (await two.board.exchange("x", b""))["gateway-1"]
    assert set(msgspec.json.decode(octets)) <= set(type(notice()).__struct_fields__)

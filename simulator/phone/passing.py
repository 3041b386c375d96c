"""What is under way for phones while `wire` listens: what they sent, what comes to them, and the links on which it passes."""

from __future__ import annotations

from collections.abc import Callable

from simulator.phone.trails import Passed, Trail
from simulator.smsc.link import Link
from sms_service.smpp import FrameBuffer


class Outbound:
    """What a phone sent, on its way to the ESME. Give `leaving` to the SMSC with the message."""

    def __init__(self, trail: Trail, expect: Callable[[Link, int, Outbound], None]) -> None:
        """`expect` is told, with the message, what `leaving` is."""
        self._expect = expect
        self.trail = trail
        self.parts = 0
        """How many segments must be acknowledged; 0 until the SMSC has taken it."""
        self.acknowledged: set[bytes] = set()
        """The bodies of those that are."""

    def leaving(self, link: Link, sequence_number: int) -> None:
        """One of its deliver_sm is about to be written; see `backlog.Leaving`."""
        self._expect(link, sequence_number, self)


class Inbound:
    """A message for a phone, of which segments came."""

    def __init__(self, key: tuple[object, ...], trail: Trail, total: int) -> None:
        self.key = key
        self.trail = trail
        self.total = total
        self.numbers: set[int] = set()
        """The segments that came and were not refused."""

    @property
    def whole(self) -> bool:
        """Whether all are here."""
        return len(self.numbers) >= self.total


class Heard:
    """A link that is listened to, and requests of it that are a phone's."""

    def __init__(self, link: Link) -> None:
        self.buffer = FrameBuffer()
        self.buffer.feed(link.session.unfinished)
        self.bind = link.number
        self.port = link.peer_port
        self.deliveries: dict[int, Outbound] = {}
        self.bodies: dict[int, bytes] = {}
        self.receipts: dict[int, Trail] = {}
        self.submissions: dict[int, tuple[Inbound, int]] = {}

    def passed(self, frame: bytes, at: float, *, sent: bool) -> Passed:
        """What to note of a PDU."""
        return Passed(sent, self.bind, self.port, at, frame)

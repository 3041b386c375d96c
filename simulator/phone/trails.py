"""What went over the wire for each message of a phone: its PDUs with bind, sequence_number and time, octet by octet.

A trail is begun before a message's identity is known, since its PDUs leave at once, and found by the message's id afterwards. Only
the newest are kept, each with a limited number of PDUs; nothing here is written to a log.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from sms_service.smpp import CommandId

TRAILS_MAX: Final = 2000
"""Messages of which the PDUs are kept, some 1 kB each: ten phones with full threads."""
PLACES_MAX: Final = 20_000
"""Requests by which a gateway may name a message: beyond it the oldest are forgotten."""
PASSED_MAX: Final = 128
"""PDUs kept of a message: ten segments, each throttled or delivered again six times."""

State = Literal["waiting", "sent", "delivered", "refused"]
"""Of what a phone sent: it waits for a bind; a part left; the ESME acknowledged every part; it refused one for good."""


class Place(msgspec.Struct, frozen=True, order=True):
    """A request on a connection, as both ends can name it."""

    port: int
    """TCP port of the ESME's end."""
    command_id: int
    sequence_number: int


class Passed(msgspec.Struct, frozen=True):
    """A PDU on its way; its repr shows no octets, which may be a citizen's."""

    sent: bool
    """By the SMSC; else by the ESME."""
    bind: int
    """Which connection, counted from 1 since the SMSC's start."""
    port: int
    at: float
    """Seconds since the epoch."""
    octets: bytes

    def __repr__(self) -> str:
        return f"<Passed {'>' if self.sent else '<'} {self.command_name} {self.sequence_number}>"

    @property
    def command_id(self) -> int:
        """SMPP 3.4 s3.2."""
        return int.from_bytes(self.octets[4:8], "big")

    @property
    def command_status(self) -> int:
        """SMPP 3.4 s3.2."""
        return int.from_bytes(self.octets[8:12], "big")

    @property
    def sequence_number(self) -> int:
        """SMPP 3.4 s3.2."""
        return int.from_bytes(self.octets[12:16], "big")

    @property
    def command_name(self) -> str:
        """As the specification spells it."""
        try:
            return CommandId(self.command_id).name.lower()
        except ValueError:
            return f"0x{self.command_id:08X}"


class Trail:
    """The PDUs of one message."""

    def __init__(self, msisdn: str, begun_at: float) -> None:
        self.msisdn = msisdn
        self.message_id = 0
        """Once it is known."""
        self.begun_at = begun_at
        """Seconds since the epoch at which the phone sent, or the first PDU came."""
        self.passed: list[Passed] = []
        self.dropped = 0
        """PDUs beyond PASSED_MAX."""
        self.ended_at: float | None = None
        """When the whole message was at its phone."""
        self.journey: Any = None
        """What the gateway told of it (see `traces`)."""
        self.state: State = "waiting"
        """Of what a phone sent."""

    def add(self, passed: Passed) -> None:
        """One more PDU."""
        if len(self.passed) < PASSED_MAX:
            self.passed.append(passed)
        else:
            self.dropped += 1


class Trails:
    """The trails of messages, by their ids, and who waits for a change of state."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[int, Trail] = OrderedDict()
        self._by_phone: dict[str, dict[int, Trail]] = {}
        self._by_place: dict[Place, Trail] = {}
        self._watchers: dict[str, list[Callable[[], None]]] = {}

    def keep(self, message_id: int, trail: Trail) -> None:
        """From now on the trail is found by its message's id."""
        trail.message_id = message_id
        self._by_id[message_id] = trail
        self._by_phone.setdefault(trail.msisdn, {})[message_id] = trail
        if len(self._by_id) > TRAILS_MAX:
            oldest, forgotten = self._by_id.popitem(last=False)
            of_phone = self._by_phone[forgotten.msisdn]
            del of_phone[oldest]
            if not of_phone:
                del self._by_phone[forgotten.msisdn]

    def find(self, msisdn: str, message_id: int) -> Trail | None:
        """The trail of a message of this phone."""
        return self._by_phone.get(msisdn, {}).get(message_id)

    def states(self, msisdn: str) -> dict[int, State]:
        """Of each message that the phone sent, by id."""
        return {number: trail.state for number, trail in self._by_phone.get(msisdn, {}).items() if not trail.ended_at}

    def place(self, trail: Trail, place: Place) -> None:
        """This request is of this message. A number that comes again on a port is of the newer one."""
        if len(self._by_place) >= PLACES_MAX:
            del self._by_place[next(iter(self._by_place))]
        self._by_place[place] = trail

    def at(self, place: Place) -> Trail | None:
        """The message that a request is of."""
        return self._by_place.get(place)

    def changed(self, msisdn: str) -> None:
        """Wake whoever watches this phone."""
        for wake in self._watchers.get(msisdn, ()):
            wake()

    def watch(self, msisdn: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` whenever the state of a message of this phone has changed. Returns what ends it."""
        watchers = self._watchers.setdefault(msisdn, [])
        watchers.append(wake)

        def unwatch() -> None:
            watchers.remove(wake)
            if not watchers and self._watchers.get(msisdn) is watchers:
                del self._watchers[msisdn]

        return unwatch

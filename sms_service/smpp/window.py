"""Requests that we sent and that nobody has answered: their sequence numbers, their slots, their expiry (§2.7, §2.9,
§7.2).

All wait equally long, so the oldest is the first to expire and the order of sending is the order of the deadlines:
nothing is ever searched. Requests that keep the session itself going (bind, unbind, enquire_link) wait here too but
take no slot, or a full window could neither be probed nor closed.
"""

from math import inf
from typing import Any, Final

import msgspec

from sms_service.smpp.consts import RESPONSE_BIT, CommandId
from sms_service.smpp.errors import WindowFull
from sms_service.smpp.pdus import Pdu

MAX_SEQUENCE_NUMBER: Final = 0x7FFFFFFF
"""The last one that the specification allows (§3.2.1.4); 1 follows it."""

WITHOUT_RESPONSE: Final = frozenset({CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION})
"""Requests that nobody answers (§4.1.7, §4.12)."""

WITHOUT_SLOT: Final = frozenset(
    {
        CommandId.BIND_RECEIVER,
        CommandId.BIND_TRANSMITTER,
        CommandId.BIND_TRANSCEIVER,
        CommandId.UNBIND,
        CommandId.ENQUIRE_LINK,
    }
)

ANSWERS: Final = {
    request: frozenset(
        {response for response in CommandId if response == request | RESPONSE_BIT} | {CommandId.GENERIC_NACK}
    )
    for request in CommandId
    if not request & RESPONSE_BIT
}
"""What may answer a request: its own response, or a generic_nack (§4.3)."""


class Outstanding(msgspec.Struct, frozen=True):
    """A request on its way: what was sent, what the caller wants back with the answer, and since when (seconds)."""

    request: Pdu
    context: Any
    sent_at: float


class Window:
    """Room for `size` unanswered requests, each waiting at most `timeout_s` seconds."""

    def __init__(self, size: int, timeout_s: float, *, last_sequence_number: int = 0) -> None:
        self._size = size
        self._timeout_s = timeout_s
        self._last = last_sequence_number
        self._waiting: dict[int, Outstanding] = {}
        self._slots_taken = 0

    def __len__(self) -> int:
        """Unanswered requests, with and without slot."""
        return len(self._waiting)

    @property
    def free(self) -> int:
        """Slots that are left."""
        return self._size - self._slots_taken

    @property
    def next_deadline(self) -> float:
        """When the oldest request expires; infinity when none waits."""
        for outstanding in self._waiting.values():
            return outstanding.sent_at + self._timeout_s
        return inf

    def next_sequence_number(self, command_id: int) -> int:
        """The number that `add` will be given: after the last one, none that still waits.

        Raises:
            WindowFull: the command takes a slot and there is none.
        """
        if self._slots_taken >= self._size and command_id not in WITHOUT_SLOT:
            raise WindowFull(f"{self._slots_taken} requests are unanswered")
        number = self._last
        while True:
            number = number + 1 if number < MAX_SEQUENCE_NUMBER else 1
            if number not in self._waiting:
                return number

    def add(self, sequence_number: int, request: Pdu, context: Any, now: float) -> None:
        """Note that the request was sent."""
        self._last = sequence_number
        if request.command_id not in WITHOUT_RESPONSE:
            self._waiting[sequence_number] = Outstanding(request, context, now)
            self._slots_taken += request.command_id not in WITHOUT_SLOT

    def answer(self, response: Pdu) -> Outstanding | None:
        """What the response answers, which waits no longer; None when it answers nothing that waits."""
        outstanding = self._waiting.get(response.sequence_number)
        if outstanding is None:
            return None
        command_id = outstanding.request.command_id
        if response.command_id not in ANSWERS[command_id]:
            return None
        del self._waiting[response.sequence_number]
        self._slots_taken -= command_id not in WITHOUT_SLOT
        return outstanding

    def expire(self, now: float) -> list[tuple[int, Outstanding]]:
        """Those whose time is over, oldest first; they wait no longer."""
        expired = []
        for sequence_number, outstanding in self._waiting.items():
            if outstanding.sent_at + self._timeout_s > now:
                break
            expired.append((sequence_number, outstanding))
        for sequence_number, outstanding in expired:
            del self._waiting[sequence_number]
            self._slots_taken -= outstanding.request.command_id not in WITHOUT_SLOT
        return expired

    def clear(self) -> list[tuple[int, Outstanding]]:
        """All that wait, oldest first, because no answer can come any more."""
        waiting = list(self._waiting.items())
        self._waiting.clear()
        self._slots_taken = 0
        return waiting

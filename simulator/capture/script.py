"""One side of a recording as something to do again: what it asked and when, what it answered, and what the other side did.

A response belongs to the request of the other side with its sequence number on the same connection (SMPP 3.4 s3.2). What the
side sent that was neither a request nor an answer to one is left out and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from simulator.capture.recording import Kind, Record
from simulator.capture.summary import UNCONFIRMED
from sms_service.smpp import CommandId, Role
from sms_service.smpp.consts import RESPONSE_BIT

PDUS_MAX: Final = 1_000_000
"""PDUs of a recording that is replayed: they are all in memory, some 500 MB."""
BINDS: Final = frozenset({CommandId.BIND_RECEIVER, CommandId.BIND_TRANSMITTER, CommandId.BIND_TRANSCEIVER})


class TooLarge(Exception):
    """The recording has more PDUs than are replayed."""


class Step(msgspec.Struct):
    """A request to send: when, in nanoseconds of the recording, the PDU, and the status it was answered with (None: not at all)."""

    at_ns: int
    octets: bytes
    expected: int | None = None

    @property
    def command_id(self) -> int:
        """Of the PDU."""
        return int.from_bytes(self.octets[4:8], "big")


class Answer(msgspec.Struct, frozen=True):
    """How a request of the other side was answered: after how many nanoseconds, and with which PDU."""

    delay_ns: int
    octets: bytes


class Part(msgspec.Struct):
    """One connection.

    Attributes:
        number: of the recording.
        opened_ns: when it was opened.
        ended_ns: when the last thing happened on it.
        bound_ns: when a bind was first answered with ESME_ROK; None: never.
        bind: the first bind's command_id.
        steps: in the order in which they were sent.
        answers: to the other side's requests by command_id, in the order in which those came; None: no answer was given.
        window: the most requests of this side that were unanswered at once.
    """

    number: int
    opened_ns: int
    ended_ns: int = 0
    bound_ns: int | None = None
    bind: int | None = None
    steps: list[Step] = []
    answers: dict[int, list[Answer | None]] = {}
    window: int = 0

    @property
    def asked(self) -> Counter[int]:
        """How many requests the other side sent, by command_id; without enquire_link, which comes when it comes."""
        return Counter({command_id: len(answers) for command_id, answers in self.answers.items()})


class Script(msgspec.Struct):
    """All connections on which anything was said, in order, and how much is left out."""

    parts: list[Part]
    left_out_pdus: int = 0
    left_out_octets: int = 0


def make_script(records: Iterable[Record], role: Role) -> Script:
    """What `role` did.

    Raises:
        TooLarge: see there.
    """
    connections: dict[int, _Connection] = {}
    script = Script([])
    count = 0
    for record in records:
        connection = connections.get(record.connection)
        if connection is None:
            connection = connections[record.connection] = _Connection(Part(record.connection, record.at_ns), role)
        connection.part.ended_ns = record.at_ns
        if record.kind is Kind.PDU:
            count += 1
            if count > PDUS_MAX:
                raise TooLarge(f"the recording has more than {PDUS_MAX:,} PDUs: record a shorter while")
            script.left_out_pdus += not connection.add(record)
        elif record.kind is Kind.OCTETS and record.origin is role:
            script.left_out_octets += len(record.octets)
    parts = (connection.part for connection in connections.values())
    script.parts = [part for part in parts if part.steps or part.answers]
    return script


class _Connection:
    """A connection of the recording as it is read."""

    def __init__(self, part: Part, role: Role) -> None:
        self.part: Final = part
        self._role = role
        self._steps: dict[int, Step] = {}
        """By sequence number, as the next: what is not answered yet."""
        self._asked: dict[int, tuple[int, int, int]] = {}
        """When the other side asked, its command_id, and which of that command's it was."""

    def add(self, record: Record) -> bool:
        """The next PDU. False: it is an answer of ours to nothing."""
        command_id, status, number = (int.from_bytes(record.octets[at : at + 4], "big") for at in (4, 8, 12))
        ours = record.origin is self._role
        if not command_id & RESPONSE_BIT:
            if ours:
                self._step(record, command_id, number)
            else:
                self._ask(record, command_id, number)
            return True
        if not (self._answer(record, command_id, number) if ours else self._confirm(command_id, status, number)):
            return not ours or command_id == CommandId.ENQUIRE_LINK_RESP
        if command_id & ~RESPONSE_BIT in BINDS and not status and self.part.bound_ns is None:
            self.part.bound_ns = record.at_ns
        return True

    def _step(self, record: Record, command_id: int, number: int) -> None:
        step = Step(record.at_ns, record.octets)
        self.part.steps.append(step)
        self._see_bind(command_id)
        if command_id not in UNCONFIRMED:
            self._steps[number] = step
            self.part.window = max(self.part.window, len(self._steps))

    def _ask(self, record: Record, command_id: int, number: int) -> None:
        self._see_bind(command_id)
        if command_id != CommandId.ENQUIRE_LINK:
            answers = self.part.answers.setdefault(command_id, [])
            self._asked[number] = (record.at_ns, command_id, len(answers))
            answers.append(None)

    def _see_bind(self, command_id: int) -> None:
        if command_id in BINDS and self.part.bind is None:
            self.part.bind = command_id

    def _confirm(self, command_id: int, status: int, number: int) -> bool:
        step = self._steps.get(number)
        if step is None or command_id not in {step.command_id | RESPONSE_BIT, CommandId.GENERIC_NACK}:
            return False
        step.expected = status
        del self._steps[number]
        return True

    def _answer(self, record: Record, command_id: int, number: int) -> bool:
        asked = self._asked.get(number)
        if asked is None or command_id not in {asked[1] | RESPONSE_BIT, CommandId.GENERIC_NACK}:
            return False
        at_ns, command, index = asked
        self.part.answers[command][index] = Answer(record.at_ns - at_ns, record.octets)
        del self._asked[number]
        return True

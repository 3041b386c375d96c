"""Listens on the SMSC's links while phones wait for something, and notes the PDUs that are theirs.

A load run of tens of thousands a second must not pay for it. So nobody listens unless a phone has sent something and has no
answer yet, or got one a moment ago; then every PDU is looked at by its header, and only those of the phones are kept. What is
noted are the very octets that were read and written.

Which deliver_sm is whose the SMSC says when it sends it. A submit_sm is a phone's by its destination; segments are put together
by their reference, as the phone does, and the answers are found by connection and sequence_number.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from struct import Struct
from typing import Final, TypeVar

from simulator.phone.trails import Passed, Place, State, Trail, Trails
from simulator.smsc.link import Ear, Link
from simulator.smsc.post import TEMPORARY
from sms_service.smpp import (
    CommandId,
    CommandStatus,
    DeliverSm,
    FrameBuffer,
    FramingLost,
    SubmitSm,
    SubmitSmResp,
    Tag,
    UndecodablePdu,
    decode,
    find_text,
)
from sms_service.sms import part_of

WAIT_S: Final = 150.0
"""Seconds for which an answer to what a phone sent is listened for: the service's deadline of 120 s and some."""
LINGER_S: Final = 10.0
"""Seconds for which one listens on after the last answer, for its submit_sm_resp and for receipts."""
PHONES_MAX: Final = 1000
"""Phones listened for at once; beyond it the one that sent longest ago is not."""
ASKED_MAX: Final = 1000
"""Requests of a link whose answer may still come, and message ids whose receipt may; beyond it the oldest are forgotten."""
LOOSE_MAX: Final = 32
"""Messages for a phone that are under way at once, those among them that were refused and never came."""

_HEADER: Final = Struct(">LLLL")
_BODY: Final = _HEADER.size
_NATIONAL_DIGITS: Final = 9
"""Of a number, from its end: the same in all ways of writing it."""
# Plain numbers: a member of an enumeration compares slowly, and every PDU is looked at.
_DELIVER: Final = int(CommandId.DELIVER_SM)
_DELIVER_RESP: Final = int(CommandId.DELIVER_SM_RESP)
_SUBMIT: Final = int(CommandId.SUBMIT_SM)
_SUBMIT_RESP: Final = int(CommandId.SUBMIT_SM_RESP)
_NACK: Final = int(CommandId.GENERIC_NACK)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Outbound:
    """What a phone sent, on its way to the ESME. Give `leaving` to the SMSC with the message."""

    def __init__(self, wire: Wire, trail: Trail) -> None:
        self._wire = wire
        self.trail = trail
        self.parts = 0
        """How many segments must be acknowledged; 0 until the SMSC has taken it."""
        self.acknowledged: set[bytes] = set()
        """The bodies of those that are."""

    def leaving(self, link: Link, sequence_number: int) -> None:
        """One of its deliver_sm is about to be written; see `backlog.Leaving`."""
        self._wire.expect(link, sequence_number, self)


class _Inbound:
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


class _Heard:
    """A link that is listened to, and requests of it that are a phone's."""

    def __init__(self, link: Link) -> None:
        self.buffer = FrameBuffer()
        self.buffer.feed(link.session.unfinished)
        self.bind = link.number
        self.port = link.peer_port
        self.deliveries: dict[int, Outbound] = {}
        self.bodies: dict[int, bytes] = {}
        self.receipts: dict[int, Trail] = {}
        self.submissions: dict[int, tuple[_Inbound, int]] = {}

    def passed(self, frame: bytes, at: float, *, sent: bool) -> Passed:
        """What to note of a PDU."""
        return Passed(sent, self.bind, self.port, at, frame)


class Wire:
    """Implements `link.Ear`.

    Args:
        trails: where the PDUs go.
        listen: begins and ends the listening; `Center.listen`.
        clock: monotonic seconds.
        wall: seconds of the epoch.
    """

    def __init__(
        self,
        trails: Trails,
        listen: Callable[[Ear | None], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._trails = trails
        self._listen = listen
        self._clock = clock
        self._wall = wall
        self._until = 0.0
        self.listening = False
        self._heard: dict[Link, _Heard] = {}
        self._phones: dict[str, int] = {}
        """By national number: messages that have no answer yet."""
        self._loose: dict[str, list[_Inbound]] = {}
        """What is under way to a phone, in the order in which it began."""
        self._receipts: dict[str, Trail] = {}
        """By message_id."""

    @property
    def waiting(self) -> bool:
        """Whether any phone waits for an answer."""
        return any(self._phones.values())

    # ---- what phones do

    def begin(self, msisdn: str) -> Outbound:
        """A phone is about to send: listen."""
        national = msisdn[-_NATIONAL_DIGITS:]
        _put(self._phones, national, self._phones.pop(national, 0) + 1, PHONES_MAX)
        self._start()
        return Outbound(self, Trail(msisdn, self._wall()))

    def taken(self, message_id: int, outbound: Outbound, parts: int) -> None:
        """The SMSC has taken what the phone sent, and it has its id."""
        outbound.parts = parts
        self._trails.keep(message_id, outbound.trail)
        self._look(outbound)

    def abandoned(self, outbound: Outbound) -> None:
        """The SMSC has not taken it: no answer will come."""
        self._answered(outbound.trail.msisdn[-_NATIONAL_DIGITS:])

    def arrived(self, message_id: int, msisdn: str) -> None:
        """A whole message has come to a phone."""
        national = msisdn[-_NATIONAL_DIGITS:]
        loose = self._loose.get(national, [])
        inbound = next((one for one in loose if one.whole), None)
        if inbound is not None:
            loose.remove(inbound)
            inbound.trail.ended_at = self._wall()
            self._trails.keep(message_id, inbound.trail)
        self._answered(national)

    def _answered(self, national: str) -> None:
        """One message less waits for its answer; a phone is listened for until nobody waits."""
        if self._phones.get(national):
            self._phones[national] -= 1
        if not self.waiting:
            self._until = min(self._until, self._clock() + LINGER_S)

    def expect(self, link: Link, sequence_number: int, outbound: Outbound) -> None:
        """A deliver_sm of what a phone sent goes out next over this link, under this number."""
        self._start()
        heard = self._heard[link]
        _put(heard.deliveries, sequence_number, outbound, ASKED_MAX)
        self._trails.place(outbound.trail, Place(heard.port, _DELIVER, sequence_number))

    # ---- link.Ear

    def joined(self, link: Link) -> None:
        """See `link.Ear`."""
        self._heard[link] = _Heard(link)

    def lost(self, link: Link) -> None:
        """See `link.Ear`."""
        self._heard.pop(link, None)

    def received(self, link: Link, octets: bytes) -> None:
        """See `link.Ear`."""
        if self._clock() > self._until:
            self._stop()
            return
        heard = self._heard[link]
        try:
            frames = heard.buffer.feed(octets)
        except FramingLost as lost:
            frames = lost.frames  # the session closes the connection
        for frame in frames:
            _, command_id, status, sequence_number = _HEADER.unpack_from(frame)
            if command_id == _SUBMIT:
                if _address(frame, behind_source=True)[-_NATIONAL_DIGITS:] in self._phones:
                    self._submitted(heard, frame, sequence_number)
            elif command_id in {_DELIVER_RESP, _NACK}:
                self._acknowledged(heard, frame, sequence_number, status)

    def sent(self, link: Link, octets: bytes) -> None:
        """See `link.Ear`."""
        heard = self._heard[link]
        start = 0
        while start < len(octets):
            length, command_id, status, sequence_number = _HEADER.unpack_from(octets, start)
            frame = octets[start : start + length]
            start += length
            if command_id == _SUBMIT_RESP:
                self._confirmed(heard, frame, sequence_number, status)
            elif command_id == _DELIVER:
                self._delivered(heard, frame, sequence_number)

    # ---- PDUs of phones

    def _delivered(self, heard: _Heard, frame: bytes, sequence_number: int) -> None:
        """A deliver_sm leaves: of what a phone sent, or a receipt for the ESME."""
        outbound = heard.deliveries.get(sequence_number)
        if outbound is not None:
            heard.bodies[sequence_number] = frame[_BODY:]
            self._note(outbound.trail, heard, frame, sent=True)
            self._look(outbound)
        elif self._receipts and _address(frame)[-_NATIONAL_DIGITS:] in self._phones:
            pdu = decode(frame)
            message_id = find_text(pdu.tlvs, Tag.RECEIPTED_MESSAGE_ID) if isinstance(pdu, DeliverSm) else None
            trail = self._receipts.pop(message_id or "", None)
            if trail is not None:
                self._note(trail, heard, frame, sent=True)
                _put(heard.receipts, sequence_number, trail, ASKED_MAX)

    def _acknowledged(self, heard: _Heard, frame: bytes, sequence_number: int, status: int) -> None:
        receipt = heard.receipts.pop(sequence_number, None)
        if receipt is not None:
            self._note(receipt, heard, frame, sent=False)
        outbound = heard.deliveries.pop(sequence_number, None)
        body = heard.bodies.pop(sequence_number, b"")
        if outbound is None:
            return
        self._note(outbound.trail, heard, frame, sent=False)
        if status == CommandStatus.ESME_ROK:
            outbound.acknowledged.add(body)
        self._look(outbound, refused=status != CommandStatus.ESME_ROK and status not in TEMPORARY)

    def _submitted(self, heard: _Heard, frame: bytes, sequence_number: int) -> None:
        try:
            pdu = decode(frame)
        except UndecodablePdu:
            return  # the session answers it
        if not isinstance(pdu, SubmitSm):
            return
        inbound, number = self._under_way(pdu)
        self._note(inbound.trail, heard, frame, sent=False)
        self._trails.place(inbound.trail, Place(heard.port, _SUBMIT, sequence_number))
        inbound.numbers.add(number)
        _put(heard.submissions, sequence_number, (inbound, number), ASKED_MAX)

    def _under_way(self, pdu: SubmitSm) -> tuple[_Inbound, int]:
        """The message that a submit_sm is of, and which of its segments it is. One that was refused and comes again is the same."""
        concat = part_of(pdu.esm_class, pdu.short_message, [(tlv.tag, tlv.value) for tlv in pdu.tlvs]).concat
        key: tuple[object, ...] = (pdu.source_addr, pdu.data_coding, pdu.short_message, pdu.tlvs)
        number, total = 1, 1
        if concat is not None:
            key = (pdu.source_addr, concat.reference, concat.width, concat.total)
            number, total = concat.number, concat.total
        loose = self._loose.setdefault(pdu.destination_addr[-_NATIONAL_DIGITS:], [])
        for inbound in loose:
            if inbound.key == key and number not in inbound.numbers:
                return inbound, number
        if len(loose) >= LOOSE_MAX:
            del loose[0]
        inbound = _Inbound(key, Trail(pdu.destination_addr, self._wall()), total)
        loose.append(inbound)
        return inbound, number

    def _confirmed(self, heard: _Heard, frame: bytes, sequence_number: int, status: int) -> None:
        inbound, number = heard.submissions.pop(sequence_number, (None, 0))
        if inbound is None:
            return
        self._note(inbound.trail, heard, frame, sent=True)
        response = decode(frame)
        if status != CommandStatus.ESME_ROK:
            inbound.numbers.discard(number)
        elif isinstance(response, SubmitSmResp):
            _put(self._receipts, response.message_id, inbound.trail, ASKED_MAX)

    def _note(self, trail: Trail, heard: _Heard, frame: bytes, *, sent: bool) -> None:
        trail.add(heard.passed(frame, self._wall(), sent=sent))

    def _look(self, outbound: Outbound, *, refused: bool = False) -> None:
        """What has become of what a phone sent."""
        trail = outbound.trail
        state: State = "sent" if trail.passed else "waiting"
        if refused or trail.state == "refused":
            state = "refused"
        elif 0 < outbound.parts <= len(outbound.acknowledged):
            state = "delivered"
        if state != trail.state:
            trail.state = state
            self._trails.changed(trail.msisdn)

    # ---- listening

    def _start(self) -> None:
        self._until = max(self._until, self._clock() + WAIT_S)
        if not self.listening:
            self.listening = True
            self._listen(self)

    def _stop(self) -> None:
        """Nobody waits any more. What is asked and not answered will not be told."""
        self.listening = False
        self._listen(None)
        for table in (self._heard, self._phones, self._loose, self._receipts):
            table.clear()


def _put(table: dict[_Key, _Value], key: _Key, value: _Value, limit: int) -> None:
    """Put in, at the cost of the oldest where the table is full."""
    if len(table) >= limit:
        del table[next(iter(table))]
    table[key] = value


def _address(frame: bytes, *, behind_source: bool = False) -> str:
    """source_addr of a submit_sm or deliver_sm, or the destination_addr behind it; "" where there is none (SMPP 3.4 s4.4.1)."""
    start = frame.find(0, _BODY) + 3  # behind service_type, type of number and plan
    if behind_source:
        start = frame.find(0, start) + 3
    end = frame.find(0, start)
    return frame[start:end].decode("latin-1") if end >= 0 else ""

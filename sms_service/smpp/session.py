"""One SMPP session, without I/O: octets and the time go in, events and octets come out (SMPP 3.4 §2).

The owner of the connection gives what it reads to `receive_data`, writes what `data_to_send` returns after every
call, calls `tick` at `next_deadline`, and tells of the end with `connection_lost`. The rule for errors: what the peer
does wrong never raises, it is answered and becomes an event; what the owner does wrong raises LocalProtocolError and
changes nothing.

The same class serves the ESME and the SMSC: they differ in the table of `state` only. Output is not bounded here: the
owner stops reading from a peer that does not read (every answer that a session makes by itself is due to something
that was read).
"""

from collections.abc import Iterable
from math import inf
from typing import Any, Final

from sms_service.smpp.codec import bare_response, decode, encode, encode_deliver_sm_resps, encode_submit_sm_resps
from sms_service.smpp.consts import RESPONSE_BIT, CommandId, CommandStatus, Role
from sms_service.smpp.errors import FramingLost, LocalProtocolError, UndecodablePdu
from sms_service.smpp.events import (
    Closed,
    CloseReason,
    Event,
    RequestExpired,
    RequestReceived,
    RequestRefused,
    ResponseReceived,
    StateChanged,
    Unanswered,
    Undecodable,
    UnexpectedResponse,
)
from sms_service.smpp.framing import FrameBuffer
from sms_service.smpp.pdus import CLASS_OF, EnquireLink, EnquireLinkResp, GenericNack, Pdu, Unbind, UnbindResp
from sms_service.smpp.state import HANDED_ON, SENDABLE, TRANSITIONS, SessionState, next_state, refusal_status
from sms_service.smpp.template import Prepared, SubmitTemplate
from sms_service.smpp.timers import SessionSettings, Timer, Timers
from sms_service.smpp.window import Window

ANSWERED_BY_SESSION: Final = frozenset({CommandId.ENQUIRE_LINK_RESP, CommandId.UNBIND_RESP})
"""Responses that no owner sends: the session has sent them."""

UNCOUNTED: Final = frozenset({CommandId.ENQUIRE_LINK, CommandId.ENQUIRE_LINK_RESP})
"""PDUs that do not count as activity: two idle peers that ask each other are still idle."""

CLOSED_BY_EXPIRY: Final = {
    CommandId.BIND_TRANSMITTER: CloseReason.BIND_TIMEOUT,
    CommandId.BIND_RECEIVER: CloseReason.BIND_TIMEOUT,
    CommandId.BIND_TRANSCEIVER: CloseReason.BIND_TIMEOUT,
    CommandId.UNBIND: CloseReason.UNBIND_TIMEOUT,
    CommandId.ENQUIRE_LINK: CloseReason.ENQUIRE_LINK_TIMEOUT,
}
"""Requests without whose answer the session cannot go on."""

CLOSED_BY_TIMER: Final = {
    Timer.SESSION_INIT: CloseReason.SESSION_INIT_TIMEOUT,
    Timer.INACTIVITY: CloseReason.INACTIVITY,
}

_SUBMIT_SM: Final = CommandId.SUBMIT_SM
"""Looked up once: reaching a member through its enumeration costs more than noting the request."""


class Session:
    """An SMPP session of either role. All times are seconds of one clock of the owner's that never goes back."""

    def __init__(self, role: Role, settings: SessionSettings | None = None, now: float = 0.0) -> None:
        settings = settings or SessionSettings()
        self._role = role
        self._peer = Role.SMSC if role is Role.ESME else Role.ESME
        self._frames = FrameBuffer(settings.max_pdu_octets)
        self._window = Window(settings.window_size, settings.response_timeout_s)
        self._timers = Timers(settings, now)
        self._output: list[bytes] = []
        self._enter(SessionState.OPEN)

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._state

    @property
    def window_free(self) -> int:
        """How many requests may be sent now; none while the session is not bound."""
        return self._window.free if self._state.is_bound else 0

    @property
    def unfinished(self) -> bytes:
        """The octets of a PDU of which more is to come: where whoever listens from now on must begin."""
        return self._frames.rest

    @property
    def outstanding(self) -> int:
        """How many requests of ours are unanswered, those that take no slot included."""
        return len(self._window)

    def request(self, pdu: Pdu, now: float, context: Any = None) -> int:
        """Queues a request under a sequence number of its own, which is returned; `context` comes back with its outcome.

        Raises:
            WindowFull: no slot is free; wait for an answer or an expiry.
            LocalProtocolError: the role or the state forbids the command, or a value does not fit its field.
        """
        command_id = pdu.command_id
        if command_id & RESPONSE_BIT:
            raise LocalProtocolError(f"{type(pdu).__name__} is no request")
        self._check_sendable(command_id)
        sequence_number = self._window.next_sequence_number(command_id)
        self._output.append(encode(pdu, sequence_number))
        self._window.add(sequence_number, pdu, context, now)
        if command_id not in UNCOUNTED:
            self._timers.active_at = now
        self._advance(command_id)
        return sequence_number

    def submit(
        self, template: SubmitTemplate, destination_addr: str, short_message: bytes, now: float, context: Any = None
    ) -> int:
        """Queues a submit_sm, as `request` would in every other regard, at a third of its cost. Its events show the template's
        PDU as the request.

        Raises:
            WindowFull: no slot is free; wait for an answer or an expiry.
            LocalProtocolError: the role or the state forbids the command, or a value does not fit its field.
        """
        self._check_sendable(_SUBMIT_SM)
        sequence_number = self._window.next_sequence_number(_SUBMIT_SM)
        self._output.append(template.encode(sequence_number, destination_addr, short_message))
        self._window.add(sequence_number, template.pdu, context, now)
        self._timers.active_at = now
        return sequence_number

    def send(self, prepared: Prepared, now: float, context: Any = None) -> int:
        """Queues a message, as `request` would in every other regard, without encoding it again.

        Raises:
            WindowFull: no slot is free; wait for an answer or an expiry.
            LocalProtocolError: the role or the state forbids the command, or it is none that is handed on.
        """
        command_id = prepared.pdu.command_id
        if command_id & RESPONSE_BIT or command_id in self._transitions or command_id in UNCOUNTED:
            raise LocalProtocolError(f"{type(prepared.pdu).__name__} is no message")
        self._check_sendable(command_id)
        sequence_number = self._window.next_sequence_number(command_id)
        self._output.append(prepared.encode(sequence_number))
        self._window.add(sequence_number, prepared.pdu, context, now)
        self._timers.active_at = now
        return sequence_number

    def respond(self, response: Pdu) -> None:
        """Queues the answer to a request of the peer's, whose sequence number it bears.

        Once the session is closed nobody reads answers, and they are dropped: the peer's unbind may be behind the request in the
        same octets, so this is no error of the owner's.

        Raises:
            LocalProtocolError: the role or the state forbids it, it is no response or none of the owner's, or a value does not fit.
        """
        command_id = response.command_id
        if not command_id & RESPONSE_BIT or command_id in ANSWERED_BY_SESSION:
            raise LocalProtocolError(f"{type(response).__name__} is no response that the owner of a session gives")
        if self._ended:
            return
        self._check_sendable(command_id)
        self._output.append(encode(response))
        self._advance(command_id, response.command_status)

    def acknowledge(self, sequence_numbers: Iterable[int], command_status: int = CommandStatus.ESME_ROK) -> None:
        """Queues a deliver_sm_resp for each, as `respond` would in every other regard, at a fraction of its cost.

        Raises:
            LocalProtocolError: the role or the state forbids it, or a number does not fit.
        """
        if self._ended:
            return
        self._check_sendable(CommandId.DELIVER_SM_RESP)
        self._output.append(encode_deliver_sm_resps(sequence_numbers, command_status))

    def confirm(self, answers: Iterable[tuple[int, str]]) -> None:
        """Queues a submit_sm_resp with status ESME_ROK for each sequence number and message_id, as `respond` would in every other
        regard, at a fraction of its cost.

        Raises:
            LocalProtocolError: the role or the state forbids it, or a value does not fit.
        """
        if self._ended:
            return
        self._check_sendable(CommandId.SUBMIT_SM_RESP)
        self._output.append(encode_submit_sm_resps(answers))

    def receive_data(self, data: bytes, now: float) -> list[Event]:
        """What the octets that arrived mean, in order. Never raises for what is in them; after `Closed` it reads nothing."""
        events: list[Event] = []
        if self._ended:
            return events
        self._timers.heard_at = now
        framing_lost = False
        try:
            frames = self._frames.feed(data)
        except FramingLost as error:
            frames, framing_lost = error.frames, True
        for frame in frames:
            try:
                pdu = decode(frame)
            except UndecodablePdu as error:
                events.append(Undecodable(error.command_id, error.sequence_number, error.command_status))
                response = bare_response(frame)
                if response is None:
                    self._refuse(error.command_id, error.sequence_number, error.command_status)
                    continue
                pdu = response
            if pdu.command_id in self._handed_on:
                self._timers.active_at = now
                events.append(RequestReceived(pdu))
                continue
            self._receive(pdu, now, events)
            if self._ended:
                return events
        if framing_lost:
            self._output.append(encode(GenericNack(command_status=CommandStatus.ESME_RINVCMDLEN)))
            self._close(CloseReason.FRAMING_LOST, events)
        return events

    def data_to_send(self) -> bytes:
        """The octets to write now, given once."""
        data = b"".join(self._output)
        self._output.clear()
        return data

    def tick(self, now: float) -> list[Event]:
        """What is due at `now`: requests expire, the peer is asked whether it is there, the session ends."""
        events: list[Event] = []
        if self._ended:
            return events
        reason = self._expire_requests(now, events)
        timer = self._timers.due(now)
        if reason is not None:
            self._close(reason, events)
        elif timer is Timer.ENQUIRE_LINK:
            self.request(EnquireLink(), now)
            self._timers.asked_at = now
        elif timer is not None:
            self._close(CLOSED_BY_TIMER[timer], events)
        return events

    def next_deadline(self) -> float | None:
        """When `tick` has something to do, as far as is known now; None when it will not have."""
        if self._ended:
            return None
        deadline = min(self._window.next_deadline, self._timers.next_deadline())
        return None if deadline == inf else deadline

    def connection_lost(self, now: float) -> list[Event]:  # noqa: ARG002 - time comes with every input
        """The connection is gone: `Closed` with all that is unanswered, or nothing if the session had ended before."""
        events: list[Event] = []
        if not self._ended:
            self._output.clear()
            self._close(CloseReason.CONNECTION_LOST, events)
        return events

    def _receive(self, pdu: Pdu, now: float, events: list[Event]) -> None:
        """Takes a PDU that is more than a message to hand on."""
        command_id = pdu.command_id
        if command_id not in UNCOUNTED:
            self._timers.active_at = now
        if command_id & RESPONSE_BIT:
            self._receive_response(pdu, events)
        elif command_id not in self._receivable:
            status = refusal_status(self._role, self._state, command_id)
            events.append(RequestRefused(pdu, status))
            self._refuse(command_id, pdu.sequence_number, status)
        elif type(pdu) is EnquireLink:
            self._output.append(encode(EnquireLinkResp(sequence_number=pdu.sequence_number)))
        elif type(pdu) is Unbind:
            self._output.append(encode(UnbindResp(sequence_number=pdu.sequence_number)))
            self._close(CloseReason.PEER_UNBOUND, events)
        else:
            events.append(RequestReceived(pdu))
            self._advance(command_id, events=events)

    def _receive_response(self, response: Pdu, events: list[Event]) -> None:
        outstanding = self._window.answer(response)
        if outstanding is None:
            events.append(UnexpectedResponse(response))
            return
        request = outstanding.request
        if type(request) is EnquireLink:
            return  # whatever the answer is, somebody gave it
        if type(request) is Unbind:
            self._close(CloseReason.UNBOUND, events)
            return
        events.append(ResponseReceived(response, request, outstanding.context))
        if response.command_id in self._transitions:
            self._advance(response.command_id, response.command_status, events)

    def _expire_requests(self, now: float, events: list[Event]) -> CloseReason | None:
        """Reports what has expired; the reason for closing if the session cannot do without an answer to it."""
        close_reason = None
        for sequence_number, expired in self._window.expire(now):
            reason = CLOSED_BY_EXPIRY.get(expired.request.command_id)
            if reason is not CloseReason.ENQUIRE_LINK_TIMEOUT:
                events.append(RequestExpired(sequence_number, expired.request, expired.context))
            elif self._timers.heard_at > expired.sent_at:
                continue  # it did not answer this, but it is there
            close_reason = close_reason or reason
        return close_reason

    def _refuse(self, command_id: int, sequence_number: int, command_status: int) -> None:
        """Answers a request with an error; what is itself a response gets no answer, lest two peers never end."""
        if command_id & RESPONSE_BIT:
            return
        response = CLASS_OF.get(command_id | RESPONSE_BIT, GenericNack)
        self._output.append(encode(response(sequence_number=sequence_number, command_status=command_status)))

    def _check_sendable(self, command_id: CommandId) -> None:
        if command_id not in self._sendable:
            raise LocalProtocolError(f"{self._role.name} may not send {command_id.name} in state {self._state.name}")

    def _advance(self, command_id: CommandId, command_status: int = 0, events: list[Event] | None = None) -> None:
        """Follows the automaton; `events` hears of it when it was the peer's doing."""
        if command_id in self._transitions:
            self._enter(next_state(self._state, command_id, command_status))
            if events is not None:
                events.append(StateChanged(self._state))

    def _enter(self, state: SessionState) -> None:
        self._state = state
        self._ended = state is SessionState.CLOSED
        self._transitions = TRANSITIONS[state]
        self._sendable = SENDABLE[self._role, state]
        self._receivable = SENDABLE[self._peer, state]
        self._handed_on = HANDED_ON[self._peer, state]
        if state.is_bound:
            self._timers.bound()

    def _close(self, reason: CloseReason, events: list[Event]) -> None:
        self._enter(SessionState.CLOSED)
        unanswered = tuple(
            Unanswered(sequence_number, lost.request, lost.context)
            for sequence_number, lost in self._window.clear()
            if type(lost.request) is not EnquireLink
        )
        events.append(Closed(reason, unanswered))

"""One connection to an SMSC, from the TCP handshake to its loss.

The protocol is `smpp.Session`, what goes out is the `Outbox`'s affair and what comes in the `Inbox`'s; here is only what
asyncio adds: a transport, a clock, and the order of things at each read: feed the bytes, take the events, hand on what came
as one batch, send what may be sent, write once.

A peer that does not read is not read from either (`pause_writing`), so that what we hold for it stays bounded; one that
does not let go is let go of. So is one that answers enquire_link and no submit_sm any more: its bind stands, and every
reply that is given to it waits for nothing, three times over.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from typing import Final, cast

import structlog

from sms_service.esme.inbox import Inbox
from sms_service.esme.outbox import Outbox, Sending
from sms_service.esme.pacing import TokenBucket
from sms_service.model import OutboundReply, ReplyOutcome
from sms_service.observability.metrics import SmscMetrics
from sms_service.ports import UNTRACED, Clock, MessageSink, Tracer
from sms_service.settings import Smsc
from sms_service.smpp import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    Closed,
    CloseReason,
    CommandId,
    Event,
    Pdu,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
    SessionState,
    StateChanged,
    Unbind,
    Undecodable,
)

UNHEARD_MAX: Final = 10
"""Segments in a row, or a whole window of them, without an answer in time: the link is dropped. Fewer may be a loss of the
SMSC's; a window more would be as many citizens who wait for `response_timeout_s` in vain."""
HANG_UP_S: Final = 2.0
"""Seconds that a peer has to read the last octets before the connection is cut: one that reads takes milliseconds."""

BindRequest = BindTransceiver | BindTransmitter | BindReceiver
_IN_ORDER: Final = frozenset({CloseReason.UNBOUND, CloseReason.PEER_UNBOUND})
_TRANSMITTING: Final = frozenset({SessionState.BOUND_TX, SessionState.BOUND_TRX})
_BIND: Final = "bind"
"""The context of the bind request."""

_log = structlog.get_logger()


class Link(asyncio.Protocol):
    """One connection. `changed` is told when it is bound and when it has ended, before anything else that came with that."""

    def __init__(
        self,
        name: str,
        smsc: Smsc,
        *,
        bucket: TokenBucket,
        sink: MessageSink,
        changed: Callable[[Link], None],
        throttle_retries: int,
        clock: Clock,
        metrics: SmscMetrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        """`name` is unique over all instances and restarts."""
        self.name = name
        self._retired = False
        self._smsc = smsc
        self._sink = sink
        self._changed = changed
        self._clock = clock
        self._metrics = metrics
        settings = SessionSettings(
            window_size=smsc.window,
            response_timeout_s=smsc.response_timeout_s,
            enquire_link_s=smsc.enquire_link_s,
            session_init_s=None,  # the binder's: it knows when the connection stood
        )
        self._session = Session(Role.ESME, settings, clock.monotonic())
        self._inbox = Inbox(smsc.name, name, self._session, metrics)
        tell = functools.partial(tracer.submitted, name)
        self._outbox = Outbox(smsc, self._session, bucket, metrics, throttle_retries, tell=tell)
        self._transport: asyncio.Transport | None = None
        self._writable = True
        self._ended_in_order = False
        self._undecodable_seen = False
        self._hang_up: asyncio.TimerHandle | None = None
        loop = asyncio.get_running_loop()
        self._bind_status: asyncio.Future[int | None] = loop.create_future()
        self.ended: asyncio.Future[CloseReason] = loop.create_future()
        """Done when the session is over; `close` is due then."""

    # ---- what the owner asks -------------------------------------------------------------------------------------

    async def bind(self, request: BindRequest) -> int | None:
        """Ask to be let in; the command_status of the answer (SMPP 3.4 s4.1), None when the connection went before it."""
        self._session.request(request, self._clock.monotonic(), context=_BIND)
        self.flush()
        return await self._bind_status

    @property
    def bound(self) -> bool:
        """Messages may pass."""
        return self._session.state.is_bound

    @property
    def local_port(self) -> int:
        """The port that the connection leaves from; 0 when there is none."""
        address = self._transport.get_extra_info("sockname") if self._transport is not None else None
        return int(address[1]) if address else 0

    @property
    def ended_in_order(self) -> bool:
        """One side has unbound, the other has agreed, and nothing was unanswered: the SMSC has all our answers."""
        return self._ended_in_order

    @property
    def transmits(self) -> bool:
        """Replies may leave: bound as transmitter or transceiver, and not about to be unbound."""
        return self._session.state in _TRANSMITTING and not self._retired

    def retire(self) -> None:
        """Send nothing more: what is under way can still be answered before the bind is given up."""
        self._retired = True

    @property
    def in_window(self) -> int:
        """Segments without response."""
        return self._outbox.in_window

    def window(self) -> int:
        """Segments that may be under way, now."""
        return self._outbox.window(self._clock.monotonic()) if self.transmits else 0

    def room(self) -> int:
        """Of these, how many more."""
        return self._outbox.room(self._clock.monotonic())

    def submit(self, reply: OutboundReply) -> None:
        """Queue a reply; `pump` sends."""
        self._outbox.put(reply)

    def pump(self) -> None:
        """Send what window, pace and the socket allow."""
        outcomes: list[ReplyOutcome] = []
        if self._writable and self.transmits:
            outcomes = self._outbox.send(self._clock.monotonic())
        self.flush()
        if outcomes:
            self._sink.outcomes(outcomes)

    def acknowledge(self, sequence_numbers: Sequence[int], status: int) -> None:
        """Answer what was delivered; `flush` writes."""
        self._inbox.acknowledge(sequence_numbers, status)

    def flush(self) -> None:
        """Write what is queued."""
        if (data := self._session.data_to_send()) and self._transport is not None:
            self._transport.write(data)

    def beat(self) -> None:
        """Do what time has made due."""
        self._take(self._session.tick(self._clock.monotonic()))
        self.pump()

    def unbind(self) -> None:
        """Say goodbye (SMPP 3.4 s4.2); `ended` is done when the SMSC has answered."""
        if self.bound:
            self._session.request(Unbind(), self._clock.monotonic())
            self.flush()

    def close(self) -> None:
        """Hang up: at once when the peer reads, else by force."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            self._hang_up = asyncio.get_running_loop().call_later(HANG_UP_S, self._transport.abort)

    # ---- asyncio.Protocol ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are alike but no subclass

    def pause_writing(self) -> None:
        self._writable = False
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._writable = True
        if self._transport is not None:
            self._transport.resume_reading()
        self.pump()

    def data_received(self, data: bytes) -> None:
        self._take(self._session.receive_data(data, self._clock.monotonic()))
        self.pump()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport = None
        if self._hang_up is not None:
            self._hang_up.cancel()
        self._take(self._session.connection_lost(self._clock.monotonic()))

    # ---- within --------------------------------------------------------------------------------------------------

    def _take(self, events: Sequence[Event]) -> None:
        """Sort events, and hand on what belongs to others as batches."""
        if not events:
            return
        requests: list[Pdu] = []
        responses: list[ResponseReceived] = []
        outcomes: list[ReplyOutcome] = []
        closed: Closed | None = None
        now = self._clock.monotonic()
        for event in events:
            if type(event) is RequestReceived:
                requests.append(event.pdu)
            elif type(event) is ResponseReceived and type(event.context) is Sending:
                responses.append(event)
            elif type(event) is Closed:
                closed = event
            else:
                outcomes += self._note(event)
        if requests and (received := self._inbox.take(requests, now)):
            self._sink.received(received)
        if responses:
            outcomes += self._outbox.answered(responses, now)
        if closed:
            outcomes += self._end(closed)
        if outcomes:
            self._sink.outcomes(outcomes)

    def _note(self, event: Event) -> list[ReplyOutcome]:
        """What is rare."""
        if type(event) is RequestExpired and type(event.context) is Sending:
            outcomes = self._outbox.expired(event, self._clock.monotonic())
            if self._outbox.unheard >= min(UNHEARD_MAX, self._smsc.window):
                self._drop()
            return outcomes
        if type(event) is ResponseReceived:
            self._answer_bind(event.response.command_status)
        elif type(event) is StateChanged and event.state.is_bound:
            self._changed(self)
        elif type(event) is Undecodable:
            self._metrics.undecodable.inc()
            if not self._undecodable_seen:
                self._undecodable_seen = True
                _log.warning("pdu_undecodable", smsc=self._smsc.name, command=_named(event.command_id))
        return []

    def _drop(self) -> None:
        """Cut the connection; what follows is what follows any loss."""
        if self._transport is not None and not self._transport.is_closing():
            _log.warning("submit_sm_unanswered", smsc=self._smsc.name, link=self.name, in_a_row=self._outbox.unheard)
            self._writable = False
            self._transport.abort()

    def _answer_bind(self, status: int | None) -> None:
        if not self._bind_status.done():
            self._bind_status.set_result(status)

    def _end(self, closed: Closed) -> list[ReplyOutcome]:
        """The session is over: what was under way comes back."""
        self._answer_bind(None)
        self._ended_in_order = closed.reason in _IN_ORDER and not self._inbox.open
        if not self.ended.done():
            self.ended.set_result(closed.reason)
        self._changed(self)
        self.flush()
        self.close()
        outcomes = self._outbox.unanswered([lost for lost in closed.unanswered if type(lost.context) is Sending])
        return outcomes + self._outbox.clear()


def _named(command_id: int) -> str:
    """A command for the log, where its number would be taken for a telephone's."""
    try:
        return CommandId(command_id).name.lower()
    except ValueError:
        return "unknown"

"""One connection to an SMSC: bytes in, events out; replies in, bytes out.

The protocol is `smpp.Session`; here is only what asyncio adds: a transport, a clock, and the order of things at each read:
feed the bytes, take the events, hand on what came as one batch, send what may be sent, write once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, cast

import structlog

from sms_service.esme.pacing import Congestion, TokenBucket
from sms_service.model import DeliveryResult, OutboundReply, Received, ReplyOutcome
from sms_service.ports import Clock, MessageSink
from sms_service.settings import Smsc
from sms_service.smpp import (
    Closed,
    CommandStatus,
    DataSm,
    DataSmResp,
    DeliverSm,
    Event,
    Pdu,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
    SubmitSm,
    Tlv,
    Unbind,
    Undecodable,
)
from sms_service.sms.receipts import is_delivery_receipt

TICK_S: Final = 0.25
"""How often a session's timers are looked at; the shortest of them is seconds."""
REGISTERED_DELIVERY: Final = 1
"""SMPP 3.4 s5.2.17: a receipt whatever the outcome."""
NPI_ISDN: Final = 1
TON_INTERNATIONAL: Final = 1

PASSING: Final = frozenset({CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RSYSERR})
"""The SMSC wants less, or is ill: the same segment again, later, over the same bind. Any other error is for good."""

_log = structlog.get_logger()


class OnWire:
    """A reply under way over one link."""

    __slots__ = ("failed_status", "message_ids", "open", "reply", "throttled", "uncertain")

    def __init__(self, reply: OutboundReply) -> None:
        self.reply = reply
        self.open = len(reply.segments)
        """Segments whose fate is not known."""
        self.message_ids: list[str | None] = [None] * len(reply.segments)
        self.failed_status = 0
        self.throttled = 0
        self.uncertain = False

    def outcome(self, result: DeliveryResult) -> ReplyOutcome:
        """What became of it."""
        return ReplyOutcome(
            inquiry_id=self.reply.inquiry_id,
            result=result,
            command_status=self.failed_status,
            message_ids=tuple(message_id for message_id in self.message_ids if message_id is not None),
            unconfirmed=tuple(index for index, message_id in enumerate(self.message_ids) if message_id is None),
            uncertain=self.uncertain,
        )


Sending = tuple[OnWire, int]
"""A reply and the index of one of its segments."""


class Link(asyncio.Protocol):
    """One connection, from the TCP handshake to its loss."""

    def __init__(
        self,
        name: str,
        smsc: Smsc,
        bucket: TokenBucket,
        sink: MessageSink,
        clock: Clock,
        *,
        throttle_retries: int,
        on_receipts: Callable[[int], None],
        on_throttled: Callable[[int], None],
        on_segments: Callable[[int], None],
    ) -> None:
        self.name = name
        self.smsc = smsc
        self._bucket = bucket
        self._sink = sink
        self._clock = clock
        self._throttle_retries = throttle_retries
        self._on_receipts = on_receipts
        self._on_throttled = on_throttled
        self._on_segments = on_segments
        self.session = Session(
            role=Role.ESME,
            settings=SessionSettings(
                window_size=smsc.window,
                response_timeout_s=smsc.response_timeout_s,
                enquire_link_s=smsc.enquire_link_s,
            ),
            now=clock.monotonic(),
        )
        self._congestion = Congestion(smsc.window)
        self._transport: asyncio.Transport | None = None
        self._queue: deque[Sending] = deque()
        self._writable = True
        self._timer: asyncio.TimerHandle | None = None
        self._pump_timer: asyncio.TimerHandle | None = None
        self.transmits = False
        """Bound as transmitter or transceiver."""
        self.receives = False
        self.lost = asyncio.get_running_loop().create_future()
        """Done when the connection is gone."""
        self._bind_answer: asyncio.Future[int] | None = None

    # ---- what the owner asks -------------------------------------------------------------------------------------

    async def bind(self, request: Pdu, *, transmits: bool, receives: bool) -> int:
        """Send a bind request; the command_status of its response (SMPP 3.4 s4.1).

        Raises:
            ConnectionError: the connection went before the answer.
        """
        self._bind_answer = asyncio.get_running_loop().create_future()
        self.session.request(request, self._clock.monotonic(), context="bind")
        self._write()
        status = await self._bind_answer
        if status == CommandStatus.ESME_ROK:
            self.transmits, self.receives = transmits, receives
        return status

    @property
    def load(self) -> int:
        """Segments waiting or in the window."""
        return len(self._queue) + self.in_window

    @property
    def in_window(self) -> int:
        """Segments without response."""
        return self.smsc.window - self.session.window_free

    def window(self) -> int:
        """Segments that may be under way, now."""
        return self._congestion.allowed(self._clock.monotonic()) if self.transmits else 0

    def submit(self, reply: OutboundReply) -> None:
        """Queue a reply; `pump` sends."""
        on_wire = OnWire(reply)
        self._queue.extend((on_wire, index) for index in range(len(reply.segments)))

    def pump(self) -> None:
        """Send what window, pace and the socket allow."""
        queue = self._queue
        if queue and self.transmits and self._writable:
            now = self._clock.monotonic()
            room = min(self._congestion.allowed(now) - self.in_window, len(queue))
            allowed = self._bucket.take(room, now) if room > 0 else 0
            for _ in range(allowed):
                sending = queue.popleft()
                self.session.request(self._submit_sm(sending), now, context=sending)
            if queue and allowed < room:
                self._pump_later(self._bucket.wait_s())
            elif queue and now < self._congestion.paused_until:
                self._pump_later(self._congestion.paused_until - now)
        self._write()

    def acknowledge(self, sequence_numbers: Sequence[int], status: int) -> None:
        """Answer deliver_sm; `flush` writes. A link that is leaving says nothing more: the SMSC will deliver again."""
        if self.receives:
            self.session.acknowledge(sequence_numbers, status)

    def flush(self) -> None:
        """Write what is queued."""
        self._write()

    def unbind(self) -> None:
        """Say goodbye (SMPP 3.4 s4.2); `lost` is done when the SMSC has answered and hung up, or not in time."""
        self.transmits = self.receives = False
        if self._transport is not None and not self._transport.is_closing():
            self.session.request(Unbind(), self._clock.monotonic(), context="unbind")
            self._write()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    # ---- asyncio.Protocol ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are alike but no subclass
        self._tick_later()

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self.pump()

    def data_received(self, data: bytes) -> None:
        self._take(self.session.receive_data(data, self._clock.monotonic()))
        self.pump()

    def eof_received(self) -> None:
        return None

    def connection_lost(self, _exc: Exception | None) -> None:
        for timer in (self._timer, self._pump_timer):
            if timer is not None:
                timer.cancel()
        self._transport = None
        self.transmits = self.receives = False
        self._take(self.session.connection_lost(self._clock.monotonic()))
        self._return_queue()
        if self._bind_answer is not None and not self._bind_answer.done():
            self._bind_answer.set_exception(ConnectionError("the SMSC hung up before it answered the bind"))
        if not self.lost.done():
            self.lost.set_result(None)

    # ---- within --------------------------------------------------------------------------------------------------

    def _tick_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._tick_later()
        self._take(self.session.tick(self._clock.monotonic()))
        self.pump()

    def _pump_later(self, seconds: float) -> None:
        if self._pump_timer is None:
            self._pump_timer = asyncio.get_running_loop().call_later(seconds, self._pump_now)

    def _pump_now(self) -> None:
        self._pump_timer = None
        self.pump()

    def _write(self) -> None:
        if self._transport is not None and (data := self.session.data_to_send()):
            self._transport.write(data)

    def _submit_sm(self, sending: Sending) -> SubmitSm:
        on_wire, index = sending
        reply, segment = on_wire.reply, on_wire.reply.segments[index]
        return SubmitSm(
            source_addr_ton=self.smsc.source_ton,
            source_addr_npi=self.smsc.source_npi,
            source_addr=reply.source_addr,
            dest_addr_ton=TON_INTERNATIONAL,
            dest_addr_npi=NPI_ISDN,
            destination_addr=reply.destination_addr,
            esm_class=segment.esm_class,
            registered_delivery=REGISTERED_DELIVERY if self.smsc.receipts else 0,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
            tlvs=tuple(Tlv(tag, value) for tag, value in segment.tlvs),
        )

    def _take(self, events: Sequence[Event]) -> None:
        """Sort events, and hand on what belongs to others as batches."""
        received: list[Received] = []
        outcomes: list[ReplyOutcome] = []
        receipts: list[int] = []
        confirmed = 0
        now = self._clock.monotonic()
        for event in events:
            if type(event) is RequestReceived:
                self._request(event.pdu, now, received, receipts)
            elif type(event) is ResponseReceived:
                confirmed += self._response(event, now, outcomes)
            else:
                self._other(event, outcomes)
        if receipts:
            self._on_receipts(len(receipts))
            self.session.acknowledge(receipts, CommandStatus.ESME_ROK)
        if confirmed:
            self._congestion.confirmed(confirmed)
            self._on_segments(confirmed)
        if received:
            self._sink.received(received)
        if outcomes:
            self._sink.outcomes(outcomes)

    def _other(self, event: Event, outcomes: list[ReplyOutcome]) -> None:
        """What is rare."""
        if isinstance(event, RequestExpired):
            self._unanswered(event.context, outcomes)
        elif isinstance(event, Closed):
            for unanswered in event.unanswered:
                self._unanswered(unanswered.context, outcomes)
            _log.info("session_closed", smsc=self.smsc.name, why=event.reason.value)
            self._write()
            self.close()
        elif isinstance(event, Undecodable):
            _log.warning("pdu_undecodable", smsc=self.smsc.name, command_id=f"{event.command_id:#x}")

    def _request(self, pdu: Pdu, now: float, received: list[Received], receipts: list[int]) -> None:
        if type(pdu) is DeliverSm:
            if is_delivery_receipt(pdu.esm_class):
                receipts.append(pdu.sequence_number)
                return
            received.append(
                Received(
                    smsc=self.smsc.name,
                    link=self.name,
                    sequence_number=pdu.sequence_number,
                    received_at=now,
                    source_addr=pdu.source_addr,
                    source_addr_ton=pdu.source_addr_ton,
                    source_addr_npi=pdu.source_addr_npi,
                    destination_addr=pdu.destination_addr,
                    esm_class=pdu.esm_class,
                    data_coding=pdu.data_coding,
                    short_message=pdu.short_message,
                    tlvs=tuple((tlv.tag, tlv.value) for tlv in pdu.tlvs) if pdu.tlvs else (),
                )
            )
        elif type(pdu) is DataSm:
            self.session.respond(
                DataSmResp(sequence_number=pdu.sequence_number, command_status=CommandStatus.ESME_RINVCMDID)
            )

    def _response(self, event: ResponseReceived, now: float, outcomes: list[ReplyOutcome]) -> int:
        """Take a response; 1 if it confirms a segment."""
        context, response = event.context, event.response
        status = response.command_status
        if context == "bind":
            if self._bind_answer is not None and not self._bind_answer.done():
                self._bind_answer.set_result(status)
            return 0
        if not isinstance(context, tuple):
            return 0
        on_wire, index = context
        if status == CommandStatus.ESME_ROK:
            on_wire.message_ids[index] = getattr(response, "message_id", "")
            on_wire.open -= 1
            if not on_wire.open:
                outcomes.append(self._outcome(on_wire))
            return 1
        if status in PASSING:
            self._congestion.complained(now)
            self._on_throttled(1)
            on_wire.throttled += 1
            if on_wire.throttled <= self._throttle_retries:
                self._queue.appendleft(context)
                return 0
        on_wire.failed_status = status
        on_wire.open -= 1
        if not on_wire.open:
            outcomes.append(self._outcome(on_wire))
        return 0

    def _outcome(self, on_wire: OnWire) -> ReplyOutcome:
        if None not in on_wire.message_ids:
            return on_wire.outcome(DeliveryResult.CONFIRMED)
        return on_wire.outcome(DeliveryResult.REJECTED if on_wire.failed_status else DeliveryResult.RETURNED)

    def _unanswered(self, context: object, outcomes: list[ReplyOutcome]) -> None:
        """A segment left and its response never came."""
        if context == "bind" and self._bind_answer is not None and not self._bind_answer.done():
            self._bind_answer.set_exception(ConnectionError("the SMSC did not answer the bind in time"))
        if isinstance(context, tuple):
            on_wire, _ = context
            on_wire.uncertain = True
            on_wire.open -= 1
            if not on_wire.open:
                outcomes.append(self._outcome(on_wire))

    def _return_queue(self) -> None:
        """Give back the segments that never left."""
        outcomes = []
        for on_wire, _ in self._queue:
            on_wire.open -= 1
            if not on_wire.open:
                outcomes.append(self._outcome(on_wire))
        self._queue.clear()
        if outcomes:
            self._sink.outcomes(outcomes)

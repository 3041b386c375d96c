"""The replies on their way over one link: what may leave now, and what became of what left.

All segments of a reply leave over the same link, in order. A segment that the SMSC will not take now (`PASSING`) goes out
again before anything newer; any other error is for good, and what has not left of that reply stays here: half a reply helps
nobody. Nor does a segment leave past its reply's `leave_by`: it is given back. A reply has one outcome, given when the fate
of its last segment is known. No I/O: time is an argument.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
import structlog

from sms_service.esme.pacing import Congestion, TokenBucket
from sms_service.model import DeliveryResult, OutboundReply, ReplyOutcome
from sms_service.observability.metrics import SmscMetrics
from sms_service.settings import Smsc
from sms_service.smpp import (
    CommandStatus,
    LocalProtocolError,
    Npi,
    RequestExpired,
    ResponseReceived,
    Session,
    SubmitSm,
    SubmitSmResp,
    SubmitTemplate,
    Tlv,
    Ton,
    Unanswered,
)

PASSING: Final = frozenset({CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RSYSERR})
"""The SMSC wants less, or is ill: the same segment again, later, over the same bind."""
RECEIPT_ALWAYS: Final = 1
"""registered_delivery: a receipt whatever the outcome (SMPP 3.4 s5.2.17)."""
TEMPLATES_MAX: Final = 64
"""Templates kept at hand: one for each short code, alphabet and esm_class in use. Citizens may text any address to an SMSC."""

# Looked up once: reaching a member through its enumeration costs more than packing it.
_OK: Final = int(CommandStatus.ESME_ROK)
_INTERNATIONAL: Final = int(Ton.INTERNATIONAL)
_ISDN: Final = int(Npi.ISDN)
_CONFIRMED, _REJECTED, _RETURNED = DeliveryResult

_log = structlog.get_logger()


class UnderWay:
    """A reply on its way."""

    __slots__ = ("message_ids", "open", "rejected", "reply", "status", "uncertain")

    def __init__(self, reply: OutboundReply) -> None:
        self.reply = reply
        self.open = len(reply.segments)
        """Segments whose fate is not known."""
        self.message_ids: list[str | None] = [None] * self.open
        """The SMSC's, of each segment that it has confirmed."""
        self.status = 0
        """Of the last refusal."""
        self.rejected = False
        self.uncertain = False

    def outcome(self) -> ReplyOutcome:
        """What became of it, once nothing is open."""
        result = _CONFIRMED
        unconfirmed: tuple[int, ...] = ()
        if None in self.message_ids:
            result = _REJECTED if self.rejected else _RETURNED
            unconfirmed = tuple([index for index, message_id in enumerate(self.message_ids) if message_id is None])
        return ReplyOutcome(
            inquiry_id=self.reply.inquiry_id,
            result=result,
            command_status=self.status,
            message_ids=tuple([message_id for message_id in self.message_ids if message_id is not None]),
            unconfirmed=unconfirmed,
            uncertain=self.uncertain,
        )


class Sending:
    """One segment of a reply: the context that goes out with its submit_sm and comes back with the answer."""

    __slots__ = ("index", "refusals", "reply")

    def __init__(self, reply: UnderWay, index: int) -> None:
        self.reply = reply
        self.index = index
        self.refusals = 0
        """Times that the SMSC would not take it now."""


class Outbox:
    """What one link has to send."""

    def __init__(
        self,
        smsc: Smsc,
        session: Session,
        bucket: TokenBucket,
        metrics: SmscMetrics,
        throttle_retries: int,
        *,
        tell: Callable[[Sequence[tuple[int, int]]], None] = lambda _: None,
    ) -> None:
        """`bucket` is shared by all links to the SMSC; `tell` hears of what leaves, inquiry_id and sequence_number of each."""
        self._smsc = smsc
        self._session = session
        self._tell = tell
        self._bucket = bucket
        self._metrics = metrics
        self._throttle_retries = throttle_retries
        self._registered_delivery = RECEIPT_ALWAYS if smsc.receipts else 0
        self._template = functools.lru_cache(TEMPLATES_MAX)(self._make_template)
        self._congestion = Congestion(smsc.window)
        self._queue: deque[Sending] = deque()
        self._again: deque[Sending] = deque()
        self.in_window = 0
        """Segments without response."""
        self.unheard = 0
        """Segments in a row whose time for an answer ran out, since the last answer to any."""

    def room(self, now: float) -> int:
        """How many segments more could be under way; negative while there are more than the window holds."""
        return self._congestion.allowed(now) - self.in_window - len(self._queue) - len(self._again)

    def window(self, now: float) -> int:
        """Segments that may be under way."""
        return self._congestion.allowed(now)

    def put(self, reply: OutboundReply) -> None:
        """Queue a reply."""
        under_way = UnderWay(reply)
        for index in range(under_way.open):
            self._queue.append(Sending(under_way, index))

    def send(self, now: float) -> list[ReplyOutcome]:
        """Give the session what window and pace allow; the outcomes of replies that cannot leave: it is too late for them, or
        they cannot be written as submit_sm.
        """
        outcomes: list[ReplyOutcome] = []
        waiting = len(self._again) + len(self._queue)
        if not waiting:
            return outcomes
        room = min(self._congestion.allowed(now) - self.in_window, waiting)
        left = self._bucket.take(room, now) if room > 0 else 0
        submitted: list[tuple[int, int]] = []
        while left and (queue := self._again or self._queue):
            sending = queue.popleft()
            if sending.reply.reply.leave_by <= now:
                self._settled(sending.reply, outcomes)
                continue
            left -= 1
            try:
                sequence_number = self._submit(sending, now)
            except LocalProtocolError as error:
                _log.warning("reply_unwritable", smsc=self._smsc.name, why=str(error))
                self._rejected(sending, _OK, outcomes)
            else:
                self.in_window += 1
                submitted.append((sending.reply.reply.inquiry_id, sequence_number))
        if submitted:
            self._tell(submitted)
        return outcomes

    def answered(self, responses: Iterable[ResponseReceived], now: float) -> list[ReplyOutcome]:
        """Take answers to submit_sm."""
        outcomes: list[ReplyOutcome] = []
        confirmed = refused = 0
        self.unheard = 0
        for event in responses:
            sending, response = event.context, event.response
            self.in_window -= 1
            status = response.command_status
            if type(response) is SubmitSmResp and status == _OK:
                confirmed += 1
                sending.reply.message_ids[sending.index] = response.message_id
                self._settled(sending.reply, outcomes)
            elif status in PASSING and sending.refusals < self._throttle_retries and not sending.reply.rejected:
                refused += 1
                sending.refusals += 1
                self._again.append(sending)
            else:
                refused += status in PASSING
                self._rejected(sending, status, outcomes)
        if refused:
            self._congestion.complained(now)
            self._metrics.throttled.inc(refused)
        if confirmed:
            self._congestion.confirmed(confirmed)
            self._metrics.segments.inc(confirmed)
        return outcomes

    def unanswered(self, lost: Sequence[RequestExpired | Unanswered]) -> list[ReplyOutcome]:
        """Segments left, and no answer came or can come: the citizen may have them."""
        outcomes: list[ReplyOutcome] = []
        for event in lost:
            self.in_window -= 1
            event.context.reply.uncertain = True
            self._settled(event.context.reply, outcomes)
        return outcomes

    def expired(self, late: RequestExpired, now: float) -> list[ReplyOutcome]:
        """No answer came in time over a link that stands: it gets less, so that the others get more."""
        self.unheard += 1
        self._congestion.unheard(now)
        return self.unanswered([late])

    def clear(self) -> list[ReplyOutcome]:
        """The link is over: give back what never left."""
        outcomes: list[ReplyOutcome] = []
        for sending in (*self._again, *self._queue):
            self._settled(sending.reply, outcomes)
        self._again.clear()
        self._queue.clear()
        return outcomes

    def _settled(self, reply: UnderWay, outcomes: list[ReplyOutcome]) -> None:
        reply.open -= 1
        if not reply.open:
            outcomes.append(reply.outcome())

    def _rejected(self, sending: Sending, status: int, outcomes: list[ReplyOutcome]) -> None:
        """The segment is refused for good, and with it what has not left of its reply."""
        reply = sending.reply
        reply.rejected, reply.status = True, status
        if reply.open > 1:
            self._again, here = _without(self._again, reply)
            self._queue, there = _without(self._queue, reply)
            reply.open -= here + there
        self._settled(reply, outcomes)

    def _submit(self, sending: Sending, now: float) -> int:
        """The sequence_number under which it leaves."""
        reply = sending.reply.reply
        segment = reply.segments[sending.index]
        template = self._template(reply.source_addr, segment.esm_class, segment.data_coding)
        if not segment.tlvs:
            return self._session.submit(template, reply.destination_addr, segment.short_message, now, sending)
        submit_sm = msgspec.structs.replace(
            template.pdu,
            destination_addr=reply.destination_addr,
            short_message=segment.short_message,
            tlvs=tuple([Tlv(tag, value) for tag, value in segment.tlvs]),
        )
        return self._session.request(submit_sm, now, sending)

    def _make_template(self, source_addr: str, esm_class: int, data_coding: int) -> SubmitTemplate:
        return SubmitTemplate(
            SubmitSm(
                source_addr_ton=self._smsc.source_ton,
                source_addr_npi=self._smsc.source_npi,
                source_addr=source_addr,
                dest_addr_ton=_INTERNATIONAL,
                dest_addr_npi=_ISDN,
                esm_class=esm_class,
                registered_delivery=self._registered_delivery,
                data_coding=data_coding,
            )
        )


def _without(queue: deque[Sending], reply: UnderWay) -> tuple[deque[Sending], int]:
    kept = deque(sending for sending in queue if sending.reply is not reply)
    return kept, len(queue) - len(kept)

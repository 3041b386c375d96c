"""The ESME: all binds to all SMSCs, as one transmitter."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import Sequence
from typing import Final

from sms_service.esme.binder import Binder
from sms_service.esme.link import BindRequest, Link
from sms_service.esme.pacing import BEAT_S, TokenBucket
from sms_service.model import Acknowledgement, AckStatus, BindView, DeliveryResult, OutboundReply, ReplyOutcome
from sms_service.observability.metrics import Metrics
from sms_service.ports import UNTRACED, Clock, MessageSink, Tracer
from sms_service.settings import BindMode, Smsc
from sms_service.smpp import BindReceiver, BindTransceiver, BindTransmitter, CommandStatus

COMMAND_STATUS: Final = {
    AckStatus.ACCEPTED: CommandStatus.ESME_ROK,
    AckStatus.TRY_LATER: CommandStatus.ESME_RX_T_APPN,
    AckStatus.QUEUE_FULL: CommandStatus.ESME_RMSGQFUL,
    AckStatus.REJECTED: CommandStatus.ESME_RX_P_APPN,
}
"""What an SMSC is told; how it tries again is for its operator's interface specification."""

BINDS: Final[dict[BindMode, tuple[type[BindRequest], ...]]] = {
    BindMode.TRX: (BindTransceiver,),
    BindMode.TX_RX: (BindTransmitter, BindReceiver),
}
"""What each of an SMSC's `binds` is made of."""


class _Operator:
    """One SMSC with its binds."""

    def __init__(self, smsc: Smsc, now: float) -> None:
        self.smsc = smsc
        self.bucket = TokenBucket(smsc.mt_per_second, now)
        self.tls = ssl.create_default_context(cafile=smsc.tls_ca_file or None) if smsc.tls else None
        self.binders: list[Binder] = []

    def bound(self) -> list[Link]:
        """The links over which messages may pass."""
        return [binder.link for binder in self.binders if binder.link is not None and binder.link.bound]

    def transmitting(self) -> list[Link]:
        """The links over which replies may leave."""
        return [link for link in self.bound() if link.transmits]

    def count_bound(self) -> int:
        """Binds that stand."""
        return len(self.bound())

    def count_wanted(self) -> int:
        """Binds that are to stand."""
        return sum(not binder.paused for binder in self.binders)

    def count_in_window(self) -> int:
        """Segments without response."""
        return sum(link.in_window for link in self.bound())


class Esme:
    """Implements `ports.Transmitter`; hands what comes in to a `ports.MessageSink`."""

    _sink: MessageSink

    def __init__(
        self,
        *,
        smscs: Sequence[Smsc],
        link_prefix: str,
        throttle_retries: int,
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        """`link_prefix` makes link names unique over instances and restarts; behind a full stop follows the bind's number."""
        self._clock = clock
        self._metrics = metrics
        self._tracer = tracer
        self._link_prefix = link_prefix
        self._throttle_retries = throttle_retries
        self._numbers = itertools.count(1)
        self._operators = {smsc.name: _Operator(smsc, clock.monotonic()) for smsc in smscs}
        self._links: dict[str, Link] = {}
        """From the bind's confirmation to the end of the session."""
        self._ended_in_order: list[str] = []
        for name, operator in self._operators.items():
            metrics.binds.labels(name).set_function(operator.count_bound)
            metrics.binds_wanted.labels(name).set_function(operator.count_wanted)
            metrics.window_used.labels(name).set_function(operator.count_in_window)

    def start(self, sink: MessageSink) -> None:
        """Say where what comes in goes; `run` binds."""
        self._sink = sink
        for operator in self._operators.values():
            for _ in range(operator.smsc.binds):
                operator.binders += [self._binder(operator, request_type) for request_type in BINDS[operator.smsc.bind]]

    async def run(self) -> None:
        """Keep the binds until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            for binder in self._binders():
                group.create_task(binder.run())

    async def stop(self) -> None:
        """Unbind everywhere, for good."""
        await asyncio.gather(*(binder.stop() for binder in self._binders()))

    async def stop_smsc(self, smsc: str, bind: int | None = None) -> int:
        """Unbind from one SMSC, or end one of its binds (1 …), until `start_smsc`. Replies wait, or leave over the binds that stand.

        Returns:
            How many binds were told.

        Raises:
            KeyError: there is no such SMSC, or no such bind.
        """
        chosen = self._chosen(smsc, bind)
        await asyncio.gather(*(binder.pause() for binder in chosen))
        return len(chosen)

    def start_smsc(self, smsc: str, bind: int | None = None) -> int:
        """Bind again what was stopped. As `stop_smsc`."""
        chosen = self._chosen(smsc, bind)
        for binder in chosen:
            binder.resume()
        return len(chosen)

    def stopped(self) -> list[str]:
        """The SMSCs of which every bind was told to stay down."""
        return [
            name for name, operator in self._operators.items()
            if operator.binders and all(binder.paused for binder in operator.binders)
        ]  # fmt: skip

    def pace(self, smsc: str, per_second: float) -> float:
        """Change how many segments a second may leave for one SMSC, over all binds of this instance; 0: no limit.

        Returns:
            The rate before.

        Raises:
            KeyError: there is no such SMSC.
        """
        bucket = self._operators[smsc].bucket
        before = bucket.rate
        bucket.change(per_second, self._clock.monotonic())
        for link in self._operators[smsc].transmitting():
            link.pump()
        return before

    def _chosen(self, smsc: str, bind: int | None) -> list[Binder]:
        binders = self._operators[smsc].binders
        if bind is None:
            return list(binders)
        if not 1 <= bind <= len(binders):
            raise KeyError(bind)
        return [binders[bind - 1]]

    def binds(self) -> list[BindView]:
        """How each bind stands now, for operators."""
        return [binder.view() for binder in self._binders()]

    def _binders(self) -> list[Binder]:
        return [binder for operator in self._operators.values() for binder in operator.binders]

    def _binder(self, operator: _Operator, request_type: type[BindRequest]) -> Binder:
        smsc = operator.smsc
        metrics = self._metrics.of_smsc(smsc.name)

        def make_link() -> Link:
            return Link(
                f"{self._link_prefix}.{next(self._numbers)}",
                smsc,
                bucket=operator.bucket,
                sink=self._sink,
                changed=self._link_changed,
                throttle_retries=self._throttle_retries,
                clock=self._clock,
                metrics=metrics,
                tracer=self._tracer,
            )

        return Binder(smsc, request_type, make_link=make_link, clock=self._clock, tls=operator.tls)

    def _link_changed(self, link: Link) -> None:
        if link.bound:
            self._links[link.name] = link
            self._tracer.linked(link.name, link.local_port)
        elif self._links.pop(link.name, None) is None:
            return  # it never stood
        elif link.ended_in_order:
            self._ended_in_order.append(link.name)
        self._sink.links_changed()

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(BEAT_S)
            for link in list(self._links.values()):
                link.beat()

    # ---- ports.Transmitter -----------------------------------------------------------------------------------------

    def acknowledge(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """See the port."""
        grouped: dict[tuple[str, AckStatus], list[int]] = {}
        for acknowledgement in acknowledgements:
            grouped.setdefault((acknowledgement.link, acknowledgement.status), []).append(
                acknowledgement.sequence_number
            )
        touched: set[Link] = set()
        for (name, status), numbers in grouped.items():
            link = self._links.get(name)
            if link is not None:
                link.acknowledge(numbers, COMMAND_STATUS[status])
                touched.add(link)
        for link in touched:
            link.flush()

    def submit(self, replies: Sequence[OutboundReply]) -> None:
        """See the port. A reply goes whole over the link that has the most room."""
        rooms: dict[str, dict[Link, int]] = {}
        homeless: list[OutboundReply] = []
        for reply in replies:
            room = rooms.get(reply.smsc)
            if room is None:
                links = self._operators[reply.smsc].transmitting()
                room = rooms[reply.smsc] = {link: link.room() for link in links}
            if not room:
                homeless.append(reply)
                continue
            link = max(room, key=room.__getitem__)
            room[link] -= len(reply.segments)
            link.submit(reply)
        for room in rooms.values():
            for link in room:
                link.pump()
        if homeless:
            self._sink.outcomes([_returned(reply) for reply in homeless])

    def window(self, smsc: str) -> int:
        """See the port."""
        return sum([link.window() for link in self._operators[smsc].transmitting()])

    def bound(self) -> list[str]:
        """See the port."""
        return [name for name, operator in self._operators.items() if operator.transmitting()]

    def live_links(self) -> list[str]:
        """See the port."""
        return list(self._links)

    def ended_links(self) -> list[str]:
        """See the port."""
        ended, self._ended_in_order = self._ended_in_order, []
        return ended


def _returned(reply: OutboundReply) -> ReplyOutcome:
    return ReplyOutcome(
        inquiry_id=reply.inquiry_id,
        result=DeliveryResult.RETURNED,
        command_status=CommandStatus.ESME_ROK,
        message_ids=(),
        unconfirmed=tuple(range(len(reply.segments))),
    )

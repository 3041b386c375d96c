"""The ESME: all binds to all SMSCs, as one transmitter."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Final

from sms_service.esme.binder import Binder
from sms_service.esme.link import Link
from sms_service.esme.pacing import TokenBucket
from sms_service.model import Acknowledgement, AckStatus, DeliveryResult, OutboundReply, ReplyOutcome
from sms_service.observability.metrics import Metrics
from sms_service.ports import Clock, MessageSink
from sms_service.settings import BindMode, Smsc
from sms_service.smpp import BindReceiver, BindTransceiver, BindTransmitter, CommandStatus

COMMAND_STATUS: Final = {
    AckStatus.ACCEPTED: CommandStatus.ESME_ROK,
    AckStatus.TRY_LATER: CommandStatus.ESME_RX_T_APPN,
    AckStatus.QUEUE_FULL: CommandStatus.ESME_RMSGQFUL,
    AckStatus.REJECTED: CommandStatus.ESME_RX_P_APPN,
}
"""What an SMSC is told; how it tries again is for its operator's interface specification."""


class _Operator:
    """One SMSC with its binds."""

    def __init__(self, smsc: Smsc, bucket: TokenBucket) -> None:
        self.smsc = smsc
        self.bucket = bucket
        self.binders: list[Binder] = []

    def links(self) -> list[Link]:
        return [binder.link for binder in self.binders if binder.link is not None]


class Esme:
    """Implements `ports.Transmitter`; hands what comes in to a `ports.MessageSink`."""

    def __init__(
        self, *, smscs: Sequence[Smsc], link_prefix: str, throttle_retries: int, clock: Clock, metrics: Metrics
    ) -> None:
        """`link_prefix` makes link names unique over instances and restarts."""
        self._clock = clock
        self._metrics = metrics
        self._link_prefix = link_prefix
        self._throttle_retries = throttle_retries
        self._numbers = itertools.count(1)
        self._sink: MessageSink | None = None
        self._operators = {smsc.name: _Operator(smsc, TokenBucket(smsc.mt_per_second, clock.monotonic())) for smsc in smscs}
        self._links: dict[str, Link] = {}
        self._binding: list[asyncio.Task[None]] = []

    def start(self, sink: MessageSink) -> None:
        """Begin to bind."""
        self._sink = sink
        for operator in self._operators.values():
            for _ in range(operator.smsc.binds):
                if operator.smsc.bind is BindMode.TRX:
                    self._keep(operator, BindTransceiver)
                else:
                    self._keep(operator, BindTransmitter)
                    self._keep(operator, BindReceiver)

    async def run(self) -> None:
        """Keep the binds until cancelled."""
        async with asyncio.TaskGroup() as group:
            for operator in self._operators.values():
                for binder in operator.binders:
                    self._binding.append(group.create_task(binder.run()))

    async def stop(self) -> None:
        """Unbind everywhere."""
        binders = [binder for operator in self._operators.values() for binder in operator.binders]
        await asyncio.gather(*(binder.stop() for binder in binders))

    def _keep(
        self, operator: _Operator, request_type: type[BindTransceiver | BindTransmitter | BindReceiver]
    ) -> None:
        operator.binders.append(
            Binder(operator.smsc, request_type, lambda: self._make_link(operator), self._links_changed)
        )

    def _make_link(self, operator: _Operator) -> Link:
        assert self._sink is not None, "start() comes before the first link"
        name = operator.smsc.name
        return Link(
            f"{self._link_prefix}.{next(self._numbers)}",
            operator.smsc,
            operator.bucket,
            self._sink,
            self._clock,
            throttle_retries=self._throttle_retries,
            on_receipts=self._metrics.receipts.labels(name).inc,
            on_throttled=self._metrics.throttled.labels(name).inc,
            on_segments=self._metrics.segments.labels(name).inc,
        )

    def _links_changed(self) -> None:
        self._links = {link.name: link for operator in self._operators.values() for link in operator.links()}
        for name, operator in self._operators.items():
            self._metrics.binds.labels(name).set(len(operator.links()))
        if self._sink is not None:
            self._sink.links_changed()

    # ---- ports.Transmitter -----------------------------------------------------------------------------------------

    def acknowledge(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """See the port."""
        grouped: dict[tuple[str, AckStatus], list[int]] = {}
        for acknowledgement in acknowledgements:
            grouped.setdefault((acknowledgement.link, acknowledgement.status), []).append(
                acknowledgement.sequence_number
            )
        touched = set()
        for (name, status), numbers in grouped.items():
            link = self._links.get(name)
            if link is not None:
                link.acknowledge(numbers, COMMAND_STATUS[status])
                touched.add(link)
        for link in touched:
            link.flush()

    def submit(self, replies: Sequence[OutboundReply]) -> None:
        """See the port. A reply goes whole over the link that has the least to do."""
        touched: set[Link] = set()
        homeless: list[ReplyOutcome] = []
        for reply in replies:
            links = [link for link in self._operators[reply.smsc].links() if link.transmits]
            if not links:
                homeless.append(
                    ReplyOutcome(
                        inquiry_id=reply.inquiry_id,
                        result=DeliveryResult.RETURNED,
                        command_status=0,
                        message_ids=(),
                        unconfirmed=tuple(range(len(reply.segments))),
                    )
                )
                continue
            link = min(links, key=_load)
            link.submit(reply)
            touched.add(link)
        for link in touched:
            link.pump()
        if homeless and self._sink is not None:
            self._sink.outcomes(homeless)

    def window(self, smsc: str) -> int:
        """See the port."""
        return sum(link.window() for link in self._operators[smsc].links())

    def bound(self) -> list[str]:
        """See the port."""
        return [
            name for name, operator in self._operators.items() if any(link.transmits for link in operator.links())
        ]

    def live_links(self) -> list[str]:
        """See the port."""
        return list(self._links)

    def in_window(self, smsc: str) -> int:
        """Segments without response at an SMSC."""
        return sum(link.in_window for link in self._operators[smsc].links())


def _load(link: Link) -> int:
    return link.load

"""Phones on the simulated SMSC: what a phone sends goes into the centre, and what reaches it goes into the inbox."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from simulator.phone.inbox import Inbox, Message
from simulator.phone.refusals import NotSent
from simulator.phone.traces import Traces
from simulator.phone.wire import Wire
from simulator.smsc.backlog import Leaving
from simulator.smsc.center import Center, QueueFull, UnknownShortCode
from simulator.smsc.messages import SEGMENTS_MAX, Arrival, Content, TooLong


class PhoneNetwork:
    """The `web.Network` that a `Center` is.

    Args:
        center: carries the messages.
        inbox: records them.
        wire: notes what goes over the wire for them.
        traces: listens to what the gateway tells of them.
        about: what else `/healthz` says.
    """

    def __init__(self, center: Center, inbox: Inbox, wire: Wire, traces: Traces, about: Mapping[str, object]) -> None:
        self._center = center
        self._inbox = inbox
        self._wire = wire
        self._traces = traces
        self._about = about

    def send(self, msisdn: str, short_code: str, text: str) -> Message:
        """See `web.Network`."""
        wall, now = time.time(), time.monotonic()
        outbound = self._wire.begin(msisdn)
        try:
            content = self._inject(msisdn, short_code, text, outbound.leaving)
        except NotSent:
            self._wire.abandoned(outbound)
            raise
        message = self._inbox.sent(msisdn, short_code, content, wall=wall, now=now)
        self._wire.taken(message.id, outbound, content.segments)
        self._traces.expect()
        return message

    def _inject(self, msisdn: str, short_code: str, text: str, on_leaving: Leaving) -> Content:
        try:
            return self._center.inject(msisdn, short_code, text, on_leaving)
        except UnknownShortCode:
            raise NotSent("unknown_short_code", "Đầu số này không có dịch vụ nào.") from None
        except TooLong:
            raise NotSent("text_too_long", f"Tin nhắn quá dài: tối đa {SEGMENTS_MAX} đoạn.") from None
        except QueueFull:
            raise NotSent("queue_full", "Tổng đài đang giữ quá nhiều tin. Hãy thử lại sau.", 503) from None

    def arrived(self, arrivals: Sequence[Arrival]) -> None:
        """Whole messages have come to phones."""
        wall, now = time.time(), time.monotonic()
        for arrival in arrivals:
            message = self._inbox.arrived(arrival.msisdn, arrival.short_code, arrival.content, wall=wall, now=now)
            self._wire.arrived(message.id, arrival.msisdn)
        if not self._wire.waiting:
            self._traces.settled()

    def health(self) -> Mapping[str, object]:
        """See `web.Network`."""
        return {
            "status": "ok",
            "binds": self._center.binds(),
            "waiting": self._center.waiting(),
            "deliveries": self._center.deliveries(),
            "submissions": self._center.submissions(),
            **self._about,
        }

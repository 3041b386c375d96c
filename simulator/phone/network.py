"""Phones on the simulated SMSC: what a phone sends goes into the centre, and what reaches it goes into the inbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from simulator.phone.inbox import Inbox, Message
from simulator.phone.web import NotSent
from simulator.smsc.center import Center, QueueFull, UnknownShortCode
from simulator.smsc.messages import SEGMENTS_MAX, Arrival, TooLong


def receive(inbox: Inbox) -> Callable[[Sequence[Arrival]], None]:
    """What the centre calls with messages for phones."""

    def on_arrivals(arrivals: Sequence[Arrival]) -> None:
        wall, now = time.time(), time.monotonic()
        for arrival in arrivals:
            inbox.arrived(arrival.msisdn, arrival.short_code, arrival.content, wall=wall, now=now)

    return on_arrivals


class PhoneNetwork:
    """The `web.Network` that a `Center` is.

    Args:
        center: carries the messages.
        inbox: records them.
        about: what else `/healthz` says.
    """

    def __init__(self, center: Center, inbox: Inbox, about: Mapping[str, object]) -> None:
        self._center = center
        self._inbox = inbox
        self._about = about

    def send(self, msisdn: str, short_code: str, text: str) -> Message:
        """See `web.Network`."""
        wall, now = time.time(), time.monotonic()
        try:
            content = self._center.inject(msisdn, short_code, text)
        except UnknownShortCode:
            raise NotSent("unknown_short_code", "Đầu số này không có dịch vụ nào.") from None
        except TooLong:
            raise NotSent("text_too_long", f"Tin nhắn quá dài: tối đa {SEGMENTS_MAX} đoạn.") from None
        except QueueFull:
            raise NotSent("queue_full", "Tổng đài đang giữ quá nhiều tin. Hãy thử lại sau.", 503) from None
        return self._inbox.sent(msisdn, short_code, content, wall=wall, now=now)

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

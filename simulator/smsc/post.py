"""One account's deliveries: what waits, the links that may carry it, and what becomes of each.

The ESME's answer settles a delivery: taken, refused for good, or to be tried again. What was unanswered when a link broke
goes out again over another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from simulator.smsc.backlog import Backlog, Delivery, Leaving
from simulator.smsc.injector import Injector
from simulator.smsc.link import Link
from simulator.smsc.odd import odd_pdu
from sms_service.smpp import CommandStatus, DeliverSm, Prepared

TEMPORARY: Final = frozenset((CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RTHROTTLED))
"""Answers to deliver_sm after which it is tried again; any other error is for good."""


class DeliveryCounts(msgspec.Struct):
    """What happened since the start, in segments of phones' messages and in receipts."""

    accepted: int = 0
    delivered: int = 0
    tried_again: int = 0
    """After a temporary error, no answer, or a broken link."""
    given_up: int = 0
    """Refused for good, or tried for too long."""


class Post:
    """Deliveries and links of an account. A link is used from `join` to `leave`."""

    def __init__(self, injector: Injector) -> None:
        self.counts = DeliveryCounts()
        self._injector = injector
        self._backlog = Backlog()
        self._links: deque[Link] = deque()  # the next to be used first

    @property
    def waiting(self) -> int:
        """Deliveries that wait for a bind or another try."""
        return len(self._backlog)

    @property
    def links(self) -> int:
        """Binds of the account."""
        return len(self._links)

    def add(self, pdus: Sequence[DeliverSm], now: float, on_leaving: Leaving | None = None) -> bool:
        """Take what shall be delivered, all or, without room, nothing. It goes out with the next `pump`."""
        return self.offer([Delivery(Prepared(pdu), now, on_leaving=on_leaving) for pdu in pdus])

    def offer(self, deliveries: Sequence[Delivery]) -> bool:
        """As `add`, for deliveries that are made already."""
        if not self._backlog.has_room(len(deliveries)):
            return False
        self._backlog.ready.extend(deliveries)
        self.counts.accepted += len(deliveries)
        return True

    def withdraw(self) -> int:
        """Forget what a watcher offered and is not on its way. Returns how many deliveries that were."""
        withdrawn = self._backlog.withdraw()
        self.counts.given_up += withdrawn
        return withdrawn

    def pump(self) -> None:
        """Share what is ready among the links that have room."""
        ready = self._backlog.ready
        for links_left in range(len(self._links), 0, -1):
            if not ready:
                return
            link = self._links[0]
            self._links.rotate(-1)
            share = -(-len(ready) // links_left)
            taken = min(share, link.room)
            if taken > 0:
                deliveries = [ready.popleft() for _ in range(taken)]
                if self._injector.disturbs:
                    self._disturb(link, deliveries)
                link.deliver(deliveries)

    def _disturb(self, link: Link, deliveries: list[Delivery]) -> None:
        """Do to what is about to leave over the link what the faults ask for."""
        injector = self._injector
        if injector.faults.disorder:
            injector.random.shuffle(deliveries)
        for delivery in [*deliveries]:
            if injector.noisy():
                link.write_odd(odd_pdu(injector.random))
            if len(deliveries) < link.room and injector.duplicates():
                deliveries.append(Delivery(delivery.prepared, delivery.accepted_at, on_leaving=delivery.on_leaving))

    def wake(self, now: float) -> None:
        """Send again what has waited for another try."""
        self._backlog.wake(now)
        self.pump()

    def join(self, link: Link) -> None:
        """A bind of the account stands."""
        self._links.append(link)

    def leave(self, link: Link, unanswered: list[Delivery]) -> None:
        """The bind is gone, and what it had not answered goes out over another."""
        self._links.remove(link)
        self._backlog.give_back(unanswered)
        self.counts.tried_again += len(unanswered)
        self.pump()

    def answered(self, delivery: Delivery, command_status: int, now: float) -> bool:
        """The ESME's word on a delivery. Whether it is the last: it will not be tried again."""
        if command_status == CommandStatus.ESME_ROK:
            self.counts.delivered += 1
        elif command_status in TEMPORARY:
            return self.again(delivery, now)
        else:
            self.counts.given_up += 1
        return True

    def again(self, delivery: Delivery, now: float) -> bool:
        """The delivery came to nothing this time. Whether that was the last."""
        if self._backlog.retry(delivery, now):
            self.counts.tried_again += 1
            return False
        self.counts.given_up += 1
        return True

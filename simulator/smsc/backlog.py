"""What waits to be delivered to one account: for a free window, for a bind at all, or for a second try.

A delivery is tried until its ESME takes it. After a temporary error the wait doubles from a second; a delivery whose link
broke goes to the head of the queue at once, because it is the oldest. Both the queue and the tries are bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any, Final

from sms_service.smpp import Prepared

WAITING_MAX: Final = 200_000
"""Segments that wait for an account, about 100 MB: twenty seconds of 10,000 a second."""
RETRY_FIRST_S: Final = 1.0
RETRY_MAX_S: Final = 8.0
"""Wait before the second try, and the longest between two; it doubles in between."""
RETRIES_MAX: Final = 500
"""Tries of one delivery: about an hour at the longest wait."""
AGE_MAX_S: Final = 3600.0
"""Seconds after which a delivery that still fails is given up: an answer then would only puzzle."""

Leaving = Callable[[Any, int], None]
"""Told the link and the sequence_number of a deliver_sm. (`Any` is a `Link`, which stands on this module.)"""


class Delivery:
    """One deliver_sm on its way: a segment of a phone's message, or a receipt."""

    __slots__ = ("accepted_at", "on_leaving", "prepared", "token", "tries")

    def __init__(
        self,
        prepared: Prepared,
        accepted_at: float,
        token: object = None,
        on_leaving: Leaving | None = None,
    ) -> None:
        self.prepared = prepared
        self.accepted_at = accepted_at
        self.token = token
        """What a watcher knows it by; None for what nobody watches."""
        self.on_leaving = on_leaving
        """Called with the link and the sequence_number, just before it is written, each time."""
        self.tries = 0

    def __repr__(self) -> str:
        return f"<Delivery, {self.tries} tries>"


class Backlog:
    """The deliveries of one account that are not on their way. `ready` may be taken from its left."""

    def __init__(self) -> None:
        self.ready: deque[Delivery] = deque()
        self._later: list[tuple[float, int, Delivery]] = []
        self._ties = count()

    def __len__(self) -> int:
        return len(self.ready) + len(self._later)

    def has_room(self, deliveries: int) -> bool:
        """Whether so many more may be added."""
        return len(self) + deliveries <= WAITING_MAX

    def give_back(self, deliveries: list[Delivery]) -> None:
        """Put first what was on its way when its link broke, oldest first."""
        self.ready.extendleft(reversed(deliveries))

    def retry(self, delivery: Delivery, now: float) -> bool:
        """Try again later. False when it was tried for long enough, and is given up."""
        if delivery.tries >= RETRIES_MAX or now - delivery.accepted_at > AGE_MAX_S:
            return False
        wait = min(RETRY_MAX_S, RETRY_FIRST_S * 2.0 ** min(delivery.tries, 10))
        delivery.tries += 1
        heappush(self._later, (now + wait, next(self._ties), delivery))
        return True

    def withdraw(self) -> int:
        """Forget the deliveries that a watcher offered. Returns how many."""
        before = len(self)
        kept = [delivery for delivery in self.ready if delivery.token is None]
        self.ready.clear()
        self.ready.extend(kept)
        self._later = [entry for entry in self._later if entry[2].token is None]
        heapify(self._later)
        return before - len(self)

    def wake(self, now: float) -> None:
        """Make ready whatever has waited for its next try."""
        while self._later and self._later[0][0] <= now:
            self.ready.append(heappop(self._later)[2])

"""What is accepted and not finished, in this process: at most `limit` inquiries.

The table is the only memory that the stages share. An inquiry that is not (or no longer) in it is none of ours: another
instance has taken it over, or it has ended. Accepting waits for room here, so that the SMSC, not we, holds the queue. Each
SMSC has an equal share of the room: one that takes no replies must not take the service from the others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

from sms_service.model import Inquiry


class InFlight:
    """The table of inquiries in flight."""

    def __init__(self, limit: int, smscs: int = 1) -> None:
        """`smscs` share the limit."""
        self._limit = limit
        self._share = math.ceil(limit / smscs)
        self._inquiries: dict[int, Inquiry] = {}
        self._of_smsc: Counter[str] = Counter()
        self._reserved: set[int] = set()
        self._freed: Callable[[], None] = lambda: None

    def when_freed(self, call: Callable[[], None]) -> None:
        """Call this whenever places were given back."""
        self._freed = call

    def __len__(self) -> int:
        """Inquiries in flight or being stored."""
        return len(self._inquiries) + len(self._reserved)

    @property
    def room(self) -> int:
        """How many more may come in; below zero after a takeover, which may exceed the limit."""
        return self._limit - len(self)

    def room_for(self, smsc: str) -> int:
        """How many more may come in from one SMSC: of its share, and of all."""
        return max(0, min(self.room, self._share - self._of_smsc[smsc]))

    def reserve(self, inquiry_ids: Iterable[int]) -> None:
        """Keep places for inquiries that are being stored: recovery must not take them for lost ones."""
        self._reserved.update(inquiry_ids)

    def release(self, inquiry_ids: Iterable[int]) -> None:
        """Give back places that were reserved and not taken."""
        self._reserved.difference_update(inquiry_ids)
        self._freed()

    def add(self, inquiries: Iterable[Inquiry]) -> None:
        """Take inquiries in, in exchange for their places if they had any."""
        for inquiry in inquiries:
            self._reserved.discard(inquiry.inquiry_id)
            if inquiry.inquiry_id not in self._inquiries:
                self._of_smsc[inquiry.smsc] += 1
            self._inquiries[inquiry.inquiry_id] = inquiry

    def remove(self, inquiry_ids: Iterable[int]) -> None:
        """Take inquiries out; those that are not in are passed over."""
        for inquiry_id in inquiry_ids:
            inquiry = self._inquiries.pop(inquiry_id, None)
            if inquiry is not None:
                self._of_smsc[inquiry.smsc] -= 1
        self._freed()

    def holds(self, inquiry: Inquiry) -> bool:
        """Whether this very inquiry is in flight: not one that was lost to another instance and came back since."""
        return self._inquiries.get(inquiry.inquiry_id) is inquiry

    def knows(self, inquiry_id: int) -> bool:
        """Whether it is in flight or being stored."""
        return inquiry_id in self._inquiries or inquiry_id in self._reserved

    def get(self, inquiry_id: int) -> Inquiry | None:
        """The inquiry, if it is in flight."""
        return self._inquiries.get(inquiry_id)

    def ids(self) -> list[int]:
        """All that are in flight."""
        return list(self._inquiries)

    def oldest_since(self) -> float | None:
        """From when the age of the oldest counts, in seconds of the monotonic clock."""
        return min((inquiry.since for inquiry in self._inquiries.values()), default=None)

"""What is accepted and not finished, in this process: at most `limit` inquiries.

The table is the only memory that the stages share. An inquiry that is not (or no longer) in it is none of ours: another
instance has taken it over, or it has ended. Accepting waits for room here, so that the SMSC, not we, holds the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sms_service.model import Inquiry


class InFlight:
    """The table of inquiries in flight."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inquiries: dict[int, Inquiry] = {}
        self._reserved: set[int] = set()
        self.has_room = asyncio.Event()
        """Set while one more may come in."""
        self.has_room.set()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._inquiries) + len(self._reserved)

    def __contains__(self, inquiry_id: int) -> bool:
        return inquiry_id in self._inquiries

    @property
    def room(self) -> int:
        """How many more may come in; below zero after a takeover, which may exceed the limit."""
        return self._limit - len(self)

    def reserve(self, inquiry_ids: Iterable[int]) -> None:
        """Keep places for inquiries that are being stored: recovery must not take them for lost ones."""
        self._reserved.update(inquiry_ids)
        self._changed()

    def release(self, inquiry_ids: Iterable[int]) -> None:
        """Give back places that were reserved."""
        self._reserved.difference_update(inquiry_ids)
        self._changed()

    def add(self, inquiries: Iterable[Inquiry]) -> None:
        """Take inquiries in, in exchange for their places if they had any."""
        for inquiry in inquiries:
            self._reserved.discard(inquiry.inquiry_id)
            self._inquiries[inquiry.inquiry_id] = inquiry
        self._changed()

    def knows(self, inquiry_id: int) -> bool:
        """Whether it is in flight or being stored."""
        return inquiry_id in self._inquiries or inquiry_id in self._reserved

    def remove(self, inquiry_ids: Iterable[int]) -> list[Inquiry]:
        """Take inquiries out; those that were in."""
        pop = self._inquiries.pop
        removed = [inquiry for i in inquiry_ids if (inquiry := pop(i, None)) is not None]
        self._changed()
        return removed

    def get(self, inquiry_id: int) -> Inquiry | None:
        """The inquiry, if it is in flight."""
        return self._inquiries.get(inquiry_id)

    def ids(self) -> list[int]:
        """All that are in flight."""
        return list(self._inquiries)

    def oldest_accepted_at(self) -> float | None:
        """Epoch seconds of the oldest acceptance."""
        return min((inquiry.accepted_at for inquiry in self._inquiries.values()), default=None)

    async def wait_until_empty(self) -> None:
        """Wait until nothing is in flight."""
        await self._empty.wait()

    def _changed(self) -> None:
        if self.room > 0:
            self.has_room.set()
        else:
            self.has_room.clear()
        if self._inquiries or self._reserved:
            self._empty.clear()
        else:
            self._empty.set()

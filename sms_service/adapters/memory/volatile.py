"""Quotas and duplicates in the memory of this process: what the gateway goes on with when Redis is away.

Rule: everything has an age and a number beyond which the oldest goes. The dictionaries keep the order of their
deadlines (each table has one age), so forgetting looks at the front only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from sms_service.ports import Clock

T = TypeVar("T")

SENDERS_MAX: Final = 200_000
"""Senders counted at a time, some 40 MB. Beyond it the oldest counts are lost, so a flood from that many numbers in a
period gets a little more than its quota."""
ANSWERED_MAX: Final = 200_000
"""Answered inquiries remembered at a time, some 50 MB: the last 20 seconds at 10,000 a second. A redelivery follows
its dropped link within seconds."""
LINKS_TTL_S: Final = 5.0
"""Seconds for which a statement of live links holds. It is made each second; a process that misses five is taken for
dead."""


class MemoryVolatile:
    """What may be lost, in dictionaries."""

    def __init__(self, *, quota_period_s: float, duplicate_window_s: float, clock: Clock) -> None:
        self._quota_period_s = quota_period_s
        self._duplicate_window_s = duplicate_window_s
        self._clock = clock
        self._counted: dict[bytes, tuple[float, int]] = {}
        """By sender: when its period ends, and its inquiries in it."""
        self._answered: dict[bytes, tuple[float, str]] = {}
        """By digest: when it is forgotten, and its link."""
        self._live: frozenset[str] = frozenset()
        self._live_until = 0.0
        self._ended: dict[str, float] = {}
        """By link that ended in order: when that is forgotten."""

    async def redelivered(self, digests: Sequence[bytes]) -> list[bool]:
        """See `ports.Volatile`."""
        now = self._clock.monotonic()
        _forget(self._answered, now, ANSWERED_MAX)
        if not self._answered:
            return [False] * len(digests)
        live = self._live if now < self._live_until else frozenset()
        found = [self._answered.get(digest) for digest in digests]
        return [one is not None and one[1] not in live and self._ended.get(one[1], now) <= now for one in found]

    async def remember(self, answered: Sequence[tuple[bytes, str]]) -> None:
        """See `ports.Volatile`."""
        now = self._clock.monotonic()
        until = now + self._duplicate_window_s
        for digest, link in answered:
            self._answered.pop(digest, None)
            self._answered[digest] = (until, link)
        _forget(self._answered, now, ANSWERED_MAX)

    async def links(self, live: Sequence[str]) -> None:
        """See `ports.Volatile`."""
        self._live = frozenset(live)
        self._live_until = self._clock.monotonic() + LINKS_TTL_S

    async def ended(self, links: Sequence[str]) -> None:
        """See `ports.Volatile`."""
        now = self._clock.monotonic()
        self._ended = {link: until for link, until in self._ended.items() if until > now}
        self._ended.update(dict.fromkeys(links, now + self._duplicate_window_s))

    async def count(self, senders: Sequence[bytes]) -> list[int]:
        """See `ports.Volatile`."""
        now = self._clock.monotonic()
        _forget(self._counted, now, SENDERS_MAX)
        counts = []
        for sender in senders:
            ends, made = self._counted.get(sender, (now + self._quota_period_s, 0))
            self._counted[sender] = (ends, made + 1)
            counts.append(made + 1)
        return counts


def _forget(table: dict[bytes, tuple[float, T]], now: float, limit: int) -> None:
    """Drop from the front what is past its time, and what is beyond the limit."""
    while table and (len(table) > limit or next(iter(table.values()))[0] <= now):
        del table[next(iter(table))]

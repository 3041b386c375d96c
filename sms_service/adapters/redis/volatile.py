"""Quotas and duplicates over all instances, in one Redis or Valkey (not a cluster: the scripts name their keys themselves).

A batch is one round trip: a script takes all pseudonyms as one string. Keys hold pseudonyms only: `sms:q:SENDER` a count,
`sms:d:DIGEST` the link that acknowledged an answered inquiry, `sms:l:INSTANCE` an instance's live links, `sms:e:LINK` that a
link has ended in order. A link is named "INSTANCE/RUN.NUMBER".

Rule: an outage is not waited for. The first call that fails puts the memory of this process in Redis's place; from then on
only `links`, said each second, asks Redis, without waiting for the answer, and its first success ends the replacement.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from redis.exceptions import RedisError

from sms_service.adapters.memory.volatile import LINKS_TTL_S, MemoryVolatile
from sms_service.adapters.redis.scripts import Script, Scripts
from sms_service.keys import PSEUDONYM_BYTES

BATCH_MAX: Final = 1000
"""Pseudonyms in a call of a script: its loop keeps others waiting for about a microsecond each, and Lua's stack ends at
8000."""

COUNT: Final = Script.read("count.lua")
REDELIVERED: Final = Script.read("redelivered.lua")
REMEMBER: Final = Script.read("remember.lua")
LINKS: Final = Script.read("links.lua")
ENDED: Final = Script.read("ended.lua")


class RedisVolatile:
    """What may be lost, in Redis while it answers."""

    def __init__(
        self,
        url: str,
        *,
        instance: str,
        timeout_s: float,
        quota_period_s: float,
        duplicate_window_s: float,
        fallback: MemoryVolatile,
        on_degraded: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`on_degraded` is told when the memory of this process takes over (True) and when Redis is back (False)."""
        self._scripts = Scripts(url)
        self._instance = instance
        self._timeout_s = timeout_s
        self._period_ms = _milliseconds(quota_period_s)
        self._window_ms = _milliseconds(duplicate_window_s)
        self._fallback = fallback
        self._on_degraded = on_degraded
        self.degraded = False
        """Whether Redis is away and this process's memory stands in."""
        self._probe: asyncio.Task[None] | None = None
        """Asks whether Redis is back."""

    async def close(self) -> None:
        """Close the connections."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.wait((self._probe,))
        await self._scripts.close()

    async def count(self, senders: Sequence[bytes]) -> list[int]:
        """See `ports.Volatile`."""
        counts: list[int] = []
        for start in range(0, len(senders), BATCH_MAX):
            batch = senders[start : start + BATCH_MAX]
            more = await self._ask(COUNT, self._period_ms, _hex(batch))
            if more is None:
                counts += await self._fallback.count(batch)
                continue
            made = [1] * len(batch)
            for position, count in zip(more[::2], more[1::2], strict=True):
                made[position] = count
            counts += made
        return counts

    async def redelivered(self, digests: Sequence[bytes]) -> list[bool]:
        """See `ports.Volatile`. What was answered during an outage is known to this process only."""
        found = await self._fallback.redelivered(digests)
        for start in range(0, len(digests), BATCH_MAX):
            for position in await self._ask(REDELIVERED, _hex(digests[start : start + BATCH_MAX])) or ():
                found[start + position] = True
        return found

    async def remember(self, answered: Sequence[tuple[bytes, str]]) -> None:
        """See `ports.Volatile`."""
        for start in range(0, len(answered), BATCH_MAX):
            batch = answered[start : start + BATCH_MAX]
            by_link: dict[str, list[bytes]] = {}
            for digest, link in batch:
                by_link.setdefault(link, []).append(digest)
            arguments = [argument for link, digests in by_link.items() for argument in (link, _hex(digests))]
            if await self._ask(REMEMBER, self._window_ms, *arguments) is None:
                await self._fallback.remember(batch)

    async def links(self, live: Sequence[str]) -> None:
        """See `ports.Volatile`. During an outage this asks whether Redis is back, and nobody waits for that: messages may
        wait for this statement, and a Redis that hangs would cost each of them the time-out.
        """
        await self._fallback.links(live)
        if not self.degraded:
            await self._state(live)
        elif self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._state(live), name="redis-probe")

    async def _state(self, live: Sequence[str]) -> None:
        stated = await self._call(LINKS, self._instance, _milliseconds(LINKS_TTL_S), *live)
        if self.degraded and stated is not None:
            self.degraded = False
            self._on_degraded(False)

    async def ended(self, links: Sequence[str]) -> None:
        """See `ports.Volatile`."""
        await self._fallback.ended(links)
        await self._ask(ENDED, self._window_ms, *links)

    async def _ask(self, script: Script, *arguments: str | int) -> Any:
        """What the script says; None during an outage, without asking."""
        return None if self.degraded else await self._call(script, *arguments)

    async def _call(self, script: Script, *arguments: str | int) -> Any:
        """What the script says; None when Redis does not answer, and from then on nobody asks."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._scripts.run(script, *arguments)
        except (RedisError, OSError):
            if not self.degraded:
                self.degraded = True
                self._on_degraded(True)
            return None


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _hex(pseudonyms: Sequence[bytes]) -> str:
    joined = b"".join(pseudonyms).hex()
    if len(joined) != 2 * PSEUDONYM_BYTES * len(pseudonyms):
        raise ValueError("a pseudonym has another length")
    return joined

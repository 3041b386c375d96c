"""The notices of all instances in one Redis or Valkey: `sms:n:INSTANCE` a notice, `sms:n` the names of those that are up.

One round trip a second, over a connection of its own: what operators look at never waits for what citizens wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from redis.exceptions import RedisError

from sms_service.adapters.redis.scripts import Script, Scripts
from sms_service.ports import NOTICE_TTL_S, Unavailable

EXCHANGE: Final = Script.read("exchange.lua")
PING: Final = Script.read("ping.lua")


class RedisBoard:
    """Implements `ports.Board`."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._scripts = Scripts(url)
        self._timeout_s = timeout_s

    async def close(self) -> None:
        """Close the connection."""
        await self._scripts.close()

    async def exchange(self, instance: str, notice: bytes) -> Mapping[str, bytes]:
        """See `ports.Board`."""
        found = await self._run(EXCHANGE, instance, round(NOTICE_TTL_S * 1000), notice)
        return {name.decode("utf-8", "replace"): notice for name, notice in zip(found[::2], found[1::2], strict=True)}

    async def check(self) -> None:
        """Ask whether Redis answers.

        Raises:
            Unavailable: it does not.
        """
        await self._run(PING)

    async def _run(self, script: Script, *arguments: str | int | bytes) -> Any:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._scripts.run(script, *arguments)
        except (RedisError, OSError) as error:  # a timeout is one
            raise Unavailable(f"redis: it cannot be reached ({type(error).__name__})") from None

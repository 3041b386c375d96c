"""The notices of all instances in the memory of one process, for tests, and for an instance that is alone."""

from __future__ import annotations

from collections.abc import Mapping

from sms_service.ports import NOTICE_TTL_S, Clock


class MemoryBoard:
    """Implements `ports.Board`; who shares the object shares the board."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._up: dict[str, tuple[float, bytes]] = {}
        """By instance: until when, and what."""

    async def exchange(self, instance: str, notice: bytes) -> Mapping[str, bytes]:
        """See `ports.Board`."""
        now = self._clock.monotonic()
        self._up[instance] = (now + NOTICE_TTL_S, notice)
        self._up = {name: one for name, one in self._up.items() if one[0] > now}
        return {name: one for name, (_, one) in self._up.items()}

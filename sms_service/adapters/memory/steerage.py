"""What operators do, in this process's memory."""

from __future__ import annotations

import msgspec

from sms_service.adapters.limits import BLOCKED_MAX, too_many_blocked
from sms_service.model import Blocked, Steered


class MemorySteerage:
    """Implements `ports.Steerage`."""

    def __init__(self, blocked_max: int = BLOCKED_MAX) -> None:
        self._blocked_max = blocked_max
        self._recorded: list[Steered] = []
        self._blocked: dict[bytes, Blocked] = {}

    async def record(self, steered: Steered) -> None:
        """See the port."""
        self._recorded.append(steered)

    async def recorded(self, limit: int) -> list[Steered]:
        """See the port."""
        return self._recorded[-limit:][::-1]

    async def block(self, blocked: Blocked) -> None:
        """See the port."""
        before = self._blocked.get(blocked.sender)
        if before is None and len(self._blocked) >= self._blocked_max:
            raise too_many_blocked(self._blocked_max)
        self._blocked[blocked.sender] = msgspec.structs.replace(blocked, since=(before or blocked).since)

    async def unblock(self, sender: bytes) -> bool:
        """See the port."""
        return self._blocked.pop(sender, None) is not None

    async def blocked(self) -> list[Blocked]:
        """See the port."""
        return sorted(self._blocked.values(), key=lambda one: (-one.since.timestamp(), one.sender))

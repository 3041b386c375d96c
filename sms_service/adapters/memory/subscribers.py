"""The subscriber register in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sms_service.adapters.memory.faults import Faulty, faulty
from sms_service.model import Subscriber


class MemorySubscribers(Faulty):
    """Numbers that a test puts in `subscribers`."""

    def __init__(self, subscribers: Mapping[str, Subscriber] | None = None) -> None:
        super().__init__()
        self.subscribers: dict[str, Subscriber] = dict(subscribers or {})
        """By MSISDN."""

    @faulty
    async def lookup(self, msisdns: Sequence[str]) -> list[Subscriber | None]:
        """See `ports.Subscribers`."""
        return [self.subscribers.get(msisdn) for msisdn in msisdns]

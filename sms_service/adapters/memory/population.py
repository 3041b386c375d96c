"""The population in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sms_service.adapters.memory.faults import Faulty, faulty


class MemoryPopulation(Faulty):
    """Records that a test puts in `records`."""

    def __init__(self, records: Mapping[str, Mapping[str, object]] | None = None) -> None:
        super().__init__()
        self.records: dict[str, Mapping[str, object]] = dict(records or {})
        """By citizen ID."""

    @faulty
    async def fetch(self, citizen_ids: Sequence[str]) -> list[Mapping[str, object] | None]:
        """See `ports.Population`."""
        return [self.records.get(citizen_id) for citizen_id in citizen_ids]

"""The population in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sms_service.adapters.memory.faults import Faulty, faulty

KEY: Final = "citizen_id"


class MemoryPopulation(Faulty):
    """Records that a test puts in `records`."""

    def __init__(self, records: Mapping[str, Mapping[str, object]] | None = None) -> None:
        super().__init__()
        self.records: dict[str, Mapping[str, object]] = dict(records or {})
        """By citizen ID."""

    @faulty
    async def fetch(self, citizen_ids: Sequence[str], fields: Collection[str]) -> list[Mapping[str, object] | None]:
        """See `ports.Population`."""
        return [self._only(self.records.get(citizen_id), fields) for citizen_id in citizen_ids]

    def _only(self, record: Mapping[str, object] | None, fields: Collection[str]) -> Mapping[str, object] | None:
        return (
            None if record is None else {code: value for code, value in record.items() if code in fields or code == KEY}
        )

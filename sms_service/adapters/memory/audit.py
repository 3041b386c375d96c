"""The audit trail in memory."""

from __future__ import annotations

from collections.abc import Sequence

from sms_service.adapters.memory.faults import Faulty, faulty
from sms_service.adapters.memory.store import MemoryStore
from sms_service.model import ChainedEntry
from sms_service.ports import Misconfigured


class MemoryAuditTrail(Faulty):
    """Chains in a store that a journal may share."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__()
        self._store = store

    @faulty
    async def append(self, entries: Sequence[ChainedEntry]) -> None:
        """See `ports.AuditTrail`."""
        for entry in entries:
            present = self._store.audit.get((entry.chain, entry.position))
            if present is not None and present.mac != entry.mac:
                raise Misconfigured(f"chain {entry.chain} of the audit trail holds another entry at {entry.position}")
        for entry in entries:
            self._store.audit[entry.chain, entry.position] = entry
            self._store.audited.add(entry.entry.inquiry_id)

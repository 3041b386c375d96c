"""Whose keys a journal was written with, in this process's memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sms_service.adapters.keyrings import compare, compare_trail
from sms_service.adapters.memory.store import MemoryStore
from sms_service.model import ChainedEntry


class MemoryKeyring:
    """Implements `ports.Keyring`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def check(
        self, fingerprints: Mapping[str, bytes], holds: Callable[[ChainedEntry], bool], *, adopt: bool = True
    ) -> None:
        """See the port."""
        known = self._store.key_fingerprints
        compare(fingerprints, {name: known[name] for name in fingerprints if name in known})
        if "audit" not in known:
            first = [link for (_, position), link in self._store.audit.items() if position == 1]
            compare_trail(max(first, key=lambda link: link.chain, default=None), holds)
        if adopt:
            for name, fingerprint in fingerprints.items():
                known.setdefault(name, fingerprint)

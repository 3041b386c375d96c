"""What every keyring says of keys that are not those of the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sms_service.model import ChainedEntry
from sms_service.ports import Misconfigured

_REMEDY = (
    "Start it with the key file that this journal was begun with (from escrow), or give the new file a journal of its own. "
    "A sealing key is changed by adding one with a higher number"
)


def compare(fingerprints: Mapping[str, bytes], known: Mapping[str, bytes]) -> None:
    """Raises Misconfigured where a key is not the one that was written down."""
    other = sorted(name for name, fingerprint in known.items() if fingerprints[name] != fingerprint)
    if other:
        raise Misconfigured(f"keys: the key file is not the one of this journal ({', '.join(other)} differ). {_REMEDY}")


def compare_trail(first: ChainedEntry | None, holds: Callable[[ChainedEntry], bool]) -> None:
    """Raises Misconfigured where a trail that was begun before fingerprints were written down was chained with another key."""
    if first is not None and not holds(first):
        raise Misconfigured(f"keys: the key file is not the one with which the audit trail was begun. {_REMEDY}")

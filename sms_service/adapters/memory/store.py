"""What the database holds, as Python objects: several journals and audit trails may share one, as instances do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from sms_service.model import ChainedEntry, Finished, NewInquiry, NewSegment, Run


class OpenInquiry(msgspec.Struct):
    """A row of `inquiry`."""

    row: NewInquiry
    run_id: int
    stored_at: float
    """By the store's clock."""


class OpenSegment(msgspec.Struct):
    """A row of `segment`."""

    row: NewSegment
    stored_at: float
    """By the store's clock."""
    known: bool
    """When it came an inquiry had been made of the same part lately."""


class RunState(msgspec.Struct):
    """A row of `gateway_run`, and whether its process holds the instance's name."""

    run: Run
    renewed_at: float
    closed: bool = False
    holds_name: bool = True


class MemoryStore:
    """Tables."""

    def __init__(self) -> None:
        self.clock_set_by = 0.0
        """Seconds by which the store's own clock was set: it counts with the monotonic clock, as no instance can move it."""
        self.runs: dict[int, RunState] = {}
        self.inquiries: dict[int, OpenInquiry] = {}
        self.by_digest: dict[bytes, int] = {}
        self.segments: dict[bytes, dict[int, OpenSegment]] = {}
        self.parts: dict[bytes, tuple[int, float]] = {}
        """By part_key: the inquiry that was made of it, and when."""
        self.endings: dict[int, tuple[int, Finished]] = {}
        """By inquiry_id: the run that recorded it, and the ending."""
        self.audit: dict[tuple[int, int], ChainedEntry] = {}
        """By chain and position."""
        self.audited: set[int] = set()
        """The inquiries that have an audit entry."""

        self.key_fingerprints: dict[str, bytes] = {}
        """By the key's name."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is done to inquiries and segments."""
        before = (
            dict(self.inquiries),
            dict(self.by_digest),
            {key: dict(group) for key, group in self.segments.items()},
            dict(self.parts),
        )
        try:
            yield
        except BaseException:
            self.inquiries, self.by_digest, self.segments, self.parts = before
            raise

    def insert(self, inquiry: NewInquiry, run_id: int, now: float) -> bool:
        """Store an inquiry unless one with its digest is unfinished."""
        if inquiry.digest in self.by_digest:
            return False
        self.by_digest[inquiry.digest] = inquiry.inquiry_id
        self.inquiries[inquiry.inquiry_id] = OpenInquiry(inquiry, run_id, now)
        return True

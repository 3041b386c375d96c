"""The journal in memory: the rules of the PostgreSQL journal without a database, therefore their plainest statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sms_service.adapters.lease import Renewals
from sms_service.adapters.memory.faults import Faulty, faulty
from sms_service.adapters.memory.store import MemoryStore, OpenInquiry, OpenSegment, RunState
from sms_service.model import (
    Finished,
    JournalCounts,
    JournalledInquiry,
    NewInquiry,
    NewSegment,
    Run,
    StoredSegment,
)
from sms_service.ports import Clock, Misconfigured


class MemoryJournal(Faulty):
    """One process's journal over a store that others may share."""

    def __init__(self, store: MemoryStore, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._renewals = Renewals(clock)

    def _now(self) -> float:
        return self._clock.monotonic() + self._store.clock_set_by

    def die(self, run: Run) -> None:
        """What SIGKILL does: the instance's name is free, and nothing is said."""
        self._store.runs[run.run_id].holds_name = False

    @faulty
    async def open_run(self, instance: str) -> Run:
        """See `ports.Journal`."""
        if any(state.holds_name and state.run.instance == instance for state in self._store.runs.values()):
            raise Misconfigured(f"another process runs as {instance!r}; give every instance a name of its own")
        run = Run(run_id=len(self._store.runs) + 1, instance=instance)
        self._store.runs[run.run_id] = RunState(run, self._now())
        self._renewals.succeeded()
        return run

    async def renew(self, run: Run) -> None:
        """See `ports.Journal`."""
        try:
            await self._renew(run)
        except Exception:
            self._renewals.failed()
            raise
        self._renewals.succeeded()

    @faulty
    async def _renew(self, run: Run) -> None:
        state = self._store.runs[run.run_id]
        if state.closed:
            raise Misconfigured(f"run {run.run_id} of {run.instance!r} has been closed")
        state.renewed_at = self._now()

    @faulty
    async def close_run(self, run: Run) -> None:
        """See `ports.Journal`."""
        state = self._store.runs[run.run_id]
        state.closed, state.holds_name = True, False

    @faulty
    async def accept(self, run: Run, inquiries: Sequence[NewInquiry]) -> list[bool]:
        """See `ports.Journal`."""
        return [self._accept(run, inquiry) for inquiry in inquiries]

    def _accept(self, run: Run, inquiry: NewInquiry) -> bool:
        present = self._store.inquiries.get(inquiry.inquiry_id)
        if present is not None:
            return present.run_id == run.run_id
        return self._store.insert(inquiry, run.run_id, self._now())

    @faulty
    async def accept_segments(
        self, run: Run, segments: Sequence[NewSegment], assemble: Callable[[Sequence[StoredSegment]], NewInquiry]
    ) -> list[NewInquiry]:
        """See `ports.Journal`."""
        for segment in segments:
            self._store.segments.setdefault(segment.group_key, {}).setdefault(
                segment.number, OpenSegment(segment, self._now())
            )
        touched = dict.fromkeys(segment.group_key for segment in segments)
        complete = [key for key in touched if _complete(self._store.segments[key])]
        return self._assemble(run, complete, assemble)

    @faulty
    async def expire_segments(
        self,
        run: Run,
        smscs: Sequence[str],
        age_s: float,
        assemble: Callable[[Sequence[StoredSegment]], NewInquiry],
        limit: int,
    ) -> list[NewInquiry]:
        """See `ports.Journal`."""
        begun = {
            key: min(part.stored_at for part in group.values())
            for key, group in self._store.segments.items()
            if any(part.row.smsc in smscs for part in group.values())
        }
        old = sorted((key for key, at in begun.items() if at < self._now() - age_s), key=begun.__getitem__)
        return self._assemble(run, old[:limit], assemble)

    def _assemble(
        self, run: Run, keys: Iterable[bytes], assemble: Callable[[Sequence[StoredSegment]], NewInquiry]
    ) -> list[NewInquiry]:
        """All or nothing, as a transaction: nothing is changed before every group is assembled."""
        groups = {key: [part.row for _, part in sorted(self._store.segments[key].items())] for key in keys}
        inquiries = [
            assemble([StoredSegment(part.group_key, part.number, part.total, part.smsc, part.sealed) for part in group])
            for group in groups.values()
        ]
        for key in groups:
            del self._store.segments[key]
        return [inquiry for inquiry in inquiries if self._store.insert(inquiry, run.run_id, self._now())]

    @faulty
    async def finish(self, run: Run, finished: Sequence[Finished]) -> list[bool]:
        """See `ports.Journal`."""
        return [self._finish(run, one) for one in finished]

    def _finish(self, run: Run, finished: Finished) -> bool:
        gone = self._store.inquiries.pop(finished.inquiry_id, None)
        if gone is not None:
            del self._store.by_digest[gone.row.digest]
            self._store.endings[finished.inquiry_id] = (run.run_id, finished)
        ended_by, _ = self._store.endings.get(finished.inquiry_id, (None, None))
        return ended_by == run.run_id

    @faulty
    async def claim(self, run: Run, smscs: Sequence[str], lease_s: float, limit: int) -> list[JournalledInquiry]:
        """See `ports.Journal`."""
        silent_since = self._now() - lease_s
        take_silent = self._renewals.steady(lease_s)
        dead = {
            state.run.run_id
            for state in self._store.runs.values()
            if state.run != run
            and (
                state.run.instance == run.instance or state.closed or (take_silent and state.renewed_at < silent_since)
            )
        }
        left = [
            inquiry
            for inquiry in self._store.inquiries.values()
            if inquiry.run_id in dead and inquiry.row.smsc in smscs
        ]
        left.sort(key=lambda inquiry: (inquiry.stored_at, inquiry.row.inquiry_id))
        for inquiry in left[:limit]:
            inquiry.run_id = run.run_id
        return [self._journalled(inquiry) for inquiry in left[:limit]]

    @faulty
    async def owned(self, run: Run, limit: int, after: int = 0) -> list[JournalledInquiry]:
        """See `ports.Journal`."""
        mine = sorted(
            inquiry_id
            for inquiry_id, inquiry in self._store.inquiries.items()
            if inquiry.run_id == run.run_id and inquiry_id > after
        )
        return [self._journalled(self._store.inquiries[inquiry_id]) for inquiry_id in mine[:limit]]

    @faulty
    async def counts(self) -> JournalCounts:
        """See `ports.Journal`."""
        return JournalCounts(
            unfinished=len(self._store.inquiries),
            segments=sum(map(len, self._store.segments.values())),
            oldest_accepted_at=min((one.row.accepted_at for one in self._store.inquiries.values()), default=None),
        )

    def _journalled(self, inquiry: OpenInquiry) -> JournalledInquiry:
        row = inquiry.row
        return JournalledInquiry(
            inquiry_id=row.inquiry_id,
            smsc=row.smsc,
            accepted_at=row.accepted_at,
            digest=row.digest,
            sealed=row.sealed,
            age_s=max(0.0, self._now() - inquiry.stored_at),
            may_have_left=row.inquiry_id in self._store.audited,
        )


def _complete(group: dict[int, OpenSegment]) -> bool:
    return len(group) >= next(iter(group.values())).row.total

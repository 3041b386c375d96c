"""The ports: what the pipeline asks of the world, one small Protocol each.

Every port works on batches. Every adapter, the in-memory one included, passes the contract tests in `tests/contract`.
Errors are of two kinds, and the adapter decides which: `Unavailable` (remote, temporary: wait and try again) and
`Misconfigured` (local or remote, permanent until a person changes something). Their texts hold no personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol

from sms_service.model import (
    Acknowledgement,
    Blocked,
    ChainedEntry,
    Finished,
    Inquiry,
    JournalCounts,
    JournalledInquiry,
    NewInquiry,
    NewSegment,
    OutboundReply,
    Received,
    ReplyOutcome,
    Run,
    Stage,
    Steered,
    StoredSegment,
    Subscriber,
)

NOTICE_TTL_S: Final = 5.0
"""Seconds for which a notice is up. It is renewed each second: an instance that misses five is silent."""


class PortError(Exception):
    """What a port could not do. The text names the part and the remedy, never a person."""


class Unavailable(PortError):
    """Remote and temporary: the same call may succeed later. It may also have succeeded without our knowing."""


class Misconfigured(PortError):
    """Permanent: a person must change a configuration, a schema or a key."""


class Clock(Protocol):
    """Time, injected."""

    def monotonic(self) -> float:
        """Seconds that neither go back nor jump, for waits and ages."""
        ...

    def time(self) -> float:
        """Seconds since the epoch, for what is written down and for nothing else: whoever sets the clock moves it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Journal(Protocol):
    """What has been accepted and is not finished. Every call that returns has committed to disk. Ages and leases are by the
    journal's own clock, so that the clocks of the instances do not matter.
    """

    async def open_run(self, instance: str) -> Run:
        """Begin a run of `instance`.

        Raises:
            Misconfigured: another living process runs under this name, or the schema does not fit.
            Unavailable: the journal cannot be reached.
        """
        ...

    async def renew(self, run: Run) -> None:
        """Say that `run` lives. A run that has not said so for the lease may be taken over.

        Raises:
            Misconfigured: it can never be renewed again: another process has its name, or it was closed.
            Unavailable: whatever else is the matter, also what a person must mend.
        """
        ...

    async def close_run(self, run: Run) -> None:
        """End `run` in order: what it leaves unfinished may be taken over at once."""
        ...

    async def accept(self, run: Run, inquiries: Sequence[NewInquiry]) -> list[bool]:
        """Store new inquiries, owned by `run`.

        Returns:
            For each: True when stored, False when an unfinished inquiry with the same digest exists (also earlier in
            this batch).
        """
        ...

    async def accept_segments(
        self, run: Run, segments: Sequence[NewSegment], assemble: Callable[[Sequence[StoredSegment]], NewInquiry]
    ) -> list[NewInquiry]:
        """Store parts of long messages; those groups that are now complete become inquiries owned by `run`, in the same
        transaction. `assemble` gets one group's parts in number order.

        A part that is already stored is stored once. One whose place in its group another part has, by `part_key`, begins a
        new message: the older group can no longer be told whole and becomes an inquiry as it is.

        A part of which an inquiry was made lately (see `expire_segments`) may be that one redelivered, since the SMSC never
        heard that it was stored. It is kept, as a new message may begin with the same octets, but of itself it waits for no
        answer: a group of nothing else is forgotten where it would become an inquiry incomplete. It is forgotten also when
        it is whole, while the inquiries of all its parts are unfinished.

        Returns:
            The inquiries that were stored (a duplicate of an unfinished one is not).
        """
        ...

    async def expire_segments(
        self,
        run: Run,
        smscs: Sequence[str],
        age_s: float,
        assemble: Callable[[Sequence[StoredSegment]], NewInquiry],
        limit: int,
    ) -> list[NewInquiry]:
        """Turn groups of these SMSCs whose first part was stored more than `age_s` ago, still incomplete, into inquiries
        owned by `run`: they were accepted, so they are answered. At most `limit` groups. Of which parts inquiries were made
        is known for `age_s`, and while they are unfinished.
        """
        ...

    async def finish(self, run: Run, finished: Sequence[Finished]) -> list[bool]:
        """Record endings and forget the sealed contents, in one transaction. Calling again with the same values is safe.

        Returns:
            For each: True when this run recorded the ending (now or in an earlier call of which the answer was lost),
            False when another run has.
        """
        ...

    async def claim(self, run: Run, smscs: Sequence[str], lease_s: float, limit: int) -> list[JournalledInquiry]:
        """Take over unfinished inquiries of the SMSCs named that belong to dead runs: earlier runs of the same instance,
        runs that were closed, and runs of other instances that have not renewed for `lease_s`. Oldest first.
        """
        ...

    async def owned(self, run: Run, limit: int, after: int = 0) -> list[JournalledInquiry]:
        """Unfinished inquiries that `run` owns with inquiry_id > `after`, in order of inquiry_id."""
        ...

    async def counts(self) -> JournalCounts:
        """How much is unfinished."""
        ...


class Keyring(Protocol):
    """By which keys the journal and its audit trail were written."""

    async def check(
        self, fingerprints: Mapping[str, bytes], holds: Callable[[ChainedEntry], bool], *, adopt: bool = True
    ) -> None:
        """See that these are the journal's keys; those that it does not know yet are written down, once.

        Args:
            fingerprints: by the keys' names (`keys.fingerprints`). A name that is known and not given is a key that was retired.
            holds: whether the first entry of a chain was made with our key; asked where the trail is older than the fingerprints.
            adopt: write down; False only looks.

        Raises:
            Misconfigured: another key file was used here; nothing is written down.
            Unavailable: nobody can say now.
        """
        ...


class AuditTrail(Protocol):
    """Who was told what, before they were told. Append-only."""

    async def append(self, entries: Sequence[ChainedEntry]) -> None:
        """Commit entries of one chain. Calling again with the same entries is safe.

        Raises:
            Misconfigured: the chain holds something else at these positions.
        """
        ...


class Steerage(Protocol):
    """What operators have done, and whom they have blocked: kept for all instances."""

    async def record(self, steered: Steered) -> None:
        """Write down an action. Append-only."""
        ...

    async def recorded(self, limit: int) -> list[Steered]:
        """The latest actions, newest first."""
        ...

    async def block(self, blocked: Blocked) -> None:
        """Block a sender; of one that is blocked already reason and operator change.

        Raises:
            Misconfigured: as many are blocked as can be.
        """
        ...

    async def unblock(self, sender: bytes) -> bool:
        """Answer a sender again. False when it was not blocked."""
        ...

    async def blocked(self) -> list[Blocked]:
        """Everyone who is blocked, the latest first."""
        ...


class Population(Protocol):
    """The citizens' records."""

    async def fetch(self, citizen_ids: Sequence[str], fields: Collection[str]) -> list[Mapping[str, object] | None]:
        """The record of each ID, or None when there is no such citizen.

        Args:
            citizen_ids: 12 digits each.
            fields: codes of the fields that are asked for; what nobody asked for never leaves the store.

        Returns:
            For each, its fields by code (text, date or None), the citizen_id always among them.

        Raises:
            Misconfigured: the store knows no such field.
        """
        ...


class Subscribers(Protocol):
    """The register of authenticated phone numbers."""

    async def lookup(self, msisdns: Sequence[str]) -> list[Subscriber | None]:
        """What the register says of each number, now; None when it knows nothing. Never from a cache."""
        ...


class Volatile(Protocol):
    """What may be lost: quotas and the memory of answered inquiries. Over all instances where Redis is there.

    It never raises for an outage: it goes on with the memory of this process, and says so in a metric.
    """

    async def redelivered(self, digests: Sequence[bytes]) -> list[bool]:
        """True where the same content was answered within the duplicate window and the link that acknowledged it has
        dropped since (an empty link counts as dropped): the SMSC sends again what it has no acknowledgement for.
        """
        ...

    async def remember(self, answered: Sequence[tuple[bytes, str]]) -> None:
        """Remember (digest, link) of inquiries that are finished, for the duplicate window."""
        ...

    async def links(self, live: Sequence[str]) -> None:
        """State this instance's live links; every other link of this instance has dropped. Said again each second, it
        holds for a few: an instance that is killed stops saying it.
        """
        ...

    async def ended(self, links: Sequence[str]) -> None:
        """State that these links have ended in order: the SMSC has every acknowledgement, so nothing that they
        acknowledged can be redelivered. For the duplicate window they do not count as dropped.
        """
        ...

    async def count(self, senders: Sequence[bytes]) -> list[int]:
        """Count one inquiry for each sender (pseudonym); how many it has made in its current period, this one included."""
        ...


class Board(Protocol):
    """Where instances put up what others may see of them. What is up may be lost at any time, and comes again in a second."""

    async def exchange(self, instance: str, notice: bytes) -> Mapping[str, bytes]:
        """Put up `notice` in place of this instance's last. It holds figures and names of parts, nothing of a person.

        Returns:
            By instance, the notices that were put up within `NOTICE_TTL_S`, this one included.

        Raises:
            PortError: the board cannot be reached.
        """
        ...


class Transmitter(Protocol):
    """The ESME as the pipeline sees it. None of these wait."""

    def acknowledge(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """Answer deliver_sm. Links that have dropped since are passed over: the SMSC will send again."""
        ...

    def submit(self, replies: Sequence[OutboundReply]) -> None:
        """Send replies, each through its SMSC. Their outcomes reach the sink."""
        ...

    def window(self, smsc: str) -> int:
        """How many segments may be under way at this SMSC now: the windows of its transmitting binds. 0: none is bound."""
        ...

    def bound(self) -> Sequence[str]:
        """The SMSCs to which a transmitting bind stands now."""
        ...

    def live_links(self) -> Sequence[str]:
        """The links that are bound now."""
        ...

    def ended_links(self) -> Sequence[str]:
        """The links that have ended in order since the last call: unbound, with nothing unanswered."""
        ...


class MessageSink(Protocol):
    """To whom the ESME hands what comes in. None of these wait."""

    def received(self, batch: Sequence[Received]) -> None:
        """Messages from citizens, in the order of arrival."""
        ...

    def outcomes(self, batch: Sequence[ReplyOutcome]) -> None:
        """What became of replies."""
        ...

    def links_changed(self) -> None:
        """A bind came up or went down."""
        ...


class Tracer(Protocol):
    """Whoever watches the journeys of inquiries. Told once a batch, and of a batch that is there anyway: what nobody watches
    costs a call. None of these wait or raise.
    """

    def linked(self, link: str, local_port: int) -> None:
        """A bind stands; its connection leaves from this port, by which the SMSC can tell it from others."""
        ...

    def accepted(self, batch: Iterable[tuple[Received, Inquiry]], journalled_at: float) -> None:
        """Messages that came whole were committed at `journalled_at` of the monotonic clock, and acknowledged now."""
        ...

    def parts_accepted(self, batch: Iterable[tuple[Received, NewSegment]], journalled_at: float) -> None:
        """The same of parts of long messages."""
        ...

    def assembled(self, batch: Iterable[tuple[Inquiry, Sequence[bytes]]]) -> None:
        """Inquiries were made of parts, known by their part_keys."""
        ...

    def reached(self, stage: Stage, inquiry_ids: Iterable[int]) -> None:
        """Inquiries reached a stage now; one that is asked anew reaches some stages again."""
        ...

    def submitted(self, link: str, segments: Sequence[tuple[int, int]]) -> None:
        """Segments were given to a link now: inquiry_id and sequence_number of each."""
        ...


class Untraced:
    """The `Tracer` where nobody watches."""

    def linked(self, link: str, local_port: int) -> None:
        """See the port."""

    def accepted(self, batch: Iterable[tuple[Received, Inquiry]], journalled_at: float) -> None:
        """See the port."""

    def parts_accepted(self, batch: Iterable[tuple[Received, NewSegment]], journalled_at: float) -> None:
        """See the port."""

    def assembled(self, batch: Iterable[tuple[Inquiry, Sequence[bytes]]]) -> None:
        """See the port."""

    def reached(self, stage: Stage, inquiry_ids: Iterable[int]) -> None:
        """See the port."""

    def submitted(self, link: str, segments: Sequence[tuple[int, int]]) -> None:
        """See the port."""


UNTRACED: Final[Tracer] = Untraced()

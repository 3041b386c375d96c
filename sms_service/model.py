"""The values that cross stages: what was received, what was asked, what goes back, how it ended.

They are frozen and carry no behaviour. Everything that names a person (number, citizen ID, text) stands in `Received`,
`Content` and `OutboundReply` only; whatever outlives a message holds a pseudonym (`keys.Pseudonyms`) or a seal
(`keys.Sealer`) instead. These three therefore hide their values from `repr`, so that no traceback or log shows them.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from typing import Final

import msgspec

from sms_service.sms.segments import Segment

ROWS_PER_BATCH_MAX: Final = 512
"""Rows. A PostgreSQL round trip of 200 rows costs 14-23 µs a row; beyond some hundreds the wait of the first row grows
and the cost of a row no longer falls."""


class Ending(enum.StrEnum):
    """How an accepted inquiry ended; each accepted inquiry has exactly one."""

    ANSWERED = "answered"
    REFUSED = "refused"
    MISREAD = "misread"
    OVER_QUOTA = "over_quota"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    UNDELIVERABLE = "undeliverable"


class AckStatus(enum.StrEnum):
    """What the SMSC is told of a deliver_sm; `esme` maps it to a command_status in one place."""

    ACCEPTED = "accepted"
    """Durable here, or nothing that anyone waits for."""
    TRY_LATER = "try_later"
    """It could not be stored; the SMSC keeps the message."""
    QUEUE_FULL = "queue_full"
    """The in-flight limit held it for too long; the SMSC keeps the message."""
    REJECTED = "rejected"
    """It can never be read; the SMSC drops the message."""


class Stage(enum.StrEnum):
    """The moments of an inquiry's journey that a trace tells, in their order where nothing goes wrong."""

    RECEIVED = "received"
    """The last of its deliver_sm was read from the wire."""
    JOURNALLED = "journalled"
    """Committed: accepted is durable."""
    ACKNOWLEDGED = "acknowledged"
    """The deliver_sm_resp was written."""
    REGISTER = "register"
    """The subscriber register has answered."""
    POPULATION = "population"
    """The population store has answered."""
    AUDIT = "audit"
    """The audit entry is committed."""
    SUBMITTED = "submitted"
    """A submit_sm was written."""
    CONFIRMED = "confirmed"
    """Every submit_sm has its submit_sm_resp."""
    FINISHED = "finished"
    """The ending is committed."""


class SubscriberState(enum.StrEnum):
    """What the subscriber register says of a number (DOMAIN: TT 08/2026/TT-BKHCN)."""

    AUTHENTICATED = "authenticated"
    UNVERIFIED = "unverified"
    DISOWNED = "disowned"
    LOCKED_ONE_WAY = "locked_one_way"
    LOCKED_TWO_WAY = "locked_two_way"
    RECYCLED = "recycled"


class _Personal(msgspec.Struct, frozen=True, gc=False):
    """A value that names a person: it never shows itself."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class Received(_Personal, frozen=True, gc=False):
    """One deliver_sm that is no delivery receipt, as it came in (SMPP 3.4 s4.6.1)."""

    smsc: str
    link: str
    """The connection that brought it: unique over all instances and restarts."""
    sequence_number: int
    received_at: float
    """Seconds of the monotonic clock."""
    source_addr: str
    source_addr_ton: int
    source_addr_npi: int
    destination_addr: str
    esm_class: int
    data_coding: int
    short_message: bytes
    tlvs: tuple[tuple[int, bytes], ...] = ()


class Acknowledgement(msgspec.Struct, frozen=True, gc=False):
    """The answer to one deliver_sm."""

    link: str
    sequence_number: int
    status: AckStatus


class Content(_Personal, frozen=True, gc=False, array_like=True):
    """What the journal keeps sealed until the inquiry is finished."""

    msisdn: str
    """E.164 without plus."""
    short_code: str
    """The address that the citizen texted, and the reply's source."""
    text: str
    whole: bool = True
    """False: parts of a long message never came. Such a text is never read, only answered as misread."""


class NewInquiry(msgspec.Struct, frozen=True, gc=False):
    """A row for the journal: accepted, not yet answered."""

    inquiry_id: int
    smsc: str
    accepted_at: float
    """Seconds since the epoch, for people: ages are counted by the journal's own clock."""
    digest: bytes
    """Pseudonym of SMSC, sender, short code and content: while the first is unanswered an equal one is a duplicate."""
    sealed: bytes


class NewSegment(msgspec.Struct, frozen=True, gc=False):
    """One part of a long message, durable before it is acknowledged."""

    group_key: bytes
    """Pseudonym of SMSC, source, destination, reference, its width and the total (3GPP TS 23.040 s9.2.3.24.1)."""
    number: int
    total: int
    smsc: str
    accepted_at: float
    """Seconds since the epoch, for people."""
    sealed: bytes
    part_key: bytes
    """Pseudonym of group, number and octets: what is sealed cannot be compared."""


class StoredSegment(msgspec.Struct, frozen=True, gc=False):
    """A part of a long message as the journal gives it back."""

    group_key: bytes
    number: int
    total: int
    smsc: str
    sealed: bytes


class JournalledInquiry(msgspec.Struct, frozen=True, gc=False):
    """An unfinished inquiry as the journal gives it back."""

    inquiry_id: int
    smsc: str
    accepted_at: float
    digest: bytes
    sealed: bytes
    age_s: float
    """Seconds since it was stored, by the journal's own clock; never below 0."""
    may_have_left: bool
    """Its audit entry exists, so its reply may have been sent before."""


class Inquiry(_Personal, frozen=True, gc=False):
    """An accepted inquiry on its way to an answer."""

    inquiry_id: int
    smsc: str
    since: float
    """Seconds of the monotonic clock from which its age counts: its receipt (of one made of parts: the last part's acceptance), of
    one from the journal by its age there."""
    content: Content
    sender: bytes
    """Pseudonym of the MSISDN."""
    digest: bytes
    link: str = ""
    """The link that acknowledged it; empty when none did or none is known."""
    resumed: bool = False
    """Taken from the journal after a crash, an outage or a dead instance."""
    may_have_left: bool = False


class Subscriber(_Personal, frozen=True, gc=False):
    """What the register knows of one number."""

    state: SubscriberState
    citizen_id: str | None


class OutboundReply(_Personal, frozen=True, gc=False):
    """A reply ready for the wire."""

    inquiry_id: int
    smsc: str
    source_addr: str
    destination_addr: str
    segments: tuple[Segment, ...]
    leave_by: float = math.inf
    """Seconds of the monotonic clock: no segment leaves later, since what it says of a record would be stale."""


class DeliveryResult(enum.StrEnum):
    """What became of a reply on the wire."""

    CONFIRMED = "confirmed"
    """Every segment has its submit_sm_resp."""
    REJECTED = "rejected"
    """The SMSC refuses a segment for good, or refused it too often."""
    RETURNED = "returned"
    """The link dropped or fell silent before every segment was confirmed, or a segment could not leave in time; the rest
    may leave over another link.
    """


class ReplyOutcome(msgspec.Struct, frozen=True, gc=False):
    """What became of one reply."""

    inquiry_id: int
    result: DeliveryResult
    command_status: int
    """Of the last submit_sm_resp."""
    message_ids: tuple[str, ...]
    """The SMSC's, of the segments confirmed, in segment order."""
    unconfirmed: tuple[int, ...] = ()
    """Indices of the segments that are not confirmed."""
    uncertain: bool = False
    """A segment left and got no answer: the citizen may have it."""


class AuditEntry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One line of the audit trail: written before the reply leaves. Holds pseudonyms only."""

    inquiry_id: int
    at_ms: int
    """Milliseconds since the epoch: a whole number, so that the chain survives any store exactly."""
    smsc: str
    sender: bytes
    citizen: bytes
    """Pseudonym of the citizen whose record is disclosed; empty when none is."""
    command: str
    fields: str
    """The codes of the disclosed fields, comma-separated; empty when none is."""
    syntax: str
    """Version and digest of the syntax that read the message."""
    ending: Ending
    segments: int
    repeated: bool
    """An earlier sending of this reply may have left: a crash left its fate unknown."""


class ChainedEntry(msgspec.Struct, frozen=True, gc=False):
    """An audit entry with its place in its run's chain: any change, gap or swap breaks the chain."""

    chain: int
    """The run that wrote it."""
    position: int
    """1, 2, 3 … in the chain."""
    mac: bytes
    """HMAC-SHA-256 over the previous entry's mac and this entry."""
    entry: AuditEntry


class Finished(msgspec.Struct, frozen=True, gc=False):
    """The ending of one inquiry, for the journal."""

    inquiry_id: int
    ending: Ending
    at: float
    """Seconds since the epoch."""
    segments: int
    """Sent and confirmed."""
    uncertain: bool
    command_status: int = 0
    message_ids: tuple[str, ...] = ()
    fee: int = 0
    """Đồng; due because the service answered."""
    sender: bytes = b""
    """Pseudonym, of an inquiry that has no audit entry to name it."""


class CallDetailRecord(msgspec.Struct, frozen=True, gc=False):
    """One accepted inquiry, for the bill."""

    inquiry_id: int
    at: dt.datetime
    """When it ended."""
    smsc: str
    """Empty where an older version left it unknown."""
    sender: bytes
    """Pseudonym; empty where an older version left it unknown."""
    command: str
    """Empty where no command was read."""
    fee: int | None
    """Đồng; None where an older version kept none."""
    segments: int
    """Sent and confirmed."""
    message_ids: tuple[str, ...]
    ending: Ending
    uncertain: bool
    audited: Ending | None
    """What the audit trail says; None where it has no entry."""

    def __repr__(self) -> str:
        return f"<CallDetailRecord {self.ending.value}>"


class Blocked(msgspec.Struct, frozen=True, gc=False):
    """A sender whose inquiries are acknowledged and not answered."""

    sender: bytes
    """Pseudonym of the MSISDN."""
    since: dt.datetime
    reason: str
    operator: str
    """Who blocked it."""

    def __repr__(self) -> str:
        return "<Blocked>"


class Steered(msgspec.Struct, frozen=True, gc=False):
    """What an operator has done to the service, for the record. Names no person but the operator."""

    at: dt.datetime
    instance: str
    operator: str
    action: str
    target: str
    """SMSC, bind, pseudonym, inquiry; empty for the instance itself."""
    outcome: str
    """What came of it, in words."""


class Run(msgspec.Struct, frozen=True, gc=False):
    """One life of one instance: from its start to its end. Runs are numbered over all instances."""

    run_id: int
    instance: str


class BindState(enum.StrEnum):
    """How one bind stands."""

    DOWN = "down"
    """No connection; it is tried again."""
    BINDING = "binding"
    """Connected; the SMSC has not answered the bind request."""
    STOPPED = "stopped"
    """An operator has ordered it down; it stays so until ordered otherwise."""
    BOUND = "bound"


class BindView(msgspec.Struct, frozen=True, gc=False):
    """One of an SMSC's binds at this moment, for operators."""

    smsc: str
    mode: str
    """trx, tx or rx."""
    state: BindState
    since_s: float
    """Seconds since it stands, or since it does not."""
    why: str
    """Why it does not stand, as far as is known; empty while it does."""
    local_port: int
    """Ours of the connection; 0 where there is none."""
    in_window: int
    """Segments without response."""
    window: int
    """Segments that may be under way now; 0 while a throttle pauses the bind, and where no replies leave over it."""
    window_max: int
    """What `window` is when the SMSC complains of nothing."""


class JournalCounts(msgspec.Struct, frozen=True, gc=False):
    """How much the journal holds, over all instances."""

    unfinished: int
    segments: int
    oldest_accepted_at: float | None
    """Seconds since the epoch; None when nothing is unfinished."""

"""The configuration as one frozen tree. Each field stands with its unit and reason.

What a field can hold is said by its type, so that a value that stands here is a value that can be used; what spans fields
is checked in `load`. No part of the tree shows its values in its repr: DSNs, URLs and passwords are secrets.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from sms_service.sms.alphabets import Alphabet
from sms_service.sms.segments import LongMessages

NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,31}$"
HOST: Final = r"^[A-Za-z0-9_:-]{1,63}([.][A-Za-z0-9_-]{1,63}){0,20}$"
ASCII: Final = r"^[ -~]*$"
FORMS: Final = {
    NAME: "at most 32 of a-z, 0-9, _ and -",
    HOST: "a host's name or address",
    ASCII: "printable ASCII",
}
"""What the patterns ask for, in words."""

Name = Annotated[str, Meta(pattern=NAME)]
"""Of instances and SMSCs: they stand in logs, metric labels and Redis keys."""
Host = Annotated[str, Meta(pattern=HOST)]
"""A name (RFC 1035 s2.3.4) or an address."""
Port = Annotated[int, Meta(ge=1, le=65535)]
Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
"""At most a day: longer is a mistake of unit."""

SYSTEM_ID_MAX: Final = 15
"""Octets: SMPP 3.4 s5.2.1, 16 with the NUL."""
PASSWORD_MAX: Final = 8
"""Octets: SMPP 3.4 s5.2.2, 9 with the NUL."""
SYSTEM_TYPE_MAX: Final = 12
"""Octets: SMPP 3.4 s5.2.3, 13 with the NUL."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the configuration."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BindMode(enum.StrEnum):
    """SMPP 3.4 s2.2."""

    TRX = "trx"
    TX_RX = "tx+rx"
    """A transmitter and a receiver for each of `binds`."""


class Journal(Section, frozen=True, forbid_unknown_fields=True):
    """Where inquiries and audit are kept."""

    dsn: str
    connections: Annotated[int, Meta(ge=3, le=64)] = 6
    """Accept, audit and finish each keep one busy; the rest serves recovery and status."""


class Population(Section, frozen=True, forbid_unknown_fields=True):
    """Where the citizens' records are."""

    dsn: str
    query: str
    """Takes one array of citizen IDs ($1::text[]); its columns are named by field code, and one is citizen_id."""
    connections: Annotated[int, Meta(ge=1, le=64)] = 2
    """One for each answering worker."""
    timeout_s: Seconds = 10.0
    """A query that takes longer has lost its server."""


class Subscribers(Section, frozen=True, forbid_unknown_fields=True):
    """The subscriber register."""

    url: str
    """Base: `/v1/subscribers/lookup` is appended."""
    timeout_s: Seconds = 5.0
    """A batch that takes longer is asked again."""
    token_file: str = ""
    """A file with a bearer token; empty: none is sent."""


class Redis(Section, frozen=True, forbid_unknown_fields=True):
    """Quotas and duplicates over all instances."""

    url: str
    timeout_s: Seconds = 1.0
    """A call that takes longer is given up, and this process's memory is used."""


class Syntax(Section, frozen=True, forbid_unknown_fields=True):
    """The department's syntax."""

    file: str
    """A syntax file, or a folder of several versions. Read again on SIGHUP and from the ops page `/syntax`."""


class Keys(Section, frozen=True, forbid_unknown_fields=True):
    """The key file that `sms-service keys new` makes."""

    file: str


class Ops(Section, frozen=True, forbid_unknown_fields=True):
    """The HTTP side for operators."""

    listen: str = "127.0.0.1:8081"
    """HOST:PORT. Loopback by default: whoever reaches it sees figures, never persons."""
    token_file: str = ""
    """A file with a bearer token that the control calls need; empty: they are switched off."""
    trace: bool = False
    """Whether `/api/trace` streams the journeys of inquiries, without anything of a person: for tests and for looking into
    waits. On, it costs 3 to 4 µs an inquiry; off, nothing that can be measured."""


class Limits(Section, frozen=True, forbid_unknown_fields=True):
    """Everything has a limit."""

    in_flight: Positive = 2000
    """Inquiries accepted and not finished, in this process. More only lengthens the wait: at 10,000 a second this is
    0.2 s of work. Each SMSC has an equal share, so that one that takes no replies leaves the others theirs."""
    hold_s: Seconds = 5.0
    """How long an acknowledgement is held at the limit before the SMSC is told ESME_RMSGQFUL."""
    answer_deadline_s: Seconds = 120.0
    """How long an inquiry may wait for register and population before the citizen is told that the system is busy."""
    answer_fresh_s: Seconds = 60.0
    """How long after the register was asked an answer may still leave; later it is asked again. A number may change hands
    meanwhile, and who asks expects what is known now. Longer than the register and the population may take together."""
    give_up_s: Seconds = 900.0
    """How long after acceptance a reply may still leave. A record that arrives later would only puzzle."""
    quota: Positive = 20
    """Inquiries a sender may make in a period; one notice follows, then silence."""
    quota_period_s: Positive = 60
    duplicate_window_s: Positive = 300
    """How long an answered inquiry is remembered, for redelivery after a dropped link."""
    reassembly_age_s: Seconds = 300.0
    """How long parts of a long message wait for the rest."""
    reply_segments: Annotated[int, Meta(ge=1, le=255)] = 10
    """Segments of a reply at most; the syntax sets its own budget below this."""
    throttle_retries: Positive = 100
    """Times that a segment is sent again after ESME_RTHROTTLED or ESME_RMSGQFUL before it counts as refused."""
    batch: Annotated[int, Meta(ge=1, le=1000)] = 256
    """Inquiries in a batch at most."""
    lease_s: Seconds = 15.0
    """How long an instance may be silent in the journal before a living one takes over its inquiries."""
    shutdown_s: Seconds = 20.0
    """How long leaving may take to drain."""


class Smsc(Section, frozen=True, forbid_unknown_fields=True):
    """One operator's SMSC."""

    name: Name
    host: Host
    port: Port
    system_id: Annotated[str, Meta(max_length=SYSTEM_ID_MAX, pattern=ASCII)]
    password: Annotated[str, Meta(max_length=PASSWORD_MAX, pattern=ASCII)] = ""
    password_file: str = ""
    system_type: Annotated[str, Meta(max_length=SYSTEM_TYPE_MAX, pattern=ASCII)] = ""
    tls: bool = False
    tls_ca_file: str = ""
    """Empty: the system's certificate authorities."""
    bind: BindMode = BindMode.TRX
    binds: Annotated[int, Meta(ge=1, le=64)] = 2
    window: Annotated[int, Meta(ge=1, le=10000)] = 100
    """Unanswered submit_sm of a bind."""
    mt_per_second: Annotated[float, Meta(ge=0, le=1_000_000)] = 0.0
    """Segments a second over all binds of this instance that the operator allows; 0: no limit."""
    default_alphabet: Alphabet = Alphabet.GSM7
    """What data_coding 0 means to this SMSC (SMPP 3.4 s5.2.19)."""
    long_messages: LongMessages = LongMessages.UDH
    """How a reply of several segments is sent."""
    source_ton: Annotated[int, Meta(ge=0, le=6)] = 3
    """Of the short code in replies: 3, network specific (SMPP 3.4 s5.2.5)."""
    source_npi: Annotated[int, Meta(ge=0, le=18)] = 0
    receipts: bool = False
    """Ask for delivery receipts."""
    response_timeout_s: Seconds = 30.0
    """A submit_sm without response for longer is sent again over another bind."""
    enquire_link_s: Seconds = 15.0
    """Silence after which the link is tried."""
    rebind_min_s: Seconds = 0.1
    rebind_max_s: Seconds = 5.0
    """First and longest wait between attempts to bind; jittered, doubling."""
    rebind_refused_s: Seconds = 30.0
    """Wait after bad credentials: trying faster locks accounts."""


class Settings(Section, frozen=True, forbid_unknown_fields=True):
    """The whole configuration."""

    instance: Name
    journal: Journal
    population: Population
    subscribers: Subscribers
    syntax: Syntax
    keys: Keys
    smsc: Annotated[tuple[Smsc, ...], Meta(min_length=1)]
    redis: Redis | None = None
    ops: Ops = Ops()
    limits: Limits = Limits()

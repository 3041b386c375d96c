"""The figures of one instance, as it takes them each second and puts them up for the others.

They are counts, times and names of parts; nothing names a person, and nothing tells the causes of a refusal apart. Whoever
reads a notice may be of another version: what it does not know is passed over, what is missing has its default.
"""

from __future__ import annotations

import enum

import msgspec

from sms_service.model import BindView, Ending

UNREPLIED = frozenset({Ending.UNDELIVERABLE.value, Ending.OVER_QUOTA.value})
"""Endings after which a citizen may have nothing in hand: the SMSC takes no reply, or, over the quota, silence after one
notice."""


class InstanceState(enum.StrEnum):
    """What an instance does."""

    STARTING = "starting"
    """It waits for its stores and accepts nothing."""
    SERVING = "serving"
    LEAVING = "leaving"
    """It turns new messages away and finishes what it has."""
    LEFT = "left"
    """Its last word."""
    SILENT = "silent"
    """Said by others: nothing has been heard of it for some seconds."""


class Flow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened in a span of time: numbers, or numbers a second."""

    received: float = 0.0
    """deliver_sm from citizens, parts of long messages each."""
    accepted: float = 0.0
    """Inquiries made durable."""
    endings: dict[str, float] = {}
    """Inquiries that ended, by ending."""
    segments: float = 0.0
    """submit_sm that the SMSCs have taken."""
    throttled: float = 0.0
    """submit_sm that an SMSC would not take now."""
    turned_away: dict[str, float] = {}
    """deliver_sm answered with an error, by reason."""
    duplicates: float = 0.0
    """Redelivered messages, acknowledged only."""
    discarded: float = 0.0
    """Messages of machines, acknowledged and not answered."""
    uncertain: float = 0.0
    """Replies that a citizen may have twice."""
    resumed: float = 0.0
    """Inquiries taken from the journal after a failure."""

    @property
    def finished(self) -> float:
        """Inquiries that ended, however."""
        return sum(self.endings.values())

    @property
    def replied(self) -> float:
        """Those whose citizen has a reply."""
        return sum(count for ending, count in self.endings.items() if ending not in UNREPLIED)


class Orders(msgspec.Struct, frozen=True, omit_defaults=True):
    """What operators have ordered of an instance, as far as it keeps messages from coming in. Stopped binds say so themselves."""

    draining: bool = False
    """It turns every new message away."""
    isolated: tuple[str, ...] = ()
    """The SMSCs whose messages it turns away."""


class SmscFigures(msgspec.Struct, frozen=True, omit_defaults=True):
    """One SMSC, as one instance sees it."""

    name: str
    second: Flow = Flow()
    """Of what is counted by SMSC: received, accepted, segments, throttled."""
    minute: Flow = Flow()
    binds: tuple[BindView, ...] = ()


class PartFigures(msgspec.Struct, frozen=True):
    """A part that the gateway needs, as one instance finds it."""

    name: str
    """journal, population, subscribers, redis, start."""
    why: str
    """What is missing; empty for well."""
    ms: float
    """How long it took to answer the last question."""


class Backlog(msgspec.Struct, frozen=True):
    """What the journal holds over all instances."""

    unfinished: int
    segments: int
    """Parts of long messages that wait for the rest."""
    oldest_s: float
    """Age of the oldest unfinished inquiry when it was counted; 0 where there is none."""


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One instance in one second."""

    instance: str
    started_at: float
    """Seconds since the epoch; tells a run from the next of the same name."""
    number: int
    """Of this notice in its run."""
    at: float
    """Seconds since the epoch by the instance's clock, for people."""
    state: InstanceState
    in_flight: int = 0
    in_flight_max: int = 0
    oldest_s: float = 0.0
    """Age of the oldest inquiry in flight; 0 where there is none."""
    unreadable: int = 0
    """Journalled inquiries that its key file cannot open."""
    second: Flow = Flow()
    """A second's, over the last."""
    minute: Flow = Flow()
    """Counted over the last 60 s, or since the start where that is less."""
    total: Flow = Flow()
    """Counted since the start."""
    latency_second: dict[int, int] = {}
    """Replies of the last second by bucket of `Metrics.reply_seconds`."""
    latency_minute: dict[int, int] = {}
    smscs: tuple[SmscFigures, ...] = ()
    parts: tuple[PartFigures, ...] = ()
    backlog: Backlog | None = None
    orders: Orders = Orders()

"""All instances as one service: the values that `/api/stats`, `/api/stream` and the page show. `fleet` makes them."""

from __future__ import annotations

import msgspec

from sms_service.model import BindView
from sms_service.ops.figures import Backlog, InstanceState, Orders


class Span(msgspec.Struct, frozen=True):
    """What all instances did in a span of time, and how long replies took in it."""

    received: float
    accepted: float
    replied: float
    finished: float
    endings: dict[str, float]
    segments: float
    throttled: float
    turned_away: dict[str, float]
    duplicates: float
    discarded: float
    uncertain: float
    resumed: float
    p50_ms: float | None = None
    """From the receipt of an inquiry to its recorded ending; None where none ended."""
    p95_ms: float | None = None
    p99_ms: float | None = None


class BindAt(msgspec.Struct, frozen=True):
    """A bind, and whose it is."""

    instance: str
    bind: BindView


class SmscOverview(msgspec.Struct, frozen=True):
    """One SMSC over all instances."""

    name: str
    bound: int
    """Binds that stand."""
    in_window: int
    window: int
    window_max: int
    accepted: float
    """A second."""
    segments: float
    """A second."""
    throttled: float
    """A second."""
    accepted_minute: float
    segments_minute: float
    throttled_minute: float
    binds: tuple[BindAt, ...]


class PartAt(msgspec.Struct, frozen=True):
    """A part as one instance finds it."""

    instance: str
    why: str
    ms: float


class PartOverview(msgspec.Struct, frozen=True):
    """A part over all instances that are heard."""

    name: str
    down_at: tuple[str, ...]
    """The instances that find something missing."""
    everywhere: bool
    """Whether these are all."""
    why: str
    """What is missing, in the words of the first of them; empty for well."""
    ms: float
    """The longest that it took to answer an instance."""
    instances: tuple[PartAt, ...]


class InstanceOverview(msgspec.Struct, frozen=True):
    """One instance."""

    instance: str
    state: InstanceState
    silent_s: float
    started_at: float
    accepted: float
    """A second."""
    replied: float
    """A second."""
    in_flight: int
    in_flight_max: int
    oldest_s: float
    orders: Orders
    p95_ms: float | None
    """Over the last minute."""


class Yardsticks(msgspec.Struct, frozen=True):
    """What the figures are held against. Of the instance whose page it is."""

    quota: int
    """Inquiries of a sender in a period."""
    quota_period_s: int
    answer_deadline_s: float


class Overview(msgspec.Struct, frozen=True):
    """The service in one second."""

    instance: str
    """Whose page it is."""
    number: int
    """Of its notice."""
    at: float
    """Seconds since the epoch by its clock."""
    second: Span
    minute: Span
    total: Span
    """Since each instance's start."""
    in_flight: int
    in_flight_max: int
    oldest_s: float
    """Age of the oldest inquiry that is not answered, in flight or in the journal; 0 where there is none."""
    unreadable: int
    backlog: Backlog | None
    smscs: tuple[SmscOverview, ...]
    parts: tuple[PartOverview, ...]
    instances: tuple[InstanceOverview, ...]
    alone: str
    """Why the other instances are not seen; empty where they are."""
    limits: Yardsticks

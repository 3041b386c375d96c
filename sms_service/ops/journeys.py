"""The journeys of inquiries: when each reached which stage, for whoever looks for where the time goes.

What identifies an inquiry is what the SMSC knows of it too: the bind and the sequence_number of its deliver_sm and submit_sm.
No number, no name, no text and no pseudonym is kept, so a journey may be shown to whoever may see figures. A journey is told
when it is finished; one that another instance takes over, or that came from the journal, is not told. Everything is bounded:
the newest are kept, and a reader who falls behind learns how many he missed.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec

from sms_service.model import Inquiry, NewSegment, Received, Stage
from sms_service.ports import Clock

KEPT_MAX: Final = 2000
"""Finished journeys kept for readers, 1 to 2 kB each: at 1,000 inquiries a second a reader may be away for two seconds."""
OPEN_MAX: Final = 20_000
"""Journeys under way that are kept: ten times the default in-flight limit. Beyond it the oldest are forgotten."""
PARTS_MAX: Final = 10_000
"""Parts of long messages whose inquiry is not made yet: a second of long messages. Beyond it the oldest are forgotten."""
LINKS_MAX: Final = 1024
"""Connections whose port is known: more than there are binds, so that those of late are among them."""
STEPS_MAX: Final = 200
"""Steps of a journey: one whose segments are throttled again and again takes no more. Its end is always told."""

# Looked up once: reaching a member through its class is slow.
_SUBMITTED: Final = Stage.SUBMITTED
_FINISHED: Final = Stage.FINISHED

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Place(msgspec.Struct, frozen=True, gc=False):
    """A PDU on the wire, as both ends can name it."""

    bind: int
    """The number of the bind's connection within this run, from 1."""
    local_port: int
    """TCP port that the gateway's end of the connection has; 0 where it is not known."""
    sequence_number: int


class Step(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A stage that was reached."""

    stage: Stage
    ms: float
    """Milliseconds since the inquiry was received."""
    submit_sm: Place | None = None
    """What left, where that is the stage."""


class Journey(msgspec.Struct, frozen=True, gc=False):
    """One finished inquiry."""

    smsc: str
    received_at: float
    """Seconds since the epoch by this machine's clock."""
    deliver_sm: tuple[Place, ...]
    """One for each part of a long message, in the order in which they came."""
    steps: tuple[Step, ...]
    """In the order in which they were reached."""


class _Brought(NamedTuple):
    """A deliver_sm that was accepted. Times are of the monotonic clock."""

    link: str
    sequence_number: int
    received_at: float
    journalled_at: float
    acknowledged_at: float


class _Kept:
    """A journey as it is noted: what is shown of it is made when somebody reads it."""

    __slots__ = ("brought", "smsc", "steps", "wall")

    def __init__(self, smsc: str, brought: list[_Brought]) -> None:
        self.smsc = smsc
        self.brought = brought
        self.steps: list[tuple[Stage, float, str, int]] = []
        """With the time, and link and sequence_number of what left."""
        self.wall = 0.0
        """Seconds since the epoch less those of the monotonic clock, when it was finished."""


class Journeys:
    """Implements `ports.Tracer`, and keeps what was told for readers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ports: dict[str, int] = {}
        self._parts: dict[bytes, _Brought] = {}
        self._open: dict[int, _Kept] = {}
        self._finished: deque[_Kept] = deque(maxlen=KEPT_MAX)
        self._wakes: set[Callable[[], None]] = set()
        self.count = 0
        """Finished since the start: the number of the newest."""

    # ---- for readers

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` whenever journeys have finished. Returns what ends it."""
        self._wakes.add(wake)
        return lambda: self._wakes.discard(wake)

    @property
    def forgotten(self) -> int:
        """How many of those are no longer kept."""
        return self.count - len(self._finished)

    def after(self, number: int, limit: int = KEPT_MAX) -> tuple[int, list[Journey]]:
        """What finished after that number: how many of those are no longer kept, and the first `limit` of the others."""
        start = max(number, self.forgotten)
        kept = itertools.islice(self._finished, start - self.forgotten, start - self.forgotten + limit)
        return start - number, [self._told(journey) for journey in kept]

    # ---- ports.Tracer

    def linked(self, link: str, local_port: int) -> None:
        """See the port."""
        _put(self._ports, link, local_port, LINKS_MAX)

    def accepted(self, batch: Iterable[tuple[Received, Inquiry]], journalled_at: float) -> None:
        """See the port."""
        now = self._clock.monotonic()
        for received, inquiry in batch:
            brought = _Brought(received.link, received.sequence_number, received.received_at, journalled_at, now)
            self._begin(inquiry, [brought])

    def parts_accepted(self, batch: Iterable[tuple[Received, NewSegment]], journalled_at: float) -> None:
        """See the port."""
        now = self._clock.monotonic()
        for received, segment in batch:
            brought = _Brought(received.link, received.sequence_number, received.received_at, journalled_at, now)
            _put(self._parts, segment.part_key, brought, PARTS_MAX)

    def assembled(self, batch: Iterable[tuple[Inquiry, Sequence[bytes]]]) -> None:
        """See the port."""
        for inquiry, part_keys in batch:
            brought = [part for key in part_keys if (part := self._parts.pop(key, None)) is not None]
            if brought:
                self._begin(inquiry, sorted(brought, key=lambda part: part.received_at))

    def reached(self, stage: Stage, inquiry_ids: Iterable[int]) -> None:
        """See the port."""
        now = self._clock.monotonic()
        step = (stage, now, "", 0)
        if stage is _FINISHED:
            self._end(step, inquiry_ids)
            return
        for inquiry_id in inquiry_ids:
            journey = self._open.get(inquiry_id)
            if journey is not None and len(journey.steps) < STEPS_MAX:
                journey.steps.append(step)

    def submitted(self, link: str, segments: Sequence[tuple[int, int]]) -> None:
        """See the port."""
        now = self._clock.monotonic()
        for inquiry_id, sequence_number in segments:
            journey = self._open.get(inquiry_id)
            if journey is not None and len(journey.steps) < STEPS_MAX:
                journey.steps.append((_SUBMITTED, now, link, sequence_number))

    # ---- within

    def _begin(self, inquiry: Inquiry, brought: list[_Brought]) -> None:
        _put(self._open, inquiry.inquiry_id, _Kept(inquiry.smsc, brought), OPEN_MAX)

    def _end(self, step: tuple[Stage, float, str, int], inquiry_ids: Iterable[int]) -> None:
        wall = self._clock.time() - step[1]
        for inquiry_id in inquiry_ids:
            journey = self._open.pop(inquiry_id, None)
            if journey is not None:
                journey.steps.append(step)
                journey.wall = wall
                self._finished.append(journey)
                self.count += 1
        for wake in self._wakes:
            wake()

    def _told(self, journey: _Kept) -> Journey:
        last = journey.brought[-1]
        steps = [
            (Stage.RECEIVED, last.received_at, "", 0),
            (Stage.JOURNALLED, last.journalled_at, "", 0),
            (Stage.ACKNOWLEDGED, last.acknowledged_at, "", 0),
            *journey.steps,
        ]
        return Journey(
            smsc=journey.smsc,
            received_at=round(journey.wall + last.received_at, 6),
            deliver_sm=tuple(self._place(brought.link, brought.sequence_number) for brought in journey.brought),
            steps=tuple(
                Step(stage, round((at - last.received_at) * 1000, 3), self._place(link, number) if link else None)
                for stage, at, link, number in steps
            ),
        )

    def _place(self, link: str, sequence_number: int) -> Place:
        return Place(_bind_of(link), self._ports.get(link, 0), sequence_number)


def _put(table: dict[_Key, _Value], key: _Key, value: _Value, limit: int) -> None:
    """Put in, at the cost of the oldest where the table is full."""
    if len(table) >= limit:
        del table[next(iter(table))]
    table[key] = value


def _bind_of(link: str) -> int:
    """The number of a bind: see `Esme`, which gives links their names."""
    number = link.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0

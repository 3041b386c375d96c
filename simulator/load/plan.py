"""What a load run is asked to do: when messages are sent, what they say, and from whom.

A plan is made by the command, and carried out by each SMSC for its own share of the senders. Everything in it follows from the
plan, the population and the syntax: the same plan sends the same messages.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

RATE_MAX: Final = 200_000.0
"""Inquiries a second of one SMSC: more than any machine sends."""
DURATION_MAX_S: Final = 86_400.0
"""A day: the longest run, a whole daily curve in real time."""
DRAIN_S: Final = 130.0
"""Seconds that the last inquiry is given after its sending: a service answers, or says that it is busy, within 120."""
QUOTA_PER_MINUTE: Final = 20
"""Inquiries a minute that the gateway takes of a sender, unless it is told otherwise."""

Rate = Annotated[float, Meta(ge=0, le=RATE_MAX)]
Seconds = Annotated[float, Meta(ge=0, le=DURATION_MAX_S)]
Weight = Annotated[float, Meta(ge=0)]


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rate at a moment. Between two points it changes evenly; two points of one moment are a step."""

    at_s: Seconds
    """Seconds since the start."""
    rate: Rate
    """Inquiries a second, over all senders of the plan."""


class Mix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often each kind of message is sent, in weights that need no sum."""

    keyword: Weight = 0.0
    """The keyword alone: the own record."""
    citizen_id: Weight = 0.0
    """The keyword with the sender's own ID, in the ways in which people write it."""
    typed: Weight = 0.0
    """A clear inquiry with what people do to it: case, accents, separators, look-alikes, the short code behind it."""
    accents: Weight = 0.0
    """An inquiry that asks for a reply with accents, which travels as UCS-2."""
    page: Weight = 0.0
    """The second page of a long view."""
    other_id: Weight = 0.0
    """Somebody else's ID: refused."""
    help: Weight = 0.0
    """The guide by SMS."""
    misread: Weight = 0.0
    """What no command reads: answered with the usage."""
    multipart: Weight = 0.0
    """An inquiry of several segments."""
    unregistered: Weight = 0.0
    """From a number that the register does not know: refused."""
    abusive: Weight = 0.0
    """From one of few senders that are far over their quota: one notice, then silence."""


MIXES: Final = {
    "plain": Mix(keyword=1.0),
    "typical": Mix(
        keyword=50, citizen_id=22, typed=15, accents=3, page=1, other_id=1, help=2, misread=3, multipart=1, unregistered=2
    ),
    "hostile": Mix(
        keyword=15, citizen_id=5, typed=20, accents=5, page=5, other_id=10, help=2, misread=18, multipart=5, unregistered=10,
        abusive=5,
    ),
}  # fmt: skip
"""Mixes by name."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run. Open loop when `curve` is given, closed loop when `concurrency` is; never both."""

    curve: tuple[Point, ...] = ()
    """When inquiries are meant to be sent, whatever has become of earlier ones; from 0 to `duration_s`."""
    concurrency: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """So many inquiries are always unanswered: the next is sent when one is answered."""
    duration_s: Seconds
    """Seconds of sending, the warm-up included."""
    warmup_s: Seconds = 0.0
    """Seconds at the beginning that count in no figure but the verdict."""
    drain_s: Seconds = DRAIN_S
    """Seconds that are waited for answers after the last was sent."""
    mix: Mix = MIXES["typical"]
    quota_per_minute: Annotated[int, Meta(ge=0)] = QUOTA_PER_MINUTE
    """Senders that are not abusive keep it; 0 means that there is none."""
    seed: Annotated[int, Meta(ge=0)] = 1
    """Of what is drawn: kinds, typing, senders."""
    replies: Literal["right", "any"] = "right"
    """What is owed: the reply that follows from population and syntax; or, of an ESME that knows neither, one reply of any content."""
    share: Annotated[int, Meta(ge=0)] = 0
    """Which part of the senders is this SMSC's, of 0 … `shares` - 1. Its rate or concurrency is that part too."""
    shares: Annotated[int, Meta(ge=1, le=64)] = 1
    """How many SMSCs the senders are divided among."""

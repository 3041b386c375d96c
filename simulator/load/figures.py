"""What a load run found, second by second: counts that add up and histograms that can be merged, over seconds and SMSCs.

Latencies are in microseconds and begin when the inquiry was *meant* to be sent, in open loop, so that a service which stops
also delays what it kept from being sent in time (no coordinated omission). A second is that of the intended sending.
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

LATENCY_MAX_US: Final = 3_600_000_000
"""An hour: whatever takes longer counts as that."""
DIGITS: Final = 3
"""Significant digits of a latency."""
LAG_MAX_MS: Final = 100.0
"""A sender that is later than this by its own fault (it was not given the processor, or had too much to do) measures itself: the
run is void. A tenth of a second is well below what a threshold on latencies asks for, and above what a busy machine's scheduler
does to a process that is awake all the time."""


class Metric(enum.StrEnum):
    """What is measured of an inquiry, each since it was meant to be sent."""

    ACKNOWLEDGED = "acknowledged"
    """Until the ESME's deliver_sm_resp for the last of its segments."""
    FIRST = "first"
    """Until the first segment of the reply."""
    LAST = "last"
    """Until the last segment of the reply."""


class Verdict(enum.StrEnum):
    """What is said of an inquiry or a reply. Only RIGHT and SILENT are as they should be; BUSY is honest."""

    RIGHT = "right"
    """The reply that this sender was owed, octet by octet where it matters: text, encoding, number of segments, short code."""
    SILENT = "silent"
    """No reply, and none was owed: a sender over its quota who has had the notice."""
    BUSY = "busy"
    """The service said that it cannot answer now; honest, and no answer."""
    MISSING = "missing"
    """None came until the end."""
    TWICE = "twice"
    """The same reply once more."""
    UNASKED = "unasked"
    """A reply to a number that had asked nothing."""
    OTHER_PERSON = "other_person"
    """Text that another citizen was owed: the gravest of all."""
    OTHER_TEXT = "other_text"
    """Not the text that was owed; no other citizen's either."""
    REFUSED_WRONGLY = "refused_wrongly"
    """"Does not exist", where there is a record."""
    DISCLOSED_WRONGLY = "disclosed_wrongly"
    """A record, where there must be a refusal."""
    TRUNCATED = "truncated"
    """The beginning of what was owed, or segments are missing."""
    ENCODING = "encoding"
    """The right text in an encoding or a number of segments other than the cheapest, or in octets that say something else."""
    SENDER = "sender"
    """The right text from another short code."""
    NOT_TAKEN = "not_taken"
    """The ESME refused the inquiry for good, or never acknowledged it."""


GOOD: Final = frozenset({Verdict.RIGHT, Verdict.SILENT})
"""What is as it should be."""


class Preparing(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="preparing"):
    """How far the messages and the replies owed to them are made, before the run begins."""

    done: int
    of: int


class Second(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="second"):
    """What is known of the inquiries that were meant to be sent within one second, and what happened within it."""

    second: int
    """Since the start; 0 is the first."""
    intended: int = 0
    """Inquiries that were meant to be sent."""
    sent: int = 0
    """Inquiries whose first segment left within this second; the difference to `intended` waits for a window."""
    acknowledged: int = 0
    """Inquiries that were acknowledged within this second."""
    replies: int = 0
    """Whole replies that came within this second."""
    segments: int = 0
    """submit_sm that came within this second."""
    outstanding: int = 0
    """Inquiries without an answer at the end of this second."""
    lag_ms: float = 0.0
    """By how much the sender itself was late, at the worst."""
    cpu_s: float = 0.0
    """Processor time of the SMSC's process within this second."""
    verdicts: dict[Verdict, int] = {}
    """What was said within this second."""
    latencies: dict[Metric, str] = {}
    """Metric to histogram (HdrHistogram V2, compressed, base64), of what *ended* within this second; without the warm-up."""


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """One inquiry or reply that was not as it should be. Holds nothing of a person."""

    verdict: Verdict
    at_s: float
    """Seconds since the start."""
    kind: str
    """Of the message, as in `plan.Mix`; empty for a reply to nobody."""
    inquiry: int
    """Number of the inquiry in its SMSC's run, from 0; -1 when there was none."""
    what: str
    """What differs, in words, with lengths and places and without content."""


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="ended"):
    """The whole of one SMSC's run. Counts and histograms of the seconds add up to these."""

    inquiries: int
    verdicts: dict[Verdict, int]
    kinds: dict[str, int]
    """Inquiries of each kind."""
    latencies: dict[Metric, str]
    lag_ms: float
    void: str = ""
    """Why the run says nothing; empty when it does."""
    stopped: bool = False
    """It was ended before its time."""
    wrongs: list[Wrong] = []
    """The first of them."""


Happening = Preparing | Second | Ended
"""What a run tells while it goes on, a JSON object a line; `Ended` is the last."""

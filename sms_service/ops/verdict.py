"""Whether citizens are being answered, and if not, why: from the figures to one finding above all others.

Rule: a cause is told before its consequences, and what stops answers before what only slows them. So the findings have one order, that
of `RULES`, and each rule looks at the figures by itself. `sayings` has the words.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from sms_service.model import BindState
from sms_service.ops.figures import InstanceState
from sms_service.ops.overview import Overview, SmscOverview

WAITS_LONG_S: Final = 10.0
"""Age of the oldest unanswered inquiry: a citizen looks at the phone again, and texts a second time."""
STUCK_S: Final = 30.0
"""Age of the oldest unanswered inquiry: to the citizen there is no answer."""
SLOW_MS: Final = 5000.0
"""p95 of replies over a minute: above it an answer no longer feels like one."""
SLOW_MIN: Final = 20
"""Replies in the minute below which its p95 is chance."""
STILL_SLOW_S: Final = SLOW_MS / 2000
"""Age of the oldest unanswered inquiry below which a slow minute is past: half of what is slow."""
FULL_SHARE: Final = 0.95
"""Of the in-flight limit: beyond it acknowledgements are held."""
THROTTLED_SHARE: Final = 0.01
"""Throttled submit_sm to those taken, over a minute: below it an SMSC only smooths a burst."""
UNDELIVERABLE_SHARE: Final = 0.02
UNDELIVERABLE_MIN: Final = 5
"""Undeliverable replies in a minute: fewer are single numbers that are off."""


class Level(enum.StrEnum):
    """How much a finding matters."""

    WELL = "well"
    WARN = "warn"
    """Citizens are answered; somebody should look."""
    BAD = "bad"
    """Citizens, or some of them, are not answered."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that an operator should know."""

    level: Level
    code: str
    names: tuple[str, ...] = ()
    """Of what: SMSCs, or instances."""
    why: str = ""
    """The technical cause, in English, as logs have it."""
    count: float = 0.0
    seconds: float = 0.0


Rule = Callable[[Overview], Iterator[Finding]]


def judge(view: Overview) -> list[Finding]:
    """What is the matter, the worst first; one finding that all is well where nothing is."""
    found = [finding for rule in RULES for finding in rule(view)]
    found.sort(key=lambda finding: finding.level is not Level.BAD)  # stable: within a level the order of the rules
    return found or [_well(view)]


def _well(view: Overview) -> Finding:
    if not view.minute.finished:
        return Finding(Level.WELL, "quiet")
    return Finding(Level.WELL, "answering", count=view.minute.replied, seconds=(view.minute.p95_ms or 0.0) / 1000)


def _starting(view: Overview) -> Iterator[Finding]:
    if all(one.state in {InstanceState.STARTING, InstanceState.SILENT} for one in view.instances):
        waiting = next((part.why for part in view.parts if part.name == "start"), "")
        yield Finding(Level.BAD, "starting", why=waiting)


def _leaving(view: Overview) -> Iterator[Finding]:
    here = [one for one in view.instances if one.state is not InstanceState.SILENT]
    if all(one.state in {InstanceState.LEAVING, InstanceState.LEFT} for one in here):
        yield Finding(Level.BAD, "leaving")


def _part_down(name: str, level: Level) -> Rule:
    def rule(view: Overview) -> Iterator[Finding]:
        for part in view.parts:
            if part.name == name and part.everywhere:
                yield Finding(level, f"{name}_down", part.down_at, part.why)
            elif part.name == name and part.down_at:
                yield Finding(Level.WARN, f"{name}_down_at", part.down_at, part.why)

    return rule


def _drained(view: Overview) -> Iterator[Finding]:
    serving = [one for one in view.instances if one.state is InstanceState.SERVING]
    drained = tuple(one.instance for one in serving if one.orders.draining)
    if drained and len(drained) == len(serving):
        yield Finding(Level.BAD, "drained", drained)
    elif drained:
        yield Finding(Level.WARN, "drained_at", drained)


def _isolated(view: Overview) -> Iterator[Finding]:
    names = dict.fromkeys(name for one in view.instances for name in one.orders.isolated)
    if names:
        yield Finding(Level.WARN, "isolated", tuple(names))


def _smsc_stopped(view: Overview) -> Iterator[Finding]:
    if stopped := tuple(smsc.name for smsc in view.smscs if _stopped(smsc)):
        yield Finding(Level.WARN, "smsc_stopped", stopped)


def _stopped(smsc: SmscOverview) -> bool:
    """Whether nothing passes because operators have ordered so: every bind is down by order."""
    return bool(smsc.binds) and all(at.bind.state is BindState.STOPPED for at in smsc.binds)


def _smsc_down(view: Overview) -> Iterator[Finding]:
    serving = any(one.state is InstanceState.SERVING for one in view.instances)
    down = [smsc for smsc in view.smscs if not _passes(smsc) and not _stopped(smsc)]
    if serving and down:
        why = next((at.bind.why for smsc in down for at in smsc.binds if at.bind.why), "")
        code = "smsc_down" if len(down) < len(view.smscs) else "every_smsc_down"
        yield Finding(Level.BAD, code, tuple(smsc.name for smsc in down), why)


def _passes(smsc: SmscOverview) -> bool:
    """Whether messages come in and replies go out."""
    modes = {at.bind.mode for at in smsc.binds if at.bind.state is BindState.BOUND}
    return "trx" in modes or {"tx", "rx"} <= modes


def _smsc_deaf(view: Overview) -> Iterator[Finding]:
    """Somebody waits for long, and there are replies that this SMSC does not confirm: a bind that stands says nothing of it."""
    if view.oldest_s >= WAITS_LONG_S:
        deaf = tuple(smsc.name for smsc in view.smscs if smsc.bound and smsc.in_window and not smsc.segments)
        if deaf:
            yield Finding(Level.WARN, "smsc_deaf", deaf)


def _oldest(view: Overview) -> Iterator[Finding]:
    if view.oldest_s >= STUCK_S:
        yield Finding(Level.BAD, "stuck", count=_unanswered(view), seconds=view.oldest_s)
    elif view.oldest_s >= WAITS_LONG_S:
        yield Finding(Level.WARN, "waiting", count=_unanswered(view), seconds=view.oldest_s)


def _unanswered(view: Overview) -> int:
    return max(view.in_flight, view.backlog.unfinished if view.backlog else 0)


def _unreadable(view: Overview) -> Iterator[Finding]:
    if view.unreadable:
        yield Finding(Level.WARN, "unreadable", count=view.unreadable)


def _silent(view: Overview) -> Iterator[Finding]:
    silent = [one for one in view.instances if one.state is InstanceState.SILENT]
    if silent and not view.alone:
        longest = max(one.silent_s for one in silent)
        yield Finding(Level.WARN, "instance_silent", tuple(one.instance for one in silent), seconds=longest)


def _turned_away(view: Overview) -> Iterator[Finding]:
    ordered = any(one.orders.draining or one.orders.isolated for one in view.instances)
    if not ordered and (count := view.minute.turned_away.get("try_later")):
        yield Finding(Level.WARN, "turned_away", count=count)


def _full(view: Overview) -> Iterator[Finding]:
    full = view.in_flight_max and view.in_flight >= FULL_SHARE * view.in_flight_max
    if full or view.minute.turned_away.get("queue_full"):
        yield Finding(Level.WARN, "full", count=view.in_flight)


def _expired(view: Overview) -> Iterator[Finding]:
    if count := view.minute.endings.get("expired"):
        yield Finding(Level.WARN, "expired", count=count)


def _suspended(view: Overview) -> Iterator[Finding]:
    if count := view.minute.endings.get("suspended"):
        yield Finding(Level.WARN, "suspended", count=count)


def _undeliverable(view: Overview) -> Iterator[Finding]:
    count = view.minute.endings.get("undeliverable", 0)
    if count >= max(UNDELIVERABLE_MIN, UNDELIVERABLE_SHARE * view.minute.finished):
        yield Finding(Level.WARN, "undeliverable", count=count)


def _slow(view: Overview) -> Iterator[Finding]:
    p95 = view.minute.p95_ms
    still = STILL_SLOW_S <= view.oldest_s < WAITS_LONG_S  # beyond that it is told already
    if still and p95 is not None and p95 >= SLOW_MS and view.minute.finished >= SLOW_MIN:
        yield Finding(Level.WARN, "slow", seconds=p95 / 1000)


def _throttled(view: Overview) -> Iterator[Finding]:
    many = [smsc for smsc in view.smscs if smsc.throttled_minute > THROTTLED_SHARE * max(1.0, smsc.segments_minute)]
    if many:
        count = sum(smsc.throttled_minute for smsc in many)
        yield Finding(Level.WARN, "throttled", tuple(smsc.name for smsc in many), count=count)


def _binds_missing(view: Overview) -> Iterator[Finding]:
    for smsc in view.smscs:
        down = [at.bind for at in smsc.binds if at.bind.state not in {BindState.BOUND, BindState.STOPPED}]
        if down and _passes(smsc):
            why = next((bind.why for bind in down if bind.why), "")
            yield Finding(Level.WARN, "binds_missing", (smsc.name,), why, count=len(down))


def _alone(view: Overview) -> Iterator[Finding]:
    if view.alone:
        yield Finding(Level.WARN, "alone", (view.instance,), view.alone)


RULES: Final[tuple[Rule, ...]] = (
    _starting,
    _leaving,
    _part_down("journal", Level.BAD),
    _part_down("subscribers", Level.BAD),
    _part_down("population", Level.BAD),
    _smsc_down,
    _drained,
    _isolated,
    _smsc_stopped,
    _throttled,
    _smsc_deaf,
    _oldest,
    _silent,
    _turned_away,
    _expired,
    _suspended,
    _undeliverable,
    _full,
    _slow,
    _binds_missing,
    _unreadable,
    _part_down("redis", Level.WARN),
    _alone,
)
"""In the order in which findings are told."""

"""Who sends: how many senders a plan needs, and who may send next without going over their quota.

Nobody sends again before they are answered. The quota is kept so that no order of events can break it: a service counts an inquiry
after it was sent and before it is answered, so when inquiry n + quota is sent a period after the *answer* to inquiry n, no period
holds more than the quota, whenever the service says that one begins.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from itertools import count
from typing import Final, NamedTuple

from simulator.load.plan import Mix, Plan
from simulator.load.schedule import Schedule
from simulator.load.sender import Sender

PERIOD_S: Final = 60.0
"""Of the quota."""
ANSWERED_S: Final = 2.0
"""Seconds for which an answer may be awaited before the senders of an open loop run short, at the least."""
PATIENT_S: Final = 10.0
"""The same, where the population has so many."""
FASTEST_S: Final = 0.02
"""In closed loop: an answer is not expected sooner, so that a sender's quota lasts."""
MARGIN: Final = 1.05
"""More senders than the quota needs, because they do not all come back at the best moment."""
SENDERS_MAX: Final = 200_000
"""Of one SMSC: some 500 MB."""
NUMBERS_PER_CITIZEN: Final = 1.4
"""A little less than the population's average."""
ABUSE: Final = 2
"""An abusive sender sends so many times their quota, one right behind the other."""
ABUSE_S: Final = 30.0
"""Seconds within which they do, or give up: all of it must fall within one period, however late it is counted."""
ABUSE_REST_S: Final = 75.0
"""Seconds after which they begin anew: a period has passed for sure since the last was counted."""


class TooFewSenders(Exception):
    """The population is too small for the rate. The text says how large it would have to be."""


class Needs(NamedTuple):
    """How many senders a plan asks for."""

    least: int
    """With fewer it cannot be carried out within the quota."""
    wanted: int
    """With these it can be, even if the service makes them wait."""
    abusive: int
    """Besides."""


def needs(plan: Plan, schedule: Schedule | None) -> Needs:
    """The senders of a plan; `schedule` is that of its curve, None in closed loop."""
    mix, quota = plan.mix, plan.quota_per_minute
    abuse = mix.abusive / (total_weight(mix) or 1.0)
    if schedule is None:
        least = plan.concurrency
        answers = PERIOD_S / (quota * FASTEST_S) if quota else 1.0
        wanted = math.ceil(least * (1 + answers))
        rate = plan.concurrency / FASTEST_S
    else:
        rate = schedule.peak
        by_quota = schedule.busiest(PERIOD_S) / quota * MARGIN if quota else 0.0
        least = math.ceil(max(by_quota, rate * ANSWERED_S) * (1 - abuse))
        wanted = math.ceil(max(by_quota, rate * PATIENT_S) * (1 - abuse))
    abusive = 0
    if abuse:
        abusive = 2 + math.ceil(rate * abuse * (ABUSE_S + ABUSE_REST_S) / (ABUSE * (quota or 1)))
    return Needs(max(1, least), min(max(1, wanted), SENDERS_MAX), min(abusive, SENDERS_MAX))


def check_enough(plan: Plan, found: Needs, citizens: int) -> None:
    """See that a population of so many citizens has the senders.

    Raises:
        TooFewSenders: see there.
    """
    if found.least > SENDERS_MAX:
        raise TooFewSenders(
            f"{found.least} senders are needed, and one SMSC has at most {SENDERS_MAX}: divide the load among more SMSCs"
        )
    total = total_weight(plan.mix)
    registered = 1 - (plan.mix.unregistered / (total - plan.mix.abusive) if total > plan.mix.abusive else 0.0)
    senders = math.ceil(found.least * registered) + found.abusive
    needed = math.ceil(senders / NUMBERS_PER_CITIZEN) * plan.shares
    if needed > citizens:
        limit = f"{plan.quota_per_minute} inquiries a minute of a sender" if plan.quota_per_minute else "no quota"
        raise TooFewSenders(
            f"the load needs {senders * plan.shares} senders ({limit}, none asks again while unanswered), "
            f"which are those of {needed} citizens; the population has {citizens}"
        )


def total_weight(mix: Mix) -> float:
    """The sum of a mix's weights."""
    return math.fsum(weights(mix).values())


def weights(mix: Mix) -> dict[str, float]:
    """A mix's weights by kind; those of zero are left out."""
    return {kind: weight for kind in mix.__struct_fields__ if (weight := getattr(mix, kind))}


History = Mapping[str, list[float]]
"""By msisdn: when they were last answered, oldest first, of at most a quota's number."""


class Queue:
    """Those who may send, the one who has waited longest first.

    Args:
        senders: all of them.
        quota: inquiries in PERIOD_S; 0 for no limit.
        history: of an earlier run.
        now: monotonic seconds.
    """

    def __init__(self, senders: Iterable[Sender], quota: int, history: History, now: float) -> None:
        self._quota = quota
        self._ready: deque[Sender] = deque()
        self._resting: list[tuple[float, int, Sender]] = []
        self._ties = count()
        for sender in senders:
            sender.answers = list(history.get(sender.msisdn, ()))[-quota:] if quota else []
            self._put(sender, now)

    @property
    def resting(self) -> int:
        """Those who have used up their quota."""
        return len(self._resting)

    def take(self, now: float) -> Sender | None:
        """Who sends next; None when all are unanswered, or have used up their quota."""
        while self._resting and self._resting[0][0] <= now:
            self._ready.append(heappop(self._resting)[2])
        return self._ready.popleft() if self._ready else None

    def answered(self, sender: Sender, now: float) -> None:
        """A sender that was taken has been answered."""
        if self._quota:
            answers = sender.answers
            if len(answers) >= self._quota:
                del answers[0]
            answers.append(now)
        self._put(sender, now)

    def _put(self, sender: Sender, now: float) -> None:
        answers = sender.answers
        free_at = answers[0] + PERIOD_S if self._quota and len(answers) >= self._quota else now
        if free_at > now:
            heappush(self._resting, (free_at, next(self._ties), sender))
        else:
            self._ready.append(sender)


def history(senders: Iterable[Sender], now: float) -> dict[str, list[float]]:
    """What the next run must know of these senders."""
    return {
        sender.msisdn: sender.answers
        for sender in senders
        if sender.answers and sender.answers[-1] > now - ABUSE_REST_S
    }

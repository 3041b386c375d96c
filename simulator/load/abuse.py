"""Senders far over their quota: each sends many times it in one go, is owed that many replies, one notice, and then nothing.

Which of a spree's messages a reply answers cannot be told, for all are owed the same; so a spree is judged as a whole, and has no
latencies.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from simulator.load.assembly import Whole
from simulator.load.figures import Verdict
from simulator.load.sender import Sender
from simulator.load.senders import ABUSE, ABUSE_REST_S, ABUSE_S, History
from simulator.load.verdict import Judge, Said

SETTLE_S: Final = 10.0
"""Seconds after a spree's last message for which its replies are waited for."""


class Spree:
    """What one sender sends in one go, and what came back."""

    def __init__(self, sender: Sender, began: float) -> None:
        self.sender = sender
        self.began = began
        self.ended = began
        self.sent = 0
        self.answered = 0
        self.notices = 0


class Abuse:
    """The sprees of a run.

    Args:
        senders: who take turns.
        quota: inquiries that are answered in a period; nobody can abuse a service without one.
        judge: see there.
        history: of an earlier run, in which they may have been others.
    """

    def __init__(self, senders: Sequence[Sender], quota: int, judge: Judge, history: History) -> None:
        rested = [(answers[-1] + ABUSE_REST_S if (answers := history.get(one.msisdn)) else 0.0, one) for one in senders]
        self._rested = deque(sorted(rested, key=lambda pair: pair[0]))
        self._quota = quota
        self._judge = judge
        self._open: dict[str, Spree] = {}
        self._current: Spree | None = None

    def __len__(self) -> int:
        """Sprees that are not judged yet."""
        return len(self._open)

    def next(self, now: float) -> Sender | None:
        """Who sends now; None when all of them rest."""
        spree = self._current
        if spree is not None and (spree.sent >= ABUSE * self._quota or now - spree.began > ABUSE_S):
            spree = self._current = None
        if spree is None:
            if not self._rested or self._rested[0][0] > now:
                return None
            _, sender = self._rested.popleft()
            spree = self._current = self._open[sender.msisdn] = Spree(sender, now)
        spree.sent += 1
        spree.ended = now
        return spree.sender

    def arrived(self, sender: Sender, arrival: Whole) -> Said:
        """A reply to one of them."""
        spree = self._open.get(sender.msisdn)
        if spree is None:
            return self._judge.unasked(sender, arrival)
        if self._judge.is_notice(arrival):
            spree.notices += 1
            return Said(Verdict.RIGHT) if spree.notices == 1 else Said(Verdict.TWICE, "one more notice of the quota")
        said = self._judge.judge(sender, arrival)
        if said.verdict is Verdict.RIGHT:
            spree.answered += 1
            if spree.answered > self._quota:
                return Said(Verdict.OTHER_TEXT, f"answer {spree.answered}, where the quota is {self._quota}")
        return said

    def over(self) -> None:
        """Nothing more is sent."""
        self._current = None

    def judged(self, now: float, *, all_of_them: bool = False) -> list[tuple[Said, int]]:
        """What is to be said of sprees that are over, and of how many messages."""
        over = [
            spree
            for spree in self._open.values()
            if all_of_them or (spree is not self._current and now - spree.ended > SETTLE_S)
        ]
        said: list[tuple[Said, int]] = []
        for spree in over:
            del self._open[spree.sender.msisdn]
            spree.sender.answers = [spree.ended] * self._quota  # used up, whoever it is in the next run
            self._rested.append((spree.ended + ABUSE_REST_S, spree.sender))
            missing = min(spree.sent, self._quota) - spree.answered
            if missing > 0:
                said.append((Said(Verdict.MISSING, "of a sender that was not over its quota yet"), missing))
            if spree.sent > self._quota:
                if not spree.notices:
                    said.append((Said(Verdict.MISSING, "the notice of a quota used up"), 1))
                if silent := spree.sent - self._quota - 1:
                    said.append((Said(Verdict.SILENT), silent))
        if all_of_them:
            self._current = None
        return said

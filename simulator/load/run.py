"""A load run as the SMSC carries it out: messages leave when they are due, replies are judged as they come.

Open loop: an inquiry is due when its plan says so, whatever has become of earlier ones, and its latencies begin then. Closed loop: one
is due when another was answered. Everything happens in batches, at a tick or when the SMSC has read something; there is no task and no
future for a message. What the run itself is late by is measured at each tick, and voids it beyond a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from random import Random
from typing import Final, Protocol

from simulator.load.abuse import Abuse
from simulator.load.assembly import Assembly
from simulator.load.figures import LAG_MAX_MS, Ended, Metric, Second, Verdict
from simulator.load.inquiry import Inquiry
from simulator.load.plan import Plan
from simulator.load.schedule import Schedule
from simulator.load.sender import Sender
from simulator.load.senders import History, Queue, total_weight
from simulator.load.tally import Tally
from simulator.load.verdict import Judge, Said
from simulator.smsc.backlog import WAITING_MAX, Delivery
from simulator.smsc.watcher import Settled, Submitted
from sms_service.sms import Alphabet

TICK_S: Final = 0.005
"""Seconds between two looks at what is due: a message leaves at most so much late."""
BACKLOG_MAX: Final = WAITING_MAX // 2
"""Segments that may wait in the SMSC for windows. What is due beyond that stays due; its latencies have begun."""
BATCH_MAX: Final = 20_000
"""Inquiries that leave at one tick: what a pause has left undone is made up for in several."""
LISTEN_S: Final = 1.0
"""Seconds for which a run listens on when every inquiry is answered: what comes twice comes soon."""


class Smsc(Protocol):
    """What the run needs of a `Center`."""

    def now(self) -> float:
        """Monotonic seconds."""

    def offer(self, short_code: str, deliveries: Sequence[Delivery]) -> bool:
        """See `Center.offer`."""

    def waiting(self) -> int:
        """See `Center.waiting`."""

    def withdraw(self) -> int:
        """See `Center.withdraw`."""


class Run:
    """One run. It is its SMSC's watcher from the first tick to the end.

    Args:
        plan: what is asked for.
        schedule: of its curve, already of this SMSC's share; None in closed loop.
        senders: all, the abusive among them.
        queue: those who are not abusive.
        judge: of the same senders.
        smsc: carries it out.
        alphabet: what data_coding 0 means.
        history: of an earlier run.
    """

    def __init__(
        self,
        plan: Plan,
        schedule: Schedule | None,
        *,
        senders: Sequence[Sender],
        queue: Queue,
        judge: Judge,
        smsc: Smsc,
        alphabet: Alphabet,
        history: History,
    ) -> None:
        self._plan = plan
        self._schedule = schedule
        self._concurrency = _share(plan.concurrency, plan.share, plan.shares)
        self._by_msisdn = {sender.msisdn: sender for sender in senders}
        self._short_code = senders[0].owed.short_code
        self._queue = queue
        self._judge = judge
        self._smsc = smsc
        self._assembly = Assembly(alphabet)
        self._tally = Tally()
        abusers = [sender for sender in senders if sender.abusive]
        self._abuse = Abuse(abusers, plan.quota_per_minute, judge, history)
        self._abuse_share = (
            plan.mix.abusive / (total_weight(plan.mix) or 1.0) if abusers and plan.quota_per_minute else 0.0
        )
        self._dice = Random(plan.seed)  # noqa: S311 - a load is no secret
        self._open: set[Inquiry] = set()
        self._began: float | None = None
        self._ticked_at = 0.0
        self._numbers = 0
        self._due_taken = 0
        self._due_told = 0
        self._seconds = 0
        self._stopped = False
        self._drain_until: float | None = None
        self._quiet_since: float | None = None
        self._lacked = ""
        self._void = ""
        self.late: list[str] = []
        """Numbers to which an answer may still come when the run has ended."""

    @property
    def outstanding(self) -> int:
        """Inquiries without an answer, those of abusive senders aside."""
        return len(self._open)

    def stop(self) -> None:
        """Send no more. The run ends when what is on its way is answered, or the time for that is over."""
        self._stopped = True

    def give_up(self) -> None:
        """End now: nobody waits for the last replies any more."""
        self._stopped = True
        self._drain_until = float("-inf")

    def tick(self) -> list[Second | Ended]:
        """Send what is due. Returns the seconds that are over, and the end when it has come; then it is over."""
        now = self._smsc.now()
        if self._began is None:
            self._began = self._ticked_at = now
        self._tally.lag_s = max(self._tally.lag_s, now - self._ticked_at - TICK_S)
        self._ticked_at = now
        elapsed = now - self._began
        self._send_due(now, elapsed)
        if self._drain_until is None and (self._stopped or elapsed >= self._plan.duration_s):
            self._drain_until = now + self._plan.drain_s
        if self._drain_until is not None and not self._unsent():
            self._abuse.over()
        self._say_all(self._abuse.judged(now), elapsed)
        happenings: list[Second | Ended] = []
        while elapsed >= self._seconds + 1:
            happenings.append(self._second(self._seconds + 1))
        if self._drain_until is not None and (now >= self._drain_until or self._is_quiet(now)):
            happenings += self._end(now, elapsed)
        return happenings

    def _is_quiet(self, now: float) -> bool:
        """Whether everything has been answered, for LISTEN_S."""
        if self._open or self._abuse or self._unsent():
            self._quiet_since = None
            return False
        if self._quiet_since is None:
            self._quiet_since = now
        return now - self._quiet_since >= LISTEN_S

    def _unsent(self) -> int:
        """Inquiries of the schedule that were never sent."""
        return 0 if self._schedule is None or self._stopped else self._schedule.total - self._due_taken

    def _second(self, until: float) -> Second:
        """Close the second that ends so many seconds after the start."""
        if self._schedule is not None and not self._stopped:
            due = self._schedule.due(until)
            self._tally.intended, self._due_told = due - self._due_told, due
        second = self._tally.second(self._seconds, len(self._open))
        self._seconds += 1
        return second

    # What the SMSC tells; see `Watcher`.

    def settled(self, deliveries: Sequence[Settled], now: float) -> None:
        """See `Watcher`."""
        acknowledged = self._tally.latencies[Metric.ACKNOWLEDGED]
        for inquiry, status in deliveries:
            if not isinstance(inquiry, Inquiry):
                continue
            if status:
                self._not_taken(inquiry, f"command_status {status:#010x}", now)
            elif status is None:
                self._not_taken(inquiry, "never acknowledged", now)
            else:
                inquiry.unacknowledged -= 1
                if not inquiry.unacknowledged:
                    self._tally.acknowledged += 1
                    if inquiry.counted:
                        acknowledged.add(now - inquiry.intended)

    def submitted(self, segments: Sequence[Submitted], now: float) -> Sequence[Submitted]:
        """See `Watcher`."""
        rest = []
        for segment in segments:
            msisdn, pdu = segment
            sender = self._by_msisdn.get(msisdn)
            if sender is None:
                rest.append(segment)
                continue
            self._tally.segments += 1
            inquiry = sender.inquiry
            if inquiry is not None:
                if inquiry.first_at is None:
                    inquiry.first_at = now
                owed = sender.owed
                if (
                    pdu.short_message == owed.single
                    and pdu.data_coding == owed.data_coding
                    and not pdu.esm_class
                    and pdu.source_addr == owed.short_code
                ):
                    self._tally.right()
                    self._answered(inquiry, owed.text, now)
                    continue
            arrival = self._assembly.add(msisdn, pdu)
            if arrival is None:
                continue
            if sender.abusive:
                said = self._abuse.arrived(sender, arrival)
            elif inquiry is None:
                said = self._judge.unasked(sender, arrival)
            else:
                said = self._judge.judge(sender, arrival)
                self._answered(inquiry, arrival.text, now)
            self._say(said, sender, inquiry, now)
        return rest

    # Sending.

    def _send_due(self, now: float, elapsed: float) -> None:
        if self._stopped or self._smsc.waiting() > BACKLOG_MAX:
            return
        deliveries: list[Delivery] = []
        if self._schedule is None:
            missing = self._concurrency - len(self._open) if elapsed < self._plan.duration_s else 0
            for _ in range(missing):
                if not self._send_one(now, now, deliveries):
                    self._lacks_sender(elapsed, 0.0)
                    break
                self._tally.intended += 1
        else:
            began = now - elapsed
            due = min(self._schedule.due(elapsed), self._due_taken + BATCH_MAX)
            for moment in self._schedule.moments(self._due_taken, due):
                if not self._send_one(began + moment, now, deliveries):
                    self._lacks_sender(elapsed, elapsed - moment)
                    break
                self._due_taken += 1
        if deliveries and not self._smsc.offer(self._short_code, deliveries):
            self._void = f"{elapsed:.1f} s after the start the SMSC had no room for {len(deliveries)} segments: it lost them itself"

    def _lacks_sender(self, elapsed: float, late_s: float) -> None:
        """Nobody may send. If it is because all are unanswered, it is the service's fault, and is measured; else it is ours."""
        if self._lacked or not self._queue.resting or (self._schedule is not None and late_s * 1000 <= LAG_MAX_MS):
            return
        self._lacked = (
            f"{elapsed:.1f} s after the start nobody was left to send within {self._plan.quota_per_minute} inquiries a minute: "
            f"{len(self._open)} senders were unanswered, {self._queue.resting} had used up their quota; "
            "the load needs more citizens"
        )

    def _send_one(self, intended: float, now: float, deliveries: list[Delivery]) -> bool:
        """Make the deliveries of one inquiry; False when nobody may send."""
        sender = None
        if self._abuse_share and self._dice.random() < self._abuse_share:
            sender = self._abuse.next(now)
        abusive = sender is not None
        if sender is None:  # also when all abusers rest: the rate is kept
            sender = self._queue.take(now)
        if sender is None:
            return False
        messages = sender.messages()
        assert self._began is not None  # set by the first tick, which sends
        counted = not abusive and intended - self._began >= self._plan.warmup_s
        inquiry = Inquiry(self._numbers, sender, intended, len(messages), counted=counted)
        self._numbers += 1
        self._tally.sent += 1
        self._tally.kinds[sender.kind] += 1
        if not abusive:
            sender.inquiry = inquiry
            self._open.add(inquiry)
        deliveries += [Delivery(message, now, inquiry) for message in messages]
        return True

    # Judging.

    def _answered(self, inquiry: Inquiry, text: str, now: float) -> None:
        tally, sender = self._tally, inquiry.sender
        self._open.discard(inquiry)
        sender.inquiry = None
        sender.last = text
        self._queue.answered(sender, now)
        tally.replies += 1
        if inquiry.counted:
            first = inquiry.first_at if inquiry.first_at is not None else now
            tally.latencies[Metric.FIRST].add(first - inquiry.intended)
            tally.latencies[Metric.LAST].add(now - inquiry.intended)

    def _not_taken(self, inquiry: Inquiry, what: str, now: float) -> None:
        sender = inquiry.sender
        if sender.inquiry is not inquiry:
            return  # answered in spite of it, or of an abusive sender, whose spree misses a reply
        self._open.discard(inquiry)
        sender.inquiry = None
        self._queue.answered(sender, now)
        self._say(Said(Verdict.NOT_TAKEN, what), sender, inquiry, now)

    def _say(self, said: Said, sender: Sender, inquiry: Inquiry | None, now: float) -> None:
        number = -1 if inquiry is None else inquiry.number
        self._tally.say(said, at_s=now - (self._began or 0.0), kind=sender.kind, inquiry=number)

    def _say_all(self, said: Sequence[tuple[Said, int]], elapsed: float) -> None:
        for one, times in said:
            self._tally.say(one, at_s=elapsed, kind="abusive", times=times)

    def _end(self, now: float, elapsed: float) -> list[Second | Ended]:
        self.late = [inquiry.sender.msisdn for inquiry in self._open]
        self._smsc.withdraw()
        opened = set(self.late)
        for inquiry in sorted(self._open, key=lambda one: one.number):
            self._say(self._given_up(inquiry), inquiry.sender, inquiry, now)
            inquiry.sender.inquiry = None
        self._judge_leftovers(now, opened)
        self._say_all(self._abuse.judged(now, all_of_them=True), elapsed)
        if unsent := self._unsent():
            self._tally.never_sent(Said(Verdict.NOT_TAKEN, "never sent: nobody could send"), elapsed, unsent)
        second = self._second(max(elapsed, self._plan.duration_s))
        self._open.clear()
        lag_ms = self._tally.lag_max_s * 1000
        void = self._void or self._lacked
        if lag_ms > LAG_MAX_MS:
            void = f"the simulator itself was late by {lag_ms:.0f} ms, more than {LAG_MAX_MS:.0f}: it measured itself"
        return [second, self._tally.ended(void=void, stopped=self._stopped)]

    def _judge_leftovers(self, now: float, opened: AbstractSet[str]) -> None:
        """Segments that became no reply: of an inquiry that is open they are told with it, of others nobody asked for them."""
        for msisdn, pieces in self._assembly.leftovers():
            sender = self._by_msisdn.get(msisdn)
            if sender is not None and msisdn not in opened and not sender.abusive:
                self._say(self._judge.pieces(sender, pieces), sender, None, now)

    def _given_up(self, inquiry: Inquiry) -> Said:
        if inquiry.unacknowledged:
            return Said(Verdict.NOT_TAKEN, f"{inquiry.unacknowledged} of its segments never acknowledged")
        came, total = self._assembly.incomplete(inquiry.sender.msisdn)
        return Said(Verdict.TRUNCATED, f"{came} of {total} segments") if came else Said(Verdict.MISSING, "no reply")


def _share(whole: int, share: int, shares: int) -> int:
    """That part of a whole number; the parts add up to it."""
    return whole // shares + (share < whole % shares)

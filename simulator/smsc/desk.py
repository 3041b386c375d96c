"""Where submit_sm are taken: each is accepted or refused, and answered now, later or never, as the faults in force say."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.smsc.answers import Answers, HeldAnswers, give
from simulator.smsc.injector import Injector, Judged
from simulator.smsc.link import Link
from simulator.smsc.magic import ANSWER_LATE_S
from simulator.smsc.submissions import Outcome, SubmissionCounts, Submissions
from sms_service.smpp import SubmitSm


class Desk:
    """Takes what links bring.

    Args:
        injector: the faults.
        first_id: see `Submissions`.
    """

    def __init__(self, injector: Injector, first_id: int) -> None:
        self._injector = injector
        self._submissions = Submissions(first_id)
        self._held = HeldAnswers()

    @property
    def counts(self) -> SubmissionCounts:
        """What became of all of them."""
        return self._submissions.counts

    def take(self, link: Link, pdus: Sequence[SubmitSm], now: float, wall: float) -> Outcome:
        """Take what came over a bind together. The answers are queued on the link, or kept back.

        Args:
            link: of an account.
            pdus: what came.
            now: monotonic seconds.
            wall: seconds of the epoch, for receipts.
        """
        assert link.account is not None  # the session lets nothing pass before the bind
        judged = self._injector.judge(link.account, pdus, now)
        outcome = self._submissions.take(link.account, judged.taken, wall=wall)
        self._answer(link, judged, outcome, now)
        return outcome

    def release(self, now: float) -> None:
        """Give the answers that were kept back for long enough."""
        self._held.release(now)

    def _answer(self, link: Link, judged: Judged, outcome: Outcome, now: float) -> None:
        answers = Answers(outcome.confirmed, outcome.refused)
        if judged.unanswered or judged.late or judged.refused:
            silent = judged.unanswered | judged.late
            late = [answer for answer in outcome.confirmed if answer[0] in judged.late]
            self._held.hold(link, Answers(late, ()), now + ANSWER_LATE_S)
            at_once = [answer for answer in outcome.confirmed if answer[0] not in silent]
            answers = Answers(at_once, [*outcome.refused, *judged.refused])
        delay_s = self._injector.answer_delay_s()
        if judged.cut:
            link.cut()
        elif delay_s:
            self._held.hold(link, answers, now + delay_s)
        else:
            give(link, answers)

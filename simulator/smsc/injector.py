"""Decides what goes wrong, by the faults in force and the magic of numbers. It draws and counts, and touches no connection.

While nothing is to go wrong, it costs a look a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import msgspec

from simulator.smsc.accounts import Account
from simulator.smsc.faults import Faults
from simulator.smsc.magic import PREFIX, STATUS_LAST, Case, code_of
from sms_service.smpp import CommandStatus, SubmitSm, SubmitSmResp

MAGIC_OPEN_MAX: Final = 10_000
"""Magic numbers whose first submit_sm has been failed and whose next is awaited: one for each of a case's free digits."""
BURST_S: Final = 1.0
"""Seconds of an account's rate that it may use at once."""


@dataclass
class Judged:
    """What becomes of submit_sm that came together."""

    taken: Sequence[SubmitSm]
    refused: list[SubmitSmResp] = field(default_factory=list)
    """Answers to those that are not taken."""
    unanswered: set[int] = field(default_factory=set)
    """sequence_number of those of `taken` that are not answered."""
    late: set[int] = field(default_factory=set)
    """sequence_number of those of `taken` that are answered after ANSWER_LATE_S."""
    cut: bool = False
    """The connection breaks now."""


class FaultCounts(msgspec.Struct):
    """What was done wrong on purpose since the start."""

    binds_refused: int = 0
    throttled: int = 0
    submits_refused: int = 0
    answers_lost: int = 0
    answers_unheard: int = 0
    duplicates: int = 0
    odd_pdus: int = 0
    cuts: int = 0


class Injector:
    """The faults in force and the dice.

    Args:
        seed: of every draw.
    """

    def __init__(self, seed: int = 0) -> None:
        self.faults = Faults()
        self.counts = FaultCounts()
        self.random = Random(seed)  # noqa: S311 - a seeded fault is no secret
        self._allowances: dict[str, tuple[float, float]] = {}  # by account: submit_sm that may come, as of when
        self._failed_once: dict[str, None] = {}

    @property
    def disturbs(self) -> bool:
        """Whether anything is done to deliver_sm as they leave."""
        faults = self.faults
        return faults.disorder or faults.noise_rate > 0 or faults.duplicate_rate > 0

    def judge(self, account: Account, pdus: Sequence[SubmitSm], now: float) -> Judged:
        """Say what becomes of these submit_sm of an account."""
        faults = self.faults
        judged = Judged(pdus)
        if any(pdu.destination_addr.startswith(PREFIX) for pdu in pdus):
            judged.taken = [pdu for pdu in pdus if self._pass_magic(pdu, judged)]
        if faults.submit_error_rate:
            judged.taken = [pdu for pdu in judged.taken if not self._refuse_some(pdu, judged)]
        if faults.submit_per_second:
            allowed = self._allow(account, len(judged.taken), now)
            over, judged.taken = judged.taken[allowed:], judged.taken[:allowed]
            judged.refused += [_answer(pdu, CommandStatus.ESME_RTHROTTLED) for pdu in over]
            self.counts.throttled += len(over)
        if faults.answer_loss_rate:
            lost = [pdu.sequence_number for pdu in judged.taken if self.random.random() < faults.answer_loss_rate]
            judged.unanswered.update(lost)
            self.counts.answers_lost += len(lost)
        return judged

    def answer_delay_s(self) -> float:
        """How long the next answers to submit_sm wait."""
        faults = self.faults
        return (faults.answer_delay_ms + faults.answer_jitter_ms * self.random.random()) / 1000

    def cut(self, seconds: float) -> bool:
        """Whether a connection breaks within so many seconds from now."""
        return self._counted("cuts", self.random.random() < self.faults.cuts_per_minute / 60 * seconds)

    def duplicates(self) -> bool:
        """Whether the next deliver_sm is sent twice."""
        return self._counted("duplicates", self.random.random() < self.faults.duplicate_rate)

    def noisy(self) -> bool:
        """Whether an odd PDU comes before the next deliver_sm."""
        return self._counted("odd_pdus", self.random.random() < self.faults.noise_rate)

    def _counted(self, name: str, happens: bool) -> bool:
        if happens:
            setattr(self.counts, name, getattr(self.counts, name) + 1)
        return happens

    def _refuse_some(self, pdu: SubmitSm, judged: Judged) -> bool:
        if self.random.random() >= self.faults.submit_error_rate:
            return False
        judged.refused.append(_answer(pdu, self.faults.submit_status))
        self.counts.submits_refused += 1
        return True

    def _pass_magic(self, pdu: SubmitSm, judged: Judged) -> bool:
        """Whether the submit_sm is taken, as far as its destination's magic goes."""
        code = code_of(pdu.destination_addr)
        if 0 < code <= STATUS_LAST:
            if pdu.destination_addr in self._failed_once:
                del self._failed_once[pdu.destination_addr]
                return True
            if len(self._failed_once) >= MAGIC_OPEN_MAX:
                del self._failed_once[next(iter(self._failed_once))]
            self._failed_once[pdu.destination_addr] = None
            judged.refused.append(_answer(pdu, code))
            self.counts.submits_refused += 1
            return False
        if code == Case.ANSWER_LOST:
            judged.unanswered.add(pdu.sequence_number)
            self.counts.answers_lost += 1
        elif code == Case.ANSWER_LATE:
            judged.late.add(pdu.sequence_number)
        elif code == Case.CUT_BEFORE_ANSWER and pdu.destination_addr not in self._failed_once:
            self._failed_once[pdu.destination_addr] = None
            judged.cut = True
        return True

    def _allow(self, account: Account, wanted: int, now: float) -> int:
        """How many of `wanted` submit_sm the account's rate lets through now."""
        rate = self.faults.submit_per_second
        left, since = self._allowances.get(account.system_id, (rate * BURST_S, now))
        left = min(max(rate * BURST_S, 1.0), left + (now - since) * rate)
        allowed = min(wanted, int(left))
        self._allowances[account.system_id] = (left - allowed, now)
        return allowed


def _answer(pdu: SubmitSm, status: int) -> SubmitSmResp:
    return SubmitSmResp(sequence_number=pdu.sequence_number, command_status=status)

"""The search for the highest rate at which a service keeps its objective: double or halve until one holds and one does not, then bisect.

A trial is a run of its own with a warm-up, at one rate. It passes when the objective and the defaults hold (no reply wrong or
missing) and the service kept up: nearly as many replies a second as inquiries were intended. A trial in which the simulator itself
lagged is no evidence against the service: the search goes no higher than that, and says so. What is between the highest that passed
and the lowest that did not is told as it is, not interpolated.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from simulator.load.outcome import Exit, Outcome

FIRST_RATE: Final = 100.0
"""Inquiries a second of the first trial unless it is given."""
RATE_MIN: Final = 1.0
"""A service that does not keep its objective at one a second is not searched further."""
TRIALS_MAX: Final = 12
"""From 100 a second: five to 1,600 and seven halvings, or what comes to it."""
TOLERANCE: Final = 0.05
"""The search ends when the lowest rate that failed is no more than a twentieth above the highest that passed: runs differ by as much."""
VOID_AGAIN: Final = 2
"""Times that a trial is made again that says nothing: one hiccup of the machine is no bound."""
KEPT_UP: Final = 0.95
"""Replies a second that a trial must have, of those intended."""


class Ending(enum.StrEnum):
    """Why a search ended."""

    FOUND = "found"
    """Passed and failed lie close together."""
    TRIALS = "trials"
    """As many trials were made as are allowed."""
    LIMIT = "limit"
    """The highest rate that was to be tried passed."""
    SIMULATOR = "simulator"
    """Above the highest that passed the simulator lagged, or refused: it is the limit, not the service."""
    NONE = "none"
    """Not even the lowest rate passed."""
    LOST = "lost"
    """The simulator was lost."""
    STOPPED = "stopped"
    """It was interrupted."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a search."""

    name: str
    rate_per_s: float
    """Intended."""
    passed: bool
    why: str
    """What was so, in words."""
    outcome: Outcome | None
    """None when the simulator refused the load."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, with its evidence."""

    format: str = "sms-load-search/1"
    objective: list[str]
    ending: Ending
    sustained_per_s: float | None
    """The highest rate that passed."""
    failed_per_s: float | None
    """The lowest that did not; None when none failed."""
    trials: list[Trial]


class RefusedLoad(Exception):
    """The simulator cannot carry out a trial: too few senders, say. The text is its reason."""


class LostSimulator(Exception):
    """The simulator does not answer any more. The text says which and why."""


RunTrial = Callable[[float, str], Awaitable[Outcome]]
"""Runs at a rate, under a name; raises `RefusedLoad` and `LostSimulator`."""


class Search:
    """One search.

    Args:
        run: see there.
        first: rate of the first trial.
        highest: the search goes no higher.
        trials: no more than so many.
        told: takes a line about each trial that is over.
    """

    def __init__(
        self,
        run: RunTrial,
        *,
        first: float,
        highest: float,
        trials: int = TRIALS_MAX,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._run = run
        self._first = min(first, highest)
        self._highest = highest
        self._trials_max = trials
        self._told = told
        self._trials: list[Trial] = []
        self._passed: float | None = None
        self._failed: float | None = None
        self._simulator_failed = False

    async def search(self, objective: list[str]) -> Found:
        """Search.

        Raises:
            LostSimulator: in the first trial; later the search ends with what it has.
        """
        rate: float | None = self._first
        ending = Ending.TRIALS
        while rate is not None and len(self._trials) < self._trials_max:
            try:
                trial = await self._try(rate)
            except LostSimulator as error:
                if not self._trials:
                    raise
                self._told(f"the search ends here: {error}")
                ending = Ending.LOST
                break
            if trial.outcome is not None and trial.outcome.stopped:
                ending = Ending.STOPPED
                break
            self._learn(trial)
            rate = self._next()
        else:
            if rate is None:
                ending = self._why_over()
        return Found(
            objective=objective,
            ending=ending,
            sustained_per_s=self._passed,
            failed_per_s=self._failed,
            trials=self._trials,
        )

    async def _try(self, rate: float) -> Trial:
        name = f"trial {len(self._trials) + 1} at {rate:,g}/s"
        try:
            outcome = await self._run(rate, name)
            for _ in range(VOID_AGAIN):
                if not outcome.void or outcome.stopped:
                    break
                self._told(f"{name}: void: {'; '.join(outcome.void)}; once more")
                outcome = await self._run(rate, name)
        except RefusedLoad as error:
            trial = Trial(name=name, rate_per_s=rate, passed=False, why=f"refused: {error}", outcome=None)
        else:
            why = _why_not(outcome)
            trial = Trial(name=name, rate_per_s=rate, passed=not why, why=why or "passed", outcome=outcome)
        self._trials.append(trial)
        self._told(f"{name}: {trial.why}")
        return trial

    def _learn(self, trial: Trial) -> None:
        rate = trial.rate_per_s
        if trial.passed:
            self._passed = rate if self._passed is None else max(self._passed, rate)
        else:
            is_simulator = trial.outcome is None or trial.outcome.exit_code is Exit.VOID
            self._simulator_failed = is_simulator
            self._failed = rate if self._failed is None else min(self._failed, rate)

    def _next(self) -> float | None:
        """The rate to be tried next; None when there is none."""
        if self._passed is None:
            assert self._failed is not None
            return max(RATE_MIN, self._failed / 2) if self._failed > RATE_MIN else None
        if self._failed is None:
            return min(self._highest, self._passed * 2) if self._passed < self._highest else None
        if self._failed <= self._passed * (1 + TOLERANCE):
            return None
        between = rounded((self._passed + self._failed) / 2)
        return between if self._passed < between < self._failed else None

    def _why_over(self) -> Ending:
        if self._passed is None:
            return Ending.SIMULATOR if self._simulator_failed else Ending.NONE
        if self._failed is None:
            return Ending.LIMIT
        return Ending.SIMULATOR if self._simulator_failed else Ending.FOUND


def rounded(rate: float) -> float:
    """To three digits: nobody sustains 1,234.567 a second."""
    return float(f"{rate:.3g}")


def _why_not(outcome: Outcome) -> str:
    """Why a trial does not pass, in words; empty when it does."""
    if outcome.void:
        return f"void: {'; '.join(outcome.void)}"
    said = [f"{check.expression} was {check.shown}" for check in outcome.checks if not check.passed]
    replied, intended = outcome.replies_per_s, outcome.intended_per_s
    if replied is None or not intended:
        said.append("no rate was measured")
    elif replied < KEPT_UP * intended:
        said.append(f"it did not keep up: {replied:,.0f} replies of {intended:,.0f} inquiries a second")
    return ", ".join(said)

"""What the stages wait for, as operators ask: which part has failed lately, and why.

Rule: a part that answers a question of ours may still not do its work: a journal on a full disk is read, and takes nothing.
So a part is well when it answers and no stage has met its failure lately without a success since. Only lately, since a stage
to which nothing comes cannot meet a success.
"""

from __future__ import annotations

from typing import Final

LATELY_S: Final = 30.0
"""Seconds for which a failure without a success counts. Longer than any time-out, after which a stage that has something to
do fails again."""


class Trouble:
    """One stage's experience of one part."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.why = ""
        """Of the last failure; empty since the last success."""
        self.at = 0.0

    def failed(self, why: str, now: float) -> None:
        """`why` names parts and remedies, never a person; `now` in seconds that never go back."""
        self.why, self.at = why, now

    def over(self) -> None:
        """The part has done its work."""
        self.why = ""


class Troubles:
    """All of one process."""

    def __init__(self) -> None:
        self._all: list[Trouble] = []

    def of(self, part: str) -> Trouble:
        """For one more stage that needs the part."""
        trouble = Trouble(part)
        self._all.append(trouble)
        return trouble

    def lately(self, part: str, now: float) -> str:
        """Why a stage waits for the part; empty when none does."""
        return next((one.why for one in self._all if one.part == part and one.why and now - one.at < LATELY_S), "")

"""How the parts are, asked again and again beside everything else, so that a part that hangs holds up no figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sms_service.ops.checks import Questions
from sms_service.ops.figures import Backlog, PartFigures
from sms_service.ports import Clock

HEALTH_S: Final = 2.0
"""Seconds between two rounds of questions. Each costs a part one small statement; an outage shows within two rounds."""


class Health:
    """What the last round of questions found."""

    def __init__(
        self,
        questions: Sequence[Questions],
        clock: Clock,
        *,
        backlog: Callable[[], Backlog | None] = lambda: None,
        found: Callable[[str, bool], None] = lambda _part, _well: None,
    ) -> None:
        """`backlog` gives what the journal's check has counted, None where it could not. `found` is told of each part whether it is
        well.
        """
        self._questions = questions
        self._clock = clock
        self._backlog = backlog
        self._found = found
        self._parts: tuple[PartFigures, ...] = ()

    @property
    def parts(self) -> tuple[PartFigures, ...]:
        """Each part; none before the first round."""
        return self._parts

    @property
    def backlog(self) -> Backlog | None:
        """What the journal holds, as far as it could be counted."""
        return self._backlog()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(HEALTH_S)

    async def look(self) -> None:
        """One round: every part at once."""
        answers = [answer for questions in self._questions for answer in await questions.ask()]
        for one in answers:
            self._found(one.name, not one.why)
        self._parts = tuple(PartFigures(one.name, one.why, round(one.seconds * 1000, 1)) for one in answers)

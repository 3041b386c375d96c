"""What a replay came to, and where it differs from the recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from simulator.capture.script import Part
from simulator.dissect import command_name, status_name
from sms_service.smpp import CommandId, Role

NO_ANSWER: Final = "no answer"
_UNCOUNTED: Final = frozenset({CommandId.ENQUIRE_LINK, CommandId.UNBIND})
"""What comes when it comes, and says nothing of the other side's work."""


class Outcome:
    """Of all connections; differences are counted in words."""

    def __init__(self, role: Role, parts: Sequence[Part]) -> None:
        self.differences: Counter[str] = Counter()
        self.steps: Final = sum(len(part.steps) for part in parts)
        """Requests that the recording has."""
        self.asked: Counter[int] = Counter()
        """What the other side has sent, by command_id."""
        self._expected: Counter[int] = sum((part.asked for part in parts), Counter())
        for command_id in _UNCOUNTED:
            self._expected.pop(command_id, None)
        self.sent = 0
        self.answered = 0
        self.late_most_s = 0.0
        """Seconds that a request was sent after its time, at most: because this program or the other side was slow."""
        self._other = Role.SMSC if role is Role.ESME else Role.ESME

    def confirmed(self, command_id: int, expected: int | None, status: int | None) -> None:
        """A request of ours was answered with this status, or not at all (None)."""
        self.answered += status is not None
        if status != expected:
            self.differences[
                f"{command_name(command_id)}: {_words(expected)} in the recording, now {_words(status)}"
            ] += 1

    @property
    def all_asked(self) -> bool:
        """Whether the other side has sent as many requests of each command as in the recording, on whichever connections."""
        return all(self.asked[command_id] >= count for command_id, count in self._expected.items())

    def end(self) -> None:
        """All is over: what the other side sent is compared. An SMSC chooses the connection itself, so only the sums count."""
        for command_id in sorted((self._expected.keys() | self.asked.keys()) - _UNCOUNTED):
            missing = self._expected[command_id] - self.asked[command_id]
            what = "did not send" if missing > 0 else "sent besides"
            self.differ(f"the {self._other.name} {what}: {command_name(command_id)}", abs(missing))

    def differ(self, words: str, count: int = 1) -> None:
        """Any other difference."""
        if count:
            self.differences[words] += count

    def line(self) -> str:
        """How far it is."""
        return (
            f"{self.sent:,} of {self.steps:,} requests sent, {self.answered:,} answered,"
            f" {sum(self.differences.values()):,} differences"
        )

    def lines(self) -> list[str]:
        """All of it, for people."""
        lines = [f"{self.line()}; late by {self.late_most_s * 1000:.0f} ms at most"]
        return lines + [f"{count:8,} x {words}" for words, count in self.differences.most_common()]


def _words(status: int | None) -> str:
    return NO_ANSWER if status is None else status_name(status)

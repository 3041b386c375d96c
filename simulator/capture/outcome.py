"""What a replay came to, and where it differs from the recording."""

from __future__ import annotations

from collections import Counter
from typing import Final

from simulator.capture.script import Part
from simulator.dissect import command_name, status_name
from sms_service.smpp import CommandId, Role

NO_ANSWER: Final = "no answer"


class Outcome:
    """Of all connections; differences are counted in words."""

    def __init__(self, role: Role, steps: int) -> None:
        self.differences: Counter[str] = Counter()
        self.steps: Final = steps
        """Requests that the recording has."""
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

    def asked(self, part: Part, now: Counter[int]) -> None:
        """What the other side sent on a connection, beside what it sent in the recording; enquire_link and unbind left out."""
        then = part.asked
        for command_id in sorted((then.keys() | now.keys()) - {CommandId.ENQUIRE_LINK, CommandId.UNBIND}):
            missing = then[command_id] - now[command_id]
            if missing:
                what = "did not send" if missing > 0 else "sent besides"
                self.differences[f"the {self._other.name} {what}: {command_name(command_id)}"] += abs(missing)

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

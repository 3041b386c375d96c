"""One inquiry of a load run, from when it was meant to be sent until it is answered or given up."""

from __future__ import annotations

from simulator.load.sender import Sender


class Inquiry:
    """What is known of it. Times are monotonic seconds."""

    __slots__ = ("counted", "first_at", "intended", "number", "sender", "unacknowledged")

    def __init__(self, number: int, sender: Sender, intended: float, parts: int, *, counted: bool) -> None:
        self.number = number
        """Of the run, from 0."""
        self.sender = sender
        self.intended = intended
        self.unacknowledged = parts
        """Segments of it that the ESME has not acknowledged yet."""
        self.first_at: float | None = None
        """When the first segment of the reply came."""
        self.counted = counted
        """Its latencies count: the warm-up was over."""

    def __repr__(self) -> str:
        return f"<Inquiry {self.number}>"

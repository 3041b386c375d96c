"""How fast segments may leave: the operator's rate, and the SMSC's complaints.

The rate is a token bucket over all binds of an SMSC, counted in PDUs, since SMSCs count PDUs. A complaint
(ESME_RTHROTTLED, ESME_RMSGQFUL) pauses the bind that got it and halves its window; each confirmation widens it again by a
fraction (additive increase, multiplicative decrease: the rule that lets TCP senders share a line). Pure: time is an
argument.
"""

from __future__ import annotations

from typing import Final

BURST_S: Final = 0.1
"""Seconds of the allowed rate that may leave at once: operators measure over a second."""
PAUSE_S: Final = 1.0
"""Seconds that a bind is silent after a complaint: operators' limits are per second."""
WINDOW_FLOOR: Final = 1.0
"""Segments: a bind never closes for good."""


class TokenBucket:
    """At most `rate` a second, 0 for no limit."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._capacity = max(1.0, rate * BURST_S)
        self._tokens = self._capacity
        self._at = now

    def take(self, wanted: int, now: float) -> int:
        """How many of `wanted` may leave now."""
        if not self._rate:
            return wanted
        self._tokens = min(self._capacity, self._tokens + (now - self._at) * self._rate)
        self._at = now
        taken = min(wanted, int(self._tokens))
        self._tokens -= taken
        return taken

    def wait_s(self) -> float:
        """Seconds until one may leave."""
        return max(0.0, (1.0 - self._tokens) / self._rate) if self._rate else 0.0


class Congestion:
    """What one bind's window shrinks to under complaints."""

    def __init__(self, window: int) -> None:
        self._full = float(window)
        self._window = float(window)
        self._paused_until = 0.0

    def allowed(self, now: float) -> int:
        """The window now; 0 while paused."""
        return 0 if now < self._paused_until else int(self._window)

    @property
    def paused_until(self) -> float:
        """When the pause is over."""
        return self._paused_until

    def complained(self, now: float) -> None:
        """The SMSC throttles. Complaints during the pause answer what left before it: they do not count again."""
        if now >= self._paused_until:
            self._window = max(WINDOW_FLOOR, self._window / 2)
            self._paused_until = now + PAUSE_S

    def confirmed(self, count: int) -> None:
        """`count` segments were taken."""
        if self._window < self._full:
            self._window = min(self._full, self._window + count / self._window)

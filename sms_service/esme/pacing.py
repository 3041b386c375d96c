"""How fast segments may leave: the operator's rate, and the SMSC's complaints.

The rate is a token bucket over all binds of an SMSC, counted in PDUs, since SMSCs count PDUs. A complaint
(ESME_RTHROTTLED, ESME_RMSGQFUL, ESME_RSYSERR) pauses the bind that got it and halves its window, as silence does; each
confirmation widens it again by a fraction (additive increase, multiplicative decrease: the rule that lets TCP senders
share a line). Pure: time is an argument.
"""

from __future__ import annotations

from typing import Final

BEAT_S: Final = 0.05
"""Seconds between two looks at what waits for the pace, for the end of a pause, or for a timer of the session."""
FIRST_PAUSE_S: Final = 0.05
"""Seconds that a bind is silent after a complaint that comes alone: the smaller window does the rest."""
PAUSE_S: Final = 1.0
"""Seconds of silence at most, when complaints go on: operators' limits are per second."""
WINDOW_FLOOR: Final = 1.0
"""Segments: a bind never closes for good."""


class TokenBucket:
    """At most `rate` a second, 0 for no limit.

    It holds one token more than a beat brings: what comes between two beats is never spilt, so the rate is reached, and
    what may leave at once after silence is a twentieth of a second's worth.
    """

    def __init__(self, rate: float, now: float) -> None:
        self.change(rate, now)

    @property
    def rate(self) -> float:
        """A second; 0 for no limit."""
        return self._rate

    def change(self, rate: float, now: float) -> None:
        """Another rate from now on, as if there had been silence before."""
        self._rate = rate
        self._capacity = 1.0 + rate * BEAT_S
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


class Congestion:
    """What one bind's window shrinks to under complaints."""

    def __init__(self, window: int) -> None:
        self._full = float(window)
        self._window = float(window)
        self._paused_until = float("-inf")
        self._unheard_until = float("-inf")
        self._pause_s = FIRST_PAUSE_S
        self._confirmed = 0
        """Since the last complaint."""

    def allowed(self, now: float) -> int:
        """The window now; 0 while paused."""
        return 0 if now < self._paused_until else int(self._window)

    def complained(self, now: float) -> None:
        """The SMSC throttles. Complaints during the pause answer what left before it: they do not count again."""
        if now >= self._paused_until:
            self._window = max(WINDOW_FLOOR, self._window / 2)
            self._paused_until = now + self._pause_s
            self._pause_s = min(self._pause_s * 2, PAUSE_S)
            self._confirmed = 0

    def unheard(self, now: float) -> None:
        """A segment was not answered at all: half the window, once for all that left together. No pause: silence has lasted
        long enough.
        """
        if now >= self._unheard_until:
            self._window = max(WINDOW_FLOOR, self._window / 2)
            self._unheard_until = now + PAUSE_S

    def confirmed(self, count: int) -> None:
        """`count` segments were taken: about a window of them widens it by one. A whole window of them without a complaint,
        and the next complaint counts as one that comes alone.
        """
        self._confirmed += count
        if self._confirmed >= self._window:
            self._pause_s = FIRST_PAUSE_S
        if self._window < self._full:
            self._window = min(self._full, self._window + count / self._window)

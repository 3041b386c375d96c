"""When an instance may take over what others leave.

Rule: only after it has itself renewed its run without interruption for a whole lease. Why: during an outage of the
journal nobody can renew, so afterwards every run looks dead to every other; the first to return must give the rest the
time to say that they live.
"""

from __future__ import annotations

from sms_service.ports import Clock


class Renewals:
    """The renewals of this process's own run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None
        self._last = 0.0
        self._widest_gap = 0.0

    def succeeded(self) -> None:
        """The run was renewed now."""
        now = self._clock.monotonic()
        if self._since is None:
            self._since, self._widest_gap = now, 0.0
        else:
            self._widest_gap = max(self._widest_gap, now - self._last)
        self._last = now

    def failed(self) -> None:
        """The run could not be renewed: what was steady is so no more."""
        self._since = None

    def steady(self, lease_s: float) -> bool:
        """Whether it has been renewed for `lease_s` without failure and without a silence as long as that."""
        if self._since is None:
            return False
        if self._widest_gap >= lease_s:
            self._since, self._widest_gap = self._last, 0.0
        now = self._clock.monotonic()
        return now - self._since >= lease_s > now - self._last

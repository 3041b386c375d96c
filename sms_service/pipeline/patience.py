"""Waiting for a part that is down: every call that can be tried again is tried again here.

The waits double from FIRST_PAUSE_S to LAST_PAUSE_S: short, because citizens wait, and bounded below, because a part that
comes back must not meet a storm. A failure is logged when it begins and when it is over, not at each try.
"""

from __future__ import annotations

from typing import Final

import structlog

from sms_service.observability.logging import describe
from sms_service.observability.metrics import Metrics
from sms_service.ports import Clock, PortError

FIRST_PAUSE_S: Final = 0.05
LAST_PAUSE_S: Final = 1.0

_log = structlog.get_logger()


class Patience:
    """The state of one part as this process has met it, and the pause before the next try."""

    def __init__(self, port: str, clock: Clock, metrics: Metrics) -> None:
        self._port = port
        self._clock = clock
        self._failures = metrics.failures.labels(port)
        self._trouble = metrics.troubles.of(port)
        self._pause = FIRST_PAUSE_S
        self._down_since: float | None = None

    @property
    def down(self) -> bool:
        """Whether it failed when it was last met."""
        return self._down_since is not None

    def failed(self, error: Exception) -> None:
        """Note a failure. The text of a `PortError` names parts and remedies, never a person, so it may be logged."""
        self._failures.inc()
        now = self._clock.monotonic()
        why = str(error) if isinstance(error, PortError) else describe(error)
        self._trouble.failed(why, now)
        if self._down_since is None:
            self._down_since = now
            _log.warning("port_down", port=self._port, kind=type(error).__name__, why=why)

    def succeeded(self) -> None:
        """Note a success."""
        if self._down_since is not None:
            _log.info("port_up", port=self._port, down_s=round(self._clock.monotonic() - self._down_since, 1))
            self._down_since = None
            self._trouble.over()
            self._pause = FIRST_PAUSE_S

    async def pause(self) -> None:
        """Wait before the next try."""
        pause, self._pause = self._pause, min(self._pause * 2, LAST_PAUSE_S)
        await self._clock.sleep(pause)

"""The session's timers (§2.9, §7.2), as arithmetic: whoever has a clock says what time it is and asks what is due.

The response timer is the window's, which knows when each request was sent. A timer set to None never fires.
"""

from enum import Enum
from math import inf
from typing import Final

import msgspec

from sms_service.smpp.framing import MAX_PDU_OCTETS

WINDOW_SIZE: Final = 100
"""Requests. Ten suffice on a line (§2.9.1); a hundred keep 10,000 a second going at 10 ms a round trip."""

RESPONSE_TIMEOUT_S: Final = 10.0
"""Seconds. An SMSC answers in milliseconds, and within a few seconds when it is overloaded."""

ENQUIRE_LINK_S: Final = 30.0
"""Seconds of silence before we ask: below the minute after which firewalls and SMSCs commonly drop an idle connection."""

SESSION_INIT_S: Final = 10.0
"""Seconds from the connection to the completed bind: the answer to a bind may take as long as any other."""


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long a session waits, in seconds, how many requests may be unanswered, and how large a PDU may be."""

    window_size: int = WINDOW_SIZE
    response_timeout_s: float = RESPONSE_TIMEOUT_S
    enquire_link_s: float | None = ENQUIRE_LINK_S
    inactivity_s: float | None = None
    session_init_s: float | None = SESSION_INIT_S
    max_pdu_octets: int = MAX_PDU_OCTETS


class Timer(Enum):
    """What can be due."""

    SESSION_INIT = "session_init"  # no bind within its time: close
    INACTIVITY = "inactivity"  # no message within its time: close
    ENQUIRE_LINK = "enquire_link"  # nothing received for a while: ask whether the peer is there


class Timers:
    """Deadlines that move on with what happens. All times are in seconds of the caller's `now`."""

    def __init__(self, settings: SessionSettings, now: float) -> None:
        self._enquire_link_s = _or_never(settings.enquire_link_s)
        self._inactivity_s = _or_never(settings.inactivity_s)
        self._session_init_at = now + _or_never(settings.session_init_s)
        self._bound = False
        self.heard_at = now
        """When the peer was last heard: anything at all."""
        self.active_at = now
        """When a PDU last passed, in either direction, that was not about the link itself (enquire_link)."""
        self.asked_at = now
        """When we last sent an enquire_link."""

    def bound(self) -> None:
        """The bind is complete: from here on the link is watched."""
        self._bound = True

    def due(self, now: float) -> Timer | None:
        """What has run out, the gravest first."""
        for timer, at in self._deadlines():
            if at <= now:
                return timer
        return None

    def next_deadline(self) -> float:
        """When something will run out; infinity when nothing will."""
        return min(at for _, at in self._deadlines())

    def _deadlines(self) -> tuple[tuple[Timer, float], ...]:
        if not self._bound:
            return ((Timer.SESSION_INIT, self._session_init_at),)
        return (
            (Timer.INACTIVITY, self.active_at + self._inactivity_s),
            (Timer.ENQUIRE_LINK, max(self.heard_at, self.asked_at) + self._enquire_link_s),
        )


def _or_never(seconds: float | None) -> float:
    return inf if seconds is None else seconds

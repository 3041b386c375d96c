"""What the service manager is told of this process: sd_notify(3), as systemd's `Type=notify` and `WatchdogSec=` expect it.

A message is one datagram of `NAME=value` lines to the socket that $NOTIFY_SOCKET names; where nobody set it nobody is told, and
nothing here does anything. The signs of life come from the event loop, so that a process whose loop hangs is killed and started
again, and what it had accepted is answered then.

Rule: telling never waits and never fails. A manager that does not listen must not hold up citizens; the log says so once.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

import structlog

from sms_service.observability.logging import describe
from sms_service.ports import Clock

USEC: Final = 1_000_000
"""$WATCHDOG_USEC counts microseconds (sd_watchdog_enabled(3))."""
SIGNS_A_PERIOD: Final = 2
"""Signs of life in the time within which one must come: sd_watchdog_enabled(3) asks for half of it."""

_log = structlog.get_logger()


class ServiceManager:
    """The service manager that started this process, if one did that wants to be told."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "").encode("utf-8", "surrogateescape")
        if self._address.startswith(b"@"):  # a name in the abstract namespace: unix(7)
            self._address = b"\0" + self._address[1:]
        self._deaf = False
        self._status = ""
        self.watchdog_s = _watchdog_s(environ)
        """Seconds within which a sign of life must come; 0.0 where nobody waits for one."""

    def ready(self) -> None:
        """The start is over: it serves, or binds to the SMSCs as soon as they let it."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """It is leaving."""
        self._tell("STOPPING=1")

    def status(self, text: str) -> None:
        """How it is, in a sentence for people (`systemctl status`). What was said last is not said again."""
        if text != self._status:
            self._status = text
            self._tell("STATUS=" + " ".join(text.split()))

    async def watch(self, clock: Clock) -> None:
        """Give signs of life until cancelled; returns at once where nobody waits for them."""
        while self.watchdog_s:
            self._tell("WATCHDOG=1")
            await clock.sleep(self.watchdog_s / SIGNS_A_PERIOD)

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(message.encode(), self._address)
        except OSError as error:
            if not self._deaf:
                _log.warning("service_manager_deaf", error=describe(error), remedy="see NOTIFY_SOCKET")
            self._deaf = True
        else:
            self._deaf = False


def _watchdog_s(environ: Mapping[str, str]) -> float:
    """By $WATCHDOG_USEC, unless $WATCHDOG_PID says that it was meant for another process."""
    usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return 0.0
    return int(usec) / USEC if usec.isdecimal() else 0.0

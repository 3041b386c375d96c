"""What this instance puts up for the others, and what it has read of theirs.

Rule: how long another has been silent is counted up to when the board last answered, not up to now: while the board is away
nobody can be heard, and nobody is silent for it. Who says that it leaves is forgotten; who falls silent is remembered for a
while, since somebody must look after it.
"""

from __future__ import annotations

from typing import Final

import msgspec
import structlog

from sms_service.ops.figures import InstanceState, Notice
from sms_service.ports import Board, Clock, PortError

EXCHANGE_S: Final = 1.0
"""Seconds between two exchanges."""
SILENT_S: Final = 5.0
"""Seconds without a new notice after which an instance's figures count no more: as long as a notice stays up."""
FORGET_S: Final = 600.0
"""Seconds after which a silent instance is forgotten: somebody has taken it away for good."""
INSTANCES_MAX: Final = 64
"""Instances that are remembered: more than a cell has. Beyond it the board holds something else."""

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Notice).decode


class Seen(msgspec.Struct, frozen=True):
    """Another instance."""

    notice: Notice
    """The newest."""
    silent_s: float
    """Seconds for which nothing newer came while the board answered."""


class Exchange:
    """One instance's side of the board."""

    def __init__(self, board: Board, instance: str, clock: Clock) -> None:
        self._board = board
        self._instance = instance
        self._clock = clock
        self._heard: dict[str, tuple[Notice, float]] = {}
        """By instance: the newest notice, and when it was new."""
        self._answered_at = clock.monotonic()
        self._unreadable: set[str] = set()
        self._why = ""
        self.reached = False
        """Whether the board has ever answered: then the others know of this instance."""

    @property
    def why(self) -> str:
        """Why nothing of the others is known lately; empty while the board answers."""
        return self._why if self._clock.monotonic() - self._answered_at >= SILENT_S else ""

    def others(self) -> list[Seen]:
        """The other instances, by name."""
        return [Seen(notice, self._answered_at - at) for _, (notice, at) in sorted(self._heard.items())]

    async def once(self, notice: Notice) -> None:
        """Put up a notice, and read those of the others. A board that is away is told by `why`."""
        try:
            found = await self._board.exchange(self._instance, _encode(notice))
        except PortError as error:
            self._why = str(error)
            return
        now = self._answered_at = self._clock.monotonic()
        self._why, self.reached = "", True
        for name, octets in sorted(found.items())[:INSTANCES_MAX]:
            if name != self._instance and (other := self._read(name, octets)):
                self._hear(other, now)
        self._unreadable &= found.keys()
        self._heard = {name: one for name, one in self._heard.items() if now - one[1] < FORGET_S}

    def _hear(self, notice: Notice, now: float) -> None:
        known = self._heard.get(notice.instance)
        if notice.state is InstanceState.LEFT:
            self._heard.pop(notice.instance, None)
        elif known is None or (known[0].started_at, known[0].number) != (notice.started_at, notice.number):
            self._heard[notice.instance] = (notice, now)

    def _read(self, name: str, octets: bytes) -> Notice | None:
        """The notice; None, and once a line in the log, where it is of no version that we know or of another instance."""
        try:
            notice = _decode(octets)
        except msgspec.MsgspecError:
            notice = None
        if notice is None or notice.instance != name:
            if name not in self._unreadable:
                self._unreadable.add(name)
                _log.warning("notice_unreadable", instance=name, remedy="bring all instances to one version")
            return None
        self._unreadable.discard(name)
        return notice

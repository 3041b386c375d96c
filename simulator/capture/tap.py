"""Cuts what passes through one connection into PDUs, and writes them down.

Each direction has its own framing, the codec's. Once that is lost in a direction (a length that no PDU has) nobody knows
where the next PDU begins: all that follows is written as octets. So is the PDU that the end of the connection cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from simulator.capture.recording import OCTETS_MAX, Kind, Record
from simulator.capture.redact import Redaction, StreamRedaction
from sms_service.smpp import FrameBuffer, FramingLost, Role

Sink = Callable[[Record], None]


class Tap:
    """Of one connection; every record goes to the sink at the time that the caller says."""

    def __init__(self, number: int, redaction: Redaction, sink: Sink) -> None:
        self._number = number
        self._redaction = redaction
        self._sink = sink
        self._directions: Final = {role: _Direction(StreamRedaction(redaction)) for role in Role}

    def opened(self, at_ns: int) -> None:
        """An ESME has connected."""
        self._write(at_ns, Role.ESME, Kind.OPENED)

    def passed(self, at_ns: int, origin: Role, data: bytes) -> None:
        """These octets were passed on."""
        direction = self._directions[origin]
        frames, lost = direction.feed(data)
        for frame in frames:
            self._write(at_ns, origin, Kind.PDU, self._redaction.pdu(frame))
        octets = direction.redact(lost)
        for start in range(0, len(octets), OCTETS_MAX):
            self._write(at_ns, origin, Kind.OCTETS, octets[start : start + OCTETS_MAX])

    def closed(self, at_ns: int, origin: Role, reason: str = "") -> None:
        """The connection is gone; `origin` is who ended it."""
        for role, direction in self._directions.items():
            if direction.pending:
                self._write(at_ns, role, Kind.OCTETS, self._redaction.pdu(bytes(direction.pending)))
                direction.pending.clear()
        self._write(at_ns, origin, Kind.CLOSED, reason.encode())

    def _write(self, at_ns: int, origin: Role, kind: Kind, octets: bytes = b"") -> None:
        self._sink(Record(at_ns, self._number, origin, kind, octets))


class _Direction:
    """What came from one side and is not written yet."""

    def __init__(self, redact: StreamRedaction) -> None:
        self.redact = redact
        self.pending = bytearray()
        """The PDU that is not whole yet."""
        self._frames = FrameBuffer()
        self._lost = False

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """The PDUs that are now whole, and the octets that are none."""
        if self._lost:
            return [], data
        self.pending += data
        try:
            frames = self._frames.feed(data)
        except FramingLost as error:
            frames, self._lost = error.frames, True
        del self.pending[: sum(map(len, frames))]
        if not self._lost:
            return frames, b""
        lost = bytes(self.pending)
        self.pending.clear()
        return frames, lost

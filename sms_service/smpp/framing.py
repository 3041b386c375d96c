"""Cuts a stream of octets into PDUs (§3.2.1: each begins with its own length).

At most one incomplete PDU is kept, and none whose length was not found sane first, so a peer cannot make us hold more
than `max_pdu` octets. Octets that arrive singly cost a constant each: nothing is copied until the PDU is whole.
"""

from struct import Struct
from typing import Final

from sms_service.smpp.compiler import HEADER_OCTETS
from sms_service.smpp.errors import FramingLost

MAX_PDU_OCTETS: Final = 73_728
"""Octets, 72 KiB: message_payload holds up to 65,535, the largest submit_multi before it 6,500; the rest is for vendors' TLVs."""

_LENGTH: Final = Struct(">L")


class FrameBuffer:
    """Give it what arrived; it returns the PDUs that are complete."""

    def __init__(self, max_pdu: int = MAX_PDU_OCTETS) -> None:
        self._max_pdu = max_pdu
        self._rest = bytearray()
        self._wanted = 0  # octets that the next PDU needs, as far as they are known

    def __len__(self) -> int:
        """Octets of the PDU that is not complete yet."""
        return len(self._rest)

    @property
    def rest(self) -> bytes:
        """The octets of the PDU that is not complete yet."""
        return bytes(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The PDUs that `data` completes, in order, each whole.

        Raises:
            FramingLost: what follows is no PDU. The error holds the PDUs before it; the stream is of no further use.
        """
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return []
            data = bytes(self._rest)
            self._rest = bytearray()
        frames: list[bytes] = []
        pos, end = 0, len(data)
        self._wanted = _LENGTH.size
        while end - pos >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(data, pos)
            if not HEADER_OCTETS <= length <= self._max_pdu:
                raise FramingLost(length, frames)
            if end - pos < length:
                self._wanted = length
                break
            frames.append(data[pos : pos + length])
            pos += length
        if pos < end:
            self._rest += data[pos:]
        return frames

"""Requests that are encoded once and sent many times.

Of submit_sm of one kind, recipient, text and sequence number are left to fill in: replies differ in nothing else (§4.4.1 has
eighteen fields), and to encode the rest again for each is most of the work. Of a prepared request nothing is left but the sequence
number. The octets are those that `encode` gives for the same PDU, and what does not fit is refused in the same words.
"""

from struct import Struct, error
from typing import Final

import msgspec

from sms_service.smpp.codec import encode
from sms_service.smpp.compiler import HEADER_OCTETS
from sms_service.smpp.consts import CommandId
from sms_service.smpp.errors import LocalProtocolError
from sms_service.smpp.fields import SHORT_MESSAGE_MAX_OCTETS, c_string, sized_octets
from sms_service.smpp.pdus import ADDRESS_OCTETS, Pdu, SubmitSm

_HEADER: Final = Struct(">LLLL")
_SEQUENCE_NUMBER: Final = Struct(">L")
_BEFORE_SEQUENCE_NUMBER: Final = HEADER_OCTETS - _SEQUENCE_NUMBER.size
_SUBMIT_SM: Final = int(CommandId.SUBMIT_SM)


class SubmitTemplate:
    """Encodes submit_sm that differ in destination_addr and short_message only."""

    def __init__(self, pdu: SubmitSm) -> None:
        """`pdu` gives every other field; it has no TLVs: they would follow the text.

        Raises:
            LocalProtocolError: a value does not fit its field, or there are TLVs.
        """
        if pdu.tlvs:
            raise LocalProtocolError("a template has no TLVs")
        self.pdu = msgspec.structs.replace(pdu, destination_addr="", short_message=b"")
        """What all of them have in common."""
        body = encode(self.pdu)[HEADER_OCTETS:]
        # service_type and source_addr end with a NUL each; two octets of TON and NPI stand before each address.
        before = len(pdu.service_type) + 1 + 2 + len(pdu.source_addr) + 1 + 2
        self._before = body[:before]
        self._between = body[before + 1 : -1]

    def encode(self, sequence_number: int, destination_addr: str, short_message: bytes) -> bytes:
        """The PDU as it travels.

        Raises:
            LocalProtocolError: an address or a text does not fit its field.
        """
        body = b"".join(
            (
                self._before,
                c_string(destination_addr, ADDRESS_OCTETS, False, "destination_addr"),
                self._between,
                sized_octets(short_message, SHORT_MESSAGE_MAX_OCTETS, "short_message"),
            )
        )
        try:
            return _HEADER.pack(HEADER_OCTETS + len(body), _SUBMIT_SM, 0, sequence_number) + body
        except error:
            raise LocalProtocolError("an integer of SubmitSm does not fit its field") from None


class Prepared:
    """A request with its octets."""

    __slots__ = ("_after", "_before", "pdu")

    def __init__(self, pdu: Pdu) -> None:
        """Encodes it.

        Raises:
            LocalProtocolError: a value does not fit its field.
        """
        octets = encode(pdu)
        self.pdu = pdu
        self._before = octets[:_BEFORE_SEQUENCE_NUMBER]
        self._after = octets[HEADER_OCTETS:]

    def encode(self, sequence_number: int) -> bytes:
        """The PDU as it travels; the number is one of `Window`'s, which fits."""
        return self._before + _SEQUENCE_NUMBER.pack(sequence_number) + self._after

"""PDUs that no ESME should stumble over: framed, and odd inside (SMPP 3.4 s3.2, s4.6, s5.3).

They come besides the phones' messages, from numbers of the prefix that nobody has. Their sequence numbers are far above those of
a session, so an answer to one settles nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from struct import Struct
from typing import Final

from simulator.smsc.magic import CODE_DIGITS, FREE_DIGITS, PREFIX, STRANGE_TLVS
from sms_service.smpp import CommandId, DataCoding, DeliverSm, Npi, Ton, encode

SEQUENCE_FIRST: Final = 0x7F00_0000
"""Sixteen million below the greatest sequence number (SMPP 3.4 s3.2.1.4): more than a session of a day ever reaches."""
_HEADER: Final = Struct(">LLLL")
_UNKNOWN_COMMAND: Final = 0x0000_0E5E
_NOISE_CODE: Final = "0" * CODE_DIGITS
"""The magic case of noise: none."""


def odd_pdu(random: Random) -> bytes:
    """One of them, of any kind."""
    sequence_number = SEQUENCE_FIRST + random.randrange(2**24)
    return random.choice(KINDS)(random, sequence_number)


def _deliver_sm(random: Random, **fields: object) -> DeliverSm:
    sender = f"{PREFIX}{_NOISE_CODE}{random.randrange(10**FREE_DIGITS):0{FREE_DIGITS}}"
    plain: dict[str, object] = {
        "source_addr_ton": Ton.INTERNATIONAL,
        "source_addr_npi": Npi.ISDN,
        "source_addr": sender,
        "destination_addr": "5505",
        "short_message": b"DC",
    }
    return DeliverSm(**{**plain, **fields})  # type: ignore[arg-type]  # each kind gives values of the field's own type


def _unknown_command(random: Random, number: int) -> bytes:
    body = random.randbytes(random.randrange(64))
    return _HEADER.pack(_HEADER.size + len(body), _UNKNOWN_COMMAND, 0, number) + body


def _bare_header(_random: Random, number: int) -> bytes:
    return _HEADER.pack(_HEADER.size, CommandId.DELIVER_SM, 0, number)


def _cut_body(random: Random, number: int) -> bytes:
    whole = encode(_deliver_sm(random), number)
    length = random.randrange(_HEADER.size, len(whole))
    return _HEADER.pack(length, CommandId.DELIVER_SM, 0, number) + whole[_HEADER.size : length]


def _endless_string(_random: Random, number: int) -> bytes:
    body = b"\x00\x01\x01" + b"9" * 200
    return _HEADER.pack(_HEADER.size + len(body), CommandId.DELIVER_SM, 0, number) + body


def _wrong_length(random: Random, number: int) -> bytes:
    """sm_length says more than there is."""
    whole = bytearray(encode(_deliver_sm(random, short_message=b"DC"), number))
    whole[-3] = 200
    return bytes(whole)


def _wrong_encoding(random: Random, number: int) -> bytes:
    """Half a character of UCS-2, a lone surrogate."""
    octets = b"\xd8\x00\x00" + random.randbytes(8)
    return encode(_deliver_sm(random, data_coding=DataCoding.UCS2, short_message=octets), number)


def _unknown_coding(random: Random, number: int) -> bytes:
    return encode(_deliver_sm(random, data_coding=0xFB, short_message=random.randbytes(20)), number)


def _strange_tlvs(random: Random, number: int) -> bytes:
    return encode(_deliver_sm(random, tlvs=STRANGE_TLVS), number)


def _broken_udh(random: Random, number: int) -> bytes:
    """A header that says it is longer than the message."""
    return encode(_deliver_sm(random, esm_class=0x40, short_message=b"\x30\x00\x03\x01\x02\x01"), number)


def _segment_zero(random: Random, number: int) -> bytes:
    """Segment 0 of 0."""
    return encode(_deliver_sm(random, esm_class=0x40, short_message=b"\x05\x00\x03\x01\x00\x00DC"), number)


def _machine(random: Random, number: int) -> bytes:
    """From a name, not a number."""
    return encode(_deliver_sm(random, source_addr_ton=Ton.ALPHANUMERIC, source_addr="QUANGCAO"), number)


def _no_address(random: Random, number: int) -> bytes:
    return encode(_deliver_sm(random, source_addr=""), number)


def _response_to_nothing(_random: Random, number: int) -> bytes:
    return _HEADER.pack(_HEADER.size, CommandId.ENQUIRE_LINK_RESP, 0, number)


def _reserved_status(random: Random, number: int) -> bytes:
    """A request with a command_status, which has no meaning there."""
    whole = encode(_deliver_sm(random), number)
    return whole[:8] + b"\x00\x00\x04\x00" + whole[12:]


KINDS: Final[tuple[Callable[[Random, int], bytes], ...]] = (
    _unknown_command, _bare_header, _cut_body, _endless_string, _wrong_length, _wrong_encoding, _unknown_coding, _strange_tlvs,
    _broken_udh, _segment_zero, _machine, _no_address, _response_to_nothing, _reserved_status,
)  # fmt: skip
"""All of them; each gives the octets of one PDU with the sequence number it is told."""

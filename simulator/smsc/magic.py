"""Numbers that choose what becomes of one message: 8450 CCC NNNN, of a prefix that no operator has.

CCC is the case, NNNN is free. Text from such a number on the phone page, or from `./sms text`, and watch what the service does. From
001 to 899 the case is a command_status in decimal, with which the first submit_sm of a reply to this number is answered; the next is
taken. The cases from 900 are listed in `Case`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from sms_service.smpp import DataCoding, DeliverSm, Tlv

PREFIX: Final = "8450"
CODE_DIGITS: Final = 3
FREE_DIGITS: Final = 4
LENGTH: Final = len(PREFIX) + CODE_DIGITS + FREE_DIGITS
"""Digits, as any mobile number of Vietnam has."""
STATUS_LAST: Final = 899


class Case(enum.IntEnum):
    """What else can be chosen. The first tens are about the reply's submit_sm, the others about the message's deliver_sm."""

    ANSWER_LOST = 900
    """The submit_sm is taken, and never answered."""
    ANSWER_LATE = 901
    """It is answered after `ANSWER_LATE_S`."""
    CUT_BEFORE_ANSWER = 902
    """It is taken, and the connection breaks before it is answered."""
    TWICE = 910
    """The message is delivered twice, one right behind the other."""
    AGAIN_AFTER_CUT = 911
    """The ESME's answer is not heard, the connection breaks, and the message is delivered again."""
    BACKWARDS = 912
    """The last segment of a long message comes first."""
    SEGMENT_MISSING = 913
    """The last segment of a long message never comes."""
    WRONG_ENCODING = 920
    """data_coding says UCS-2, and the octets are those of the default alphabet."""
    NO_ADDRESS = 921
    """source_addr is empty."""
    STRANGE_TLVS = 922
    """TLVs that nobody knows follow the message."""


ANSWER_LATE_S: Final = 5.0
"""Seconds: less than ESMEs wait for an answer."""


STRANGE_TLVS: Final = (Tlv(0x1400, b"\x00" * 40), Tlv(0x3FFF, b""), Tlv(0x0204, b"\x01"))
"""Two that are left to vendors (SMPP 3.4 s5.3.2), and a user_message_reference of the wrong length (s5.3.2.17)."""


def code_of(msisdn: str) -> int:
    """The case that a number chooses; 0 for an ordinary one."""
    if msisdn.startswith(PREFIX) and len(msisdn) == LENGTH:
        return int(msisdn[len(PREFIX) : -FREE_DIGITS])
    return 0


_DISTURBED: Final[dict[int, Callable[[Sequence[DeliverSm]], Iterable[DeliverSm]]]] = {
    Case.TWICE: lambda pdus: [*pdus, *pdus],
    Case.BACKWARDS: reversed,
    Case.SEGMENT_MISSING: lambda pdus: pdus[: max(1, len(pdus) - 1)],
    Case.WRONG_ENCODING: lambda pdus: [replace(pdu, data_coding=DataCoding.UCS2) for pdu in pdus],
    Case.NO_ADDRESS: lambda pdus: [replace(pdu, source_addr="") for pdu in pdus],
    Case.STRANGE_TLVS: lambda pdus: [replace(pdu, tlvs=(*pdu.tlvs, *STRANGE_TLVS)) for pdu in pdus],
}


def disturbed(code: int, pdus: Sequence[DeliverSm]) -> list[DeliverSm]:
    """The deliver_sm of a message as this case sends them."""
    return list(_DISTURBED.get(code, list)(pdus))

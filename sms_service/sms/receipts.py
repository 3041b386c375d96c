"""Delivery receipts: what the SMSC says became of a message.

Rule: SMPP 3.4 Appendix B gives a format only as an example, so SMSCs vary it: order, case, blanks, fields left out.
What can be found is taken; TLVs, where present, count more than text. The piece of the message's own text that a
receipt quotes is never looked at or kept.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from sms_service.sms.tags import MESSAGE_STATE, RECEIPTED_MESSAGE_ID

_MESSAGE_TYPE = 0x3C  # esm_class bits 5-2 (SMPP 3.4 section 5.2.12)
_RECEIPT_TYPES = frozenset((0x04, 0x20))  # SMSC delivery receipt; intermediate delivery notification

_KEY = re.compile(r"\b(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text) ?:", re.IGNORECASE)

MAX_MESSAGE_ID = 64
"""Characters of a message_id (SMPP 3.4 section 5.2.23), the final NUL not counted."""
MAX_RECEIPT_CHARACTERS = 500
"""What is read of a receipt: all fields of Appendix B, at their longest, take less than half."""
QUOTED_CHARACTERS = 20
"""Characters of the message that a receipt quotes (Appendix B)."""


class MessageState(StrEnum):
    """States spelled as in receipts (SMPP 3.4 Appendix B), in the order of their numbers (section 5.2.28)."""

    ENROUTE = "ENROUTE"
    DELIVERED = "DELIVRD"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    UNDELIVERABLE = "UNDELIV"
    ACCEPTED = "ACCEPTD"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTD"


_DECIMAL = re.compile(rf"[0-9]{{1,{MAX_MESSAGE_ID}}}")
_HEXADECIMAL = re.compile(rf"[0-9A-Fa-f]{{1,{MAX_MESSAGE_ID}}}")
_STATES = {state.value: state for state in MessageState}
_STATE_NUMBERS = dict(enumerate(MessageState, 1))


class MessageIds(StrEnum):
    """How an SMSC writes message ids, in submit_sm_resp or in receipts; the values are what a settings file says."""

    TEXT = "text"
    DECIMAL = "decimal"
    HEXADECIMAL = "hexadecimal"


class DeliveryReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message.

    Attributes:
        message_id: as the SMSC wrote it; see ``canonical_message_id``.
        stat: the state; UNKNOWN where the SMSC says something else or nothing.
        err: the network's error code as written, "" if not given.
        submit_date: YYMMDDhhmm, perhaps with seconds, in the SMSC's own time; "" if not given.
        done_date: when the state was reached, in the same form.
    """

    message_id: str
    stat: MessageState = MessageState.UNKNOWN
    err: str = ""
    submit_date: str = ""
    done_date: str = ""


def is_delivery_receipt(esm_class: int) -> bool:
    """Whether a deliver_sm tells of a message of ours, at its end or on its way, and is nobody's inquiry."""
    return esm_class & _MESSAGE_TYPE in _RECEIPT_TYPES


def parse_receipt(text: str, tlvs: Sequence[tuple[int, bytes]] = ()) -> DeliveryReceipt | None:
    """Read a receipt from its text (SMPP 3.4 Appendix B) and TLVs (sections 5.3.2.12 and 5.3.2.35).

    Fields may stand in any order and case, and be missing. None if neither text nor TLVs name a message. Never raises.
    """
    fields: dict[str, str] = {}
    pieces = _KEY.split(" ".join(text[:MAX_RECEIPT_CHARACTERS].split()))
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        name = key.lower().replace("_", "").replace(" ", "")
        if name == "text":
            break
        fields.setdefault(name, value.strip().partition(" ")[0])
    values = dict(tlvs)
    named = values.get(RECEIPTED_MESSAGE_ID, b"").split(b"\0")[0].decode("latin-1") or fields.get("id", "")
    if not named:
        return None
    numbered = _STATE_NUMBERS.get(int.from_bytes(values.get(MESSAGE_STATE, b""), "big"))
    return DeliveryReceipt(
        message_id=named[:MAX_MESSAGE_ID],
        stat=numbered or _STATES.get(fields.get("stat", "").upper(), MessageState.UNKNOWN),
        err=fields.get("err", ""),
        submit_date=fields.get("submitdate", ""),
        done_date=fields.get("donedate", ""),
    )


def format_receipt(receipt: DeliveryReceipt, text: str = "") -> str:
    """Write a receipt as SMPP 3.4 Appendix B does, for one message of one recipient.

    Args:
        receipt: what to report.
        text: the message, of which the format quotes 20 characters; leave it out to quote nothing.
    """
    delivered = int(receipt.stat is MessageState.DELIVERED)
    return (
        f"id:{receipt.message_id} sub:001 dlvrd:{delivered:03} submit date:{receipt.submit_date} "
        f"done date:{receipt.done_date} stat:{receipt.stat} err:{receipt.err} text:{text[:QUOTED_CHARACTERS]}"
    )


def canonical_message_id(message_id: str, written: MessageIds) -> str:
    """Bring ids that an SMSC writes in two ways to one: its value in decimal, or the text itself.

    What is not a number of the announced base stays as it is: an id that cannot be matched is better than none.
    """
    match written:
        case MessageIds.DECIMAL if _DECIMAL.fullmatch(message_id):
            return str(int(message_id))
        case MessageIds.HEXADECIMAL if _HEXADECIMAL.fullmatch(message_id):
            return str(int(message_id, 16))
        case _:
            return message_id

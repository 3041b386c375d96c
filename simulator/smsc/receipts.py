"""Delivery receipts: what the SMSC tells an ESME became of a submit_sm (SMPP 3.4 s2.11, s5.2.17, Appendix B).

Every message here reaches its phone at once, so there is one kind of receipt: delivered.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from sms_service.smpp import DeliverSm, EsmClass, MessageState, SubmitSm, Tag, int_tlv, text_tlv
from sms_service.sms import DeliveryReceipt, format_receipt
from sms_service.sms import MessageState as Stat

WANTED_MASK: Final = 0x03
WANTED: Final = 0x01
"""registered_delivery, bits 1-0: 1 asks for a receipt whatever happens, 2 only after failure (SMPP 3.4 s5.2.17)."""
LOCAL_TIME: Final = timezone(timedelta(hours=7))
"""Dates in a receipt are the SMSC's own."""


def wants_receipt(pdu: SubmitSm) -> bool:
    """Whether the ESME asks to be told of delivery."""
    return pdu.registered_delivery & WANTED_MASK == WANTED


def receipt(pdu: SubmitSm, message_id: str, wall: float) -> DeliverSm:
    """The receipt of a message that was delivered at `wall`, seconds of the epoch, as soon as it was submitted."""
    at = datetime.fromtimestamp(wall, LOCAL_TIME).strftime("%y%m%d%H%M")
    text = format_receipt(
        DeliveryReceipt(message_id=message_id, stat=Stat.DELIVERED, err="000", submit_date=at, done_date=at)
    )
    return DeliverSm(
        source_addr_ton=pdu.dest_addr_ton,
        source_addr_npi=pdu.dest_addr_npi,
        source_addr=pdu.destination_addr,
        dest_addr_ton=pdu.source_addr_ton,
        dest_addr_npi=pdu.source_addr_npi,
        destination_addr=pdu.source_addr,
        esm_class=EsmClass.DELIVERY_RECEIPT,
        short_message=text.encode("ascii"),
        tlvs=(text_tlv(Tag.RECEIPTED_MESSAGE_ID, message_id), int_tlv(Tag.MESSAGE_STATE, MessageState.DELIVERED)),
    )

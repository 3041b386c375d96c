"""Delivery receipts of the SMSC."""

import pytest

from simulator.smsc.receipts import receipt, wants_receipt
from sms_service.smpp import SubmitSm
from sms_service.sms import MessageState, is_delivery_receipt, parse_receipt


@pytest.mark.parametrize(
    ("registered_delivery", "wanted"), [(0, False), (1, True), (2, False), (0x11, True), (0x10, False)]
)
def test_who_wants_one(registered_delivery, wanted):
    """Only bits 1-0 with the value 1 ask for a receipt of success."""
    assert wants_receipt(SubmitSm(registered_delivery=registered_delivery)) is wanted


def test_receipt_reads_back():
    """The receipt goes the other way, is marked as one, and says what became of which message."""
    pdu = SubmitSm(
        source_addr="5505", source_addr_ton=3, destination_addr="84912345678", dest_addr_ton=1, dest_addr_npi=1
    )
    made = receipt(pdu, "AB12", 1_800_000_000.0)
    assert (made.source_addr, made.source_addr_ton, made.source_addr_npi) == ("84912345678", 1, 1)
    assert (made.destination_addr, made.dest_addr_ton) == ("5505", 3)
    assert is_delivery_receipt(made.esm_class)
    text = made.short_message.decode("ascii")
    for tlvs in ([(tlv.tag, tlv.value) for tlv in made.tlvs], []):
        read = parse_receipt(text, tlvs)
        assert (read.message_id, read.stat) == ("AB12", MessageState.DELIVERED)
    assert "done date:2701151500" in text

"""What the codec is made from: the tables, compared with the specification's, and the functions made of them."""

import pytest

from sms_service.smpp import (
    PDU_CLASSES,
    BindTransceiver,
    DataSm,
    DeliverSm,
    LocalProtocolError,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UndecodablePdu,
    UnsuccessSme,
    decode,
    encode,
)
from sms_service.smpp.compiler import compile_decoder, compile_encoder, field_table
from sms_service.smpp.fields import FieldError, Integer

MESSAGE = (
    "service_type 6, source_addr_ton 1, source_addr_npi 1, source_addr 21, dest_addr_ton 1, dest_addr_npi 1, "
    "destination_addr 21, esm_class 1, protocol_id 1, priority_flag 1, schedule_delivery_time 17, validity_period 17, "
    "registered_delivery 1, replace_if_present_flag 1, data_coding 1, sm_default_msg_id 1, short_message 254"
)


@pytest.mark.parametrize(
    ("cls", "table"),
    [
        (SubmitSm, MESSAGE),
        (DeliverSm, MESSAGE),
        (
            BindTransceiver,
            "system_id 16, password 9, system_type 13, interface_version 1, addr_ton 1, addr_npi 1, address_range 41",
        ),
        (
            DataSm,
            (
                "service_type 6, source_addr_ton 1, source_addr_npi 1, source_addr 65, dest_addr_ton 1, dest_addr_npi 1, "
                "destination_addr 65, esm_class 1, registered_delivery 1, data_coding 1"
            ),
        ),
        (
            ReplaceSm,
            (
                "message_id 65, source_addr_ton 1, source_addr_npi 1, source_addr 21, schedule_delivery_time 17, "
                "validity_period 17, registered_delivery 1, sm_default_msg_id 1, short_message 254"
            ),
        ),
    ],
)
def test_field_tables(cls, table):
    """Names, order and sizes in octets are the specification's (§4.4.1, §4.6.1, §4.1.5, §4.7.1, §4.10.1)."""
    sizes = {name: getattr(kind, "size", None) or kind.max_octets for name, kind in field_table(cls).items()}

    assert ", ".join(f"{name} {size}" for name, size in sizes.items()) == table


def test_functions_have_the_order_of_the_table():
    """A value stands where the table puts its field, whatever its type."""
    for cls in PDU_CLASSES:
        numbers = [name for name, kind in field_table(cls).items() if isinstance(kind, Integer)]
        pdu = cls(**{name: index + 1 for index, name in enumerate(numbers)})

        again = compile_decoder(cls, strict=True)(bytes(16) + compile_encoder(cls)(pdu), 0, 0)

        assert again == pdu


def test_strict_or_not():
    """A response's overlong string is taken, a request's is refused with the status of its field."""
    frame = bytes(16) + b"x" * 70 + b"\0" + b"\0"

    assert compile_decoder(SubmitMultiResp, strict=False)(frame, 0, 0).message_id == "x" * 70
    with pytest.raises(FieldError) as caught:
        compile_decoder(SubmitMultiResp, strict=True)(frame, 0, 0)
    assert (caught.value.field, caught.value.command_status) == ("message_id", 0x0C)


def test_as_many_recipients_as_allowed():
    """submit_multi takes 254 (§5.2.24), a response reports 255."""
    recipients = tuple(SmeAddress(1, 1, f"849{n:08}") for n in range(255))
    failed = tuple(UnsuccessSme(1, 1, f"849{n:08}", n) for n in range(256))

    for pdu in (SubmitMulti(dest_addresses=recipients[:254]), SubmitMultiResp(unsuccess_smes=failed[:255])):
        assert decode(encode(pdu)) == pdu
    with pytest.raises(LocalProtocolError, match="dest_addresses has 255 items, more than 254"):
        encode(SubmitMulti(dest_addresses=recipients))
    with pytest.raises(LocalProtocolError, match="unsuccess_smes has 256 items, more than 255"):
        encode(SubmitMultiResp(unsuccess_smes=failed))


def frame_of_multi(destinations):
    before = bytes.fromhex("00000021 00000000 00000001 00 0000 00")
    after = bytes(10)
    return (4 + len(before + destinations + after)).to_bytes(4, "big") + before + destinations + after


@pytest.mark.parametrize(
    ("destinations", "status"),
    [
        (b"\x01\x03", 0x40),
        (b"\x01\x00", 0x40),
        (b"\xff" + b"\x02\0" * 255, 0x33),
        (b"\x01\x02" + b"x" * 30, 0x34),
    ],
    ids=["unknown flag", "flag nought", "too many", "overlong list name"],
)
def test_bad_recipients(destinations, status):
    """Each fault has its own status (§5.1.3)."""
    with pytest.raises(UndecodablePdu) as caught:
        decode(frame_of_multi(destinations))
    assert caught.value.command_status == status


def test_good_recipients():
    """The frame that the faults are put into is itself good."""
    assert decode(frame_of_multi(b"\x01\x02x\0")).dest_addresses[0].dl_name == "x"

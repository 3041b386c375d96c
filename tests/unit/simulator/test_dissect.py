"""Every octet of a PDU has its field, whatever the octets are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.dissect import UNREAD, Field, command_name, dissect, leaves, status_name
from simulator.sections import FIELD_SECTIONS, TAG_SECTIONS
from sms_service.smpp import (
    PDU_CLASSES,
    BindTransceiver,
    CommandStatus,
    DataSm,
    DeliverSm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Tlv,
    UndecodablePdu,
    decode,
    encode,
    int_tlv,
)
from sms_service.smpp.compiler import field_table
from sms_service.smpp.fields import Repeated
from sms_service.sms import concat_udh
from tests.unit.smpp.strategies import pdus, pdus_of


def covers(fields, frame):
    """Whether the leaves, and the children of each field, cover it without gap and overlap."""
    at = 0
    for leaf in leaves(fields):
        assert leaf.start == at
        assert leaf.end >= leaf.start
        at = leaf.end
    assert at == len(frame)

    def nested(field):
        if field.fields:
            assert (field.fields[0].start, field.fields[-1].end) == (field.start, field.end)
            for child in field.fields:
                nested(child)

    for field in fields:
        nested(field)
    return True


def values(fields):
    return {field.name: field.value for field in fields}


@pytest.mark.parametrize("cls", PDU_CLASSES, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_leaves_cover_every_pdu(cls, data):
    """What the codec writes is read to the last octet."""
    frame = encode(data.draw(pdus_of(cls)))
    fields = dissect(frame)
    assert covers(fields, frame)
    assert UNREAD not in {
        field.name for field in fields
    }  # inside a header there may be one: the codec does not read it
    shown = {field.name for field in fields}
    if not (cls.command_id & 0x80000000 and len(frame) == 16):
        assert {name for name, kind in field_table(cls).items() if not isinstance(kind, Repeated)} <= shown


@given(frame=st.binary(max_size=300))
def test_any_octets(frame):
    """Nothing raises, and nothing is left out."""
    assert covers(dissect(frame), frame)


@given(frame=pdus.map(encode), data=st.data())
def test_damaged_pdus(frame, data):
    """Octets changed and ends cut: the same. What decodes is read whole, and what does not says why."""
    octets = bytearray(frame)
    for _ in range(data.draw(st.integers(0, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = bytes(octets[: data.draw(st.integers(0, len(octets)))])
    fields = dissect(octets)
    assert covers(fields, octets)
    unread = [field for field in fields if field.name == UNREAD]
    assert all(field.value for field in unread)
    try:
        pdu = decode(octets)
    except UndecodablePdu:
        return
    assert not unread or pdu.command_status


def test_deliver_sm_with_a_header():
    """A segment: the header's elements, the text, the numbers with their names and sections."""
    text = "ệ".encode("utf-16-be")
    pdu = DeliverSm(
        sequence_number=7,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="84912345678",
        destination_addr="5505",
        esm_class=0x40,
        data_coding=8,
        short_message=concat_udh(5, 2, 1) + text,
    )
    frame = encode(pdu)
    fields = dissect(frame)
    shown = values(fields)
    assert shown["command_id"] == "deliver_sm (0x00000005)"
    assert shown["command_status"] == "ESME_ROK (0x00000000)"
    assert shown["source_addr_ton"] == "1 (INTERNATIONAL)"
    assert shown["source_addr"] == "84912345678"
    assert shown["esm_class"] == "0x40 (UDHI)"
    assert shown["data_coding"] == "8 (UCS2)"
    assert shown["sm_length"] == "8"
    message = fields[-1]
    assert (message.name, message.value, message.section) == ("short_message", "ệ", "5.2.22")
    udh, body = message.fields
    assert [field.name for field in udh.fields] == ["udh_length", "concatenation_8"]
    assert udh.fields[1].value == "reference 5, segment 1 of 2"
    assert frame[body.start : body.end] == text


def test_payload_with_a_header():
    """message_payload is a message too."""
    tlvs = (Tlv(Tag.MESSAGE_PAYLOAD, concat_udh(300, 3, 2, wide=True) + b"abc"), int_tlv(Tag.USER_MESSAGE_REFERENCE, 9))
    fields = dissect(encode(DataSm(esm_class=0x40, tlvs=tlvs)))
    payload, reference = fields[-2:]
    assert (payload.name, payload.value, payload.section) == ("message_payload", "abc", "5.3.2.32")
    assert payload.fields[2].fields[0].fields[1].value == "reference 300, segment 2 of 3"
    assert (reference.name, reference.value) == ("user_message_reference", "9")


def test_headers_that_do_not_fit():
    """One that runs past the message is text; an element that runs past the header is unread, and the text stands."""
    past = dissect(encode(SubmitSm(esm_class=0x40, short_message=b"\x30\x00\x03AB")))[-1]
    assert past.fields == ()
    inside = dissect(encode(SubmitSm(esm_class=0x40, short_message=b"\x03\x00\x09\x01text")))[-1]
    assert [field.name for field in leaves([inside])] == ["udh_length", UNREAD, "text"]
    assert inside.value == "text"


def test_reasons():
    """Why a PDU cannot be read further stands where it ends."""
    whole = encode(SubmitSm(short_message=b"hello"))
    assert dissect(whole[:-2])[-1].value == "short_message: 5 octets are meant and 3 follow"
    assert dissect(whole[:-2])[0].value == f"{len(whole)} (there are {len(whole) - 2} octets)"
    assert dissect(whole + b"\x02")[-1].value == "an optional parameter: 4 octets are meant and 1 follow"
    assert dissect(b"\0\0\0\x14\0\0\x0e\x5e" + bytes(12))[-1].value == "unknown command"
    assert dissect(b"\0\0")[-1] == Field(UNREAD, "command_length: 4 octets are meant and 2 follow", 0, 2)
    endless = b"\0\0\0\x2a\0\0\0\x09" + bytes(8) + b"x" * 26
    assert dissect(endless)[-1].value == "system_id: no NUL ends it within 16 octets"
    flag = bytearray(encode(SubmitMulti(dest_addresses=(SmeAddress(destination_addr="84912345678"),))))
    flag[21] = 9
    assert dissect(bytes(flag))[-1].value == "dest_addresses: dest_flag is neither 1 nor 2"


def test_response_without_body():
    """An error's body is left out (s4.4.2): there is nothing to read, and nothing missing."""
    frame = encode(SubmitSmResp(command_status=CommandStatus.ESME_RTHROTTLED))
    assert [field.name for field in dissect(frame)] == [
        "command_length",
        "command_id",
        "command_status",
        "sequence_number",
    ]


def test_every_field_has_its_section():
    """No field of any table is without, and no tag of the specification."""
    tables = [field_table(cls) for cls in PDU_CLASSES]
    items = [
        field_table(item)
        for table in tables
        for kind in table.values()
        if isinstance(kind, Repeated)
        for _, item in kind.items
    ]
    assert {name for table in tables + items for name in table} <= FIELD_SECTIONS.keys()
    assert TAG_SECTIONS.keys() == {int(tag) for tag in Tag}
    assert TAG_SECTIONS[Tag.SAR_MSG_REF_NUM] == "5.3.2.22"


def test_names():
    """Known numbers have their names; others stay numbers."""
    assert (command_name(0x80000004), command_name(0x0E5E)) == ("submit_sm_resp", "0x00000E5E")
    assert (status_name(0x58), status_name(0x400)) == ("ESME_RTHROTTLED", "0x00000400")


def test_repr_shows_no_value():
    """A field may hold a password, a number, a text."""
    assert "secret" not in repr(dissect(encode(BindTransceiver(system_id="gateway", password="secret"))))

"""What is left out of a recording, and what stays."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.capture import redact
from simulator.capture.redact import Redaction, StreamRedaction
from simulator.dissect import dissect, leaves
from sms_service.smpp import (
    BindTransceiver,
    DataSm,
    DeliverSm,
    DistributionList,
    Outbind,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    Tag,
    Tlv,
    UnsuccessSme,
    decode,
    encode,
    int_tlv,
    text_tlv,
)
from sms_service.sms import concat_udh
from tests.unit.smpp.strategies import pdus

NUMBER, TEXT, PASSWORD = "84987650123", b"Toi la An", "s3cr3t!"
PERSONAL = {
    **dict.fromkeys(("source_addr", "destination_addr", "esme_addr", "address_range"), NUMBER),
    "short_message": TEXT,
    "dest_addresses": (SmeAddress(destination_addr=NUMBER), DistributionList(dl_name=NUMBER)),
    "unsuccess_smes": (UnsuccessSme(destination_addr=NUMBER),),
    "password": PASSWORD,
}
PERSONAL_TLVS = (
    *(Tlv(tag, NUMBER.encode()) for tag in (Tag.CALLBACK_NUM, Tag.SOURCE_SUBADDRESS, Tag.DEST_SUBADDRESS, 0x1401)),
    *(Tlv(tag, TEXT) for tag in (Tag.MESSAGE_PAYLOAD, Tag.CALLBACK_NUM_ATAG, Tag.ADDITIONAL_STATUS_INFO_TEXT)),
    Tlv(Tag.PRIVACY_INDICATOR, TEXT),
)


def bearing(pdu):
    """The same PDU, with a person's data wherever it has room for them."""
    changes = {name: value for name, value in PERSONAL.items() if name in pdu.__struct_fields__}
    if "esm_class" in pdu.__struct_fields__:
        changes["esm_class"] = 0
    return msgspec.structs.replace(pdu, command_status=0, tlvs=PERSONAL_TLVS, **changes)


bearers = pdus.map(bearing).map(encode)


@given(bearers)
def test_nothing_of_a_person_stays(frame):
    """No number, text, password in any PDU; its form stays."""
    redacted = Redaction(secrets=False, personal_data=False).pdu(frame)
    assert len(redacted) == len(frame)
    for personal in (NUMBER.encode(), TEXT, PASSWORD.encode()):
        assert personal not in redacted
    shape = [(field.name, field.start, field.end) for field in leaves(dissect(frame))]
    assert [(field.name, field.start, field.end) for field in leaves(dissect(redacted))] == shape
    decode(redacted)


@given(bearers, st.data())
def test_nor_of_damaged_ones(frame, data):
    """A PDU cut short, with its length wrong: the same."""
    cut = frame[: data.draw(st.integers(0, len(frame)))]
    redacted = Redaction(secrets=False, personal_data=False).pdu(cut)
    assert len(redacted) == len(cut)
    for personal in (NUMBER.encode(), TEXT, PASSWORD.encode()):
        assert personal not in redacted


@given(st.binary(max_size=300))
def test_any_octets(frame):
    """Nothing raises, and the length stays."""
    assert len(Redaction(secrets=False, personal_data=False).pdu(frame)) == len(frame)


@given(pdus.map(encode))
def test_only_passwords_by_default(frame):
    """Whatever bears no password stays as it is."""
    redacted = Redaction(secrets=False, personal_data=True).pdu(frame)
    hidden = b"".join(frame[field.start : field.end] for field in dissect(frame) if field.name == "password")
    if not hidden:
        assert redacted == frame
    else:
        kept = [field for field in leaves(dissect(frame)) if field.name != "password"]
        assert all(redacted[field.start : field.end] == frame[field.start : field.end] for field in kept)


@pytest.mark.parametrize("cls", [BindTransceiver, Outbind])
def test_password(cls):
    """It is replaced by as many asterisks, or kept where that is asked for."""
    frame = encode(cls(system_id="gateway", password=PASSWORD))
    pdu = decode(Redaction(secrets=False, personal_data=True).pdu(frame))
    assert (pdu.system_id, pdu.password) == ("gateway", "*******")
    assert Redaction(secrets=True, personal_data=True).pdu(frame) == frame
    cut = Redaction(secrets=False, personal_data=True).pdu(frame[: frame.index(PASSWORD.encode()) + 4])
    assert cut.endswith(b"****")


def test_equal_addresses_have_equal_placeholders():
    """In any field and any PDU; different ones have different ones, which nobody has."""
    redaction = Redaction(secrets=False, personal_data=False)

    def seen(source, destination):
        pdu = decode(redaction.pdu(encode(SubmitSm(source_addr=source, destination_addr=destination))))
        return pdu.source_addr, pdu.destination_addr

    assert seen("5505", "84987650123") == ("0001", "00000000001")
    assert seen("84987650123", "84987650124") == ("00000000001", "00000000002")
    assert seen("", "5505") == ("", "0001")
    multi = SubmitMulti(
        dest_addresses=(SmeAddress(destination_addr="84987650124"), DistributionList(dl_name="friends"))
    )
    redacted = decode(redaction.pdu(encode(multi)))
    assert redacted.dest_addresses[0].destination_addr == "00000000002"
    assert redacted.dest_addresses[1].dl_name == "0000001"
    resp = SubmitMultiResp(unsuccess_smes=(UnsuccessSme(destination_addr="84987650124"),))
    assert decode(redaction.pdu(encode(resp))).unsuccess_smes[0].destination_addr == "00000000002"


def test_placeholders_are_bounded(monkeypatch):
    """When the table is full, and when a length has no more numbers, nines are shared; what has one keeps it."""
    redaction = Redaction(secrets=False, personal_data=False)
    ones = [decode(redaction.pdu(encode(SubmitSm(source_addr=chr(65 + i))))).source_addr for i in range(12)]
    assert ones == [*"123456789", "9", "9", "9"]
    monkeypatch.setattr(redact, "PLACEHOLDERS_MAX", 12)
    assert decode(redaction.pdu(encode(SubmitSm(source_addr="84987650123")))).source_addr == "99999999999"
    assert decode(redaction.pdu(encode(SubmitSm(source_addr="B")))).source_addr == "2"


def test_header_of_a_segment_stays():
    """In short_message and in message_payload; a text in UCS-2 stays one."""
    redaction = Redaction(secrets=False, personal_data=False)
    udh = concat_udh(7, 3, 2)
    pdu = decode(
        redaction.pdu(
            encode(DeliverSm(esm_class=0x40, data_coding=8, short_message=udh + "bí mật".encode("utf-16-be")))
        )
    )
    assert pdu.short_message == udh + "xxxxxx".encode("utf-16-be")
    pdu = decode(redaction.pdu(encode(DataSm(esm_class=0x40, tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, udh + b"secret"),)))))
    assert pdu.tlvs[0].value == udh + b"xxxxxx"


def test_header_hides_nothing():
    """An element that may hold anything is replaced, and a header that does not fit is a text."""
    redaction = Redaction(secrets=False, personal_data=False)
    for message in (
        b"\x0b\x70\x09" + TEXT + b"x",
        b"\x0b\x00\x09" + TEXT + b"x",
        b"\x0a\x00\x1f" + TEXT[:8] + b"x",
        b"\xff" + TEXT,
    ):
        redacted = redaction.pdu(encode(DeliverSm(esm_class=0x40, short_message=message)))
        assert TEXT[:8] not in redacted


def test_numbers_and_ids_stay():
    """What says nothing of a person: the form of a receipt, the segments."""
    tlvs = (text_tlv(Tag.RECEIPTED_MESSAGE_ID, "abc-1"), int_tlv(Tag.MESSAGE_STATE, 2), int_tlv(Tag.SAR_MSG_REF_NUM, 9))
    frame = encode(DeliverSm(esm_class=4, tlvs=tlvs))
    assert Redaction(secrets=False, personal_data=False).pdu(frame) == frame


@given(st.binary(max_size=30), st.lists(st.integers(0, 60), max_size=6))
def test_bind_among_lost_octets(before, cuts):
    """A password behind what looks like a bind is left out, however the octets are cut."""
    stream = before + encode(BindTransceiver(system_id="gateway", password=PASSWORD))
    mask = StreamRedaction(Redaction(secrets=False, personal_data=True))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    out = b"".join(mask(stream[start:end]) for start, end in pairwise(edges))
    assert len(out) == len(stream)
    assert PASSWORD.encode() not in out
    assert b"gateway" not in out


def test_lost_octets():
    """Kept as they came by default, replaced where personal data are left out."""
    assert StreamRedaction(Redaction(secrets=False, personal_data=True))(b"GET / HTTP/1.1") == b"GET / HTTP/1.1"
    assert StreamRedaction(Redaction(secrets=True, personal_data=False))(b"GET") == b"xxx"
    bind = encode(BindTransceiver(password=PASSWORD))
    assert StreamRedaction(Redaction(secrets=True, personal_data=True))(bind) == bind

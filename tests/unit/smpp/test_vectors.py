"""PDUs written by hand from the specification, against the codec in both directions and against the framing."""

import re
from pathlib import Path

import pytest

from sms_service.smpp import (
    PDU_CLASSES,
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    FrameBuffer,
    GenericNack,
    Outbind,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    Unbind,
    UnbindResp,
    UndecodablePdu,
    UnsuccessSme,
    decode,
    encode,
)

VECTORS_FILE = Path(__file__).parents[2] / "vectors" / "smpp" / "pdus.txt"

PHONE = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "84912345678"}
TO_PHONE = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "84912345678"}
TO_SHORT_CODE = {"dest_addr_npi": 1, "destination_addr": "5505"}

MEANING = {
    "bind_transmitter": BindTransmitter(
        sequence_number=1,
        system_id="SMPP3TEST",
        password="secret08",
        system_type="SUBMIT1",
        interface_version=0,
        addr_ton=1,
        addr_npi=1,
    ),
    "bind_receiver": BindReceiver(sequence_number=2, system_id="esme", address_range="^5505$"),
    "bind_transceiver": BindTransceiver(
        sequence_number=0x7FFFFFFF,
        system_id="abcdefghijklmno",
        password="passwor8",
        system_type="system_type.",
        addr_ton=2,
        addr_npi=8,
        address_range="0123456789" * 4,
    ),
    "bind_transmitter_resp": BindTransmitterResp(sequence_number=1, system_id="smsc"),
    "bind_receiver_resp": BindReceiverResp(sequence_number=2, system_id="smsc", tlvs=(Tlv(0x0210, b"\x34"),)),
    "bind_transceiver_resp": BindTransceiverResp(sequence_number=3),
    "bind_transceiver_resp refused": BindTransceiverResp(sequence_number=3, command_status=0x0E),
    "outbind": Outbind(sequence_number=1, system_id="smsc", password="secret"),
    "unbind": Unbind(sequence_number=9),
    "unbind_resp": UnbindResp(sequence_number=9),
    "generic_nack": GenericNack(command_status=3),
    "enquire_link": EnquireLink(sequence_number=10),
    "enquire_link_resp": EnquireLinkResp(sequence_number=10),
    "submit_sm": SubmitSm(
        sequence_number=11,
        source_addr_ton=3,
        source_addr_npi=1,
        source_addr="5505",
        **TO_PHONE,
        esm_class=0x40,
        registered_delivery=1,
        short_message=b"\x05\x00\x03\x2a\x02\x01HELLO",
    ),
    "submit_sm_resp": SubmitSmResp(sequence_number=11, message_id="0A1B2C3D"),
    "submit_sm_resp refused": SubmitSmResp(sequence_number=12, command_status=0x58),
    "submit_multi": SubmitMulti(
        sequence_number=13,
        service_type="CMT",
        source_addr="5505",
        dest_addresses=(SmeAddress(1, 1, "84912345678"), DistributionList("staff")),
        priority_flag=3,
        schedule_delivery_time="210701120000028+",
        validity_period="000000010000000R",
        replace_if_present_flag=1,
        data_coding=8,
        short_message=b"\x1e\xd7",
    ),
    "submit_multi_resp": SubmitMultiResp(
        sequence_number=13, message_id="77", unsuccess_smes=(UnsuccessSme(1, 1, "84912345678", 0x0B),)
    ),
    "deliver_sm": DeliverSm(sequence_number=17, **PHONE, **TO_SHORT_CODE, short_message=b"DC 001085012345"),
    "deliver_sm receipt": DeliverSm(
        sequence_number=18,
        **PHONE,
        **TO_SHORT_CODE,
        esm_class=4,
        tlvs=(
            Tlv(0x001E, b"0A1B2C3D\0"),
            Tlv(0x0427, b"\x02"),
            Tlv(0x0423, b"\x03\0\0"),
            Tlv(0x1501, b"\xca\xfe"),
        ),
    ),
    "deliver_sm payload": DeliverSm(
        sequence_number=19,
        source_addr_ton=5,
        source_addr="VNPT",
        destination_addr="5505",
        tlvs=(Tlv(0x0424, b"DC"), Tlv(0x020C, b"\x00\x2a"), Tlv(0x020E, b"\x02"), Tlv(0x020F, b"\x01")),
    ),
    "deliver_sm_resp": DeliverSmResp(sequence_number=17),
    "deliver_sm_resp temporary": DeliverSmResp(sequence_number=17, command_status=0x64),
    "data_sm": DataSm(
        sequence_number=20,
        **PHONE,
        destination_addr="5505",
        registered_delivery=1,
        data_coding=4,
        tlvs=(Tlv(0x0424, b"\xde\xad\xbe"),),
    ),
    "data_sm_resp": DataSmResp(sequence_number=20, command_status=0xFE, message_id="9", tlvs=(Tlv(0x0425, b"\x01"),)),
    "query_sm": QuerySm(sequence_number=21, message_id="0A1B2C3D", source_addr="5505"),
    "query_sm_resp": QuerySmResp(
        sequence_number=21, message_id="0A1B2C3D", final_date="210701120000028+", message_state=2
    ),
    "cancel_sm": CancelSm(sequence_number=22, message_id="0A1B2C3D", source_addr="5505", **TO_PHONE),
    "cancel_sm_resp": CancelSmResp(sequence_number=22, command_status=0x11),
    "replace_sm": ReplaceSm(
        sequence_number=23,
        message_id="0A1B2C3D",
        source_addr="5505",
        validity_period="000000010000000R",
        registered_delivery=1,
        short_message=b"OK",
    ),
    "replace_sm_resp": ReplaceSmResp(sequence_number=23),
    "alert_notification": AlertNotification(
        sequence_number=24, **PHONE, esme_addr_npi=1, esme_addr="5505", tlvs=(Tlv(0x0422, b"\0"),)
    ),
}


def octets_of(line):
    """The octets of one line: hexadecimal and "ASCII", up to the explanation."""
    end = re.search(r' {2,}(?=[^"]*$)', line).start()
    pieces = re.findall(r'"[^"]*"|[0-9A-F]{2}', line[:end])
    return b"".join(piece[1:-1].encode() if piece[0] == '"' else bytes.fromhex(piece) for piece in pieces)


def read_vectors():
    sections = re.split(r"^\[(.*)\]\n", VECTORS_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: b"".join(octets_of(line) for line in text.splitlines() if line and line[0] != "#")
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


VECTORS = read_vectors()
every_vector = pytest.mark.parametrize("name", VECTORS)


def test_every_vector_has_a_meaning_and_every_pdu_a_vector():
    """No PDU of the specification is left out."""
    assert VECTORS.keys() == MEANING.keys()
    assert {type(pdu) for pdu in MEANING.values()} == set(PDU_CLASSES)


def test_the_specifications_own_example_is_read_as_printed():
    """The vectors' notation is read right: this PDU stands in the specification in plain hexadecimal."""
    printed = "0000002F000000020000000000000001534D50503354455354007365637265743038005355424D4954310000010100"

    assert bytes.fromhex(printed) == VECTORS["bind_transmitter"]


@every_vector
def test_decodes_to_its_meaning(name):
    """The octets mean what the specification says."""
    assert decode(VECTORS[name]) == MEANING[name]


@every_vector
def test_encodes_to_its_octets(name):
    """The record is written as the specification says, octet for octet."""
    assert encode(MEANING[name]) == VECTORS[name]


@every_vector
def test_arriving_whole(name):
    """One read holds one PDU."""
    assert FrameBuffer().feed(VECTORS[name]) == [VECTORS[name]]


@every_vector
def test_arriving_octet_by_octet(name):
    """The PDU is given out with its last octet and not before."""
    buffer = FrameBuffer()
    *first, last = VECTORS[name]

    assert [buffer.feed(bytes((octet,))) for octet in first] == [[]] * len(first)
    assert buffer.feed(bytes((last,))) == [VECTORS[name]]
    assert len(buffer) == 0


@every_vector
def test_arriving_with_trailing_octets(name):
    """What follows a PDU belongs to the next one."""
    buffer = FrameBuffer()
    following = VECTORS["submit_sm"]

    assert buffer.feed(VECTORS[name] + following[:20]) == [VECTORS[name]]
    assert len(buffer) == 20
    assert buffer.feed(following[20:]) == [following]


@every_vector
def test_cut_short_anywhere_is_undecodable(name):
    """A body that ends too early, under a header that says so, is never taken for whole; a response may lack its body."""
    whole = VECTORS[name]
    is_response = whole[4] & 0x80
    failed = any(whole[8:12])
    for end in range(16, len(whole)):
        frame = end.to_bytes(4, "big") + whole[4:end]
        tlvs_begin = end in tlv_boundaries(name, whole)
        if tlvs_begin or (is_response and (end == 16 or failed)):
            assert decode(frame).sequence_number == MEANING[name].sequence_number
            continue
        with pytest.raises(UndecodablePdu) as caught:
            decode(frame)
        assert caught.value.sequence_number == MEANING[name].sequence_number
        assert caught.value.command_id == MEANING[name].command_id


def tlv_boundaries(name, whole):
    """Where a PDU may end: before each of its optional parameters."""
    ends = [len(whole)]
    for tlv in reversed(MEANING[name].tlvs):
        ends.append(ends[-1] - 4 - len(tlv.value))
    return ends

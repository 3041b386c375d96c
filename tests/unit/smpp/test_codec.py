"""Whole PDUs in both directions, and what peers do to them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_service.smpp import (
    PDU_CLASSES,
    BindTransceiverResp,
    CommandId,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    LocalProtocolError,
    Outbind,
    Pdu,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    UndecodablePdu,
    decode,
    encode,
)
from sms_service.smpp.codec import encode_deliver_sm_resps, encode_submit_sm_resps
from sms_service.smpp.consts import RESPONSE_BIT
from tests.unit.smpp.strategies import pdus

REQUESTS = [cls for cls in PDU_CLASSES if not cls.command_id & RESPONSE_BIT]
RESPONSES = [cls for cls in PDU_CLASSES if cls.command_id & RESPONSE_BIT]


def frame(command_id, body=b"", *, command_status=0, sequence_number=7):
    header = (16 + len(body), command_id, command_status, sequence_number)
    return b"".join(number.to_bytes(4, "big") for number in header) + body


def refusal(data):
    """The command_status that answers a frame which cannot be decoded."""
    with pytest.raises(UndecodablePdu) as caught:
        decode(data)
    return caught.value.command_status


@settings(max_examples=400)
@given(pdus)
def test_round_trip(pdu):
    """Whatever can be written of any PDU is read as it was, and begins with its length."""
    octets = encode(pdu)

    assert decode(octets) == pdu
    assert int.from_bytes(octets[:4], "big") == len(octets)


@given(pdus, st.integers(0, 0xFFFFFFFF))
def test_a_sequence_number_may_be_given_apart(pdu, number):
    """A request need not be copied to be numbered."""
    assert decode(encode(pdu, number)).sequence_number == number


@given(st.lists(st.integers(0, 0xFFFFFFFF), max_size=20), st.sampled_from([0, 0x58, 0x64]))
def test_bulk_acknowledgements_are_the_same_octets(numbers, status):
    """The fast way says what the plain way says."""
    plain = [encode(DeliverSmResp(sequence_number=number, command_status=status)) for number in numbers]

    assert encode_deliver_sm_resps(numbers, status) == b"".join(plain)


def test_bulk_acknowledgements_refuse_what_does_not_fit():
    """As the plain way does."""
    with pytest.raises(LocalProtocolError):
        encode_deliver_sm_resps([1, -1], 0)


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.text("0123456789ABCDEF", max_size=64)), max_size=20))
def test_bulk_confirmations_are_the_same_octets(answers):
    """The fast way says what the plain way says."""
    plain = [encode(SubmitSmResp(sequence_number=number, message_id=message_id)) for number, message_id in answers]

    assert encode_submit_sm_resps(answers) == b"".join(plain)


@pytest.mark.parametrize("answer", [(-1, ""), (1, "x" * 65), (1, "\0"), (1, "ế")])
def test_bulk_confirmations_refuse_what_does_not_fit(answer):
    """As the plain way does."""
    with pytest.raises(LocalProtocolError):
        encode_submit_sm_resps([answer])


@pytest.mark.parametrize(
    "pdu",
    [
        SubmitSm(esm_class=256),
        SubmitSm(data_coding=-1),
        SubmitSm(sequence_number=2**32),
        SubmitSm(command_status=-1),
        SubmitSm(service_type="toolong"),
        SubmitSm(source_addr="x" * 21),
        SubmitSm(destination_addr="84\0912"),
        SubmitSm(validity_period="soon"),
        SubmitSm(short_message=b"x" * 255),
        SubmitSm(tlvs=(Tlv(0x0424, b"x" * 65_536),)),
    ],
    ids=repr,
)
def test_what_does_not_fit_is_not_written(pdu):
    """A value that the peer would read as another is the caller's mistake, and never sent cut short."""
    with pytest.raises(LocalProtocolError):
        encode(pdu)


def test_data_coding_and_classes_are_kept_raw():
    """The codec interprets nothing: which alphabet 0 is, and what a receipt is, is decided above."""
    pdu = DeliverSm(esm_class=0x44, data_coding=0xF1, short_message=bytes(range(255))[:254])

    assert decode(encode(pdu)) == pdu


def test_strings_are_latin_1():
    """No octet of a C-Octet String is refused or changed."""
    source_addr = "".join(map(chr, range(1, 21)))
    high = "".join(map(chr, range(0xEC, 0x100)))

    assert decode(frame(5, b"\0\0\0" + source_addr.encode("latin-1") + b"\0" + bytes(13))).source_addr == source_addr
    assert decode(frame(5, b"\0\0\0" + high.encode("latin-1") + b"\0" + bytes(13))).source_addr == high


# ---- what peers do ---------------------------------------------------------------------------------------------------


def test_unknown_parameters_are_kept():
    """A vendor's parameter, or one of SMPP 5.0, is no reason to lose a message."""
    tlvs = (Tlv(0x060D, b"\1"), Tlv(0x1501, b"abc"), Tlv(0x3FFF, b""), Tlv(0xFFFF, b"\0"))

    assert decode(encode(DeliverSm(tlvs=tlvs))).tlvs == tlvs


@pytest.mark.parametrize("cls", PDU_CLASSES)
def test_every_pdu_may_carry_parameters(cls):
    """Also those for which the specification lists none."""
    pdu = cls(tlvs=(Tlv(0x1501, b"abc"),))

    assert decode(encode(pdu)) == pdu


@pytest.mark.parametrize("status", [0x0100, 0x0400, 0x045C, 0xFFFFFFFF])
def test_unknown_statuses_are_kept(status):
    """Operators have statuses of their own; they are numbers like the others."""
    assert decode(encode(SubmitSmResp(command_status=status))).command_status == status


@pytest.mark.parametrize("cls", RESPONSES)
@pytest.mark.parametrize("status", [0, 0x58])
def test_a_response_without_body(cls, status):
    """§4.4.2 lets an error response go without; some peers leave it out always."""
    pdu = decode(frame(cls.command_id, command_status=status))

    assert pdu == cls(sequence_number=7, command_status=status)


@pytest.mark.parametrize("body", [b"x", b"\0\0", b"x\0\x04\x24\xff\xff"])
def test_an_error_response_with_a_broken_body(body):
    """Its status is what matters, and it is readable."""
    assert decode(frame(0x80000004, body, command_status=0x58)) == SubmitSmResp(sequence_number=7, command_status=0x58)


def test_a_good_response_with_a_broken_body():
    """Without a message_id the message cannot be followed: this answer is not understood."""
    assert refusal(frame(0x80000004, b"x")) == 0x0C


def test_an_overlong_message_id_in_a_response():
    """An SMSC whose ids are longer than 64 still has accepted the message."""
    assert decode(frame(0x80000004, b"x" * 100 + b"\0")).message_id == "x" * 100


@pytest.mark.parametrize("cls", [BindTransceiverResp, SubmitSmResp])
def test_an_error_response_that_is_to_have_no_body(cls):
    """§4.1.2, §4.4.2: the body is not returned."""
    assert len(encode(cls(command_status=0x0E))) == 16


@pytest.mark.parametrize("cls", [DeliverSmResp, QuerySmResp])
def test_an_error_response_that_keeps_its_body(cls):
    """Elsewhere the specification makes no exception."""
    assert len(encode(cls(command_status=0x64))) > 16


@pytest.mark.parametrize("tail", [b"\x04\x24\x00\x05DC", b"\x04", b"\x04\x24\xff\xff"])
def test_a_parameter_that_overruns(tail):
    """ESME_RINVOPTPARSTREAM, and the stream goes on."""
    assert refusal(frame(5, bytes(17) + tail)) == 0xC0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (bytes(16) + b"\x05DC", 0x01),  # sm_length 5, two octets follow
        (bytes(16) + b"\xff" + b"x" * 255, 0x01),  # 255 octets, all there, one more than short_message has
        (bytes(16) + b"\x01DCX", 0xC0),  # sm_length 1, three octets follow: the rest is no parameter
    ],
    ids=["too long", "over the limit", "too short"],
)
def test_sm_length_that_lies(body, status):
    """A length that contradicts the body is refused, whichever way."""
    assert refusal(frame(5, body)) == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"toolong\0", 0x15),
        (b"\0\1\1" + b"8" * 21 + b"\0", 0x0A),
        (b"\0\1\1\0\1\1" + b"8" * 21 + b"\0", 0x0B),
        (bytes(10) + b"2" * 17 + b"\0", 0x61),
        (bytes(11) + b"2" * 17 + b"\0", 0x62),
    ],
    ids=["service_type", "source_addr", "destination_addr", "schedule_delivery_time", "validity_period"],
)
def test_an_overlong_string_in_a_request(body, status):
    """Each field has its own status for it (§5.1.3)."""
    assert refusal(frame(5, body + bytes(40))) == status


@pytest.mark.parametrize(("body", "status"), [(b"x" * 16 + b"\0\0", 0x0F), (b"\0" + b"x" * 9 + b"\0", 0x0E)])
def test_an_overlong_credential(body, status):
    """A system_id or a password that no account can have is refused as such."""
    assert refusal(frame(Outbind.command_id, body)) == status


@pytest.mark.parametrize("cls", [cls for cls in REQUESTS if len(encode(cls())) > 16])
def test_a_request_without_its_body(cls):
    """Only responses may leave it out."""
    assert refusal(frame(cls.command_id)) == 0x02


@pytest.mark.parametrize(
    "command_id", [0, 0x0A, 0x22, 0x110, 0x00010200, 0x7FFFFFFF, 0x8000000B, 0x80000102, 0xFFFFFFFF]
)
def test_an_unknown_command(command_id):
    """Vendors' commands, those of SMPP 5.0, and responses that do not exist."""
    assert command_id not in set(CommandId)
    assert refusal(frame(command_id, b"whatever")) == 0x03


@pytest.mark.parametrize("change", [-1, 1, -16, 0x7FFFFFFF])
def test_a_length_that_is_not_the_frames(change):
    """`decode` takes one whole frame; another length in its header is a contradiction."""
    octets = encode(EnquireLink(sequence_number=7, tlvs=(Tlv(1, b"abc"),)))
    length = (len(octets) + change).to_bytes(4, "big")

    assert refusal(length + octets[4:]) == 0x02


@pytest.mark.parametrize("length", range(16))
def test_less_than_a_header(length):
    """What has no sequence_number is answered under 0."""
    with pytest.raises(UndecodablePdu) as caught:
        decode(bytes(length))
    assert (caught.value.sequence_number, caught.value.command_status) == (0, 0x02)


def test_undecodable_names_the_field_and_quotes_nothing():
    """The error may be logged: it says where, not what."""
    with pytest.raises(UndecodablePdu) as caught:
        decode(frame(5, b"\0\1\1" + b"84912345678" * 3 + b"\0" * 20))

    assert str(caught.value) == "command_id 0x00000005: source_addr"
    assert (caught.value.command_id, caught.value.sequence_number) == (5, 7)


def decoded(octets):
    """The PDU, or the error that is the only other outcome."""
    try:
        return decode(octets)
    except UndecodablePdu as error:
        return error


@given(st.binary(max_size=120))
def test_arbitrary_octets(octets):
    """Any octets are a PDU or undecodable, with a status to answer, and nothing else happens."""
    outcome = decoded(octets)

    assert isinstance(outcome, Pdu) or 0 < outcome.command_status <= 0xFF


@given(st.sampled_from(REQUESTS), st.binary(max_size=80))
def test_arbitrary_bodies(cls, body):
    """The same under a header that is right; a request that could be read can be written again, to the same octets."""
    octets = frame(cls.command_id, body)
    outcome = decoded(octets)

    if isinstance(outcome, Pdu):
        assert re_encoded(outcome) in (octets, None)
    else:
        assert (outcome.command_id, outcome.sequence_number) == (cls.command_id, 7)


def re_encoded(pdu):
    """The octets again, or None where we are stricter with ourselves: a time is 16 characters or none (§7.1.1)."""
    try:
        return encode(pdu)
    except LocalProtocolError:
        return None


def test_a_nack_has_a_header_only():
    """§4.3.1."""
    assert encode(GenericNack(command_status=3)) == frame(0x80000000, command_status=3, sequence_number=0)

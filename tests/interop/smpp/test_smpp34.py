"""smpp34, written in Rust, as encoder and as decoder: submit_sm and deliver_sm in every field, the header of all the others."""

import smpp34
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_service import smpp as ours
from sms_service.smpp.compiler import field_table
from sms_service.smpp.fields import CString
from tests.unit.smpp.strategies import pdus, values

PAIRS = {ours.SubmitSm: smpp34.SubmitSm, ours.DeliverSm: smpp34.DeliverSm}


def ascii_of(kind):
    """Strings as the specification has them; the empty ones and those of full length among them."""
    size = kind.size - 1
    return st.just("") | st.text(
        st.characters(min_codepoint=32, max_codepoint=126), min_size=size if kind.fixed else 0, max_size=size
    )


bodies = st.fixed_dictionaries(
    {
        field: ascii_of(kind) if isinstance(kind, CString) else values(kind)
        for field, kind in field_table(ours.SubmitSm).items()
    }
)
parameters = st.lists(st.tuples(st.integers(0x1400, 0x3FFF), st.binary(max_size=40)), max_size=3)
numbers = st.integers(1, 0x7FFFFFFF)
classes = st.sampled_from(list(PAIRS))


@settings(max_examples=200)
@given(classes, bodies, parameters, numbers)
def test_the_same_octets(cls, body, tlvs, number):
    """Both encoders write the same message alike, octet for octet."""
    mine = cls(sequence_number=number, tlvs=tuple(ours.Tlv(*tlv) for tlv in tlvs), **body)
    theirs = PAIRS[cls](sequence_number=number, tlvs=[smpp34.Tlv(*tlv) for tlv in tlvs], **body)

    assert ours.encode(mine) == theirs.encode()


@settings(max_examples=200)
@given(classes, bodies, parameters, numbers)
def test_smpp34_reads_what_we_write(cls, body, tlvs, number):
    """Each field and each parameter."""
    theirs = smpp34.decode(ours.encode(cls(sequence_number=number, tlvs=tuple(ours.Tlv(*tlv) for tlv in tlvs), **body)))

    assert type(theirs) is PAIRS[cls]
    assert {field: getattr(theirs, field) for field in body} == body
    assert [(tlv.tag, tlv.value) for tlv in theirs.tlvs] == tlvs
    assert (theirs.sequence_number, theirs.sm_length) == (number, len(body["short_message"]))


@settings(max_examples=200)
@given(pdus)
def test_smpp34_reads_our_headers(pdu):
    """Length, command, status and number of every PDU stand where another decoder looks for them."""
    octets = ours.encode(pdu)
    if type(pdu) in PAIRS:
        return
    theirs = smpp34.decode(octets)

    assert theirs.command_length == len(octets)
    assert theirs.command_id == pdu.command_id
    assert (theirs.command_status, theirs.sequence_number) == (pdu.command_status, pdu.sequence_number)
    assert theirs.body == octets[16:]


def test_parameters_have_the_same_tags():
    """Each TLV_ constant of smpp34 is one of our tags."""
    theirs = {name.removeprefix("TLV_"): getattr(smpp34, name) for name in dir(smpp34) if name.startswith("TLV_")}

    assert theirs == {tag.name: tag.value for tag in ours.Tag}

"""smpplib, an implementation that shares no code with ours, as encoder and as decoder of the PDUs that it knows.

smpplib knows neither submit_multi nor cancel_sm, replace_sm, outbind and their responses; those have the hand-written vectors
only. It writes 0 for a version it is given none for, cuts what is too long, and gives strings as bytes.
It holds the addresses of data_sm and alert_notification to 21 octets where the specification gives 65 (§4.7.1, §4.12.1).
"""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from smpplib import consts, smpp

from sms_service import smpp as ours
from sms_service.smpp.compiler import field_table
from sms_service.smpp.fields import CString
from tests.unit.smpp.strategies import values

COMMANDS = {
    "bind_transmitter": ours.BindTransmitter,
    "bind_receiver": ours.BindReceiver,
    "bind_transceiver": ours.BindTransceiver,
    "bind_transmitter_resp": ours.BindTransmitterResp,
    "bind_receiver_resp": ours.BindReceiverResp,
    "bind_transceiver_resp": ours.BindTransceiverResp,
    "submit_sm": ours.SubmitSm,
    "submit_sm_resp": ours.SubmitSmResp,
    "deliver_sm": ours.DeliverSm,
    "deliver_sm_resp": ours.DeliverSmResp,
    "data_sm": ours.DataSm,
    "data_sm_resp": ours.DataSmResp,
    "query_sm": ours.QuerySm,
    "query_sm_resp": ours.QuerySmResp,
    "unbind": ours.Unbind,
    "unbind_resp": ours.UnbindResp,
    "enquire_link": ours.EnquireLink,
    "enquire_link_resp": ours.EnquireLinkResp,
    "generic_nack": ours.GenericNack,
    "alert_notification": ours.AlertNotification,
}


class Numbering:
    """What smpplib asks for numbers that it is not given."""

    sequence = 0

    @staticmethod
    def next_sequence():
        return 0


every_command = pytest.mark.parametrize("command", COMMANDS)
numbers = st.integers(1, 0x7FFFFFFF)


def bodies(cls):
    """What both can write: ASCII strings, as the specification has them."""
    table = field_table(cls)
    return st.fixed_dictionaries(
        {field: ascii_of(field, kind) if isinstance(kind, CString) else values(kind) for field, kind in table.items()}
    )


def ascii_of(field, kind):
    size = (min(kind.size, 21) if field.endswith("_addr") else kind.size) - 1
    return st.just("") | st.text(
        st.characters(min_codepoint=1, max_codepoint=127), min_size=size if kind.fixed else 0, max_size=size
    )


def value(theirs, field):
    """What smpplib read: it gives strings as bytes, and None for a text of no octets at the end of a PDU."""
    found = getattr(theirs, field)
    if field == "short_message":
        return found or b""
    return found.decode("latin-1") if isinstance(found, bytes) else found


@every_command
@settings(max_examples=25)
@given(data=st.data())
def test_smpplib_reads_what_we_write(command, data):
    """Each field comes out of smpplib's decoder with the value that we put in."""
    cls = COMMANDS[command]
    body = data.draw(bodies(cls))
    number = data.draw(numbers)

    theirs = smpp.parse_pdu(ours.encode(cls(sequence_number=number, **body)), client=Numbering)

    assert (theirs.command, theirs.sequence, theirs.status) == (command, number, 0)
    assert {field: value(theirs, field) for field in body} == body


@every_command
@settings(max_examples=25)
@given(data=st.data())
def test_we_read_what_smpplib_writes(command, data):
    """Each field comes out of our decoder with the value that smpplib was given."""
    cls = COMMANDS[command]
    body = data.draw(bodies(cls))
    number = data.draw(numbers)
    assume(command != "query_sm" or body["message_id"])  # smpplib writes none without
    theirs = smpp.make_pdu(command, client=Numbering)
    theirs.sequence = number
    for field, content in body.items():
        setattr(theirs, field, content)
    theirs.status = consts.SMPP_ESME_ROK

    if "short_message" in body:
        theirs.sm_length = len(body["short_message"])

    assert ours.decode(theirs.generate()) == cls(sequence_number=number, **body)


INTEGER_PARAMETERS = {"user_message_reference": 2, "source_port": 2, "sar_msg_ref_num": 2, "sar_total_segments": 1}


@given(
    st.fixed_dictionaries({name: st.integers(0, 256**size - 1) for name, size in INTEGER_PARAMETERS.items()}),
    st.binary(min_size=1, max_size=300),
)
def test_optional_parameters(integers, payload):
    """Numbers and message_payload, both ways."""
    theirs = smpp.make_pdu("submit_sm", client=Numbering, message_payload=payload, short_message=b"", **integers)
    theirs.sm_length = 0

    read = ours.decode(theirs.generate())

    tags = {name: ours.Tag[name.upper()] for name in integers}
    assert {name: ours.find_int(read.tlvs, tag) for name, tag in tags.items()} == integers
    assert ours.find_tlv(read.tlvs, ours.Tag.MESSAGE_PAYLOAD) == payload
    again = smpp.parse_pdu(ours.encode(read), client=Numbering)
    assert {name: getattr(again, name) for name in integers} == integers
    assert again.message_payload == payload

"""A template gives what the codec gives."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.smpp import LocalProtocolError, SubmitSm, SubmitTemplate, Tlv, encode
from tests.unit.smpp.strategies import pdus_of

submit_sms = pdus_of(SubmitSm).map(lambda pdu: msgspec.structs.replace(pdu, command_status=0, tlvs=()))


@given(submit_sms, submit_sms, st.integers(1, 0x7FFFFFFF))
def test_a_template_gives_the_octets_of_the_whole_pdu(common, other, number):
    whole = msgspec.structs.replace(
        common, destination_addr=other.destination_addr, short_message=other.short_message, sequence_number=number
    )

    template = SubmitTemplate(common)

    assert template.encode(number, other.destination_addr, other.short_message) == encode(whole)


@pytest.mark.parametrize(
    ("number", "destination", "text"),
    [
        (1, "8" * 21, b""),
        (1, "số", b""),
        (1, "84\0", b""),
        (1, "84912345678", bytes(255)),
        (1 << 32, "84912345678", b""),
        (-1, "84912345678", b""),
    ],
    ids=["long address", "not Latin-1", "NUL", "long text", "large number", "negative number"],
)
def test_what_does_not_fit_is_refused_as_by_the_codec(number, destination, text):
    whole = SubmitSm(destination_addr=destination, short_message=text, sequence_number=number)

    with pytest.raises(LocalProtocolError) as by_codec:
        encode(whole)
    with pytest.raises(LocalProtocolError) as by_template:
        SubmitTemplate(SubmitSm()).encode(number, destination, text)

    assert str(by_template.value) == str(by_codec.value)


@pytest.mark.parametrize("pdu", [SubmitSm(source_addr="5" * 21), SubmitSm(tlvs=(Tlv(0x0424, b"text"),))])
def test_what_is_no_template(pdu):
    """A field that does not fit, and parameters, which would have to follow the text."""
    with pytest.raises(LocalProtocolError):
        SubmitTemplate(pdu)

"""Optional parameters: made, found, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.smpp import LocalProtocolError, Tag, Tlv, find_int, find_text, find_tlv, int_tlv, text_tlv
from sms_service.smpp.fields import FieldError
from sms_service.smpp.tlv import INTEGER_SIZES, read_tlvs, write_tlvs
from tests.unit.smpp.strategies import tlvs


@given(tlvs)
def test_what_is_written_is_read(some):
    """Known or not, repeated or not, in any order: every parameter comes back as it went."""
    assert read_tlvs(write_tlvs(some), 0) == some


def test_the_widest_value():
    """A length has two octets: 65,535 fit, one more does not."""
    widest = (Tlv(Tag.MESSAGE_PAYLOAD, b"x" * 65_535),)

    assert read_tlvs(write_tlvs(widest), 0) == widest
    with pytest.raises(LocalProtocolError, match="65536 octets"):
        write_tlvs((Tlv(Tag.MESSAGE_PAYLOAD, b"x" * 65_536),))


@pytest.mark.parametrize("tag", [-1, 0x10000])
def test_a_tag_has_two_octets(tag):
    """No other number is written as a tag."""
    with pytest.raises(LocalProtocolError):
        write_tlvs((Tlv(tag, b""),))


@pytest.mark.parametrize(
    "data",
    [b"\x04", b"\x04\x24\x00", b"\x04\x24\x00\x01", b"\x04\x24\x00\x05DC", b"\x04\x27\x00\x01\x02\x00"],
    ids=["half a tag", "half a length", "no value", "value cut short", "an octet left over"],
)
def test_overrun(data):
    """A parameter that runs past its PDU, or half of one, is refused with the status for it."""
    with pytest.raises(FieldError) as caught:
        read_tlvs(data, 0)
    assert caught.value.command_status == 0xC0


def test_repr_shows_no_value():
    """A parameter may hold a citizen's text; what is logged may not."""
    assert repr(Tlv(Tag.MESSAGE_PAYLOAD, b"DC 001085012345")) == "Tlv(0x0424, 15 octets)"


@pytest.mark.parametrize(
    ("tag", "size"), [(Tag.SAR_TOTAL_SEGMENTS, 1), (Tag.SAR_MSG_REF_NUM, 2), (Tag.QOS_TIME_TO_LIVE, 4)]
)
def test_numbers_have_their_width(tag, size):
    """A number is written in as many octets as the specification gives it, and refused when it is larger."""
    largest = 256**size - 1

    assert int_tlv(tag, largest) == Tlv(tag, b"\xff" * size)
    assert int_tlv(tag, 1) == Tlv(tag, bytes(size - 1) + b"\x01")
    for unfit in (largest + 1, -1):
        with pytest.raises(LocalProtocolError, match=f"has {size} octets"):
            int_tlv(tag, unfit)


@pytest.mark.parametrize("tag", [Tag.MESSAGE_PAYLOAD, Tag.RECEIPTED_MESSAGE_ID, 0x1501])
def test_not_every_parameter_is_a_number(tag):
    """Making a number of what is none, or of what nobody has defined, is refused."""
    with pytest.raises(LocalProtocolError, match="no number"):
        int_tlv(tag, 1)


def test_every_number_is_one_of_the_specifications():
    """The table of widths knows only defined tags, and no width but 1, 2 and 4."""
    assert INTEGER_SIZES.keys() <= set(Tag)
    assert set(INTEGER_SIZES.values()) == {1, 2, 4}


def test_text_ends_with_a_nul():
    """receipted_message_id is a C-Octet String (§5.3.2.12)."""
    assert text_tlv(Tag.RECEIPTED_MESSAGE_ID, "0A1B") == Tlv(Tag.RECEIPTED_MESSAGE_ID, b"0A1B\0")


@pytest.mark.parametrize("text", ["a\0b", "số"])
def test_text_is_ascii(text):
    """Text that would not be read back is refused."""
    with pytest.raises(LocalProtocolError, match="must be ASCII without NUL"):
        text_tlv(Tag.RECEIPTED_MESSAGE_ID, text)


def test_the_first_of_a_tag_is_found():
    """Peers repeat parameters; the first one counts."""
    some = (Tlv(1, b"a"), Tlv(2, b"b"), Tlv(2, b"c"))

    assert find_tlv(some, 2) == b"b"
    assert find_tlv(some, 3) is None


@given(st.binary(min_size=1, max_size=4))
def test_numbers_of_unusual_width_are_read(value):
    """Peers write message_state in two octets, or sar_msg_ref_num in one."""
    assert find_int((Tlv(Tag.MESSAGE_STATE, value),), Tag.MESSAGE_STATE) == int.from_bytes(value, "big")


@pytest.mark.parametrize("some", [(), (Tlv(Tag.MESSAGE_STATE, b""),), (Tlv(Tag.MESSAGE_STATE, b"12345"),)])
def test_what_is_no_number_is_none(some):
    """Absent, empty or too wide: no number, and no error."""
    assert find_int(some, Tag.MESSAGE_STATE) is None


@pytest.mark.parametrize("value", [b"0A1B\0", b"0A1B", b"0A1B\0\0junk"])
def test_text_is_read_up_to_its_nul(value):
    """With a NUL, without one, or with more behind it."""
    assert find_text((Tlv(Tag.RECEIPTED_MESSAGE_ID, value),), Tag.RECEIPTED_MESSAGE_ID) == "0A1B"


def test_absent_text_is_none():
    """No parameter, no text."""
    assert find_text((), Tag.RECEIPTED_MESSAGE_ID) is None

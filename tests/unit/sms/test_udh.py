"""User data headers: read tolerantly, written to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.udh import Concat, MalformedUdh, Numbering, concat_udh, parse_udh, valid_concat

NUMBERS = st.integers(1, 255).flatmap(lambda total: st.tuples(st.just(total), st.integers(1, total)))


@pytest.mark.parametrize(
    ("data", "concat"),
    [
        ("050003 2a 02 01", Concat(0x2A, Numbering.UDH_8, 2, 1)),
        ("060804 012a 02 02", Concat(0x012A, Numbering.UDH_16, 2, 2)),
        ("00", None),
        ("06 0504 0b84 23f0", None),  # ports
        ("0b 0504 0b84 23f0 0003 2a 02 01", Concat(0x2A, Numbering.UDH_8, 2, 1)),
        ("08 0003 2a 02 01 2401 05", Concat(0x2A, Numbering.UDH_8, 2, 1)),  # then a language shift
        ("0a 0003 2a 02 01 0003 2b 03 02", Concat(0x2B, Numbering.UDH_8, 3, 2)),  # the last counts
        ("0b 0003 2a 02 01 0804 012a 02 02", Concat(0x012A, Numbering.UDH_16, 2, 2)),
        ("0b 0804 012a 02 02 0003 2a 00 00", Concat(0x012A, Numbering.UDH_16, 2, 2)),  # the last valid one
        ("050003 2a 00 00", None),
        ("050003 2a 00 01", None),
        ("050003 2a 02 00", None),
        ("050003 2a 02 03", None),
        ("04 0002 2a 02", None),  # too short for concatenation
        ("05 0803 2a 02 01", None),
        ("04 0003 2a 02", None),  # element overruns the header: ignored whole
        ("06 0003 2a 02 01 24", None),  # half an element
        ("02 2400", None),
    ],
)
def test_elements(data, concat):
    """Concatenation is found among other elements; what contradicts itself is ignored (3GPP TS 23.040 section 9.2.3.24)."""
    header = bytes.fromhex(data)

    assert parse_udh(header + b"text\x00") == (concat, b"text\x00")
    assert parse_udh(header) == (concat, b"")


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x05\x00\x03\x2a\x02", b"\xff" * 255, b"DC"])
def test_a_header_longer_than_the_message_is_an_error(data):
    """A length that runs past the octets is told as such, with nothing of the message in the error."""
    with pytest.raises(MalformedUdh, match=r"^user data header longer than the message$"):
        parse_udh(data)


@given(st.integers(0, 255), NUMBERS, st.binary())
def test_8_bit_headers_read_as_written(reference, numbers, text):
    """A header with an 8-bit reference is six octets and says what was put in."""
    header = concat_udh(reference, *numbers)

    assert len(header) == 6
    assert parse_udh(header + text) == (Concat(reference, Numbering.UDH_8, *numbers), text)


@given(st.integers(0, 65535), NUMBERS, st.binary())
def test_16_bit_headers_read_as_written(reference, numbers, text):
    """A header with a 16-bit reference is seven octets and says what was put in."""
    header = concat_udh(reference, *numbers, wide=True)

    assert len(header) == 7
    assert parse_udh(header + text) == (Concat(reference, Numbering.UDH_16, *numbers), text)


@pytest.mark.parametrize(
    ("reference", "total", "number", "wide"),
    [
        (256, 2, 1, False),
        (65536, 2, 1, True),
        (-1, 2, 1, False),
        (1, 256, 1, False),
        (1, 2, 3, False),
        (1, 2, 0, False),
    ],
)
def test_numbers_that_do_not_fit_are_refused(reference, total, number, wide):
    """A number outside its field is an error of the caller, not a wrapped value."""
    with pytest.raises(ValueError, match=r"range|outside"):
        concat_udh(reference, total, number, wide=wide)


@given(st.binary())
def test_any_octets_are_read_or_refused(data):
    """Arbitrary octets yield a payload that is their end, and a place inside its message, or MalformedUdh."""
    try:
        concat, payload = parse_udh(data)
    except MalformedUdh:
        return
    assert payload == data[1 + data[0] :]
    assert concat is None or 1 <= concat.number <= concat.total <= 255


def test_numbers_that_contradict_one_another_are_no_place():
    """Number 0, and number beyond total, are no concatenation."""
    assert valid_concat(1, Numbering.SAR, 2, 2) == Concat(1, Numbering.SAR, 2, 2)
    assert valid_concat(1, Numbering.SAR, 2, 0) is None
    assert valid_concat(1, Numbering.SAR, 2, 3) is None

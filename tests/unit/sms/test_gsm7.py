"""GSM 7-bit: the tables, escapes, and what it refuses to write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.gsm7 import (
    ALIKE,
    EXTENDED,
    NotEncodable,
    encodable_gsm7,
    gsm7_decode,
    gsm7_encode,
    gsm7_septets,
    septet_count,
)

WRITABLE = gsm7_decode(bytes(code for code in range(128) if code != 0x1B)) + "".join(sorted(EXTENDED))


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("", b""),
        ("DC 001085012345", b"DC 001085012345"),
        ("@", b"\x00"),
        ("_$£¥", b"\x11\x02\x01\x03"),
        ("à è é ì ò ù É", b"\x7f \x04 \x05 \x07 \x08 \x06 \x1f"),
        ("ΔΦΓΛΩΠΨΣΘΞ", b"\x10\x12\x13\x14\x15\x16\x17\x18\x19\x1a"),
        ("\n\r", b"\x0a\x0d"),
        ("[€]", b"\x1b\x3c\x1b\x65\x1b\x3e"),
        ("^{}\\~|\f", b"\x1b\x14\x1b\x28\x1b\x29\x1b\x2f\x1b\x3d\x1b\x40\x1b\x0a"),
        ("@{@", b"\x00\x1b\x28\x00"),
    ],
)
def test_vectors_of_the_specification(text, octets):
    """Characters are the septets that 3GPP TS 23.038 section 6.2.1 gives them, both ways."""
    assert gsm7_encode(text) == octets
    assert gsm7_decode(octets) == text
    assert septet_count(text) == len(octets)


@given(st.text(st.sampled_from(WRITABLE)))
def test_what_is_written_reads_the_same(text):
    """Any text of basic and extension characters survives; it costs two septets for each extension character."""
    octets = gsm7_encode(text)

    assert gsm7_decode(octets) == text
    assert octets.isascii()
    assert septet_count(text) == len(octets) == len(text) + sum(character in EXTENDED for character in text)


@given(st.text())
def test_text_is_writable_exactly_if_each_character_is(text):
    """One character outside the tables makes the whole text unwritable, and no character makes writing fail otherwise."""
    writable = all(character in WRITABLE for character in text)

    assert encodable_gsm7(text) is writable
    assert (gsm7_septets(text) is not None) is writable


@pytest.mark.parametrize("character", ["\0", "\x1b", "`", "ç", "ạ", "đ", "\u2126", "\t", "😀", "\ud800", "\ufffe"])
def test_look_alikes_and_controls_are_refused_not_replaced(character):
    """NUL, escape, backtick, small c-cedilla, the ohm sign and the like are not written as something similar."""
    with pytest.raises(NotEncodable) as refused:
        gsm7_encode("DC " + character)
    assert character not in str(refused.value)
    with pytest.raises(NotEncodable):
        septet_count(character)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"A\x1b", "A "),
        (b"A\x1b\x1bB", "A B"),
        (b"\x1b\x1b\x1b", "  "),
        (b"\x1bA", "A"),
        (b"\x1b\x0d", "\r"),
        (b"\x1b\x00", "@"),
        (b"D\x80C\xff", "D\ufffdC\ufffd"),
        (b"\x1b\xe5", "\ufffd"),
    ],
)
def test_senseless_septets_are_read_as_the_specification_shows_them(octets, text):
    """Escapes lead to a blank or the basic character (TS 23.038 section 6.2.1.1); an octet above 0x7F is a replacement."""
    assert gsm7_decode(octets) == text


def test_alike_octets_mean_the_same_in_three_alphabets():
    """The octets that the short cut passes through read the same as GSM 7-bit, ASCII and Latin-1, and are all there are."""
    alike = [code for code in range(128) if gsm7_decode(bytes((code,))) == chr(code)]

    assert list(ALIKE) == alike
    assert ALIKE.decode("ascii") == ALIKE.decode("latin-1") == gsm7_decode(ALIKE)
    assert set(b"AZaz09 .,:;/-\n\r") <= set(ALIKE)
    assert not set(b"@$_[]{}|~^\\`\x1b\0") & set(ALIKE)

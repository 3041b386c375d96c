"""Alphabets: reading by data_coding, writing at the lowest price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.alphabets import Alphabet, Encoded, decode, encode, encode_cheapest
from sms_service.sms.gsm7 import EXTENDED, NotEncodable, encodable_gsm7, septet_count

GSM7, LATIN1, ASCII, UCS2 = Alphabet
ALPHABETS = st.sampled_from(Alphabet)
MIXED = st.text(st.sampled_from("ABZaz09 \n.@_[]{}€àéùÉñâçΔạđĐệ😀\U0010ffff"))


def test_settings_name_the_alphabets():
    """A settings file says gsm, latin1, ascii or ucs2."""
    assert [alphabet.value for alphabet in Alphabet] == ["gsm", "latin1", "ascii", "ucs2"]


@pytest.mark.parametrize(
    ("data", "data_coding", "default", "text"),
    [
        (b"\x00DC", 0, GSM7, "@DC"),
        (b"D\xe9", 0, LATIN1, "Dé"),
        (b"@DC", 0, ASCII, "@DC"),
        (b"D\xe9", 0, ASCII, "D\ufffd"),
        (b"\x1e\xa1\x00D", 0, UCS2, "ạD"),
        (b"@", 1, GSM7, "@"),
        (b"\xe9", 1, GSM7, "\ufffd"),
        (b"@\xe9", 3, GSM7, "@é"),
        (b"\x1e\xa1", 8, GSM7, "ạ"),
        (b"\xd8\x3d\xde\x00", 8, LATIN1, "😀"),
    ],
)
def test_data_coding_names_the_alphabet_and_zero_means_the_smsc_s(data, data_coding, default, text):
    """SMPP 3.4 section 5.2.19: 1 ASCII, 3 Latin-1, 8 UCS-2 whatever the default; 0 what the SMSC's setting says."""
    assert decode(data, data_coding, default) == text


@pytest.mark.parametrize("default", Alphabet)
@pytest.mark.parametrize(
    ("codings", "alphabet"),
    [
        ((0xC0, 0xCF, 0xD0, 0xDF, 0xF0, 0xF3, 0x10, 0x13, 0x40, 0x50, 0x53), GSM7),
        ((0xE0, 0xEF, 0x18, 0x19, 0x48, 0x5B, 8), UCS2),
        ((2, 3, 4, 5, 6, 7, 9, 10, 13, 14, 0x14, 0x44, 0xF4, 0xF7, 0xFC, 0x20, 0x28, 0x3F, 0x60, 0x7C), LATIN1),
        ((1,), ASCII),
        ((0, 11, 12, 15, 0x1C, 0x4C, 0x80, 0x9F, 0xA5, 0xBF), None),
    ],
)
def test_groups_of_23_038_and_fallbacks(codings, alphabet, default):
    """Message class, message waiting and general groups name their alphabet; reserved ones mean the default; 8-bit reads as Latin-1."""
    octets = b"\x00\x40\xc9\x44"
    for coding in codings:
        assert decode(octets, coding, default) == decode(octets, 0, alphabet or default)


def test_the_same_octets_read_differently_in_the_four_alphabets():
    """The octets of the test above tell the alphabets apart, so that it can fail."""
    assert len({decode(b"\x00\x40\xc9\x44", 0, alphabet) for alphabet in Alphabet}) == 4


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\x00", ""),
        (b"\x00D\x00C\x00", "DC"),
        (b"\x00D\x00C\x00D\x00", "DCD"),
        (b"\xfe\xff\x00D\x00C", "DC"),
        (b"\xff\xfeD\x00C\x00", "DC"),
        (b"\x00D\xd8\x3d", "D\ufffd"),
        (b"\xde\x00\x00D", "\ufffdD"),
    ],
)
def test_ucs2_tolerates_odd_lengths_marks_and_half_pairs(data, text):
    """An odd last octet is dropped, a byte order mark is obeyed, half a surrogate pair is a replacement."""
    assert decode(data, 8, GSM7) == text


@given(st.binary(), st.integers(0, 255), ALPHABETS)
def test_reading_never_fails_and_never_yields_surrogates(data, data_coding, default):
    """Any octets under any data_coding are text that can be written as UTF-8."""
    decode(data, data_coding, default).encode("utf-8")


@given(MIXED | st.text(), ALPHABETS)
def test_what_goes_out_cheapest_reads_the_same(text, default):
    """Written under the data_coding chosen, a text reads the same under it; what costs more than needed is not chosen."""
    encoded = encode_cheapest(text, default)

    assert decode(encoded.octets, encoded.data_coding, default) == text.removeprefix("\ufeff")
    assert encoded.octets == encode(text, encoded.alphabet)
    if encoded.data_coding == 0:
        assert encoded.alphabet is default
        assert encoded.units == septet_count(text)
    else:
        assert (encoded.data_coding, encoded.alphabet) == (8, UCS2)
        assert 2 * encoded.units == len(encoded.octets)


@given(MIXED)
def test_zero_is_chosen_exactly_if_both_alphabets_write_the_text(text):
    """Text leaves under data_coding 0 if and only if the SMSC's alphabet and GSM 7-bit both have every character."""
    for default, codec in ((LATIN1, "latin-1"), (ASCII, "ascii")):
        writable = encodable_gsm7(text) and text == text.encode(codec, "ignore").decode(codec)
        assert (encode_cheapest(text, default).data_coding == 0) is writable
    assert (encode_cheapest(text, GSM7).data_coding == 0) is encodable_gsm7(text)
    assert encode_cheapest(text, UCS2).data_coding == 8


@pytest.mark.parametrize(
    ("text", "default", "data_coding", "octets", "units"),
    [
        ("So dien thoai", GSM7, 0, b"So dien thoai", 13),
        ("So dien thoai", LATIN1, 0, b"So dien thoai", 13),
        ("So dien thoai", ASCII, 0, b"So dien thoai", 13),
        ("@_", GSM7, 0, b"\x00\x11", 2),
        ("@_", ASCII, 0, b"@_", 2),
        ("[é]", LATIN1, 0, b"[\xe9]", 5),
        ("é", ASCII, 8, b"\x00\xe9", 1),
        ("€", LATIN1, 8, b"\x20\xac", 1),
        ("â", LATIN1, 8, b"\x00\xe2", 1),
        ("Δ", GSM7, 0, b"\x10", 1),
        ("`", ASCII, 8, b"\x00`", 1),
        ("Số", GSM7, 8, b"\x00S\x1e\xd1", 2),
        ("😀", GSM7, 8, b"\xd8\x3d\xde\x00", 2),
        ("DC", UCS2, 8, b"\x00D\x00C", 2),
        ("\ud800", GSM7, 8, b"\x00?", 1),
    ],
)
def test_the_alphabet_that_the_smsc_speaks_is_the_one_written(text, default, data_coding, octets, units):
    """data_coding 0 is written in the SMSC's alphabet and charged in septets; all else is UCS-2 under its own name."""
    encoded = encode_cheapest(text, default)

    assert (encoded.data_coding, encoded.octets, encoded.units) == (data_coding, octets, units)


@pytest.mark.parametrize(("text", "alphabet"), [("ạ", GSM7), ("€", LATIN1), ("é", ASCII)])
def test_an_alphabet_refuses_what_it_lacks_without_saying_what(text, alphabet):
    """Writing in a given alphabet raises for a character it lacks; the error keeps the text to itself."""
    with pytest.raises(NotEncodable) as refused:
        encode(text, alphabet)
    assert text not in str(refused.value)


def test_encoded_text_does_not_show_itself():
    """Encoded text in a log line is a type's name."""
    encoded = encode_cheapest("Nguyen Van A", GSM7)

    assert repr(encoded) == str(encoded) == f"{encoded}" == "<Encoded>"
    assert encoded == Encoded(0, GSM7, b"Nguyen Van A", 12)


def test_extension_characters_are_those_of_the_table():
    """Ten characters cost two septets."""
    assert frozenset("\f^{}\\[~]|€") == EXTENDED

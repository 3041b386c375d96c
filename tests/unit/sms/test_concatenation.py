"""Incoming segments: their place, their group, and the text they make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.alphabets import Alphabet
from sms_service.sms.concatenation import Inbound, Part, group_complete, group_key, join, part_of
from sms_service.sms.udh import Concat, Numbering

GSM7, LATIN1, ASCII, UCS2 = Alphabet
SAR = ((0x020C, b"\x01\x2a"), (0x020E, b"\x02"), (0x020F, b"\x01"))
SAR_PLACE = Concat(0x12A, Numbering.SAR, 2, 1)
UDH = bytes.fromhex("0500032a0201")
UDH_PLACE = Concat(0x2A, Numbering.UDH_8, 2, 1)


@pytest.mark.parametrize(
    ("esm_class", "short_message", "tlvs", "payload", "concat"),
    [
        (0, b"DC", (), b"DC", None),
        (0, b"", (), b"", None),
        (0, b"", ((0x0424, b"DC"),), b"DC", None),
        (0, b"DC", ((0x0424, b"other"),), b"DC", None),
        (0, b"DC", ((0x1400, b"vendor"),), b"DC", None),
        (0x40, UDH + b"DC", (), b"DC", UDH_PLACE),
        (0x43, UDH + b"DC", (), b"DC", UDH_PLACE),  # other bits of esm_class do not matter
        (0x40, b"", ((0x0424, UDH + b"DC"),), b"DC", UDH_PLACE),
        (0, UDH + b"DC", (), UDH + b"DC", None),  # without the bit it is text
        (0, b"DC", SAR, b"DC", SAR_PLACE),
        (0, b"", ((0x0424, b"DC"), *SAR), b"DC", SAR_PLACE),
        (0x40, UDH + b"DC", SAR, b"DC", UDH_PLACE),
        (0x40, b"\x03\x24\x01\x05DC", SAR, b"DC", SAR_PLACE),  # a header without a place
        (0x40, b"DC", (), b"DC", None),  # the bit without a header
        (0x40, b"", (), b"", None),
        (0x40, b"DC", SAR, b"DC", SAR_PLACE),
        (0, b"DC", SAR[:2], b"DC", None),
        (0, b"DC", (SAR[0], SAR[1], (0x020F, b"")), b"DC", None),
        (0, b"DC", ((0x020C, b"\x2a"), *SAR[1:]), b"DC", None),
        (0, b"DC", (*SAR[:2], (0x020F, b"\x03")), b"DC", None),
        (0, b"DC", (*SAR[:2], (0x020F, b"\x00")), b"DC", None),
        (0x40, bytes.fromhex("0500032a0101") + b"DC", (), b"DC", None),  # one of one is whole
        (0, b"DC", (SAR[0], (0x020E, b"\x01"), SAR[2]), b"DC", None),
    ],
)
def test_what_a_deliver_sm_carries(esm_class, short_message, tlvs, payload, concat):
    """Text comes from short_message or message_payload; its place from the header or else the SAR parameters, if they agree with themselves."""
    assert part_of(esm_class, short_message, tlvs) == Inbound(payload, concat)


@given(
    st.integers(0, 255),
    st.binary(max_size=255),
    st.lists(st.tuples(st.sampled_from((0x020C, 0x020E, 0x020F, 0x0424, 0x1400)), st.binary(max_size=8)), max_size=6),
)
def test_anything_is_taken_for_something(esm_class, short_message, tlvs):
    """No octets make it raise; the text is always the end of what arrived."""
    inbound = part_of(esm_class, short_message, tlvs)

    assert any(source.endswith(inbound.payload) for source in (short_message, dict(tlvs).get(0x0424, b"")))
    assert inbound.concat is None or 2 <= inbound.concat.total <= 255


def test_parts_are_joined_by_number_not_by_text():
    """Eleven segments given in the order of their numbers as text (1, 10, 11, 2, …) read in the order of their numbers."""
    parts = [Part(number, 0, bytes((0x40 + number,))) for number in sorted(range(1, 12), key=str)]

    assert join(parts, GSM7) == "ABCDEFGHIJK"


@pytest.mark.parametrize(
    ("payloads", "data_coding", "text"),
    [
        ((b"A\x1b", b"\x65B"), 0, "A€B"),
        ((b"\x00A\xd8\x3d", b"\xde\x00\x00B"), 8, "A😀B"),
        ((b"\x00A\x1e", b"\xa1\x00B"), 8, "AạB"),
        ((b"A", b"", b"B"), 0, "AB"),
    ],
)
def test_characters_cut_by_the_sender_are_made_whole(payloads, data_coding, text):
    """Escapes, surrogate pairs and UCS-2 characters that a sender cut in two are read as if it had not."""
    parts = [Part(number, data_coding, payload) for number, payload in enumerate(payloads, 1)]

    assert join(reversed(parts), GSM7) == text


def test_parts_under_different_codings_are_each_read_under_their_own():
    """A phone may send the plain half of a message as GSM 7-bit and the other as UCS-2."""
    parts = [Part(1, 0, b"\x00A\x1b"), Part(2, 8, b"\x1e\xa1\x00"), Part(3, 8, b"B\x00C"), Part(4, 0, b"\x65")]

    assert join(parts, GSM7) == "@A ạBC" + "e"


def test_joining_obeys_the_default_alphabet():
    """data_coding 0 means what the SMSC's setting says."""
    assert join([Part(1, 0, b"\xe9"), Part(2, 0, b"@")], LATIN1) == "é@"
    assert join([], GSM7) == ""


KEYS = st.tuples(
    st.text(max_size=6),
    st.text(st.sampled_from("0128+"), max_size=4),
    st.text(st.sampled_from("0128+"), max_size=4),
    st.builds(Concat, st.integers(0, 65535), st.sampled_from(Numbering), st.integers(2, 255), st.just(1)),
)


@given(KEYS, KEYS)
def test_only_segments_of_one_message_share_a_key(one, other):
    """Keys are equal exactly if SMSC, source, destination, reference, series and total are."""
    assert (group_key(*one) == group_key(*other)) is (one == other)


def test_the_key_is_of_the_message_not_of_the_segment():
    """All segments of a message have the same key; each other difference makes another key."""
    place = Concat(7, Numbering.UDH_8, 3, 1)
    key = group_key("smsc", "84912345678", "5505", place)

    assert key == group_key("smsc", "84912345678", "5505", Concat(7, Numbering.UDH_8, 3, 2))
    others = {
        group_key("other", "84912345678", "5505", place),
        group_key("smsc", "84912345679", "5505", place),
        group_key("smsc", "84912345678", "5506", place),
        group_key("smsc", "849123456785", "505", place),
        group_key("smsc", "84912345678", "5505", Concat(8, Numbering.UDH_8, 3, 1)),
        group_key("smsc", "84912345678", "5505", Concat(7, Numbering.UDH_16, 3, 1)),
        group_key("smsc", "84912345678", "5505", Concat(7, Numbering.SAR, 3, 1)),
        group_key("smsc", "84912345678", "5505", Concat(7, Numbering.UDH_8, 2, 1)),
    }
    assert len(others) == 8
    assert key not in others


@given(st.integers(1, 255), st.data())
def test_complete_means_every_number(total, data):
    """A group is complete with all of 1 to total, whatever else is there, and not with one of them missing."""
    numbers = set(range(1, total + 1))
    missing = data.draw(st.sampled_from(sorted(numbers)))

    assert group_complete(numbers, total)
    assert group_complete(numbers | {0, 300}, total)
    assert not group_complete(numbers - {missing} | {0, 300}, total)


def test_parts_do_not_show_themselves():
    """What a citizen wrote is not in a repr."""
    assert repr(part_of(0x40, UDH + b"DC", ())) == "<Inbound>"
    assert repr(Part(1, 0, b"DC")) == "<Part>"

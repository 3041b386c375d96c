"""Segments: sizes, cuts between characters, and what joins them again."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sms_service.sms.alphabets import Alphabet, decode
from sms_service.sms.concatenation import Part, join, part_of
from sms_service.sms.segments import (
    SEGMENT_SEPTETS,
    SEGMENT_UCS2_UNITS,
    SINGLE_SEPTETS,
    SINGLE_UCS2_UNITS,
    LongMessages,
    Segment,
    TooManySegments,
    segment_count,
    split,
)
from sms_service.sms.udh import Numbering

GSM7, LATIN1, ASCII, UCS2 = Alphabet
METHODS = st.sampled_from(LongMessages)
ALPHABETS = st.sampled_from(Alphabet)


def texts(characters, longest):
    """Texts of every length alike; left to itself Hypothesis draws short ones, which one segment holds."""
    return st.integers(0, longest).flatmap(lambda length: st.text(characters, min_size=length, max_size=length))


# Long enough for several segments of every kind, of characters of one unit and of two.
TEXTS = st.one_of(
    texts(st.sampled_from("AB z09.\n"), 500),
    texts(st.sampled_from("AB z09.\n@_{}[]€é"), 500),
    texts(st.sampled_from("Nguyễn Ẩn đĐ😀𝔻"), 250),
    texts(st.characters(exclude_categories=["Cs"]), 150),
)


def test_sizes_follow_from_140_octets():
    """160/70 alone, 153/67 behind an 8-bit reference, 152/66 behind a 16-bit one or a SAR reference of unknown width."""
    assert (SINGLE_SEPTETS, SINGLE_UCS2_UNITS) == (160, 70)
    assert SEGMENT_SEPTETS == {"udh": 153, "udh16": 152, "sar": 152, "payload": 153}
    assert SEGMENT_UCS2_UNITS == {"udh": 67, "udh16": 66, "sar": 66, "payload": 67}


@pytest.mark.parametrize(
    ("text", "method", "count"),
    [
        ("", LongMessages.UDH, 1),
        ("a" * 160, LongMessages.UDH, 1),
        ("a" * 161, LongMessages.UDH, 2),
        ("a" * 306, LongMessages.UDH, 2),
        ("a" * 307, LongMessages.UDH, 3),
        ("a" * 304, LongMessages.UDH16, 2),
        ("a" * 305, LongMessages.SAR, 3),
        ("€" * 80, LongMessages.UDH, 1),
        ("€" * 81, LongMessages.UDH, 2),
        ("a" + "€" * 80, LongMessages.UDH, 2),
        ("€" * 152, LongMessages.UDH, 2),  # 153 septets hold 76 of them
        ("€" * 153, LongMessages.UDH, 3),
        ("ạ" * 70, LongMessages.UDH, 1),
        ("ạ" * 71, LongMessages.UDH, 2),
        ("ạ" * 134, LongMessages.UDH, 2),
        ("ạ" * 135, LongMessages.UDH, 3),
        ("ạ" * 133, LongMessages.UDH16, 3),
        ("😀" * 35, LongMessages.UDH, 1),
        ("😀" * 36, LongMessages.UDH, 2),
        ("😀" * 66, LongMessages.UDH, 2),  # 67 units hold 33 pairs
        ("😀" * 67, LongMessages.UDH, 3),
    ],
)
def test_how_many_segments(text, method, count):
    """One segment as long as it fits; each of several gives up the room of its header; a character of two units is not torn."""
    assert segment_count(text, GSM7, method) == count
    assert len(split(text, reference=1, method=method, default=GSM7)) == count


@given(TEXTS, METHODS, ALPHABETS, st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_split_then_joined_is_the_text(text, method, default, reference, random):
    """Whatever the text, the method and the alphabet, and in whatever order segments arrive, they say the same together."""
    assume(not text.startswith(("\ufeff", "\ufffe")))
    segments = split(text, reference=reference, method=method, default=default)
    inbound = [part_of(segment.esm_class, segment.short_message, segment.tlvs) for segment in segments]

    if len(segments) == 1:
        assert inbound[0].concat is None
        assert decode(inbound[0].payload, segments[0].data_coding, default) == text
        return
    places = [received.concat for received in inbound]
    assert [place.number for place in places] == list(range(1, len(segments) + 1))
    assert {(place.reference, place.total) for place in places} == {(places[0].reference, len(segments))}
    parts = [
        Part(place.number, segment.data_coding, received.payload)
        for place, segment, received in zip(places, segments, inbound, strict=True)
    ]
    random.shuffle(parts)
    assert join(parts, default) == text


@given(TEXTS, METHODS, ALPHABETS)
def test_no_segment_is_too_long_or_begins_inside_a_character(text, method, default):
    """Each segment fits a short message with its header and reads by itself: no escape, no pair is cut."""
    segments = split(text, reference=7, method=method, default=default)
    assert len(segments) == 1 or len(segments) == segment_count(text, default, method)
    if segments[0].tlvs and not segments[0].short_message:
        return  # the SMSC cuts a message_payload

    read = ""
    for segment in segments:
        payload = part_of(segment.esm_class, segment.short_message, segment.tlvs).payload
        header = len(segment.short_message) - len(payload)
        piece = decode(payload, segment.data_coding, default)
        septets = 7 * (len(piece) + sum(character in "\f^{}\\[~]|€" for character in piece))
        bits = septets if segment.data_coding == 0 else 8 * len(payload)
        assert 8 * header + bits <= 8 * 140
        assert len(segment.short_message) <= 160
        read += piece
    assert read == text.removeprefix("\ufeff")


@given(st.text(st.sampled_from("ab€{"), min_size=161, max_size=400), st.sampled_from((GSM7, ASCII)))
def test_segments_are_as_full_as_they_can_be(text, default):
    """No segment leaves room for the first character of the next."""
    segments = split(text, reference=7, method=LongMessages.UDH, default=default)
    if segments[0].data_coding == 8:
        assert all(len(segment.short_message) == 6 + 2 * 67 for segment in segments[:-1])
        return
    pieces = [decode(segment.short_message[6:], 0, default) for segment in segments]
    for piece, following in pairwise(pieces):
        assert sum(1 + (character in "€{") for character in piece + following[0]) > 153


def test_headers_carry_as_many_bits_of_the_reference_as_they_have():
    """A reference that grows for ever is cut to what the method carries."""
    text = "a" * 161

    def reference(method):
        segment = split(text, reference=0x12345, method=method, default=GSM7)[0]
        concat = part_of(segment.esm_class, segment.short_message, segment.tlvs).concat
        return concat.width, concat.reference

    assert reference(LongMessages.UDH) == (Numbering.UDH_8, 0x45)
    assert reference(LongMessages.UDH16) == (Numbering.UDH_16, 0x2345)
    assert reference(LongMessages.SAR) == (Numbering.SAR, 0x2345)


def test_segments_by_header():
    """UDH: esm_class bit 6, six octets of header, then the text."""
    first, second = split("a" * 153 + "b" * 8, reference=0x12A, method=LongMessages.UDH, default=GSM7)

    assert first == Segment(0, 0x40, bytes.fromhex("0500032a0201") + b"a" * 153, ())
    assert second == Segment(0, 0x40, bytes.fromhex("0500032a0202") + b"b" * 8, ())


def test_segments_by_sar():
    """SAR: no header; reference, total and number as TLVs 0x020C, 0x020E and 0x020F (SMPP 3.4 section 5.3.2)."""
    first, second = split("a" * 152 + "b" * 9, reference=0x12A, method=LongMessages.SAR, default=GSM7)

    assert first == Segment(0, 0, b"a" * 152, ((0x020C, b"\x01\x2a"), (0x020E, b"\x02"), (0x020F, b"\x01")))
    assert second == Segment(0, 0, b"b" * 9, ((0x020C, b"\x01\x2a"), (0x020E, b"\x02"), (0x020F, b"\x02")))


def test_payload_leaves_the_cutting_to_the_smsc():
    """payload: one PDU with all of the text in TLV 0x0424; a text that fits one segment needs none."""
    assert split("ạ" * 71, reference=1, method=LongMessages.PAYLOAD, default=GSM7) == (
        Segment(8, 0, b"", ((0x0424, b"\x1e\xa1" * 71),)),
    )
    assert split("a", reference=1, method=LongMessages.PAYLOAD, default=GSM7) == (Segment(0, 0, b"a", ()),)


@pytest.mark.parametrize("method", LongMessages)
def test_more_segments_than_allowed_are_refused(method):
    """A text of four segments is refused where three are allowed, and the error tells nothing of the text."""
    text = "a" * (3 * SEGMENT_SEPTETS[method] + 1)

    allowed = split(text[1:], reference=1, method=method, default=GSM7, max_segments=3)
    assert len(allowed) == (1 if method is LongMessages.PAYLOAD else 3)
    with pytest.raises(TooManySegments, match=r"^the text needs 4 segments, allowed are 3$"):
        split(text, reference=1, method=method, default=GSM7, max_segments=3)


def test_no_more_than_255_segments_can_be_numbered():
    """Total and number are octets, whatever is allowed."""
    text = "a" * (153 * 255)

    assert len(split(text, reference=1, method=LongMessages.UDH, default=GSM7)) == 255
    with pytest.raises(TooManySegments, match=r"^the text needs 256 segments, allowed are 255$"):
        split(text + "a", reference=1, method=LongMessages.UDH, default=GSM7, max_segments=1000)


def test_a_segment_does_not_show_itself():
    """A segment in a log line is a type's name."""
    assert repr(split("Nguyen Van A", reference=1, method=LongMessages.UDH, default=GSM7)) == "(<Segment>,)"

"""Octets to PDUs: any cut of the stream gives the same PDUs, and nobody makes us hold more than one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.smpp import MAX_PDU_OCTETS, FrameBuffer, FramingLost, SmeAddress, SubmitMulti, Tlv, encode
from tests.unit.smpp.strategies import pdus


def frame(length):
    return length.to_bytes(4, "big") + b"x" * (length - 4)


@given(st.lists(pdus.map(encode), max_size=6), st.lists(st.integers(0, 400), max_size=12))
def test_any_cut_gives_the_same_pdus(frames, cuts):
    """Where TCP cuts the stream does not matter."""
    stream = b"".join(frames)
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    buffer = FrameBuffer()

    received = []
    for begin, end in zip([0, *ends], ends, strict=False):
        received += buffer.feed(stream[begin:end])

    assert received == frames
    assert len(buffer) == 0


def test_nothing_arrives():
    """An empty read is no PDU and no error."""
    assert FrameBuffer().feed(b"") == []


@pytest.mark.parametrize("length", [0, 1, 15, 65, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_an_impossible_length(length):
    """Shorter than a header or longer than allowed: refused at its fourth octet, whatever follows."""
    with pytest.raises(FramingLost) as caught:
        FrameBuffer(max_pdu=64).feed(length.to_bytes(4, "big"))
    assert caught.value.frames == []


@pytest.mark.parametrize("length", [16, 64])
def test_the_shortest_and_the_longest(length):
    """Both limits belong to what is allowed."""
    assert FrameBuffer(max_pdu=64).feed(frame(length)) == [frame(length)]


def test_good_pdus_before_a_broken_one():
    """They are in the error, in order, those of this read only."""
    buffer = FrameBuffer(max_pdu=64)
    assert buffer.feed(frame(20)) == [frame(20)]

    with pytest.raises(FramingLost) as caught:
        buffer.feed(frame(16) + frame(17) + b"HTTP/1.1")

    assert caught.value.frames == [frame(16), frame(17)]


def test_a_length_cut_in_two():
    """Its octets are waited for."""
    buffer = FrameBuffer()

    assert buffer.feed(b"\0\0") == []
    assert buffer.feed(b"\0\x10" + b"x" * 11) == []
    assert buffer.feed(b"x") == [frame(16)]


def test_no_more_than_one_pdu_is_held():
    """However much arrives, what stays is less than one PDU of the largest size."""
    buffer = FrameBuffer(max_pdu=64)
    stream = frame(64) * 100

    held = []
    for begin in range(0, len(stream), 37):
        buffer.feed(stream[begin : begin + 37])
        held.append(len(buffer))

    assert max(held) < 64


def test_the_largest_pdu_there_is_fits():
    """A submit_multi with every recipient and the longest payload."""
    everyone = tuple(SmeAddress(1, 1, "8" * 20) for _ in range(254))
    pdu = SubmitMulti(
        service_type="12345",
        source_addr="8" * 20,
        dest_addresses=everyone,
        schedule_delivery_time="2" * 16,
        validity_period="2" * 16,
        short_message=b"x" * 254,
        tlvs=(Tlv(0x0424, b"x" * 65_535),),
    )

    assert len(encode(pdu)) <= MAX_PDU_OCTETS
    assert FrameBuffer().feed(encode(pdu)) == [encode(pdu)]

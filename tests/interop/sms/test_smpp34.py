"""Segments through an independent implementation of SMPP."""

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms import Alphabet, LongMessages, Part, decode, join, part_of, split, tags

TEXTS = st.text(st.sampled_from("AB z09.\n@{}€é"), min_size=140, max_size=500) | st.text(
    st.sampled_from("Nguyễn đ😀"), min_size=30, max_size=200
)


@pytest.mark.parametrize(
    "name",
    [
        "RECEIPTED_MESSAGE_ID",
        "SAR_MSG_REF_NUM",
        "SAR_TOTAL_SEGMENTS",
        "SAR_SEGMENT_SEQNUM",
        "MESSAGE_PAYLOAD",
        "MESSAGE_STATE",
    ],
)
def test_tags_are_those_of_the_other_implementation(name):
    """TLV tags have the numbers that another implementation has."""
    assert getattr(tags, name) == getattr(smpp34, f"TLV_{name}")


@given(TEXTS, st.sampled_from(LongMessages), st.sampled_from(Alphabet))
def test_segments_survive_the_wire(text, method, default):
    """Segments encoded and decoded by another implementation's submit_sm join to the text that was split."""
    parts = []
    for segment in split(text, reference=300, method=method, default=default):
        sent = smpp34.SubmitSm(
            "5505",
            "84912345678",
            segment.short_message,
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            tlvs=[smpp34.Tlv(tag, value) for tag, value in segment.tlvs],
        )
        pdu = smpp34.decode(sent.encode())
        inbound = part_of(pdu.esm_class, pdu.short_message, [(tlv.tag, tlv.value) for tlv in pdu.tlvs])
        if inbound.concat is None:
            assert decode(inbound.payload, pdu.data_coding, default) == text
            return
        parts.append(Part(inbound.concat.number, pdu.data_coding, inbound.payload))
    assert join(parts, default) == text

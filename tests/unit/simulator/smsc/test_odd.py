"""Odd PDUs: framed, so that the stream goes on behind each, and odd."""

from random import Random

import pytest

from simulator.smsc.odd import KINDS, SEQUENCE_FIRST, odd_pdu
from sms_service.smpp import FrameBuffer, Role, Session, UndecodablePdu, decode


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_framed(kind):
    """Whatever the dice say, one whole PDU with the number it was told."""
    for seed in range(50):
        octets = kind(Random(seed), 0x7F000001)
        assert FrameBuffer().feed(octets) == [octets]
        assert octets[12:16] == b"\x7f\x00\x00\x01"


def test_some_cannot_be_decoded_and_some_can():
    """Both kinds of stumbling block are there."""
    outcomes = set()
    for kind in KINDS:
        try:
            decode(kind(Random(1), 1))
            outcomes.add("decoded")
        except UndecodablePdu:
            outcomes.add("undecodable")
    assert outcomes == {"decoded", "undecodable"}


def test_every_kind_is_drawn():
    random = Random(3)
    drawn = {odd_pdu(random)[4:8] + odd_pdu(random)[16:20] for _ in range(400)}
    assert len(drawn) >= 6
    assert all(int.from_bytes(odd_pdu(random)[12:16]) >= SEQUENCE_FIRST for _ in range(100))


def test_they_are_all_survived():
    """Our own session reads on behind each of them."""
    session = Session(Role.ESME)
    for kind in KINDS:
        session.receive_data(kind(Random(2), 5), 0.0)
    assert session.next_deadline() is not None

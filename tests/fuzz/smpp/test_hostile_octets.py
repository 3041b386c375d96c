"""Hostile peers: arbitrary octets, and real conversations with octets changed, cut, repeated and left out.

The promise: a session of either role takes anything in any state without raising, answers each PDU at most once, holds no more than one
incomplete PDU, and ends at most once. `FUZZ_EXAMPLES` sets how many conversations are tried (a few by default, for every run of the
tests; a million for a night).
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sms_service.smpp import (
    Closed,
    FrameBuffer,
    FramingLost,
    Pdu,
    Role,
    SessionState,
    UndecodablePdu,
    decode,
    encode,
)
from tests.unit.smpp.strategies import in_state, pdus

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

MAX_PDU_OCTETS = 73_728
ANSWER_MAX_OCTETS = 20
"""The longest answer that a session gives by itself: the header and four empty fields of a query_sm_resp."""

sessions = st.builds(lambda role, state: in_state(role, state)[0], st.sampled_from(Role), st.sampled_from(SessionState))


@st.composite
def damaged(draw):
    """A conversation's octets, damaged in one to five places."""
    octets = bytearray(b"".join(map(encode, draw(st.lists(pdus, min_size=1, max_size=5)))))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(octets)))
        match draw(st.sampled_from(["change", "cut", "insert", "repeat"])):
            case "change":
                octets[at : at + 1] = draw(st.binary(min_size=1, max_size=4))
            case "cut":
                del octets[at : at + draw(st.integers(1, 20))]
            case "insert":
                octets[at:at] = draw(st.binary(max_size=20))
            case "repeat":
                octets += octets[at : at + 40]
    return bytes(octets)


hostile = st.one_of(st.binary(max_size=400), damaged())


def whole_pdus(octets):
    try:
        return FrameBuffer().feed(octets)
    except FramingLost as error:
        return error.frames


@fuzz
@given(sessions, hostile, st.integers(1, 50))
def test_a_session_survives(session, octets, step):
    """Whatever arrives, in whatever pieces: no exception, one end at most, answers in proportion, bounded memory."""
    events = []
    for begin in range(0, len(octets), step):
        events += session.receive_data(octets[begin : begin + step], 0.0)
        assert len(session._frames) < MAX_PDU_OCTETS
    answers = session.data_to_send()
    ends = [event for event in events if type(event) is Closed]

    assert len(ends) <= 1
    assert not ends or events[-1] is ends[0]
    assert len(answers) <= ANSWER_MAX_OCTETS * (len(whole_pdus(octets)) + 1)
    assert len(events) <= 2 * len(whole_pdus(octets)) + 1


@fuzz
@given(sessions, hostile)
def test_what_a_session_answers_is_good(session, octets):
    """Every octet that it writes belongs to a PDU that can be decoded."""
    session.receive_data(octets, 0.0)

    buffer = FrameBuffer()
    answers = [decode(frame) for frame in buffer.feed(session.data_to_send())]

    assert all(isinstance(answer, Pdu) for answer in answers)
    assert len(buffer) == 0


@fuzz
@given(damaged())
def test_damage_is_undecodable_or_another_pdu(octets):
    """The decoder has two outcomes, and no octet makes a third."""
    for frame in whole_pdus(octets):
        try:
            pdu = decode(frame)
        except UndecodablePdu:
            continue
        assert isinstance(pdu, Pdu)


@fuzz
@given(pdus.filter(lambda pdu: pdu.command_status == 0), st.data())
def test_added_octets_are_noticed(pdu, data):
    """A PDU to which octets were added, under a header that agrees, is never read as the same PDU.

    Error responses are left out: of one whose body cannot be read the status is taken.
    """
    octets = encode(pdu)
    at = data.draw(st.integers(16, len(octets)))
    longer = octets[:at] + data.draw(st.binary(min_size=1, max_size=3)) + octets[at:]
    changed = len(longer).to_bytes(4, "big") + longer[4:]

    try:
        assert decode(changed) != pdu
    except UndecodablePdu as error:
        assert error.sequence_number == pdu.sequence_number  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("role", Role)
def test_a_slow_drip(role):
    """A peer that announces the largest PDU and sends it octet by octet costs one buffer."""
    session, _ = in_state(role, SessionState.BOUND_TRX)
    session.receive_data(MAX_PDU_OCTETS.to_bytes(4, "big"), 0.0)
    for _ in range(MAX_PDU_OCTETS - 5):
        assert session.receive_data(b"\0", 0.0) == []

    assert len(session._frames) == MAX_PDU_OCTETS - 1
    (event,) = session.receive_data(b"\0", 0.0)
    assert event.command_id == 0
    assert len(session._frames) == 0

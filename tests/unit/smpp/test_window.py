"""Unanswered requests: numbers, slots, answers, expiry."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.smpp import (
    AlertNotification,
    BindTransceiver,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    WindowFull,
)
from sms_service.smpp.window import MAX_SEQUENCE_NUMBER, Window

LAST = 0x7FFFFFFF


def send(window, request, now=0.0, context=None):
    number = window.next_sequence_number(request.command_id)
    window.add(number, request, context, now)
    return number


def test_numbers_begin_at_one():
    """0 is for a generic_nack that answers nothing in particular (§3.2.1.4)."""
    window = Window(10, 5.0)

    assert [send(window, SubmitSm()) for _ in range(3)] == [1, 2, 3]


def test_numbers_wrap():
    """1 follows the last one."""
    window = Window(10, 5.0, last_sequence_number=LAST - 2)

    assert MAX_SEQUENCE_NUMBER == LAST
    assert [send(window, SubmitSm()) for _ in range(4)] == [LAST - 1, LAST, 1, 2]


def test_numbers_in_use_are_skipped():
    """After the wrap, a request that still waits keeps its number for itself."""
    window = Window(10, 5.0)
    for _ in range(3):
        send(window, SubmitSm())
    window.answer(SubmitSmResp(sequence_number=2))
    window._last = LAST

    assert [send(window, SubmitSm()) for _ in range(2)] == [2, 4]


def test_a_number_that_was_only_looked_up_is_not_used():
    """A request that fails to be written leaves no gap and no slot."""
    window = Window(1, 5.0)

    assert window.next_sequence_number(SubmitSm.command_id) == window.next_sequence_number(SubmitSm.command_id) == 1
    assert (window.free, len(window)) == (1, 0)


def test_slots():
    """As many requests as the window has slots, and then none until one is answered."""
    window = Window(2, 5.0)
    send(window, SubmitSm())
    send(window, SubmitSm())

    assert window.free == 0
    with pytest.raises(WindowFull, match="2 requests are unanswered"):
        window.next_sequence_number(SubmitSm.command_id)
    window.answer(SubmitSmResp(sequence_number=1))
    assert window.free == 1
    assert send(window, SubmitSm()) == 3


@pytest.mark.parametrize("request_", [BindTransceiver(), Unbind(), EnquireLink()])
def test_what_keeps_the_session_going_takes_no_slot(request_):
    """A full window can be probed and closed; such a request still waits for its answer."""
    window = Window(1, 5.0)
    send(window, SubmitSm())

    assert send(window, request_) == 2
    assert (window.free, len(window)) == (0, 2)


@pytest.mark.parametrize("request_", [Outbind(), AlertNotification()])
def test_what_has_no_response_waits_for_none(request_):
    """§4.1.7, §4.12: nobody answers these."""
    window = Window(1, 5.0)

    assert send(window, request_) == 1
    assert (window.free, len(window)) == (1, 0)


def test_an_answer_brings_back_what_was_given():
    """The request, its context and when it was sent."""
    window = Window(1, 5.0)
    request, context = SubmitSm(source_addr="5505"), object()
    number = send(window, request, 3.0, context)

    outstanding = window.answer(SubmitSmResp(sequence_number=number))

    assert outstanding.request is request
    assert outstanding.context is context
    assert outstanding.sent_at == 3.0
    assert (window.free, len(window)) == (1, 0)


def test_a_nack_answers_any_request():
    """§4.3: the peer did not know the command or could not read it."""
    window = Window(1, 5.0)
    number = send(window, SubmitSm())

    assert window.answer(GenericNack(sequence_number=number, command_status=3)) is not None


@pytest.mark.parametrize(
    "response",
    [SubmitSmResp(sequence_number=2), DeliverSmResp(sequence_number=1), EnquireLinkResp(sequence_number=1)],
    ids=["unknown number", "wrong command", "another wrong command"],
)
def test_what_answers_nothing_changes_nothing(response):
    """The request waits on."""
    window = Window(1, 5.0)
    send(window, SubmitSm())

    assert window.answer(response) is None
    assert (window.free, len(window)) == (0, 1)


def test_an_answer_counts_once():
    """The second of two equal answers answers nothing."""
    window = Window(1, 5.0)
    number = send(window, SubmitSm())

    assert window.answer(SubmitSmResp(sequence_number=number)) is not None
    assert window.answer(SubmitSmResp(sequence_number=number)) is None
    assert window.free == 1


def test_expiry():
    """What waited its time is given back, oldest first, and its slot is free; the rest waits on."""
    window = Window(3, 5.0)
    for now in (0.0, 1.0, 2.0):
        send(window, SubmitSm(), now, context=now)

    assert window.next_deadline == 5.0
    assert window.expire(4.999) == []
    assert [(number, expired.context) for number, expired in window.expire(6.0)] == [(1, 0.0), (2, 1.0)]
    assert (window.free, len(window), window.next_deadline) == (2, 1, 7.0)
    assert window.answer(SubmitSmResp(sequence_number=1)) is None


def test_nothing_waits():
    """No deadline, nothing to expire, nothing to give back."""
    window = Window(1, 5.0)

    assert window.next_deadline == inf
    assert window.expire(1e9) == []
    assert window.clear() == []


def test_the_end():
    """All that waits is given back, oldest first."""
    window = Window(2, 5.0)
    for context in "ab":
        send(window, SubmitSm(), context=context)

    assert [(number, lost.context) for number, lost in window.clear()] == [(1, "a"), (2, "b")]
    assert (window.free, len(window), window.next_deadline) == (2, 0, inf)


@given(
    st.integers(1, 5),
    st.lists(st.sampled_from(["submit", "enquire", "answer oldest", "answer newest", "expire"]), max_size=40),
    st.integers(LAST - 6, LAST),
)
def test_slots_are_never_lost_nor_invented(size, steps, last):
    """Whatever happens: taken and free slots make the window, and no number is used twice at a time."""
    window = Window(size, 3.0, last_sequence_number=last)
    waiting, now = {}, 0.0
    for step in steps:
        now += 1.0
        if step in ("submit", "enquire"):
            request = SubmitSm() if step == "submit" else EnquireLink()
            try:
                number = send(window, request, now)
            except WindowFull:
                assert step == "submit"
                continue
            assert number not in waiting
            assert 1 <= number <= LAST
            waiting[number] = request
        elif step == "expire":
            for number, _ in window.expire(now):
                del waiting[number]
        elif waiting:
            number = (min if step == "answer oldest" else max)(waiting)
            response = SubmitSmResp if type(waiting.pop(number)) is SubmitSm else EnquireLinkResp
            assert window.answer(response(sequence_number=number)) is not None
        assert len(window) == len(waiting)
        assert window.free == size - sum(type(request) is SubmitSm for request in waiting.values())

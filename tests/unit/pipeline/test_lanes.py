"""The places that replies take in an SMSC's window."""

import pytest

from sms_service.model import Content, Ending, Inquiry, OutboundReply
from sms_service.pipeline.answering import Prepared
from sms_service.pipeline.lanes import Lane, Outgoing
from sms_service.sms.segments import Segment

SEGMENT = Segment(0, 0, b"x", ())


def outgoing(segments=1, *, may_have_left=False):
    content = Content("84912345678", "5505", "DC")
    inquiry = Inquiry(1, "viettel", 0.0, content, b"", b"", may_have_left=may_have_left)
    reply = OutboundReply(1, "viettel", "5505", "84912345678", (SEGMENT,) * segments)
    return Outgoing(Prepared(inquiry, reply, Ending.ANSWERED, None, "", "", b"", "", 0))


@pytest.mark.parametrize(
    ("taken", "segments", "window", "admitted"),
    [(0, 1, 0, False), (0, 1, 1, True), (3, 2, 5, True), (4, 2, 5, False), (0, 9, 5, True), (1, 9, 5, False)],
)
def test_a_reply_leaves_when_the_window_holds_all_its_segments(taken, segments, window, admitted):
    """One larger than the window leaves alone; without a bind none does."""
    lane = Lane()
    lane.taken = taken
    assert lane.admits(outgoing(segments), window) is admitted


def test_places_are_given_back_once():
    """Giving back twice does not make room that is not there."""
    lane, reply = Lane(), outgoing(3)
    lane.take(reply)
    assert (lane.taken, reply.places) == (3, 3)
    lane.give_back(reply)
    lane.give_back(reply)
    assert (lane.taken, reply.places) == (0, 0)


def test_a_part_of_a_reply_takes_only_its_own_places():
    """What is left of a reply after a dropped link is all that leaves again."""
    lane, reply = Lane(), outgoing(3)
    reply.segments_left = reply.segments_left[2:]
    lane.take(reply)
    assert lane.taken == 1


def test_a_resumed_reply_may_have_left():
    """Then its fate was unknown from the start."""
    assert outgoing(may_have_left=True).uncertain
    assert not outgoing().uncertain

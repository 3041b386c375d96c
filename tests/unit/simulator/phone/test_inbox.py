"""What phones sent and received: order, delays, limits, watchers."""

import pytest

from simulator.phone import inbox as inbox_module
from simulator.phone.inbox import THREAD_MAX, UNANSWERED_AGE_S, UNANSWERED_MAX, Inbox
from simulator.smsc.messages import Content

A, B = "84912345678", "84987654321"
WALL = 1_800_000_000.25


class Phones:
    """An inbox at a standing clock."""

    def __init__(self):
        self.inbox = Inbox(wall=WALL)
        self.now = 50.0

    def sent(self, text="DC", msisdn=A, peer="5505"):
        return self.inbox.sent(msisdn, peer, Content(text, "gsm7", 1), wall=WALL, now=self.now)

    def arrived(self, text="Ho ten", msisdn=A, peer="5505"):
        return self.inbox.arrived(msisdn, peer, Content(text, "ucs2", 3), wall=WALL, now=self.now)


@pytest.fixture
def phones():
    return Phones()


def texts(messages):
    return [message.text for message in messages]


def test_thread_is_in_order(phones):
    """A phone's messages stand oldest first, with growing ids, and no other phone's among them."""
    phones.sent("1"), phones.arrived("2"), phones.sent("x", B), phones.sent("3")
    messages = phones.inbox.messages(A)
    assert texts(messages) == ["1", "2", "3"]
    assert sorted(message.id for message in messages) == [message.id for message in messages]
    assert phones.inbox.messages("84900000000") == []


def test_what_a_message_says(phones):
    """A message has its direction, encoding, segments and the time of Vietnam."""
    phones.sent()
    message = phones.arrived()
    assert (message.direction, message.peer, message.encoding, message.segments) == ("mt", "5505", "ucs2", 3)
    assert message.at == "2027-01-15T15:00:00.250+07:00"
    assert phones.inbox.messages(A)[0].direction == "mo"


def test_messages_after_an_id(phones):
    """A reader that says where it stopped gets the rest alone."""
    first, second = phones.sent("1"), phones.arrived("2")
    assert texts(phones.inbox.messages(A, after=first.id)) == ["2"]
    assert phones.inbox.messages(A, after=second.id) == []


def test_ids_grow_over_restarts(phones):
    """A later start begins above all ids of an earlier one, within what JavaScript reads exactly."""
    later = Inbox(wall=WALL + 1)
    old = phones.sent().id
    assert old < later.sent(A, "5505", Content("", "gsm7", 1), wall=WALL, now=0.0).id < 2**53


def test_delay_of_a_reply(phones):
    """A reply's delay runs from the inquiry; what the phone sent has none."""
    assert phones.sent().delay_ms is None
    phones.now += 0.012
    assert phones.arrived().delay_ms == 12


def test_message_without_inquiry_has_no_delay(phones):
    """What comes unasked, from another address or a second time answers nothing."""
    assert phones.arrived().delay_ms is None
    phones.sent(peer="8079")
    assert phones.arrived(peer="5505").delay_ms is None
    assert phones.arrived(peer="8079").delay_ms == 0
    assert phones.arrived(peer="8079").delay_ms is None


def test_inquiry_passed_over_in_silence(phones):
    """An inquiry that never gets a reply does not lengthen the delay of the next."""
    phones.sent()
    phones.now += 60
    phones.sent()
    phones.now += 0.02
    assert phones.arrived().delay_ms == 20


def test_old_inquiry_is_not_answered(phones):
    """What comes long after the service's deadline is no reply."""
    phones.sent()
    phones.now += UNANSWERED_AGE_S + 1
    assert phones.arrived().delay_ms is None


def test_unanswered_inquiries_are_bounded(phones):
    """Only so many inquiries of a phone are remembered for their reply."""
    for _ in range(UNANSWERED_MAX + 5):
        phones.sent()
    answered = [phones.arrived().delay_ms for _ in range(UNANSWERED_MAX + 5)]
    assert answered.count(0) == UNANSWERED_MAX


def test_thread_is_bounded(phones):
    """A long thread loses its oldest messages."""
    for number in range(THREAD_MAX + 3):
        phones.sent(str(number))
    kept = texts(phones.inbox.messages(A))
    assert len(kept) == THREAD_MAX
    assert kept[0] == "3"


def test_quietest_phone_is_forgotten(phones, monkeypatch):
    """When all threads together grow too long, the phone that was quiet for longest goes."""
    monkeypatch.setattr(inbox_module, "MESSAGES_MAX", 3)
    phones.sent("a", A), phones.sent("b", B), phones.sent("a", A)
    phones.sent("c", "84900000001")
    assert phones.inbox.messages(B) == []
    assert texts(phones.inbox.messages(A)) == ["a", "a"]


def test_watched_phone_is_emptied_not_forgotten(phones, monkeypatch):
    """A phone that somebody looks at keeps its watcher when its messages go."""
    monkeypatch.setattr(inbox_module, "MESSAGES_MAX", 1)
    woken = []
    phones.inbox.watch(A, lambda: woken.append(1))
    phones.sent("a", A), phones.sent("b", B)
    assert phones.inbox.messages(A) == []
    phones.arrived("again", A)
    assert woken == [1, 1]


def test_watchers_are_woken(phones):
    """Whoever watches a number hears of each message to or from it, of no other, and not after the watch has ended."""
    woken = []
    unwatch = phones.inbox.watch(A, lambda: woken.append("A"))
    phones.sent(), phones.arrived(), phones.sent(msisdn=B)
    assert woken == ["A", "A"]
    unwatch()
    phones.sent()
    assert woken == ["A", "A"]
    assert len(phones.inbox.messages(A)) == 3


def test_watching_leaves_nothing_behind(phones):
    """A phone that was only watched takes no memory afterwards; one of two watchers leaves the other."""
    first, second = phones.inbox.watch(A, print), phones.inbox.watch(A, print)
    first()
    assert len(phones.inbox._threads) == 1
    second()
    assert len(phones.inbox._threads) == 0


def test_repr_shows_no_person(phones):
    """A message's repr has neither number nor text."""
    assert "Ho ten" not in repr(phones.arrived())

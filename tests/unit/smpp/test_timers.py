"""The timers as arithmetic: when each runs out and what moves it on."""

from math import inf

import pytest

from sms_service.smpp import SessionSettings
from sms_service.smpp.timers import Timer, Timers


def timers(*, bound=True, **settings):
    some = Timers(SessionSettings(**{"inactivity_s": 600.0} | settings), 0.0)
    if bound:
        some.bound()
    return some


def test_session_init():
    """A connection on which nobody binds ends."""
    some = timers(bound=False, session_init_s=10.0)

    assert some.next_deadline() == 10.0
    assert some.due(9.999) is None
    assert some.due(10.0) is Timer.SESSION_INIT


def test_a_bind_ends_session_init():
    """From there on the other timers run, and they run only from there."""
    some = timers(bound=False, session_init_s=10.0, enquire_link_s=5.0)
    assert some.due(6.0) is None

    some.bound()

    assert some.due(6.0) is Timer.ENQUIRE_LINK
    assert some.next_deadline() == 5.0


def test_silence():
    """Nothing heard for a while: ask. Anything heard puts it off."""
    some = timers(enquire_link_s=30.0)

    assert some.due(29.9) is None
    assert some.due(30.0) is Timer.ENQUIRE_LINK
    some.heard_at = 20.0
    assert some.due(49.9) is None
    assert some.next_deadline() == 50.0


def test_asked_once():
    """Having asked, we wait as long again before we repeat it."""
    some = timers(enquire_link_s=30.0)
    some.asked_at = 30.0

    assert some.due(59.9) is None
    assert some.due(60.0) is Timer.ENQUIRE_LINK


def test_inactivity():
    """No message for too long: the gravest comes first, even when the peer is alive."""
    some = timers(inactivity_s=600.0, enquire_link_s=30.0)
    some.heard_at = 590.0

    assert some.due(599.0) is None
    assert some.due(600.0) is Timer.INACTIVITY
    some.active_at = 100.0
    assert some.due(600.0) is None
    some.heard_at = 0.0
    assert some.due(700.0) is Timer.INACTIVITY


@pytest.mark.parametrize("bound", [True, False])
def test_timers_can_be_off(bound):
    """None means never."""
    some = timers(bound=bound, enquire_link_s=None, inactivity_s=None, session_init_s=None)

    assert some.next_deadline() == inf
    assert some.due(1e12) is None


def test_the_next_deadline_is_when_something_is_due():
    """At the deadline something is due, and a moment earlier nothing."""
    for some in (timers(), timers(bound=False), timers(inactivity_s=20.0)):
        deadline = some.next_deadline()

        assert some.due(deadline) is not None
        assert some.due(deadline - 0.001) is None

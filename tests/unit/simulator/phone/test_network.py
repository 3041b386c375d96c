"""Phones on the simulated SMSC."""

import pytest

from simulator.phone.inbox import Inbox
from simulator.phone.network import PhoneNetwork
from simulator.phone.refusals import NotSent
from simulator.phone.traces import Traces
from simulator.phone.trails import Trails
from simulator.phone.wire import Wire
from simulator.smsc import backlog
from simulator.smsc.accounts import Account
from simulator.smsc.center import Center
from simulator.smsc.messages import Arrival, Content

MSISDN = "84912345678"


@pytest.fixture
def inbox():
    return Inbox(wall=1.0)


@pytest.fixture
def network(inbox):
    def on_arrivals(arrivals):
        made.arrived(arrivals)

    center = Center([Account("gateway", "secret")], on_arrivals)
    trails = Trails()
    made = PhoneNetwork(center, inbox, Wire(trails, center.listen), Traces((), trails), {"population": "5/1"})
    return made


def test_sent_and_received(network, inbox):
    """What a phone sends and what the SMSC brings stand in its thread, with the delay between them."""
    sent = network.send(MSISDN, "5505", "ệ" * 71)
    network.arrived([Arrival(MSISDN, "5505", Content("Ho ten", "gsm7", 1))])
    first, second = inbox.messages(MSISDN)
    assert (first.id, first.encoding, first.segments) == (sent.id, "ucs2", 2)
    assert (second.direction, second.text) == ("mt", "Ho ten")
    assert 0 <= second.delay_ms < 5000


def test_refusals(network, inbox, monkeypatch):
    """What the SMSC does not take is told in words and is not in the thread."""
    monkeypatch.setattr(backlog, "WAITING_MAX", 0)
    for short_code, text, code, status in [
        ("1414", "DC", "unknown_short_code", 400),
        ("5505", "x" * 5000, "text_too_long", 400),
        ("5505", "DC", "queue_full", 503),
    ]:
        with pytest.raises(NotSent) as refused:
            network.send(MSISDN, short_code, text)
        assert (refused.value.code, refused.value.status) == (code, status)
    assert inbox.messages(MSISDN) == []


def test_health(network):
    """The health page says who is bound, what waits and what happened."""
    network.send(MSISDN, "5505", "DC")
    health = network.health()
    assert (health["status"], health["binds"], health["waiting"]) == ("ok", {"gateway": 0}, 1)
    assert health["deliveries"]["gateway"].accepted == 1
    assert health["population"] == "5/1"

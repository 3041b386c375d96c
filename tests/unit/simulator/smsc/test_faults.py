"""What can be asked for, and what every fault does to ESMEs: each is seen from their side."""

import pytest

from simulator.smsc.faults import PROFILES, BadFaults, Faults, read_faults
from sms_service.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    ResponseReceived,
    SessionSettings,
    SubmitSm,
    Undecodable,
)

MSISDN = "84912345678"


def submit(number=0, **kwargs):
    return SubmitSm(**{"source_addr": "5505", "destination_addr": MSISDN, "short_message": b"%d" % number, **kwargs})


def statuses(esme):
    """command_status of the answers that have come since they were last asked for."""
    return [event.response.command_status for event in esme.read() if isinstance(event, ResponseReceived)]


def submit_all(esme, count):
    for number in range(count):
        esme.session.request(submit(number), esme.world.now)
    esme.push()


def test_every_field_can_be_given():
    assert read_faults(b'{"answer_delay_ms": 5, "storm": true}') == Faults(answer_delay_ms=5, storm=True)
    assert read_faults(b"{}") == Faults()


def test_a_profile_can_be_named():
    for name, faults in PROFILES.items():
        assert read_faults(b'{"profile": "%b"}' % name.encode()) == faults


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"profile": "bad"}', "the profiles are well-behaved"),
        (b'{"duplicate_rate": 2}', "duplicate_rate"),
        (b'{"duplicates": 1}', "unknown field `duplicates`; the fields are bind_status"),
        (b"{", "the fields are"),
        (b"\xff", "the fields are"),
        (b"[]", "the fields are"),
    ],
)
def test_what_is_no_fault_is_explained(body, says):
    with pytest.raises(BadFaults, match=says):
        read_faults(body)


@pytest.mark.parametrize("status", [CommandStatus.ESME_RINVPASWD, CommandStatus.ESME_RBINDFAIL, 0x0400])
def test_binds_are_refused(world, status):
    """With any command_status, and no longer when the fault is gone."""
    world.center.faults = Faults(bind_status=status)
    esme = world.esme()
    assert esme.bind() == status
    assert esme.wire.closed
    world.center.faults = Faults()
    assert world.esme().bind() == 0
    assert world.center.fault_counts().binds_refused == 1


def test_maintenance(world):
    """Binds end in order and nobody gets in; afterwards what waited is delivered."""
    esme = world.bound()
    world.center.faults = Faults(maintenance=True)
    esme.read()
    assert esme.wire.closed
    assert world.esme().wire.aborted
    world.center.inject(MSISDN, "5505", "DC")
    world.center.faults = Faults()
    assert len(world.bound().deliveries()) == 1


def test_throttling(world):
    """The rate of an account over all its binds; what is more is refused, and the rate comes back with time."""
    one, two = world.bound(), world.bound()
    world.center.faults = Faults(submit_per_second=10)
    submit_all(one, 8)
    submit_all(two, 8)
    assert statuses(one) == [0] * 8
    assert statuses(two) == [0] * 2 + [CommandStatus.ESME_RTHROTTLED] * 6
    assert len(world.arrivals) == 10
    world.later(0.5)
    submit_all(one, 8)
    assert sorted(statuses(one)) == [0] * 5 + [CommandStatus.ESME_RTHROTTLED] * 3
    assert world.center.fault_counts().throttled == 9


def test_submissions_fail(world):
    """A share of them, with the status that is asked for; those are not taken."""
    esme = world.bound()
    world.center.faults = Faults(submit_error_rate=0.5, submit_status=CommandStatus.ESME_RMSGQFUL)
    submit_all(esme, 100)
    answers = statuses(esme)
    assert set(answers) == {0, CommandStatus.ESME_RMSGQFUL}
    assert len(world.arrivals) == answers.count(0)
    assert 20 < answers.count(0) < 80


def test_answers_wait(world):
    """For as long as is asked for; the message itself arrives."""
    esme = world.bound()
    world.center.faults = Faults(answer_delay_ms=500)
    submit_all(esme, 3)
    assert len(world.arrivals) == 3
    world.later(0.49)
    assert statuses(esme) == []
    world.later(0.02)
    assert statuses(esme) == [0, 0, 0]


def test_answers_that_wait_for_a_connection_that_ends(world):
    """Are dropped, and disturb nobody."""
    esme = world.bound()
    world.center.faults = Faults(answer_delay_ms=500)
    submit_all(esme, 1)
    esme.drop()
    world.later(1)
    assert world.center.links() == 0


def test_answers_are_lost(world):
    """The messages are taken."""
    esme = world.bound()
    world.center.faults = Faults(answer_loss_rate=0.5)
    submit_all(esme, 100)
    assert len(world.arrivals) == 100
    answered = statuses(esme)
    assert set(answered) == {0}
    assert world.center.fault_counts().answers_lost == 100 - len(answered) > 20


def test_duplicates(make_world):
    """A delivery comes twice at once; the phone's message is one."""
    world = make_world(settings=SessionSettings(enquire_link_s=None, window_size=100))
    esme = world.bound()
    world.center.faults = Faults(duplicate_rate=1)
    world.center.inject(MSISDN, "5505", "DC")
    first, second = esme.deliveries()
    assert (first.source_addr, first.short_message) == (second.source_addr, second.short_message)
    assert first.sequence_number != second.sequence_number
    esme.answer([first, second])
    world.later(60)
    assert esme.deliveries() == []


def test_duplicates_leave_room_in_the_window(world):
    """Of four slots none is taken twice."""
    esme = world.bound()
    world.center.faults = Faults(duplicate_rate=1)
    for number in range(6):
        world.center.inject(MSISDN, "5505", f"DC {number}")
    while pdus := esme.deliveries():
        assert len(pdus) <= 4
        esme.answer(pdus)
    assert world.center.deliveries()["gateway"].delivered >= 6


def test_disorder(make_world):
    """What goes out together goes out in any order; all of it."""
    world = make_world(settings=SessionSettings(enquire_link_s=None, window_size=100))
    world.center.faults = Faults(disorder=True)
    for number in range(50):
        world.center.inject(MSISDN, "5505", f"DC {number:02}")
    sent = [pdu.short_message for pdu in world.bound().deliveries()]
    assert sent != sorted(sent)
    assert sorted(sent) == [b"DC %02d" % number for number in range(50)]


def test_a_storm(world):
    """While it lasts no answer is heard; when it ends the binds break, and all comes again, oldest first, once."""
    esme, other = world.bound(), world.bound()
    world.center.faults = Faults(storm=True)
    for number in range(20):
        world.center.inject(MSISDN, "5505", f"DC {number:02}")
    seen = []
    while pdus := [*esme.deliveries()]:
        esme.answer(pdus)
        seen += [pdu.short_message for pdu in pdus]
        theirs = other.deliveries()
        other.answer(theirs)
        seen += [pdu.short_message for pdu in theirs]
    assert len(seen) == 20
    assert world.center.deliveries()["gateway"].delivered == 0
    world.center.faults = Faults()
    assert esme.wire.aborted
    assert other.wire.aborted
    esme.drop()
    other.drop()
    again, esme = [], world.bound()
    while pdus := esme.deliveries():
        esme.answer(pdus)
        again += [pdu.short_message for pdu in pdus]
    assert sorted(again) == sorted(seen)
    assert world.center.deliveries()["gateway"].delivered == 20


def test_noise(make_world):
    """Odd PDUs come between the messages, which all come whole; the ESME's answers to them disturb nobody."""
    world = make_world(settings=SessionSettings(enquire_link_s=None, window_size=1000))
    esme = world.bound()
    world.center.faults = Faults(noise_rate=1)
    for number in range(100):
        world.center.inject(MSISDN, "5505", f"DC {number:02}")
    events = esme.read()
    ours = [pdu for pdu in esme.delivered if isinstance(pdu, DeliverSm) and pdu.source_addr == MSISDN]
    assert len(ours) == 100
    assert any(isinstance(event, Undecodable) for event in events)
    assert world.center.fault_counts().odd_pdus == 100
    esme.answer(esme.delivered)
    assert world.center.deliveries()["gateway"].delivered == 100
    assert not esme.wire.closed


def test_connections_break(world):
    """Sooner or later every one; what was on its way goes out again."""
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    world.center.faults = Faults(cuts_per_minute=60)
    for _ in range(1000):
        if esme.wire.aborted:
            break
        world.later(0.02)
    assert esme.wire.aborted
    esme.drop()
    assert len(world.bound().deliveries()) == 1


def test_silence(world):
    """Nothing is read while it lasts, even when the ESME reads again what was written to it."""
    esme = world.bound()
    world.center.faults = Faults(silent=True)
    assert not esme.wire.reading
    esme.link.pause_writing()
    esme.link.resume_writing()
    assert not esme.wire.reading
    world.center.faults = Faults()
    assert esme.wire.reading


def test_the_same_seed_fails_the_same(make_world):
    """A run can be repeated."""

    def run(seed):
        world = make_world(seed=seed)
        esme = world.bound()
        world.center.faults = Faults(submit_error_rate=0.5)
        submit_all(esme, 50)
        return statuses(esme)

    assert run(1) == run(1) != run(2)


def test_a_bind_may_be_asked_for_again(world):
    """A second bind of the same ESME after a fault is an ordinary one."""
    world.center.faults = PROFILES["maintenance"]
    world.center.faults = PROFILES["well-behaved"]
    assert world.esme().bind(BindTransceiver(system_id="gateway", password="secret")) == 0

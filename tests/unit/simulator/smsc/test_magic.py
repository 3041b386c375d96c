"""Numbers that choose what becomes of one message."""

import pytest

from simulator.population.numbers import Msisdns
from simulator.smsc.magic import ANSWER_LATE_S, PREFIX, Case, code_of
from sms_service.smpp import CommandStatus, ResponseReceived, SubmitSm
from sms_service.sms import normalise


def number(case, free=1234):
    return f"8450{case:03}{free:04}"


def submit(case):
    return SubmitSm(source_addr="5505", destination_addr=number(case), short_message=b"reply")


def statuses(esme):
    return [event.response.command_status for event in esme.read() if isinstance(event, ResponseReceived)]


@pytest.mark.parametrize(
    ("msisdn", "code"),
    [("84501001234", 100), ("84509209999", 920), ("84500000000", 0), ("84912345678", 0), ("845010012345", 0), ("", 0)],
)
def test_cases(msisdn, code):
    assert code_of(msisdn) == code


def test_magic_numbers_are_nobodys_and_pass_for_numbers():
    """No citizen has one, and a gateway takes them for telephones."""
    assert normalise(number(900), 1, 1) == number(900)
    msisdns = Msisdns(1)
    assert not any(msisdn.startswith(PREFIX) for index in range(1000) for msisdn in msisdns.of(index))


@pytest.mark.parametrize("status", [CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RINVDSTADR, 1, 899])
def test_a_status_answers_the_first_submit_sm(world, status):
    """The next one to the same number is taken, and the one after that is again a first."""
    esme = world.bound()
    assert [esme.submit(submit(status)).command_status for _ in range(3)] == [status, 0, status]
    assert len(world.arrivals) == 1
    assert esme.submit(submit(0)).command_status == 0


def test_numbers_that_are_waited_for_are_bounded(world, monkeypatch):
    monkeypatch.setattr("simulator.smsc.injector.MAGIC_OPEN_MAX", 1)
    esme = world.bound()
    assert [esme.submit(submit(case)).command_status for case in (8, 20, 8)] == [8, 20, 8]


def test_a_lost_answer(world):
    esme = world.bound()
    esme.send(submit(Case.ANSWER_LOST))
    world.later(9)
    assert statuses(esme) == []
    assert len(world.arrivals) == 1


def test_a_late_answer(world):
    """Others are not kept waiting."""
    esme = world.bound()
    esme.send(submit(Case.ANSWER_LATE))
    assert esme.submit(submit(0)).command_status == 0
    world.later(ANSWER_LATE_S)
    assert statuses(esme) == [0]


def test_a_connection_that_breaks_before_the_answer(world):
    """Once; sent again it is answered."""
    esme = world.bound()
    esme.send(submit(Case.CUT_BEFORE_ANSWER))
    assert statuses(esme) == []
    assert esme.wire.aborted
    assert world.bound().submit(submit(Case.CUT_BEFORE_ANSWER)).command_status == 0


def inject(world, case, text="DC"):
    esme = world.bound()
    world.center.inject(number(case), "5505", text)
    return esme, esme.deliveries()


def test_a_message_comes_twice(world):
    _, (one, two) = inject(world, Case.TWICE)
    assert one.short_message == two.short_message == b"DC"


def test_a_message_comes_again_after_a_cut(world):
    """Once: then its answer is heard."""
    esme, (pdu,) = inject(world, Case.AGAIN_AFTER_CUT)
    esme.answer([pdu])
    assert esme.wire.aborted
    esme.drop()
    esme = world.bound()
    (again,) = esme.deliveries()
    assert again.short_message == pdu.short_message
    esme.answer([again])
    assert not esme.wire.aborted
    assert world.center.deliveries()["gateway"].delivered == 1


def test_segments(world):
    """Backwards, or without the last."""
    text = "x" * 300
    esme, pdus = inject(world, Case.BACKWARDS, text)
    esme.answer(pdus)
    esme.drop()
    assert [pdu.short_message[5] for pdu in pdus] == [2, 1]
    _, pdus = inject(world, Case.SEGMENT_MISSING, text)
    assert [pdu.short_message[4:6] for pdu in pdus] == [b"\x02\x01"]


@pytest.mark.parametrize(
    ("case", "field", "value"), [(Case.WRONG_ENCODING, "data_coding", 8), (Case.NO_ADDRESS, "source_addr", "")]
)
def test_odd_fields(world, case, field, value):
    _, (pdu,) = inject(world, case)
    assert getattr(pdu, field) == value
    assert pdu.short_message == b"DC"


def test_strange_tlvs(world):
    _, (pdu,) = inject(world, Case.STRANGE_TLVS)
    assert [tlv.tag for tlv in pdu.tlvs] == [0x1400, 0x3FFF, 0x0204]

"""What is told of an inquiry's journey, and how much is kept."""

import msgspec
import pytest

from sms_service.adapters.memory.clock import EPOCH, FakeClock
from sms_service.model import Content, Inquiry, NewSegment, Received, Stage
from sms_service.ops import journeys as module
from sms_service.ops.journeys import Journeys

MSISDN, SHORT_CODE, TEXT = "84912345678", "5505", "DC 001185012345"


def received(sequence_number, at, link="gateway-1/7.2"):
    return Received(
        smsc="viettel", link=link, sequence_number=sequence_number, received_at=at, source_addr=MSISDN,
        source_addr_ton=1, source_addr_npi=1, destination_addr=SHORT_CODE, esm_class=0, data_coding=0,
        short_message=TEXT.encode(),
    )  # fmt: skip


def inquiry(number):
    content = Content(MSISDN, SHORT_CODE, TEXT)
    return Inquiry(number, "viettel", 0.0, content, sender=b"pseudonym-of-sender", digest=b"pseudonym-of-content")


def segment(key):
    return NewSegment(b"group", 1, 2, "viettel", 0.0, b"sealed", key)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def journeys(clock):
    made = Journeys(clock)
    made.linked("gateway-1/7.2", 50412)
    return made


def finish(journeys, number, at=0.0):
    journeys.accepted([(received(number, at), inquiry(number))], at)
    journeys.reached(Stage.FINISHED, [number])


async def test_a_journey_from_the_wire_to_the_ending(journeys, clock):
    """Each stage with its milliseconds since the message was read; what left with bind, port and sequence_number."""
    clock.jump(1.0)
    journeys.accepted([(received(5, 0.990), inquiry(1))], 0.996)
    for stage in (Stage.REGISTER, Stage.POPULATION, Stage.AUDIT):
        clock.jump(0.001)
        journeys.reached(stage, iter([1]))
    journeys.submitted("gateway-1/7.2", [(1, 9), (1, 10)])
    clock.jump(0.002)
    journeys.reached(Stage.CONFIRMED, [1])
    journeys.reached(Stage.FINISHED, [1])
    lost, (told,) = journeys.after(0)
    assert lost == 0
    assert msgspec.to_builtins(told) == {
        "smsc": "viettel",
        "received_at": EPOCH + 0.99,
        "deliver_sm": ({"bind": 2, "local_port": 50412, "sequence_number": 5},),
        "steps": (
            {"stage": "received", "ms": 0.0},
            {"stage": "journalled", "ms": 6.0},
            {"stage": "acknowledged", "ms": 10.0},
            {"stage": "register", "ms": 11.0},
            {"stage": "population", "ms": 12.0},
            {"stage": "audit", "ms": 13.0},
            {"stage": "submitted", "ms": 13.0, "submit_sm": {"bind": 2, "local_port": 50412, "sequence_number": 9}},
            {"stage": "submitted", "ms": 13.0, "submit_sm": {"bind": 2, "local_port": 50412, "sequence_number": 10}},
            {"stage": "confirmed", "ms": 15.0},
            {"stage": "finished", "ms": 15.0},
        ),
    }


async def test_parts_of_a_long_message_are_one_journey(journeys, clock):
    """It begins with the part that came last, and names the deliver_sm of each."""
    clock.jump(2.0)
    journeys.parts_accepted([(received(6, 1.5), segment(b"two")), (received(7, 1.8), segment(b"stray"))], 1.9)
    journeys.parts_accepted([(received(5, 1.0), segment(b"one"))], 1.1)
    journeys.assembled([(inquiry(1), (b"one", b"two"))])
    journeys.reached(Stage.FINISHED, [1])
    _, (told,) = journeys.after(0)
    assert [place.sequence_number for place in told.deliver_sm] == [5, 6]
    assert [(step.stage.value, step.ms) for step in told.steps[:2]] == [("received", 0.0), ("journalled", 400.0)]


async def test_what_nobody_saw_come_is_not_told(journeys):
    """An inquiry from the journal, or one whose parts another instance took, has no beginning here."""
    journeys.assembled([(inquiry(1), (b"unseen",))])
    journeys.reached(Stage.REGISTER, [1, 2])
    journeys.submitted("gateway-1/7.2", [(2, 1)])
    journeys.reached(Stage.FINISHED, [1, 2])
    assert journeys.after(0) == (0, [])


async def test_nothing_of_a_person_is_kept(journeys):
    """Neither number nor text nor short code nor pseudonym, in what is told or in what is kept meanwhile."""
    journeys.parts_accepted([(received(1, 0.0), segment(b"key"))], 0.0)
    journeys.assembled([(inquiry(1), (b"key",))])
    finish(journeys, 2)
    journeys.reached(Stage.FINISHED, [1])
    _, told = journeys.after(0)
    assert len(told) == 2
    seen = msgspec.json.encode(told).decode() + repr(told)
    for secret in (MSISDN, MSISDN[2:], TEXT, SHORT_CODE, "pseudonym", "001185012345"):
        assert secret not in seen
    assert not journeys._parts
    assert not journeys._open


async def test_the_newest_are_kept_and_the_others_counted(journeys, monkeypatch):
    """Who comes late is told how many are gone."""
    for number in range(module.KEPT_MAX + 30):
        finish(journeys, number)
    lost, told = journeys.after(0)
    assert (lost, len(told), journeys.forgotten) == (30, module.KEPT_MAX, 30)
    lost, told = journeys.after(module.KEPT_MAX + 20)
    assert (lost, [place.sequence_number for one in told for place in one.deliver_sm]) == (
        0,
        [*range(module.KEPT_MAX + 20, module.KEPT_MAX + 30)],
    )


async def test_what_never_ends_takes_no_more_room(journeys, monkeypatch):
    """Journeys under way, parts, links and steps each have their limit; the oldest go."""
    for name, limit in (("OPEN_MAX", 3), ("PARTS_MAX", 3), ("LINKS_MAX", 3), ("STEPS_MAX", 4)):
        monkeypatch.setattr(module, name, limit)
    for number in range(5):
        journeys.linked(f"gateway-1/7.{number}", number)
        journeys.accepted([(received(number, 0.0), inquiry(number))], 0.0)
        journeys.parts_accepted([(received(number, 0.0), segment(bytes((number,))))], 0.0)
    assert (list(journeys._open), len(journeys._parts), len(journeys._ports)) == ([2, 3, 4], 3, 3)
    for _ in range(9):
        journeys.submitted("gateway-1/7.4", [(4, 1)])
        journeys.reached(Stage.REGISTER, [4])
    journeys.reached(Stage.FINISHED, [4])
    _, (told,) = journeys.after(0)
    assert len(told.steps) == 3 + 4 + 1
    assert told.steps[-1].stage is Stage.FINISHED


async def test_watchers_are_woken_by_endings(journeys):
    """And by nothing else, until they leave."""
    woken = []
    unwatch = journeys.watch(lambda: woken.append(1))
    journeys.accepted([(received(1, 0.0), inquiry(1))], 0.0)
    journeys.reached(Stage.AUDIT, [1])
    assert woken == []
    journeys.reached(Stage.FINISHED, [1])
    unwatch()
    finish(journeys, 2)
    assert woken == [1]

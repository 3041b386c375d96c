"""What the stages tell a tracer: in the order in which things must happen, each with its moment."""

import msgspec
import pytest

from sms_service.ops.journeys import Journeys
from sms_service.ports import Unavailable
from tests.unit.pipeline.world import ACCEPTED, ALICE, ALICE_ID, BOB, BOB_ID, CAROL


@pytest.fixture
async def traced(world):
    """A gateway whose journeys are told."""
    instance = world.instance(prompt=False)
    instance.tracer = Journeys(world.clock)
    return await instance.start("a.1", "a.2")


def told(gateway):
    """Each journey's stages with their milliseconds."""
    return [[(step.stage.value, step.ms) for step in one.steps] for one in gateway.tracer.after(0)[1]]


async def test_each_stage_at_its_time(world, traced):
    """Every store is held for a while: the journal before the acknowledgement, the audit before the reply."""
    gateway = traced
    parts = (gateway.journal, world.subscribers, world.population, gateway.audit)
    for part in parts:
        part.hold()
    message = gateway.message(ALICE, link="a.1")
    await gateway.texts(message)
    await world.clock.advance(0.001)
    assert gateway.smsc.acknowledged == []
    for part in parts:
        await world.clock.advance(0.009)
        assert gateway.smsc.submitted == []
        part.release()
        await world.clock.advance(0.001)
    assert gateway.smsc.status_of(message) is ACCEPTED
    await world.clock.advance(0.009)
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.settle()
    assert told(gateway) == [
        [
            ("received", 0.0),
            ("journalled", 10.0),
            ("acknowledged", 10.0),
            ("register", 20.0),
            ("population", 30.0),
            ("audit", 40.0),
            ("confirmed", 50.0),
            ("finished", 50.0),
        ]
    ]


async def test_what_asks_for_no_record_goes_without(world, traced):
    """Help is answered without register and population, and audited all the same."""
    await traced.texts(traced.message(ALICE, "DC HD"))
    traced.smsc.confirm(traced.smsc.submitted[0])
    await world.settle()
    ((*stages,),) = told(traced)
    assert [stage for stage, _ in stages] == [
        "received", "journalled", "acknowledged", "audit", "confirmed", "finished"
    ]  # fmt: skip


async def test_an_outage_is_seen_as_a_wait(world, traced):
    """The register is down: the stage is reached when it answers, once."""
    world.subscribers.fail_with(Unavailable("down"), calls=2)
    await traced.texts(traced.message(ALICE))
    await world.clock.advance(10)
    traced.smsc.confirm(traced.smsc.submitted[0])
    await world.settle()
    ((*stages,),) = told(traced)
    register = [ms for stage, ms in stages if stage == "register"]
    assert len(register) == 1
    assert register[0] > 100


async def test_parts_are_told_with_the_inquiry_they_make(world, traced):
    """Both deliver_sm, over different links, are one journey; so they are of a message whose rest never came."""
    await traced.texts(traced.part(1, 2, b"D", link="a.1"))
    await world.clock.advance(2)
    await traced.texts(traced.part(2, 2, b"C", link="a.2"))
    traced.smsc.confirm(traced.smsc.submitted[0])
    await world.settle()
    (journey,) = traced.tracer.after(0)[1]
    assert [(place.bind, place.sequence_number) for place in journey.deliver_sm] == [(1, 1), (2, 2)]

    await traced.texts(traced.part(1, 2, b"DC", msisdn=BOB, link="a.1", reference=8))
    await world.clock.advance(world.limits.reassembly_age_s + 60)
    for reply in list(traced.smsc.under_way.values()):
        traced.smsc.confirm(reply)
    await world.settle()
    assert len(traced.tracer.after(1)[1]) == 1


async def test_a_duplicate_begins_nothing(world, traced):
    """While the first is unanswered the same message is no journey of its own."""
    world.subscribers.hold()
    await traced.texts(traced.message(ALICE), traced.message(ALICE))
    world.subscribers.release()
    await world.settle()
    traced.smsc.confirm(traced.smsc.submitted[0])
    await world.settle()
    assert len(told(traced)) == 1
    assert not traced.tracer._open


async def test_asked_anew_is_told_anew(world, traced):
    """An answer that grew stale: the register's stage comes twice."""
    traced.smsc.window_of_link = 0
    await traced.texts(traced.message(ALICE))
    await world.clock.advance(world.limits.answer_fresh_s + 1)
    traced.smsc.window_of_link = 100
    await world.clock.advance(2)
    traced.smsc.confirm(traced.smsc.submitted[0])
    await world.settle()
    ((*stages,),) = told(traced)
    assert [stage for stage, _ in stages].count("register") == 2


async def test_no_person_in_any_journey(world, traced):
    """An answer, a refusal, a part and a failure: nothing of them but times and numbers of PDUs."""
    await traced.texts(traced.message(ALICE, "DC " + ALICE_ID), traced.message(CAROL, "DC " + BOB_ID))
    await traced.texts(traced.part(1, 2, b"DC " + BOB_ID.encode(), msisdn=BOB))
    for reply in list(traced.smsc.submitted):
        traced.smsc.confirm(reply)
    await world.settle()
    journeys = traced.tracer.after(0)[1]
    assert len(journeys) == 2
    # The answer and the refusal reach the same stages: a journey does not tell them apart.
    assert len({tuple(step.stage for step in one.steps) for one in journeys}) == 1
    seen = msgspec.json.encode(journeys).decode() + repr(journeys)
    for secret in (ALICE, BOB, CAROL, ALICE_ID, BOB_ID, ALICE[2:], "5505", "An", "DC"):
        assert secret not in seen


async def test_what_was_not_stored_begins_nothing(world, traced):
    """The journal is down: the SMSC is told to try later, and no journey is open."""
    traced.journal.fail_with(Unavailable("down"), method="accept")
    await traced.texts(traced.message(ALICE))
    assert not traced.tracer._open
    assert traced.tracer.count == 0

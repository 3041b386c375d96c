"""The stages, joined."""

import asyncio

from sms_service.model import Ending
from tests.unit.pipeline.world import ACCEPTED, ALICE, ALICE_ID, BOB, TRY_LATER, World


async def test_answers_a_citizen_with_their_own_record(world, gateway):
    """A text comes in, is acknowledged, answered with the sender's record, and its ending is recorded."""
    message = gateway.message(ALICE, "DC")
    await gateway.texts(message)

    assert gateway.smsc.status_of(message) is ACCEPTED
    (text,) = gateway.smsc.texts_to(ALICE)
    assert "An" in text
    assert ALICE_ID in text
    (ending,) = world.endings()
    assert (ending.ending, ending.segments, ending.uncertain) == (Ending.ANSWERED, 1, False)
    assert ending.message_ids == ("id0",)
    assert not world.store.inquiries
    assert len(gateway.gateway.in_flight) == 0


async def test_every_ending_is_a_metric_from_the_start(gateway):
    """A rate over an ending that never happened is zero, not missing."""
    for ending in Ending:
        assert gateway.metrics.registry.get_sample_value("sms_endings_total", {"ending": ending.value}) == 0


async def test_counts_each_accepted_inquiry_in_one_ending(world, gateway):
    """The endings add up to what was accepted."""
    await gateway.texts(*(gateway.message(msisdn, text) for msisdn in (ALICE, BOB) for text in ("DC", "HD", "???")))

    assert gateway.sample("sms_accepted_total", smsc="viettel") == 6
    assert gateway.sample("sms_endings_total", ending="answered") == 4
    assert gateway.sample("sms_endings_total", ending="misread") == 2
    assert gateway.sample("sms_reply_seconds_count") == 6


async def test_drains_what_is_in_flight_and_turns_new_messages_away(world, gateway):
    """Leaving: what was accepted is answered, what comes now stays with the SMSC."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    task = asyncio.create_task(gateway.gateway.drain(20))
    await world.clock.advance(1)
    late = gateway.message(BOB)
    await gateway.texts(late)

    assert gateway.smsc.status_of(late) is TRY_LATER
    assert not task.done()
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.clock.advance(1)
    assert task.done()
    assert task.result() == 0
    assert world.ending_names() == {"answered": 1}


async def test_drain_says_what_is_left_at_its_deadline(world, gateway):
    """An SMSC that does not answer does not keep us for ever."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE), gateway.message(BOB))
    task = asyncio.create_task(gateway.gateway.drain(20))
    await world.clock.advance(19.9)
    assert not task.done()
    await world.clock.advance(0.2)
    assert task.result() == 2


async def test_drain_waits_for_a_batch_whose_commit_is_under_way(world, gateway):
    """What is being stored when leaving begins is answered before it ends."""
    gateway.journal.hold()
    await gateway.texts(gateway.message(ALICE))
    task = asyncio.create_task(gateway.gateway.drain(20))
    await world.clock.advance(1)
    assert not task.done()
    gateway.journal.release()
    await world.clock.advance(1)
    assert task.result() == 0
    assert world.ending_names() == {"answered": 1}


async def test_figures_that_are_states_are_taken_each_second(world, gateway):
    """The gauges tell how much is in flight and how old the oldest is."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    await world.clock.advance(3)
    assert gateway.sample("sms_in_flight") == 1
    assert 2 <= gateway.sample("sms_oldest_unanswered_seconds") <= 3
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.clock.advance(1)
    assert gateway.sample("sms_in_flight") == 0
    assert gateway.sample("sms_oldest_unanswered_seconds") == 0


async def test_an_error_that_no_stage_deals_with_ends_all_of_them(world, gateway):
    """The process ends rather than limps; the journal keeps what is open."""
    gateway.audit.fail_with(ZeroDivisionError())
    await gateway.texts(gateway.message(ALICE))
    assert gateway.task.done()
    assert isinstance(gateway.task.exception(), ExceptionGroup)
    assert len(world.store.inquiries) == 1


async def test_a_large_burst_is_answered_in_batches():
    """Every inquiry of a burst larger than the in-flight limit is answered, in far fewer calls than inquiries."""
    async with World(in_flight=300, batch=100, quota=1000) as world:
        gateway = await world.instance().start("a1", "a2")
        for index in range(1000):
            world.citizen(f"8491{index:07d}", f"001185{index:06d}", f"N{index}")
        await gateway.texts(*(gateway.message(f"8491{index:07d}") for index in range(1000)))
        await world.clock.advance(2)

        assert world.ending_names() == {"answered": 1000}
        assert gateway.smsc.statuses() == {ACCEPTED: 1000}
        assert gateway.journal.calls["accept"] < 100
        assert gateway.journal.largest["accept"] <= 100

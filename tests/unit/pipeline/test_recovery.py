"""What the journal holds and nobody answers is found and answered; the lease works both ways."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from sms_service.keys import new_keys
from sms_service.model import Content
from sms_service.pipeline.recovery import PAGE, ROUTINE_S, SEARCH_S, RunOver
from sms_service.ports import Misconfigured, Unavailable
from tests.unit.pipeline.world import ACCEPTED, ALICE, BOB, CAROL, TRY_LATER, World, smsc

DOWN = Unavailable("journal: down")
LEASE_S = 15.0


# ---- the lease ---------------------------------------------------------------------------------------------------------


async def test_renews_several_times_in_a_lease(world, gateway):
    """Some may fail before the lease is lost."""
    began = gateway.journal.calls["renew"]
    await world.clock.advance(LEASE_S)
    assert 4 <= gateway.journal.calls["renew"] - began <= 6


async def test_a_few_failed_renewals_do_no_harm(world, gateway):
    """Shorter than the lease, an outage stops nothing."""
    gateway.journal.fail_with(DOWN, calls=8, method="renew")
    await world.clock.advance(11)
    await gateway.texts(gateway.message(ALICE))
    assert world.ending_names() == {"answered": 1}
    assert gateway.sample("sms_lease_lapses_total") == 0


async def test_a_lapse_is_said_once_and_its_end_too(world, gateway):
    """One line and one count, however long it lasts."""
    gateway.journal.fail_with(DOWN, calls=1000, method="renew")
    with capture_logs() as logs:
        await world.clock.advance(60)
        gateway.journal.heal()
        await world.clock.advance(2)
    events = [line["event"] for line in logs]
    assert events.count("lease_lapsed") == 1
    assert events.count("lease_regained") == 1
    assert gateway.sample("sms_lease_lapses_total") == 1


async def test_a_renewal_that_came_through_too_late_is_a_lapse(world, gateway):
    """The call hung until the lease was over and then succeeded: meanwhile another took over, so nothing is sent before
    it is known what is still ours.
    """
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE), gateway.message(BOB))
    gateway.smsc.links.clear()
    for reply in list(gateway.smsc.submitted):
        gateway.smsc.give_back(reply, uncertain=False)
    other = await world.instance("gateway-2", prompt=False).start()
    await world.clock.advance(20)
    last = world.store.runs[gateway.run.run_id].renewed_at
    gateway.journal.hold()
    await world.clock.advance(last + LEASE_S + 0.5 - world.clock.monotonic())
    other.smsc.bind("b1")
    await world.settle()
    assert len(other.smsc.submitted) == 2, "the other has taken over"
    gateway.journal.release()
    await world.settle()
    gateway.smsc.bind("a3")
    await world.clock.advance(10)
    assert len(gateway.smsc.submitted) == 2, "what was taken over is not sent again"
    assert gateway.sample("sms_lease_lapses_total") == 1
    assert len(gateway.gateway.in_flight) == 0


async def test_what_cannot_be_told_ours_is_not_sent(world, gateway):
    """Renewed, but the journal fails before it says what is ours: the lease is not regained yet."""
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    gateway.journal.fail_with(DOWN, calls=16, method="renew")
    gateway.journal.fail_with(DOWN, calls=3, method="owned")
    await world.clock.advance(16)
    world.subscribers.release()
    await world.clock.advance(1)
    assert gateway.smsc.submitted == []
    await world.clock.advance(5)
    assert len(gateway.smsc.submitted) == 1


async def test_a_run_that_is_over_ends_the_process(world, gateway):
    """Another process has its name: only a new run can go on."""
    gateway.journal.fail_with(Misconfigured("journal: run 1 has been closed"), method="renew")
    await world.clock.advance(5)
    assert gateway.task.done()
    assert gateway.task.exception().subgroup(RunOver) is not None


async def test_a_misconfiguration_that_is_no_end_of_the_run_stops_nothing_else(world, gateway):
    """Only renewing decides; a claim that is refused is tried again, and citizens are answered."""
    gateway.journal.fail_with(Misconfigured("journal: no right"), method="claim", calls=3)
    gateway.smsc.bind("a3")
    await world.clock.advance(5)
    await gateway.texts(gateway.message(ALICE))
    assert world.ending_names() == {"answered": 1}


# ---- hidden commits ----------------------------------------------------------------------------------------------------


async def test_a_hidden_commit_is_found_within_seconds(world, gateway):
    """The SMSC was told to try later, and the row is there all the same."""
    gateway.journal.fail_with(DOWN, method="accept", committed=True)
    message = gateway.message(ALICE)
    await gateway.texts(message)
    assert gateway.smsc.status_of(message) is TRY_LATER
    assert gateway.smsc.submitted == []
    await world.clock.advance(SEARCH_S + 1)
    assert world.ending_names() == {"answered": 1}
    assert gateway.sample("sms_resumed_total") == 1


async def test_parts_of_a_hidden_commit_are_known_once_it_is_found(world, gateway):
    """The SMSC was told to try later and does, after the message was found and answered: it is not answered again."""
    await gateway.texts(gateway.part(1, 2, b"H"))
    gateway.journal.fail_with(DOWN, method="accept_segments", committed=True)
    await gateway.texts(gateway.part(2, 2, b"D"))
    await world.clock.advance(SEARCH_S + 1)
    assert world.ending_names() == {"answered": 1}
    again = gateway.part(2, 2, b"D", link="a2")
    await gateway.texts(again)
    assert gateway.smsc.status_of(again) is ACCEPTED
    assert world.store.segments == {}
    await world.clock.advance(400)
    assert world.ending_names() == {"answered": 1}


async def test_parts_of_a_dead_instance_are_known_to_its_successor(world, gateway):
    """It was killed between the commit and the remembering; the last part comes again."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.part(1, 2, b"H"), gateway.part(2, 2, b"D"))
    await gateway.kill()
    world.volatile._answered.clear()
    again = await world.instance().start("b1")
    await world.clock.advance(2)
    part = again.part(2, 2, b"D", link="b1")
    await again.texts(part)
    assert again.smsc.status_of(part) is ACCEPTED
    await world.clock.advance(400)
    assert world.ending_names() == {"answered": 1}


async def test_a_commit_that_shows_late_is_found_too(world, gateway):
    """A server may finish what it was given after the connection is gone."""
    gateway.journal.fail_with(DOWN, method="accept")
    await gateway.texts(gateway.message(ALICE))
    await world.clock.advance(40)
    envelopes = gateway.gateway._intake._envelopes
    new = envelopes.inquiry("viettel", "a1", world.clock.monotonic(), Content(ALICE, "5505", "DC"))
    world.store.insert(envelopes.row(new, world.clock.time()), gateway.run.run_id, world.clock.monotonic())
    await world.clock.advance(SEARCH_S + 1)
    assert world.ending_names() == {"answered": 1}


async def test_doubt_that_comes_during_a_search_is_not_forgotten(world, gateway):
    """The search that is under way may have read too early."""
    await world.clock.advance(ROUTINE_S - 1)
    owned = gateway.journal.owned

    async def owned_while_a_commit_is_hidden(run, limit, after=0):
        gateway.journal.owned = owned
        rows = await owned(run, limit, after)
        gateway.journal.fail_with(DOWN, method="accept", committed=True)
        await gateway.texts(gateway.message(ALICE))
        return rows

    gateway.journal.owned = owned_while_a_commit_is_hidden
    for _ in range(8):
        await world.clock.advance(1)
    assert world.ending_names() == {"answered": 1}


async def test_what_is_about_to_end_is_not_answered_again(world, gateway):
    """A row that was read just before its ending was committed is no lost one."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    owned = gateway.journal.owned

    async def owned_before_the_end(run, limit, after=0):
        rows = await owned(run, limit, after)
        if rows:
            gateway.journal.owned = owned
            gateway.smsc.confirm(gateway.smsc.submitted[0])
            await world.settle()
        return rows

    gateway.journal.owned = owned_before_the_end
    await world.clock.advance(ROUTINE_S + 2)
    assert world.ending_names() == {"answered": 1}
    assert len(gateway.smsc.submitted) == 1
    assert gateway.sample("sms_resumed_total") == 0


async def test_what_is_being_stored_is_not_taken_for_lost(world, gateway):
    """Its commit has gone through, its caller has not heard yet."""
    genuine = gateway.journal.accept
    go = asyncio.Event()

    async def accept(run, rows):
        stored = await genuine(run, rows)
        await go.wait()
        return stored

    gateway.journal.accept = accept
    await gateway.texts(gateway.message(ALICE))
    await world.clock.advance(ROUTINE_S + 2)
    assert gateway.smsc.submitted == []
    go.set()
    await world.settle()
    assert len(gateway.smsc.submitted) == 1
    assert world.ending_names() == {"answered": 1}


async def test_a_hidden_claim_is_found_within_seconds(world, gateway):
    """The rows are ours, and nobody told us."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    await gateway.kill()
    again = world.instance()
    again.journal.fail_with(DOWN, method="claim", committed=True)
    await again.start("b1")
    await world.clock.advance(SEARCH_S + 2)
    assert world.ending_names() == {"answered": 1}


# ---- takeover ------------------------------------------------------------------------------------------------------------


async def test_takes_over_when_a_bind_comes(world, gateway):
    """Not before: the reply must leave through the SMSC that brought the inquiry."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    await gateway.kill()
    again = await world.instance().start()
    await world.clock.advance(60)
    assert again.journal.calls["claim"] == 0
    again.smsc.bind("b1")
    await world.settle()
    assert world.ending_names() == {"answered": 1}


async def test_takes_over_only_what_came_through_its_smscs():
    """An inquiry of another SMSC waits for an instance that is bound there."""
    async with World(smsc("viettel"), smsc("mobifone")) as world:
        gateway = world.instance(prompt=False)
        gateway.smsc.bind("a1", "viettel")
        gateway.smsc.bind("m1", "mobifone")
        await gateway.start()
        await gateway.texts(gateway.message(ALICE, link="a1"), gateway.message(BOB, link="m1"))
        await gateway.kill()
        again = world.instance()
        again.smsc.bind("b1", "mobifone")
        await again.start()
        await world.clock.advance(30)
        assert [reply.destination_addr for reply in again.smsc.submitted] == [BOB]
        assert len(world.store.inquiries) == 1


async def test_takes_over_all_at_once_beyond_the_limit():
    """What was accepted goes before what is still with the SMSC: pages follow each other, and intake waits meanwhile."""
    async with World(in_flight=PAGE + 100, quota=10_000, batch=256) as world:
        gateway = await world.instance(prompt=False).start("a1")
        for index in range(PAGE + 50):
            world.citizen(f"8491{index:07d}", f"001185{index:06d}", "N")
        await gateway.texts(*(gateway.message(f"8491{index:07d}") for index in range(PAGE + 50)))
        assert len(world.store.inquiries) == PAGE + 50
        await gateway.kill()
        again = await world.instance(prompt=False).start()
        again.journal.hold()
        world.subscribers.hold()
        again.smsc.bind("b1")
        new = [again.message(CAROL, "DC" + "." * index, link="b1") for index in range(100)]
        again.gateway.received(new)
        again.journal.release()
        await world.clock.advance(1.5)
        assert len(world.store.inquiries) == PAGE + 150
        assert len(again.gateway.in_flight) == PAGE + 150, "more than the limit, less than twice"
        world.subscribers.release()
        again.smsc.prompt = True
        for reply in list(again.smsc.submitted):
            again.smsc.confirm(reply)
        await world.clock.advance(5)
        for reply in list(again.smsc.under_way.values()):
            again.smsc.confirm(reply)
        await world.clock.advance(5)
        assert world.ending_names() == {"answered": PAGE + 150}


async def test_a_leaving_instance_takes_nothing_over(world, gateway):
    """It would have to answer it before it may go."""
    dead = await world.instance("gateway-2", prompt=False).start("b1")
    await dead.texts(dead.message(BOB, link="b1"))
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    leaving = asyncio.create_task(gateway.gateway.drain(60))
    await world.settle()
    await dead.kill()
    gateway.smsc.bind("a3")
    await world.clock.advance(40)
    assert len(gateway.gateway.in_flight) == 1
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.clock.advance(1)
    assert leaving.result() == 0


async def test_what_no_key_opens_is_kept_and_counted(world, gateway):
    """It is not lost: with the key back, a new run answers it. It is said once, not at each search."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    await gateway.kill()
    keys, world.keys = world.keys, new_keys()
    with capture_logs() as logs:
        other = await world.instance().start("b1")
        await world.clock.advance(3 * ROUTINE_S)
    assert [line["event"] for line in logs].count("inquiry_unreadable") == 1
    assert other.sample("sms_unreadable_inquiries") == 1
    assert world.endings() == []
    await other.kill()
    world.keys = keys
    await world.instance().start("c1")
    await world.clock.advance(5)
    assert world.ending_names() == {"answered": 1}


# ---- parts ---------------------------------------------------------------------------------------------------------------


async def test_groups_that_grew_too_old_are_answered_as_misread(world, gateway):
    """They were accepted, so they are answered, and counted as accepted."""
    await gateway.texts(gateway.part(1, 2, b"DC"))
    await world.clock.advance(299)
    assert world.endings() == []
    await world.clock.advance(ROUTINE_S + 2)
    assert world.ending_names() == {"misread": 1}
    assert "chua dung cu phap" in gateway.smsc.texts_to(ALICE)[0]
    assert gateway.sample("sms_accepted_total", smsc="viettel") == 1
    assert world.store.segments == {}


async def test_many_old_groups_do_not_wait_for_each_other():
    """A flood of lone parts is gone as fast as it grew old."""
    async with World(in_flight=4000, quota=10_000) as world:
        gateway = await world.instance().start("a1")
        await gateway.texts(*(gateway.part(1, 2, b"DC", msisdn=f"8491{index:07d}") for index in range(PAGE + 50)))
        await world.clock.advance(300 + ROUTINE_S + 2)
        assert world.ending_names() == {"misread": PAGE + 50}


async def test_an_old_group_of_an_smsc_unknown_here_is_left_to_others():
    """An instance without that SMSC cannot answer it; one that has it does, when this run has ended."""
    async with World(smsc("viettel"), smsc("mobifone")) as world:
        both = world.instance("gateway-1")
        both.smsc.bind("m1", "mobifone")
        await both.start()
        await both.texts(both.part(1, 2, b"DC", link="m1"))
        await both.kill()
        smscs, world.smscs = world.smscs, world.smscs[:1]
        one = await world.instance("gateway-2").start("a1")
        await world.clock.advance(400)
        assert world.endings() == []
        assert not one.task.done()
        await one.texts(one.message(ALICE))
        assert world.ending_names() == {"answered": 1}
        await one.kill()
        await one.journal.close_run(one.run)
        world.smscs = smscs
        again = world.instance("gateway-1")
        again.smsc.bind("m2", "mobifone")
        await again.start()
        await world.clock.advance(5)
        assert world.ending_names() == {"answered": 1, "misread": 1}


@pytest.mark.parametrize("committed", [False, True])
async def test_an_expiry_that_failed_is_made_good(world, gateway, committed):
    """Whether or not it was committed before it failed."""
    await gateway.texts(gateway.part(1, 2, b"DC"))
    await world.clock.advance(299)
    gateway.journal.fail_with(DOWN, method="expire_segments", committed=committed)
    await world.clock.advance(2 * ROUTINE_S)
    assert world.ending_names() == {"misread": 1}
    assert len(gateway.gateway.in_flight) == 0


async def test_nothing_more_is_taken_in_at_twice_the_limit():
    """Neither old groups nor a dead instance's inquiries, until some have ended."""
    async with World(in_flight=3, quota=1000) as world:
        dead = await world.instance("gateway-2", prompt=False).start("b1")
        await dead.texts(dead.part(1, 2, b"DC", link="b1"))
        await dead.texts(*(dead.message(ALICE, "DC" + "." * index, link="b1") for index in range(3)))
        await dead.kill()
        gateway = await world.instance("gateway-2", prompt=False).start()
        await gateway.texts(*(gateway.message(BOB, "DC" + "." * index) for index in range(3)))
        gateway.smsc.bind("a1")
        await world.settle()
        assert len(gateway.gateway.in_flight) == 6
        await world.clock.advance(400)
        assert len(gateway.gateway.in_flight) == 6
        assert len(world.store.segments) == 1
        for reply in list(gateway.smsc.submitted):
            gateway.smsc.confirm(reply)
        gateway.smsc.prompt = True
        await world.clock.advance(2 * ROUTINE_S)
        assert world.ending_names() == {"answered": 6, "misread": 1}


async def test_two_old_groups_that_say_the_same_are_answered_once(world, gateway):
    """Of one sender, at the same time: both are misread in the same words."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.part(1, 2, b"DC", reference=1), gateway.part(1, 2, b"DC", reference=2))
    await world.clock.advance(300 + ROUTINE_S + 2)
    assert len(gateway.smsc.submitted) == 1
    assert len(gateway.gateway.in_flight) == 1


# ---- links ---------------------------------------------------------------------------------------------------------------


async def test_live_links_are_stated_while_the_journal_hangs(world, gateway):
    """A journal that hangs must not make live links look dropped."""
    gateway.journal.hold()
    await world.clock.advance(10)
    digest = b"d" * 16
    await world.volatile.remember([(digest, "a1")])
    assert await world.volatile.redelivered([digest]) == [False]
    gateway.smsc.drop("a1")
    await world.settle()
    assert await world.volatile.redelivered([digest]) == [True]
    gateway.journal.release()


async def test_a_dead_instance_says_nothing_of_its_links(world, gateway):
    """Killed, its links are known to have dropped after seconds; redelivered messages are known."""
    await gateway.texts(gateway.message(ALICE, link="a1"))
    await gateway.kill()
    other = await world.instance("gateway-2").start("b1")
    await world.clock.advance(6)
    again = other.message(ALICE, link="b1")
    await other.texts(again)
    assert other.smsc.status_of(again) is ACCEPTED
    assert world.ending_names() == {"answered": 1}
    assert msgspec.structs.asdict(world.endings()[0])["uncertain"] is False

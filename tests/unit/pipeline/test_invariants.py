"""What must always hold (sms_service/README.md), each by its name. `world.FakeTransmitter` adds to every test of this
folder: no reply leaves before its audit entry is committed.
"""

import asyncio

import msgspec
import pytest

from sms_service.keys import Pseudonyms
from sms_service.model import Ending, Subscriber, SubscriberState
from sms_service.ports import Unavailable
from tests.unit.pipeline.world import (
    ACCEPTED,
    ALICE,
    ALICE_ID,
    BOB,
    BOB_ID,
    CAROL,
    KEYS,
    QUEUE_FULL,
    TRY_LATER,
    World,
    smsc,
    text_of,
)

DOWN = Unavailable("down")
BUSY = "dang ban"


# ---- 1. accepted is durable ----------------------------------------------------------------------------------------------


async def test_acknowledged_only_after_the_commit(world, gateway):
    """At the moment of each ACCEPTED the journal holds the inquiry or the part."""
    held = []
    gateway.smsc.on_acknowledge = lambda _: held.append((len(world.store.inquiries), len(world.store.segments)))
    gateway.journal.hold()
    await gateway.texts(gateway.message(ALICE))
    assert held == []
    gateway.journal.release()
    await world.settle()
    assert held == [(1, 0)]
    await gateway.texts(gateway.part(1, 2, b"D", msisdn=BOB))
    assert held[1:] == [(0, 1)]
    assert gateway.smsc.statuses() == {ACCEPTED: 2}


async def test_told_to_try_later_when_it_cannot_be_stored(world, gateway):
    """Nothing is kept, nothing answered; when the SMSC delivers it again it is."""
    gateway.journal.fail_with(DOWN, method="accept")
    first = gateway.message(ALICE)
    await gateway.texts(first)
    assert gateway.smsc.status_of(first) is TRY_LATER
    assert world.store.inquiries == {}
    again = gateway.message(ALICE)
    await gateway.texts(again)
    assert gateway.smsc.status_of(again) is ACCEPTED
    await world.clock.advance(100)
    assert world.ending_names() == {"answered": 1}
    assert len(gateway.smsc.submitted) == 1


async def test_held_at_the_in_flight_limit_and_turned_away_after_five_seconds():
    """Until then it is simply not acknowledged; then the SMSC is told that the queue is full."""
    async with World(in_flight=2) as world:
        gateway = await world.instance(prompt=False).start("a1")
        messages = [gateway.message(ALICE, "DC" + "." * index) for index in range(3)]
        await gateway.texts(*messages)
        await world.clock.advance(2)
        younger = gateway.message(BOB)
        await gateway.texts(younger)
        await world.clock.advance(2.9)
        assert gateway.smsc.status_of(messages[2]) is None
        assert gateway.smsc.statuses() == {ACCEPTED: 2}
        await world.clock.advance(0.4)
        assert gateway.smsc.status_of(messages[2]) is QUEUE_FULL
        assert gateway.smsc.status_of(younger) is None
        assert len(world.store.inquiries) == 2
        gateway.smsc.confirm(gateway.smsc.submitted[0])
        await world.settle()
        assert gateway.smsc.status_of(younger) is ACCEPTED


# ---- 2. accepted is answered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after the commit"])
@pytest.mark.parametrize("port", ["accept", "finish", "append", "lookup", "fetch"])
async def test_a_failure_anywhere_loses_nothing_and_answers_once(world, gateway, port, committed):
    """Whether the call failed before or after it did its work."""
    parts = {
        "accept": gateway.journal,
        "finish": gateway.journal,
        "append": gateway.audit,
        "lookup": world.subscribers,
        "fetch": world.population,
    }
    parts[port].fail_with(DOWN, calls=2, method=port, committed=committed)
    for _ in range(4):  # the SMSC delivers until it is accepted
        if ACCEPTED not in gateway.smsc.statuses():
            await gateway.texts(gateway.message(ALICE))
            await world.clock.advance(0.5)
    await world.clock.advance(70)
    assert world.ending_names() == {"answered": 1}
    assert len(gateway.smsc.texts_to(ALICE)) == 1
    assert world.store.inquiries == {}
    assert len(gateway.gateway.in_flight) == 0


async def test_a_hidden_commit_of_parts_is_answered(world, gateway):
    """The last part was stored, the SMSC told to try later, and delivers no more: the citizen is answered."""
    await gateway.texts(gateway.part(1, 2, b"H"))
    gateway.journal.fail_with(DOWN, method="accept_segments", committed=True)
    await gateway.texts(gateway.part(2, 2, b"D"))
    await world.clock.advance(5)
    assert world.ending_names() == {"answered": 1}


@pytest.mark.parametrize("stage", ["accepted", "looked up", "audited", "sent", "confirmed"])
async def test_a_killed_instance_leaves_nothing_unanswered(world, gateway, stage):
    """Wherever it is killed; its next run answers, and marks what may have been sent before."""
    gateway.smsc.prompt = False
    holds = {
        "accepted": world.subscribers,
        "looked up": world.population,
        "audited": None,
        "sent": None,
        "confirmed": gateway.journal,
    }
    if stage == "audited":
        gateway.smsc.submit = lambda replies: None
    elif stage != "sent":
        if stage == "confirmed":
            await gateway.texts(gateway.message(ALICE))
            gateway.journal.hold()
            gateway.smsc.confirm(gateway.smsc.submitted[0])
            await world.settle()
        else:
            holds[stage].hold()
    if stage != "confirmed":
        await gateway.texts(gateway.message(ALICE))
    await gateway.kill()
    for part in holds.values():
        if part is not None:
            part.release()
    again = await world.instance().start("b1")
    await world.clock.advance(5)

    may_have_left = stage in ("audited", "sent", "confirmed")
    (ending,) = world.endings()
    assert ending.ending is Ending.ANSWERED
    assert ending.uncertain is may_have_left
    assert [entry.entry.repeated for entry in world.store.audit.values()] == [False] * may_have_left + [may_have_left]
    assert ALICE_ID in again.smsc.texts_to(ALICE)[0]
    assert again.sample("sms_resumed_total") == 1
    assert again.sample("sms_uncertain_replies_total") == may_have_left


async def test_a_dead_instance_is_taken_over_when_its_lease_is_over(world, gateway):
    """By another instance with a bind to the same SMSC; not before."""
    gateway.smsc.prompt = False
    other = await world.instance("gateway-2").start("b1")
    await world.clock.advance(20)
    await gateway.texts(gateway.message(ALICE))
    await gateway.kill()
    await world.clock.advance(10)
    assert other.smsc.submitted == []
    await world.clock.advance(10)
    assert world.ending_names() == {"answered": 1}
    assert len(other.smsc.submitted) == 1


async def test_an_instance_that_left_in_order_is_taken_over_at_once(world, gateway):
    """A closed run has no lease to wait for."""
    gateway.smsc.prompt = False
    other = await world.instance("gateway-2").start("b1")
    await gateway.texts(gateway.message(ALICE))
    await gateway.stop()
    await gateway.journal.close_run(gateway.run)
    await world.clock.advance(4)
    assert world.ending_names() == {"answered": 1}
    assert len(other.smsc.submitted) == 1


async def test_audited_and_unfinished_are_never_more_than_the_window():
    """The replies whose fate a crash would hide, whatever is in flight and however slowly endings are committed."""
    async with World(in_flight=1000, quota=1000) as world:
        gateway = await world.instance(window=5).start("a1", "a2")
        for index in range(200):
            world.citizen(f"8491{index:07d}", f"001185{index:06d}", "N")
        gateway.journal.fail_with(DOWN, method="finish", calls=5)
        gateway.audit.fail_with(DOWN, calls=3, committed=True)
        await gateway.texts(*(gateway.message(f"8491{index:07d}") for index in range(200)))
        for _ in range(100):
            await world.clock.advance(0.1)
            assert len(world.audited_and_unfinished()) <= 10
        assert gateway.smsc.audited_at_most == 10
        assert world.ending_names() == {"answered": 200}


async def test_each_inquiry_has_one_ending(world, gateway):
    """Two instances that both answered, since one did not know that it had been taken over, record one."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    other = await world.instance("gateway-2").start("b1")
    await world.clock.advance(20)
    gateway.journal.fail_with(DOWN, calls=1000, method="renew")
    await world.clock.advance(25)
    assert len(other.smsc.submitted) == 1
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.settle()
    assert world.ending_names() == {"answered": 1}
    counted = sum(one.sample("sms_endings_total", ending="answered") for one in (gateway, other))
    assert counted == 1


async def test_nothing_is_sent_after_the_lease_until_it_is_renewed(world, gateway):
    """What was taken over is dropped, what is still ours is sent."""
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    await gateway.texts(gateway.message(BOB))
    other = await world.instance("gateway-2", prompt=False).start("b1")
    await world.clock.advance(20)
    gateway.journal.fail_with(DOWN, calls=1000, method="renew")
    await world.clock.advance(13.9)
    rows = sorted(world.store.inquiries)
    await world.clock.advance(3)
    world.store.inquiries[rows[0]].run_id = other.run.run_id
    world.store.inquiries[rows[1]].run_id = gateway.run.run_id
    other.smsc.links.clear()
    world.subscribers.release()
    await world.clock.advance(5)
    assert gateway.smsc.submitted == []
    other.smsc.links.clear()
    world.store.inquiries[rows[1]].run_id = gateway.run.run_id
    gateway.journal.heal()
    await world.clock.advance(2)
    assert [reply.destination_addr for reply in gateway.smsc.submitted] == [BOB]


# ---- 3. no false "does not exist" ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["subscribers", "population"])
async def test_nobody_is_refused_while_a_part_is_down(world, gateway, part):
    """The inquiry waits, and is answered when the part is back."""
    getattr(world, part).fail_with(DOWN, calls=100_000)
    await gateway.texts(gateway.message(ALICE), gateway.message("84900000000"))
    await world.clock.advance(100)
    assert world.endings() == []
    assert gateway.smsc.submitted == []
    getattr(world, part).heal()
    await world.clock.advance(2)
    assert world.ending_names() == {"answered": 1, "refused": 1}
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[0]


@pytest.mark.parametrize("part", ["subscribers", "population"])
async def test_past_its_deadline_an_inquiry_is_told_that_the_system_is_busy(world, gateway, part):
    """After 120 s, and not that it does not exist."""
    getattr(world, part).fail_with(DOWN, calls=100_000)
    await gateway.texts(gateway.message(ALICE))
    await world.clock.advance(119)
    assert gateway.smsc.submitted == []
    await world.clock.advance(3)
    assert world.ending_names() == {"expired": 1}
    assert BUSY in gateway.smsc.texts_to(ALICE)[0]


# ---- ages are by the monotonic clock ------------------------------------------------------------------------------------

SET_BY = pytest.mark.parametrize("seconds", [3600, -3600], ids=["forward", "back"])
"""What NTP, or a person, does to the wall clock of the machine while inquiries wait."""


@SET_BY
async def test_nobody_is_told_busy_because_the_clock_was_set(world, gateway, seconds):
    """Nor later than without; the figures of ages stay what they are."""
    world.subscribers.fail_with(DOWN, calls=100_000)
    await gateway.texts(gateway.message(ALICE))
    await world.clock.advance(60)
    world.clock.step(seconds)
    await gateway.texts(gateway.message(BOB))
    await world.clock.advance(59)
    assert gateway.smsc.submitted == []
    assert 118 <= gateway.sample("sms_oldest_unanswered_seconds") <= 119
    await world.clock.advance(3)
    assert world.ending_names() == {"expired": 1}
    world.subscribers.heal()
    await world.clock.advance(2)
    assert world.ending_names() == {"expired": 1, "answered": 1}
    assert gateway.sample("sms_reply_seconds_count") == 2
    assert 180 <= gateway.sample("sms_reply_seconds_sum") <= 190
    assert gateway.sample("sms_oldest_unanswered_seconds") == 0


@SET_BY
async def test_no_reply_is_given_up_because_the_clock_was_set(world, gateway, seconds):
    """And none waits for a bind for ever."""
    gateway.smsc.links.clear()
    await gateway.texts(gateway.message(ALICE))
    world.clock.step(seconds)
    await world.clock.advance(899)
    assert world.endings() == []
    await world.clock.advance(3)
    assert world.ending_names() == {"undeliverable": 1}


@SET_BY
async def test_no_long_message_is_given_up_because_the_clock_was_set(world, gateway, seconds):
    """Its parts wait 300 s for the rest, no less and no more."""
    await gateway.texts(gateway.part(1, 2, b"H"))
    await gateway.texts(gateway.part(1, 2, b"H", msisdn=BOB))
    world.clock.step(seconds)
    await world.clock.advance(290)
    await gateway.texts(gateway.part(2, 2, b"D"))
    assert world.ending_names() == {"answered": 1}
    await world.clock.advance(50)
    assert world.ending_names() == {"answered": 1, "misread": 1}


@SET_BY
async def test_what_is_resumed_is_as_old_as_the_journal_says(world, gateway, seconds):
    """The clock of the machine was set between the death of one run and the start of the next."""
    world.subscribers.fail_with(DOWN, calls=100_000)
    await gateway.texts(gateway.message(ALICE))
    await world.clock.advance(60)
    await gateway.kill()
    world.clock.step(seconds)
    again = await world.instance().start("b1")
    await world.clock.advance(58)
    assert world.endings() == []
    await world.clock.advance(4)
    assert world.ending_names() == {"expired": 1}
    assert 120 <= again.sample("sms_reply_seconds_sum") <= 125


async def test_what_is_resumed_is_never_younger_than_now(world, gateway):
    """The journal's own clock was set back: the inquiry is answered, and its age counts from its resumption at the latest."""
    world.subscribers.fail_with(DOWN, calls=100_000)
    await gateway.texts(gateway.message(ALICE))
    await gateway.kill()
    world.store.clock_set_by -= 3600
    await world.instance().start("b1")
    await world.clock.advance(119)
    assert world.endings() == []
    await world.clock.advance(4)
    assert world.ending_names() == {"expired": 1}


# ---- 4. refusals are indistinguishable -----------------------------------------------------------------------------------

REFUSED = {
    "unknown number": (lambda world: world.subscribers.subscribers.pop(ALICE), "DC"),
    "bound to nobody": (
        lambda world: world.subscribers.subscribers.update({ALICE: Subscriber(SubscriberState.AUTHENTICATED, None)}),
        "DC",
    ),
    "no such citizen": (lambda world: world.population.records.pop(ALICE_ID), "DC"),
    "dead or missing": (
        lambda world: world.population.records[ALICE_ID].update(death_or_missing_date="2020-01-01"),
        "DC",
    ),
    "another's ID": (lambda world: None, "DC " + BOB_ID),
    "nobody's ID": (lambda world: None, "DC 001001001001"),
    "accents": (lambda world: world.subscribers.subscribers.pop(ALICE), "DC DAU"),
    **{
        state.value: (
            lambda world, state=state: world.subscribers.subscribers.update({ALICE: Subscriber(state, ALICE_ID)}),
            "DC",
        )
        for state in SubscriberState
        if state is not SubscriberState.AUTHENTICATED
    },
}


async def _refusal(cause):
    change, text = REFUSED[cause]
    async with World() as world:
        gateway = await world.instance().start("a1")
        change(world)
        await gateway.texts(gateway.message(ALICE, text))
        (reply,) = gateway.smsc.submitted
        (entry,) = world.store.audit.values()
        labels = sorted(
            (sample.name, tuple(sample.labels.items()), sample.value)
            for metric in gateway.metrics.registry.collect()
            for sample in metric.samples
            if not sample.name.endswith("_created")
        )
        return (
            [msgspec.structs.astuple(segment) for segment in reply.segments],
            (reply.source_addr, reply.destination_addr),
            dict(world.subscribers.calls),
            dict(world.population.calls),
            dict(gateway.journal.calls),
            dict(gateway.audit.calls),
            labels,
            (entry.entry.ending, entry.entry.citizen, entry.entry.fields, entry.entry.segments, entry.entry.command),
            [msgspec.structs.astuple(one)[1:] for one in world.endings()],
        )


@pytest.mark.parametrize("cause", list(REFUSED))
async def test_refusals_are_the_same_bytes_and_the_same_work(cause):
    """Segments, encoding, calls to every part, metrics, audit: nothing tells the causes apart."""
    assert await _refusal(cause) == await _refusal("unknown number")


async def test_a_refusal_looks_up_a_record_that_nobody_has(world, gateway):
    """An ID without a province, another for each sender, so that nothing is learnt from a cache."""
    asked = []
    fetch = world.population.fetch

    async def spy(ids, fields):
        asked.extend(ids)
        return await fetch(ids, fields)

    world.population.fetch = spy
    await gateway.texts(gateway.message("84900000001"), gateway.message("84900000002"))
    assert len(set(asked)) == 2
    assert all(len(one) == 12 and one.isdigit() and one.startswith("999") for one in asked)


# ---- 5. only one's own record --------------------------------------------------------------------------------------------


async def test_everyone_gets_their_own_record_and_nobody_else_s():
    """However the batches mix them."""
    async with World(batch=7, quota=1000) as world:
        gateway = await world.instance(window=3).start("a1", "a2")
        citizens = {f"8491{index:07d}": f"001185{index:06d}" for index in range(100)}
        for msisdn, citizen_id in citizens.items():
            world.citizen(msisdn, citizen_id, "N")
        await gateway.texts(*(gateway.message(msisdn) for msisdn in citizens))
        await world.clock.advance(3)
        assert len(gateway.smsc.submitted) == 100
        for reply in gateway.smsc.submitted:
            others = set(citizens.values()) - {citizens[reply.destination_addr]}
            text = text_of(reply)
            assert citizens[reply.destination_addr] in text
            assert not any(other in text for other in others)


@pytest.mark.parametrize("away", ["smsc", "audit", "lease"])
async def test_no_reply_leaves_on_a_binding_of_long_ago(world, gateway, away):
    """Whatever kept the reply, the register is asked anew before it leaves: the number was recycled meanwhile. One record is
    disclosed, and the audit trail has an entry of it that is older than its sending.
    """
    if away == "audit":
        gateway.audit.hold()
    elif away == "lease":
        gateway.journal.fail_with(DOWN, calls=1000, method="renew")
        await world.clock.advance(16)
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    if away == "smsc":
        gateway.smsc.links.clear()
    world.subscribers.release()
    await world.settle()
    assert gateway.smsc.submitted == []
    world.subscribers.subscribers[ALICE] = Subscriber(SubscriberState.AUTHENTICATED, BOB_ID)
    await world.clock.advance(100)
    gateway.audit.release()
    gateway.journal.heal()
    gateway.smsc.bind("a3")
    await world.clock.advance(2)
    (text,) = gateway.smsc.texts_to(ALICE)
    assert BOB_ID in text
    assert ALICE_ID not in text
    assert [entry.entry.citizen for entry in world.store.audit.values()][-1] == Pseudonyms(KEYS).citizen(BOB_ID)
    assert world.ending_names() == {"answered": 1}


# ---- 6. audit before disclosure ------------------------------------------------------------------------------------------


async def test_the_audit_entry_is_committed_before_the_first_segment_leaves(world, gateway):
    """In this order: stored, acknowledged, audited, sent, finished."""
    order = []
    for part, method in ((gateway.journal, "accept"), (gateway.audit, "append"), (gateway.journal, "finish")):
        setattr(part, method, _noting(getattr(part, method), method, order))
    for method in ("acknowledge", "submit"):
        setattr(gateway.smsc, method, _noting_now(getattr(gateway.smsc, method), method, order))
    await gateway.texts(gateway.message(ALICE))
    assert order == ["accept", "acknowledge", "append", "submit", "finish"]


def _noting(call, name, order):
    async def noted(*arguments):
        result = await call(*arguments)
        order.append(name)
        return result

    return noted


def _noting_now(call, name, order):
    def noted(*arguments):
        order.append(name)
        return call(*arguments)

    return noted


# ---- 7. redelivery -------------------------------------------------------------------------------------------------------


async def test_redelivered_while_unanswered_is_answered_once(world, gateway):
    """Over another link, while the first waits for the register."""
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE, link="a1"))
    gateway.smsc.drop("a1")
    again = gateway.message(ALICE, link="a2")
    await gateway.texts(again)
    world.subscribers.release()
    await world.clock.advance(5)
    assert gateway.smsc.status_of(again) is ACCEPTED
    assert len(gateway.smsc.submitted) == 1


@pytest.mark.parametrize(("after_s", "answers"), [(1, 1), (299, 1), (302, 2)])
async def test_redelivered_after_a_drop_is_answered_once(world, gateway, after_s, answers):
    """Within 300 s of the answer, over whatever link; after that it is a new inquiry."""
    await gateway.texts(gateway.message(ALICE, link="a1"))
    gateway.smsc.drop("a1")
    await world.clock.advance(after_s)
    again = gateway.message(ALICE, link="a2")
    await gateway.texts(again)
    assert gateway.smsc.status_of(again) is ACCEPTED
    assert len(gateway.smsc.submitted) == answers


async def test_after_an_orderly_unbind_nothing_is_redelivered(world, gateway):
    """The SMSC has the acknowledgement, so the same content is a new inquiry."""
    await gateway.texts(gateway.message(ALICE, link="a1"))
    gateway.smsc.unbind("a1")
    await world.clock.advance(1)
    await gateway.texts(gateway.message(ALICE, link="a2"))
    assert world.ending_names() == {"answered": 2}


async def test_a_process_that_was_stopped_does_not_take_its_links_for_dropped(world, gateway):
    """Its statement of live links has run out meanwhile; the link stands, so the same content is a new inquiry."""
    await gateway.texts(gateway.message(ALICE, link="a1"))
    world.clock.jump(7)
    await gateway.texts(gateway.message(ALICE, link="a1"))
    assert world.ending_names() == {"answered": 2}


async def test_the_same_content_after_the_answer_is_a_new_inquiry(world, gateway):
    """The link that acknowledged the first stands: the citizen asks again."""
    await gateway.texts(gateway.message(ALICE))
    await gateway.texts(gateway.message(ALICE))
    assert world.ending_names() == {"answered": 2}


# ---- 8. a reply leaves through the SMSC that brought the inquiry -----------------------------------------------------------


async def test_a_sick_smsc_leaves_the_others_their_room():
    """One that takes no replies fills its own share of the in-flight limit; the others are answered at once, and it is told
    when it has been held for five seconds.
    """
    async with World(smsc("viettel"), smsc("mobifone"), in_flight=4) as world:
        gateway = world.instance(prompt=False)
        gateway.smsc.bind("a1", "viettel")
        gateway.smsc.bind("m1", "mobifone")
        await gateway.start()
        sick = [gateway.message(ALICE, "DC" + "." * index, link="a1") for index in range(6)]
        await gateway.texts(*sick)
        assert gateway.smsc.statuses() == {ACCEPTED: 2}
        for round_number in range(6):
            well = gateway.message(BOB, "DC" + "." * round_number, link="m1")
            await gateway.texts(well)
            assert gateway.smsc.status_of(well) is ACCEPTED
            gateway.smsc.confirm(gateway.smsc.submitted[-1])
            await world.clock.advance(1)
        assert [gateway.smsc.status_of(message) for message in sick] == [ACCEPTED] * 2 + [QUEUE_FULL] * 4
        assert world.ending_names() == {"answered": 6}


async def test_a_reply_leaves_through_its_own_smsc():
    """Even while that one has no bind and another has."""
    async with World(smsc("viettel"), smsc("mobifone")) as world:
        gateway = world.instance()
        gateway.smsc.bind("a1", "viettel")
        gateway.smsc.bind("m1", "mobifone")
        await gateway.start()
        world.subscribers.hold()
        await gateway.texts(gateway.message(ALICE, link="a1"))
        gateway.smsc.drop("a1")
        world.subscribers.release()
        await world.clock.advance(30)
        assert gateway.smsc.submitted == []
        gateway.smsc.bind("a2", "viettel")
        await world.settle()
        assert [reply.smsc for reply in gateway.smsc.submitted] == ["viettel"]


# ---- long messages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (3, 2, 1), (2, 2, 1, 3, 3)])
async def test_parts_in_any_order_over_any_link_are_one_inquiry(world, gateway, order):
    """Also with parts that come twice."""
    pieces = {1: b"DC 001", 2: b"185012", 3: b"345"}
    for turn, number in enumerate(order):
        await gateway.texts(gateway.part(number, 3, pieces[number], link=("a1", "a2")[turn % 2]))
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[0]
    assert world.ending_names() == {"answered": 1}


async def test_parts_over_two_instances_are_one_inquiry(world, gateway):
    """They find each other in the journal."""
    other = await world.instance("gateway-2").start("b1")
    await gateway.texts(gateway.part(1, 2, b"H"))
    await other.texts(other.part(2, 2, b"D", link="b1"))
    assert world.ending_names() == {"answered": 1}
    assert len(other.smsc.submitted) == 1


async def test_a_message_whose_parts_are_missing_is_misread_after_300_s(world, gateway):
    """What came is never read by itself, though it would be an inquiry."""
    await gateway.texts(gateway.part(1, 2, b"DC"))
    await world.clock.advance(300)
    assert world.endings() == []
    await world.clock.advance(32)
    assert world.ending_names() == {"misread": 1}


# ---- 11. no loops, no floods ---------------------------------------------------------------------------------------------


async def test_quota_then_one_notice_then_silence_then_again(world, gateway):
    """Twenty in a minute; each is acknowledged, and has an ending."""
    for index in range(25):
        await gateway.texts(gateway.message(ALICE, "DC" + "." * index))
    texts = gateway.smsc.texts_to(ALICE)
    assert sum(ALICE_ID in text for text in texts) == 20
    assert "qua so lan" in texts[20]
    assert len(texts) == 21
    assert world.ending_names() == {"answered": 20, "over_quota": 5}
    assert gateway.smsc.statuses() == {ACCEPTED: 25}
    await gateway.texts(gateway.message(BOB))
    assert BOB_ID in gateway.smsc.texts_to(BOB)[0], "another sender has a quota of their own"
    await world.clock.advance(61)
    await gateway.texts(gateway.message(ALICE))
    assert len(gateway.smsc.texts_to(ALICE)) == 22
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[21]


async def test_the_quota_is_one_over_all_instances(world, gateway):
    """Nobody gets more by texting through two."""
    other = await world.instance("gateway-2").start("b1")
    for index in range(12):
        await gateway.texts(gateway.message(ALICE, "DC" + "." * index))
        await other.texts(other.message(ALICE, "DC" + " " * (index + 1), link="b1"))
    assert world.ending_names() == {"answered": 20, "over_quota": 4}


async def test_machines_are_never_answered(world, gateway):
    """They are acknowledged, and that is all."""
    await gateway.texts(gateway.message("VIETTEL", source_addr_ton=5), gateway.message("5505"))
    assert gateway.smsc.statuses() == {ACCEPTED: 2}
    assert gateway.smsc.submitted == []
    assert world.store.inquiries == {}


# ---- 7. no personal data -------------------------------------------------------------------------------------------------


async def test_nothing_of_a_citizen_stands_in_store_or_metrics(world, gateway, capsys):
    """Rows, segments, endings, audit, metric samples and log lines, through an answer, a refusal and a failure."""
    gateway.smsc.prompt = False
    gateway.journal.fail_with(DOWN, method="finish")
    await gateway.texts(gateway.message(ALICE, "DC " + ALICE_ID), gateway.message(CAROL, "DC " + BOB_ID))
    await gateway.texts(gateway.part(1, 2, b"DC " + BOB_ID.encode(), msisdn=BOB))
    stored = [*world.store.inquiries.values(), *world.store.segments.values(), *world.store.audit.values()]
    for reply in list(gateway.smsc.submitted):
        gateway.smsc.confirm(reply)
    await world.clock.advance(2)
    stored += world.endings()
    raw = msgspec.msgpack.encode(stored)
    samples = [sample for metric in gateway.metrics.registry.collect() for sample in metric.samples]
    seen = raw.decode("latin-1") + repr(samples) + capsys.readouterr().out
    assert world.ending_names() == {"answered": 1, "refused": 1}
    for secret in (ALICE, BOB, CAROL, ALICE_ID, BOB_ID, ALICE[2:], CAROL[2:], "DC 0"):
        assert secret not in seen


# ---- 12. leaving is orderly ----------------------------------------------------------------------------------------------


async def test_leaving_turns_away_and_drains(world, gateway):
    """New messages stay with the SMSC, accepted ones are answered, then nothing is left."""
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    leaving = asyncio.create_task(gateway.gateway.drain(20))
    await world.settle()
    late = gateway.message(BOB)
    await gateway.texts(late)
    world.subscribers.release()
    await world.clock.advance(1)
    assert leaving.result() == 0
    assert gateway.smsc.status_of(late) is TRY_LATER
    assert world.ending_names() == {"answered": 1}
    assert world.store.inquiries == {}

"""Audit, then submit; then the outcome, and the ending."""

import msgspec
import pytest

from sms_service.keys import Pseudonyms, verify_chain
from sms_service.model import DeliveryResult, Ending, ReplyOutcome, Subscriber, SubscriberState
from sms_service.pipeline.answering import Asking
from sms_service.ports import Misconfigured, Unavailable
from tests.unit.pipeline.world import ALICE, ALICE_ID, BOB, BOB_ID, CAROL, KEYS, World, reference_syntax, smsc, text_of

AUDIT_DOWN = Unavailable("audit: down")


def inquiries(gateway, count, msisdn=ALICE, **fields):
    """Inquiries of different content, all for the record."""
    return [gateway.message(msisdn, "DC" + "." * index, **fields) for index in range(count)]


def taken(gateway, name="viettel"):
    """Places in the window that dispatch believes to be taken."""
    return gateway.gateway._dispatch._lanes[name].taken


@pytest.fixture
async def slow(world):
    """A gateway whose SMSC confirms when the test says so, over two links with a window of two each."""
    return await world.instance(prompt=False, window=2).start("a1", "a2")


async def test_no_more_leaves_than_the_window_holds(slow):
    """The next leaves when one is confirmed and its ending committed."""
    await slow.texts(*inquiries(slow, 6))
    assert len(slow.smsc.submitted) == 4
    slow.smsc.confirm(slow.smsc.submitted[0])
    await slow.world.settle()
    assert len(slow.smsc.submitted) == 5
    assert taken(slow) == 4


async def test_a_place_is_given_back_when_the_ending_is_committed(slow):
    """Not when it is confirmed: until then a crash would hide its fate."""
    await slow.texts(*inquiries(slow, 5))
    slow.journal.hold()
    slow.smsc.confirm(slow.smsc.submitted[0])
    await slow.world.settle()
    assert len(slow.smsc.submitted) == 4
    slow.journal.release()
    await slow.world.settle()
    assert len(slow.smsc.submitted) == 5


async def test_a_reply_larger_than_the_window_leaves_alone(world):
    """Otherwise it would never leave."""
    world.population.records[ALICE_ID] = {**world.population.records[ALICE_ID], "permanent_residence": "x" * 300}
    gateway = await world.instance(prompt=False, window=2).start("a1")
    await gateway.texts(gateway.message(BOB), gateway.message(ALICE), gateway.message(CAROL))
    assert [reply.destination_addr for reply in gateway.smsc.submitted] == [BOB]
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.settle()
    assert [reply.destination_addr for reply in gateway.smsc.submitted] == [BOB, ALICE]
    gateway.smsc.confirm(gateway.smsc.submitted[1])
    await world.settle()
    assert [reply.destination_addr for reply in gateway.smsc.submitted] == [BOB, ALICE, CAROL]


async def test_what_never_left_comes_back_and_leaves_over_another_link(world, slow):
    """Nothing is uncertain about it."""
    await slow.texts(slow.message(ALICE))
    slow.smsc.give_back(slow.smsc.submitted[0], uncertain=False)
    await world.settle()
    assert len(slow.smsc.submitted) == 2
    slow.smsc.confirm(slow.smsc.submitted[1])
    await world.settle()
    (ending,) = world.endings()
    assert (ending.ending, ending.uncertain) == (Ending.ANSWERED, False)
    assert taken(slow) == 0


async def test_only_the_segments_that_are_not_confirmed_leave_again(world, slow):
    """The citizen gets each segment once where that can be known; the message ids are those of all sendings."""
    world.population.records[ALICE_ID] = {**world.population.records[ALICE_ID], "permanent_residence": "x" * 300}
    await slow.texts(slow.message(ALICE))
    (first,) = slow.smsc.submitted
    assert len(first.segments) == 3
    slow.smsc.give_back(first, uncertain=True, confirmed=1)
    await world.settle()
    again = slow.smsc.submitted[1]
    assert again.segments == first.segments[1:]
    assert taken(slow) == 2
    slow.smsc.confirm(again)
    await world.settle()
    (ending,) = world.endings()
    assert (ending.ending, ending.segments, ending.uncertain) == (Ending.ANSWERED, 3, True)
    assert ending.message_ids == ("early0", "id0", "id1")
    assert slow.sample("sms_uncertain_replies_total") == 1
    assert taken(slow) == 0


async def test_a_reply_whose_fate_stays_unknown_is_not_sent_for_ever(world, slow):
    """Three sendings without a word, then it ends; the citizen may have it three times, and it is said so."""
    await slow.texts(slow.message(ALICE))
    for sending in range(3):
        slow.smsc.give_back(slow.smsc.submitted[sending], uncertain=True)
        await world.settle()
    assert len(slow.smsc.submitted) == 3
    (ending,) = world.endings()
    assert (ending.ending, ending.uncertain) == (Ending.UNDELIVERABLE, True)
    assert taken(slow) == 0


async def test_a_refused_reply_is_undeliverable(world, slow):
    """With the SMSC's status."""
    await slow.texts(slow.message(ALICE))
    slow.smsc.reject(slow.smsc.submitted[0], command_status=0x0B)
    await world.settle()
    (ending,) = world.endings()
    assert (ending.ending, ending.command_status, ending.segments) == (Ending.UNDELIVERABLE, 0x0B, 0)


async def test_outcomes_of_strangers_are_passed_over(world, slow):
    """An answer that comes after its inquiry was taken over changes nothing."""
    slow.gateway.outcomes([ReplyOutcome(99, DeliveryResult.CONFIRMED, 0, ("x",))])
    await world.settle()
    assert world.endings() == []


async def test_replies_wait_for_a_bind_and_leave_when_it_comes(world, slow):
    """Answered while no bind stands: nothing is audited until it can leave."""
    world.subscribers.hold()
    await slow.texts(slow.message(ALICE))
    slow.smsc.drop("a1")
    slow.smsc.drop("a2")
    world.subscribers.release()
    await world.clock.advance(60)
    assert slow.smsc.submitted == []
    assert world.store.audit == {}
    slow.smsc.bind("a3")
    await world.settle()
    assert len(slow.smsc.submitted) == 1


async def test_a_reply_that_found_no_bind_in_time_is_given_up(world):
    """It ends as undeliverable, and does not leave when the bind comes after all."""
    async with World(give_up_s=100) as world:
        gateway = await world.instance(prompt=False).start("a1")
        await gateway.texts(gateway.message(ALICE))
        gateway.smsc.links.clear()
        gateway.smsc.give_back(gateway.smsc.submitted[0], uncertain=False)
        await world.clock.advance(99)
        assert world.endings() == []
        await world.clock.advance(3)
        assert world.ending_names() == {"undeliverable": 1}
        gateway.smsc.bind("a2")
        await world.settle()
        assert len(gateway.smsc.submitted) == 1


async def test_a_reply_older_than_its_time_does_not_leave(world):
    """An instance that comes back after a quarter of an hour sends nobody an answer that would puzzle them."""
    async with World(give_up_s=100) as world:
        gateway = await world.instance(prompt=False).start("a1")
        await gateway.texts(gateway.message(ALICE))
        await gateway.kill()
        await world.clock.advance(200)
        again = await world.instance().start("b1")
        await world.clock.advance(5)
        assert again.smsc.submitted == []
        assert world.ending_names() == {"undeliverable": 1}


async def test_the_audit_is_tried_again_with_the_same_entries(world, slow):
    """Before or after its commit, a failure leaves one chain without gap, and every reply leaves once."""
    slow.audit.fail_with(AUDIT_DOWN, calls=2)
    slow.audit.fail_with(AUDIT_DOWN, calls=1, committed=True)
    await slow.texts(*inquiries(slow, 3))
    assert slow.smsc.submitted == []
    await world.clock.advance(2)
    assert len(slow.smsc.submitted) == 3
    entries = [entry for _, entry in sorted(world.store.audit.items())]
    assert verify_chain(KEYS, entries) == (3, None)
    assert slow.audit.calls["append"] == 4


async def test_a_misconfigured_audit_sends_nothing(world, slow):
    """What cannot be accounted for does not leave; it does when the cause is mended."""
    slow.audit.fail_with(Misconfigured("audit: no right to insert"), calls=1000)
    await slow.texts(slow.message(ALICE))
    await world.clock.advance(30)
    assert slow.smsc.submitted == []
    slow.audit.heal()
    await world.clock.advance(2)
    assert len(slow.smsc.submitted) == 1


async def test_what_is_held_back_keeps_its_place_and_order(world, slow):
    """The lease lapsed while the entries were written: the replies leave in their order when it is regained."""
    slow.audit.hold()
    await slow.texts(*inquiries(slow, 4))
    slow.journal.fail_with(Unavailable("journal: down"), calls=1000, method="renew")
    await world.clock.advance(20)
    slow.audit.release()
    await world.settle()
    assert slow.smsc.submitted == []
    assert taken(slow) == 0
    slow.journal.heal()
    await world.clock.advance(2)
    sent = [reply.inquiry_id for reply in slow.smsc.submitted]
    assert sent == sorted(sent)
    assert len(sent) == 4
    assert len(world.store.audit) == 4, "each is audited once"


async def test_places_of_what_is_lost_while_it_is_audited_are_given_back_once(world, slow):
    """Taken over by another instance between its audit entry and its sending: the window stays what it is."""
    slow.audit.hold()
    await slow.texts(*inquiries(slow, 4))
    lost = slow.gateway.in_flight.ids()
    slow.gateway.in_flight.remove(lost)
    slow.gateway._dispatch.forget(lost)
    slow.audit.release()
    await world.settle()
    assert slow.smsc.submitted == []
    assert taken(slow) == 0
    await slow.texts(*inquiries(slow, 6, BOB))
    assert len(slow.smsc.submitted) == 4


async def test_what_was_lost_and_came_back_leaves_once(world, slow):
    """The answer that was made before the loss is another inquiry's."""
    slow.smsc.links.clear()
    await slow.texts(slow.message(ALICE))
    (inquiry_id,) = slow.gateway.in_flight.ids()
    lost = slow.gateway.in_flight.get(inquiry_id)
    slow.gateway.in_flight.remove([inquiry_id])
    back = msgspec.structs.replace(lost, resumed=True)
    slow.gateway.in_flight.add([back])
    slow.gateway._reading.put([back])
    await world.settle()
    slow.smsc.bind("a3")
    await world.settle()
    assert len(slow.smsc.submitted) == 1
    slow.smsc.confirm(slow.smsc.submitted[0])
    await world.settle()
    assert taken(slow) == 0


# ---- stale answers -------------------------------------------------------------------------------------------------------

FRESH_S = 60


def rebind(world, msisdn, citizen_id, state=SubscriberState.AUTHENTICATED):
    """The number changes hands."""
    world.subscribers.subscribers[msisdn] = Subscriber(state, citizen_id)


async def composed(gateway, *messages):
    """Deliver these, and let their replies be ready while no bind stands."""
    gateway.world.subscribers.hold()
    await gateway.texts(*messages)
    gateway.smsc.links.clear()
    gateway.world.subscribers.release()
    await gateway.world.settle()
    assert gateway.smsc.submitted == []


@pytest.mark.parametrize(("after_s", "lookups"), [(FRESH_S - 1, 1), (FRESH_S + 1, 2)])
async def test_an_answer_leaves_while_it_is_fresh_and_is_asked_for_again_later(world, gateway, after_s, lookups):
    """Counted from when the register was asked."""
    await composed(gateway, gateway.message(ALICE))
    await world.clock.advance(after_s)
    gateway.smsc.bind("a3")
    await world.settle()
    assert world.subscribers.calls["lookup"] == lookups
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[0]
    (ending,) = world.endings()
    assert (ending.ending, ending.uncertain, ending.segments) == (Ending.ANSWERED, False, 1)
    assert [entry.entry.repeated for entry in world.store.audit.values()] == [False]
    assert taken(gateway) == 0


@pytest.mark.parametrize("state", list(SubscriberState))
async def test_a_number_that_changed_hands_while_the_smsc_was_away_tells_nothing_of_its_old_owner(
    world, gateway, state
):
    """The new owner gets their own record, or, where there is none, the refusal."""
    await composed(gateway, gateway.message(ALICE))
    rebind(world, ALICE, BOB_ID, state)
    await world.clock.advance(FRESH_S + 1)
    gateway.smsc.bind("a3")
    await world.settle()
    (text,) = gateway.smsc.texts_to(ALICE)
    assert ALICE_ID not in text
    assert (BOB_ID in text) is (state is SubscriberState.AUTHENTICATED)
    (entry,) = world.store.audit.values()
    pseudonyms = Pseudonyms(KEYS)
    assert entry.entry.citizen == (pseudonyms.citizen(BOB_ID) if BOB_ID in text else b"")
    assert entry.entry.ending is (Ending.ANSWERED if BOB_ID in text else Ending.REFUSED)
    assert world.ending_names() == {entry.entry.ending.value: 1}


async def test_a_refusal_is_asked_for_again_too(world, gateway):
    """It is a statement of the register as well: who authenticated meanwhile gets the record."""
    stranger = "84900000000"
    await composed(gateway, gateway.message(stranger))
    rebind(world, stranger, BOB_ID)
    await world.clock.advance(FRESH_S + 1)
    gateway.smsc.bind("a3")
    await world.settle()
    assert BOB_ID in gateway.smsc.texts_to(stranger)[0]


async def test_what_tells_nothing_of_a_record_leaves_as_it_is(world, gateway):
    """Help, and what could not be read."""
    gateway.smsc.links.clear()
    await gateway.texts(gateway.message(ALICE, "HD"), gateway.message(BOB, "?"))
    await world.clock.advance(500)
    gateway.smsc.bind("a3")
    await world.settle()
    assert len(gateway.smsc.submitted) == 2
    assert world.subscribers.calls["lookup"] == 0


@pytest.mark.parametrize(("down_s", "ending"), [(110, "answered"), (125, "expired")])
async def test_the_second_asking_has_a_deadline_of_its_own(world, gateway, down_s, ending):
    """However old the inquiry is by then: with everything back the citizen gets the record, not "busy"."""
    await composed(gateway, gateway.message(ALICE))
    world.subscribers.fail_with(Unavailable("register: down"), calls=100_000)
    await world.clock.advance(300)
    gateway.smsc.bind("a3")
    await world.clock.advance(down_s)
    world.subscribers.heal()
    await world.clock.advance(2)
    assert world.ending_names() == {ending: 1}
    assert len(gateway.smsc.submitted) == 1


async def test_help_leaves_while_stale_answers_wait_for_the_register(world, gateway):
    """What has no new answer yet takes nobody's place."""
    await composed(gateway, gateway.message(ALICE))
    await gateway.texts(gateway.message(BOB, "HD"))
    world.subscribers.hold()
    await world.clock.advance(FRESH_S + 1)
    gateway.smsc.bind("a3")
    await world.settle()
    assert [reply.destination_addr for reply in gateway.smsc.submitted] == [BOB]
    assert taken(gateway) == 0


async def test_stale_answers_leave_in_their_order_and_before_newer_ones(slow):
    """They have waited longer."""
    first, then = inquiries(slow, 6), inquiries(slow, 3, BOB)
    await composed(slow, *first)
    await slow.world.clock.advance(FRESH_S + 1)
    slow.smsc.bind("a3")
    slow.gateway.received([slow.message(CAROL, link="a3")])
    await slow.texts(*then)
    for _ in range(12):
        for reply in list(slow.smsc.under_way.values()):
            slow.smsc.confirm(reply)
        await slow.world.settle()
    sent = [reply.destination_addr for reply in slow.smsc.submitted]
    assert sent[:6] == [ALICE] * 6
    assert len(sent) == 10
    by_alice = [reply.inquiry_id for reply in slow.smsc.submitted][:6]
    assert by_alice == sorted(by_alice)


async def test_a_lane_slower_than_answers_grow_old_still_moves():
    """Each reply waits longer than it stays fresh: asked again in its turn, in the order of acceptance, none is starved."""
    async with World(answer_fresh_s=10, quota=1000, in_flight=1000) as world:
        gateway = await world.instance(prompt=False, window=1).start("a1")
        await gateway.texts(*inquiries(gateway, 40))
        for _ in range(40):
            await world.clock.advance(2)
            (reply,) = gateway.smsc.under_way.values()
            gateway.smsc.confirm(reply)
            await world.settle()
        sent = [reply.inquiry_id for reply in gateway.smsc.submitted]
        assert sent == sorted(set(sent))
        assert world.ending_names() == {"answered": 40}
        assert world.subscribers.calls["lookup"] < 40


async def test_what_was_audited_and_grew_stale_before_it_left(world, slow):
    """The audit's commit took too long: nothing leaves, each is audited anew as its first sending, and no more than the
    window is audited and unfinished.
    """
    slow.audit.hold()
    await slow.texts(*inquiries(slow, 6))
    await world.clock.advance(FRESH_S + 1)
    slow.audit.release()
    await world.settle()
    assert len(slow.smsc.submitted) == 4
    assert slow.smsc.audited_at_most == 4
    for _ in range(4):
        for reply in list(slow.smsc.under_way.values()):
            slow.smsc.confirm(reply)
        await world.settle()
    assert world.ending_names() == {"answered": 6}
    assert not any(ending.uncertain for ending in world.endings())
    entries = [entry for _, entry in sorted(world.store.audit.items())]
    assert verify_chain(KEYS, entries) == (10, None)
    assert not any(entry.entry.repeated for entry in entries)
    assert taken(slow) == 0


async def test_what_is_audited_keeps_its_place_while_it_is_asked_anew(world, slow):
    """Else others would be audited in its place, and a crash would hide the fate of more than the window holds."""
    slow.audit.hold()
    await slow.texts(*inquiries(slow, 6))
    world.subscribers.hold()
    await world.clock.advance(FRESH_S + 1)
    slow.audit.release()
    await slow.texts(*(slow.message(BOB, "HD" + "." * index) for index in range(3)))
    assert slow.smsc.submitted == []
    assert (taken(slow), len(world.audited_and_unfinished())) == (4, 4)
    lost = list(world.audited_and_unfinished())[:1]
    slow.gateway.in_flight.remove(lost)
    slow.gateway._dispatch.forget(lost)
    assert taken(slow) == 3
    world.subscribers.release()
    await world.settle()
    assert taken(slow) == len(slow.smsc.under_way) == 4
    assert lost[0] not in slow.smsc.under_way


async def test_a_stale_reply_of_which_nothing_is_confirmed_is_asked_for_again(world, slow):
    """It may have left: the new answer's audit entry says so, and so does the ending."""
    await slow.texts(slow.message(ALICE))
    await world.clock.advance(FRESH_S + 1)
    rebind(world, ALICE, BOB_ID)
    slow.smsc.give_back(slow.smsc.submitted[0], uncertain=True)
    await world.settle()
    again = slow.smsc.submitted[1]
    assert BOB_ID in text_of(again)
    assert [entry.entry.repeated for _, entry in sorted(world.store.audit.items())] == [False, True]
    slow.smsc.confirm(again)
    await world.settle()
    (ending,) = world.endings()
    assert (ending.ending, ending.segments, ending.uncertain) == (Ending.ANSWERED, 1, True)
    assert taken(slow) == 0


async def test_a_stale_reply_that_never_left_its_link_is_not_uncertain(world, slow):
    """The link was full until it dropped; an audit entry is there, and nothing more."""
    await slow.texts(slow.message(ALICE))
    await world.clock.advance(FRESH_S + 1)
    slow.smsc.give_back(slow.smsc.submitted[0], uncertain=False)
    await world.settle()
    slow.smsc.confirm(slow.smsc.submitted[1])
    await world.settle()
    assert [entry.entry.repeated for _, entry in sorted(world.store.audit.items())] == [False, False]
    assert not world.endings()[0].uncertain
    assert world.subscribers.calls["lookup"] == 2


async def test_a_stale_reply_of_which_a_part_is_confirmed_leaves_anew_and_whole(world, slow):
    """Segments of two answers make no text; the ending counts what was confirmed of both, and says that it is uncertain."""
    world.population.records[ALICE_ID] = {**world.population.records[ALICE_ID], "permanent_residence": "x" * 300}
    await slow.texts(slow.message(ALICE))
    (first,) = slow.smsc.submitted
    await world.clock.advance(FRESH_S + 1)
    slow.smsc.give_back(first, uncertain=False, confirmed=1)
    await world.settle()
    again = slow.smsc.submitted[1]
    assert (len(first.segments), len(again.segments)) == (3, 3)
    assert taken(slow) == 3
    slow.smsc.confirm(again)
    await world.settle()
    (ending,) = world.endings()
    assert (ending.ending, ending.segments, ending.uncertain) == (Ending.ANSWERED, 4, True)
    assert ending.message_ids == ("early0", "id0", "id1", "id2")
    assert [entry.entry.repeated for _, entry in sorted(world.store.audit.items())] == [False, True]
    assert taken(slow) == 0


async def test_asking_again_does_not_make_an_unknown_fate_endless(world, slow):
    """Three sendings without a word are three, whether of one answer or of several."""
    await slow.texts(slow.message(ALICE))
    for sending in range(3):
        await world.clock.advance(FRESH_S + 1)
        slow.smsc.give_back(slow.smsc.submitted[sending], uncertain=True)
        await world.settle()
    assert len(slow.smsc.submitted) == 3
    assert world.ending_names() == {"undeliverable": 1}
    assert taken(slow) == 0


async def test_what_is_lost_while_it_is_asked_anew_is_forgotten(world, gateway):
    """And what comes back of it from the journal is answered once, by the asking that is its own."""
    await composed(gateway, gateway.message(ALICE))
    await world.clock.advance(FRESH_S + 1)
    world.subscribers.hold()
    gateway.smsc.bind("a3")
    await world.settle()
    (inquiry_id,) = gateway.gateway.in_flight.ids()
    lost = gateway.gateway.in_flight.get(inquiry_id)
    gateway.gateway.in_flight.remove([inquiry_id])
    gateway.gateway._dispatch.forget([inquiry_id])
    back = msgspec.structs.replace(lost, resumed=True)
    gateway.gateway.in_flight.add([back])
    gateway.gateway._asking.put(
        [Asking(back, reference_syntax().read("DC"), reference_syntax(), world.clock.monotonic())]
    )
    world.subscribers.release()
    await world.settle()
    assert len(gateway.smsc.submitted) == 1
    assert world.ending_names() == {"answered": 1}
    assert taken(gateway) == 0


async def test_a_stale_reply_past_its_time_is_given_up_and_not_asked_for():
    """Nothing lives for ever."""
    async with World(give_up_s=100) as world:
        gateway = await world.instance().start("a1")
        await composed(gateway, gateway.message(ALICE))
        await world.clock.advance(102)
        gateway.smsc.bind("a2")
        await world.settle()
        assert world.ending_names() == {"undeliverable": 1}
        assert world.subscribers.calls["lookup"] == 1


async def test_an_smsc_with_much_to_send_does_not_keep_another_waiting():
    """Each SMSC is the first in its turn, however long the queue of the other."""
    async with World(smsc("viettel"), smsc("mobifone"), batch=10, in_flight=1000, quota=1000) as world:
        gateway = world.instance(prompt=False, window=1000)
        gateway.smsc.bind("a1", "viettel")
        gateway.smsc.bind("m1", "mobifone")
        await gateway.start()
        gateway.audit.hold()
        await gateway.texts(*inquiries(gateway, 300), *inquiries(gateway, 5, BOB, link="m1"))
        gateway.audit.release()
        await world.clock.advance(1)
        order = [reply.smsc for reply in gateway.smsc.submitted]
        assert len(order) == 305
        assert order.index("mobifone") < 50, "mobifone's five do not wait for all of viettel's"


async def test_an_smsc_without_a_bind_does_not_stop_another():
    """Its replies wait; the others leave."""
    async with World(smsc("viettel"), smsc("mobifone")) as world:
        gateway = world.instance()
        gateway.smsc.bind("a1", "viettel")
        gateway.smsc.bind("m1", "mobifone")
        await gateway.start()
        world.subscribers.hold()
        await gateway.texts(gateway.message(ALICE, link="a1"), gateway.message(BOB, link="m1"))
        gateway.smsc.drop("a1")
        world.subscribers.release()
        await world.settle()
        assert [reply.smsc for reply in gateway.smsc.submitted] == ["mobifone"]
        assert "Binh" in text_of(gateway.smsc.submitted[0])

"""Audit, then submit; then the outcome, and the ending."""

import msgspec
import pytest

from sms_service.keys import verify_chain
from sms_service.model import DeliveryResult, Ending, ReplyOutcome
from sms_service.ports import Misconfigured, Unavailable
from tests.unit.pipeline.world import ALICE, ALICE_ID, BOB, CAROL, KEYS, World, smsc, text_of

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

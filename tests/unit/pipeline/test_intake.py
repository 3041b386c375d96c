"""What the SMSC delivers becomes durable, and only then is acknowledged."""

import pytest
from structlog.testing import capture_logs

from sms_service.pipeline import intake
from sms_service.pipeline.intake import HELD_MAX, HELD_WHILE_DOWN_S
from sms_service.ports import Unavailable
from sms_service.sms import Alphabet
from tests.unit.pipeline.world import ACCEPTED, ALICE, BOB, QUEUE_FULL, REJECTED, TRY_LATER, World, smsc

DOWN = Unavailable("journal: down")


@pytest.mark.parametrize(
    ("source_addr", "ton"), [("VIETTEL", 5), ("5505", 0), ("19001234", 1), ("84912345678", 5), ("", 0), ("+84x", 1)]
)
async def test_machines_are_acknowledged_and_never_answered(world, gateway, source_addr, ton):
    """Names, short codes and services: two machines must not text each other in a loop."""
    message = gateway.message(ALICE, source_addr=source_addr, source_addr_ton=ton)
    await gateway.texts(message)
    assert gateway.smsc.status_of(message) is ACCEPTED
    assert gateway.smsc.submitted == []
    assert gateway.journal.calls["accept"] == 0
    assert gateway.sample("sms_discarded_total", reason="machine_sender") == 1


@pytest.mark.parametrize("form", ["0912345678", "+84912345678", "0084912345678", "912345678"])
async def test_every_form_of_a_number_is_the_same_sender(gateway, form):
    """The register is asked by the one form that it knows."""
    await gateway.texts(gateway.message(ALICE, source_addr=form, source_addr_ton=0))
    (text,) = gateway.smsc.texts_to(ALICE)
    assert "An" in text


async def test_a_message_that_cannot_be_read_is_rejected_alone(world, gateway, monkeypatch):
    """A fault of ours in one message neither stops the others nor brings the message back for ever."""
    decode = intake.decode
    monkeypatch.setattr(intake, "decode", lambda data, *rest: 1 / 0 if data == b"poison" else decode(data, *rest))
    poison, good = gateway.message(BOB, "poison"), gateway.message(ALICE)
    with capture_logs() as logs:
        await gateway.texts(poison, good)
    assert gateway.smsc.status_of(poison) is REJECTED
    assert gateway.smsc.status_of(good) is ACCEPTED
    assert world.ending_names() == {"answered": 1}
    assert [line["error"].split(" at ")[0] for line in logs if line["event"] == "message_rejected"] == [
        "ZeroDivisionError"
    ]


async def test_texts_in_the_alphabet_of_their_smsc():
    """data_coding 0 means what the SMSC's setting says: here UCS-2."""
    async with World(smsc(default_alphabet=Alphabet.UCS2)) as world:
        gateway = await world.instance().start("a1")
        await gateway.texts(gateway.message(ALICE, short_message="DC".encode("utf-16-be")))
        assert world.ending_names() == {"answered": 1}


async def test_the_same_content_twice_in_one_batch_is_answered_once(world, gateway):
    """Both are acknowledged."""
    await gateway.texts(gateway.message(ALICE), gateway.message(ALICE))
    assert gateway.smsc.statuses() == {ACCEPTED: 2}
    assert world.ending_names() == {"answered": 1}
    assert gateway.sample("sms_duplicates_total") == 1


async def test_redelivered_messages_cost_the_journal_nothing(world, gateway):
    """A batch of nothing but redelivered messages is acknowledged without a commit."""
    await gateway.texts(gateway.message(ALICE, link="a1"))
    gateway.smsc.drop("a1")
    await world.settle()
    again = gateway.message(ALICE, link="a2")
    await gateway.texts(again)
    assert gateway.smsc.status_of(again) is ACCEPTED
    assert gateway.journal.calls["accept"] == 1
    assert world.ending_names() == {"answered": 1}
    assert gateway.sample("sms_duplicates_total") == 1


async def test_of_a_batch_that_cannot_be_stored_redelivered_ones_are_acknowledged(world, gateway):
    """They were stored before: only what is new must be tried later."""
    await gateway.texts(gateway.message(ALICE, link="a1"))
    gateway.smsc.drop("a1")
    await world.settle()
    gateway.journal.fail_with(DOWN, method="accept")
    again, new = gateway.message(ALICE, link="a2"), gateway.message(BOB, link="a2")
    await gateway.texts(again, new)
    assert gateway.smsc.status_of(again) is ACCEPTED
    assert gateway.smsc.status_of(new) is TRY_LATER
    assert gateway.sample("sms_turned_away_total", reason="try_later") == 1


async def test_places_are_free_again_after_a_failure(world, gateway):
    """Whatever a failed commit reserved is given back."""
    gateway.journal.fail_with(DOWN, method="accept", calls=3)
    gateway.journal.fail_with(DOWN, method="accept_segments")
    for index in range(3):
        await gateway.texts(gateway.message(ALICE, "DC" + " " * index))
    await gateway.texts(gateway.part(1, 1 + 1, b"DC"))
    assert len(gateway.gateway.in_flight) == 0
    assert gateway.smsc.statuses() == {TRY_LATER: 4}


async def test_more_than_can_be_held_is_turned_away_at_once(gateway):
    """An SMSC that ignores its window does not fill our memory."""
    gateway.journal.hold()
    await gateway.texts(gateway.message(ALICE))
    gateway.gateway.received([gateway.message(BOB)] * (HELD_MAX + 5))
    assert gateway.smsc.statuses() == {QUEUE_FULL: 5}
    gateway.gateway.received([gateway.message(BOB)] * 2)
    assert gateway.smsc.statuses() == {QUEUE_FULL: 7}


async def test_nobody_waits_long_behind_a_journal_that_hangs(world, gateway):
    """The first batch finds out; whoever has waited behind it is told to try later at once, and not after calls of their own."""
    gateway.journal.hold()
    gateway.journal.fail_with(DOWN, method="accept")
    await gateway.texts(gateway.message(ALICE))
    waiting = [gateway.message(BOB, "DC" + "." * index) for index in range(3)]
    await gateway.texts(*waiting)
    await world.clock.advance(HELD_WHILE_DOWN_S)
    younger = gateway.message(BOB, "DC HD")
    await gateway.texts(younger)
    gateway.journal.release()
    await world.settle()
    assert [gateway.smsc.status_of(message) for message in waiting] == [TRY_LATER] * 3
    assert gateway.smsc.status_of(younger) is ACCEPTED
    assert gateway.sample("sms_turned_away_total", reason="try_later") == 4


async def test_a_journal_that_serves_again_keeps_whom_it_held(world, gateway):
    """Nobody is turned away for having waited once the journal is up."""
    gateway.journal.fail_with(DOWN, method="accept")
    await gateway.texts(gateway.message(ALICE))
    await gateway.texts(gateway.message(ALICE))
    gateway.journal.hold()
    waiting = [gateway.message(BOB, "DC" + "." * index) for index in range(3)]
    await gateway.texts(waiting[0])
    await gateway.texts(*waiting[1:])
    await world.clock.advance(2 * HELD_WHILE_DOWN_S)
    gateway.journal.release()
    await world.settle()
    assert [gateway.smsc.status_of(message) for message in waiting] == [ACCEPTED] * 3


async def test_counts_what_it_was_given(gateway):
    """By SMSC, whatever becomes of it."""
    await gateway.texts(gateway.message(ALICE), gateway.message("NAME", source_addr_ton=5))
    assert gateway.sample("sms_received_total", smsc="viettel") == 2


async def test_acknowledges_before_it_is_answered(world, gateway):
    """The SMSC does not wait for the register."""
    world.subscribers.hold()
    message = gateway.message(ALICE)
    await gateway.texts(message)
    assert gateway.smsc.status_of(message) is ACCEPTED
    assert gateway.smsc.submitted == []


async def test_what_is_held_when_leaving_stays_with_the_smsc(world):
    """Closing turns away what waits for room, so that another instance gets it."""
    async with World(in_flight=1) as world:
        gateway = await world.instance(prompt=False).start("a1")
        first, held = gateway.message(ALICE), gateway.message(BOB)
        await gateway.texts(first, held)
        assert gateway.smsc.status_of(held) is None
        assert await _drain_at_once(gateway) == 1
        assert gateway.smsc.status_of(held) is TRY_LATER


async def _drain_at_once(gateway):
    return await gateway.gateway.drain(0)


async def test_room_that_comes_lets_the_held_in(world):
    """What is held is taken in the order of arrival when others have ended."""
    async with World(in_flight=2) as world:
        gateway = await world.instance(prompt=False).start("a1")
        messages = [gateway.message(ALICE, "DC" + "." * index) for index in range(4)]
        await gateway.texts(*messages)
        assert [gateway.smsc.status_of(message) for message in messages] == [ACCEPTED, ACCEPTED, None, None]
        gateway.smsc.confirm(gateway.smsc.submitted[0])
        await world.settle()
        assert [gateway.smsc.status_of(message) for message in messages] == [ACCEPTED, ACCEPTED, ACCEPTED, None]


# ---- long messages ---------------------------------------------------------------------------------------------------


async def test_who_is_held_at_the_limit_has_waited():
    """What a reply took counts from the receipt of the message, not from when there was room for it."""
    async with World(in_flight=1) as world:
        gateway = await world.instance(prompt=False).start("a1")
        first, held = gateway.message(ALICE), gateway.message(BOB)
        await gateway.texts(first, held)
        await world.clock.advance(3)
        gateway.smsc.confirm(gateway.smsc.submitted[0])
        await world.settle()
        gateway.smsc.confirm(gateway.smsc.submitted[1])
        await world.settle()
        assert world.ending_names() == {"answered": 2}
        assert gateway.sample("sms_reply_seconds_sum") == pytest.approx(6)


async def test_parts_are_acknowledged_when_they_are_durable(world, gateway):
    """Each by itself; the message is answered when the last is there."""
    first = gateway.part(2, 2, b"D")
    await gateway.texts(first)
    assert gateway.smsc.status_of(first) is ACCEPTED
    assert world.ending_names() == {}
    await gateway.texts(gateway.part(1, 2, b"H"))
    assert world.ending_names() == {"answered": 1}
    assert gateway.sample("sms_accepted_total", smsc="viettel") == 1


async def test_parts_that_cannot_be_stored_stay_with_the_smsc(world, gateway):
    """TRY_LATER, and the message is answered when they come again."""
    gateway.journal.fail_with(DOWN, method="accept_segments")
    part = gateway.part(1, 2, b"H")
    await gateway.texts(part)
    assert gateway.smsc.status_of(part) is TRY_LATER
    await gateway.texts(gateway.part(2, 2, b"D"), gateway.part(1, 2, b"H"))
    assert world.ending_names() == {"answered": 1}


async def test_a_part_redelivered_by_its_own_dropped_link_is_known(world, gateway):
    """Parts came over two links; the part of the one that dropped comes again after the message was whole."""
    await gateway.texts(gateway.part(1, 2, b"H", link="a1"))
    await gateway.texts(gateway.part(2, 2, b"D", link="a2"))
    gateway.smsc.drop("a1")
    await world.settle()
    again = gateway.part(1, 2, b"H", link="a2")
    await gateway.texts(again)
    assert gateway.smsc.status_of(again) is ACCEPTED
    assert world.store.segments == {}
    await world.clock.advance(400)
    assert world.ending_names() == {"answered": 1}


async def test_the_next_message_under_the_same_reference_is_another(world, gateway):
    """A phone uses a reference again while its last message's parts are remembered, and their link has dropped."""
    await gateway.texts(gateway.part(1, 2, b"H", link="a1"), gateway.part(2, 2, b"D", link="a1"))
    gateway.smsc.drop("a1")
    await world.settle()
    await gateway.texts(gateway.part(1, 2, b"D", link="a2"), gateway.part(2, 2, b"C", link="a2"))
    assert world.ending_names() == {"answered": 2}


async def test_parts_of_two_citizens_are_never_joined(world, gateway):
    """The same reference at the same time over the same link."""
    await gateway.texts(
        gateway.part(1, 2, b"H", msisdn=ALICE),
        gateway.part(1, 2, b"D", msisdn=BOB),
        gateway.part(2, 2, b"D", msisdn=ALICE),
        gateway.part(2, 2, b"C", msisdn=BOB),
    )
    assert "dinh danh" in gateway.smsc.texts_to(ALICE)[0], "Alice asked for help"
    assert "Binh" in gateway.smsc.texts_to(BOB)[0], "Bob asked for his record"


async def test_a_whole_message_that_is_a_duplicate_is_answered_once(world, gateway):
    """Its parts are durable and gone; the first of the same content is still unanswered."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE, "DC"))
    await gateway.texts(gateway.part(1, 2, b"D"), gateway.part(2, 2, b"C"))
    assert len(gateway.gateway.in_flight) == 1
    assert len(gateway.smsc.submitted) == 1


async def test_whole_messages_and_parts_in_one_batch(world, gateway):
    """Each kind is stored in its way."""
    await gateway.texts(gateway.part(1, 2, b"H"), gateway.message(BOB, "DC"), gateway.part(2, 2, b"D"))
    assert world.ending_names() == {"answered": 2}

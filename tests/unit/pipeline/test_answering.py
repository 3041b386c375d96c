"""Read, quota, authenticate, look up, compose."""

import datetime as dt
import types

import msgspec
import pytest
from structlog.testing import capture_logs

from sms_service.model import Ending, Subscriber, SubscriberState
from sms_service.ports import Misconfigured, Unavailable
from sms_service.sms import Alphabet, LongMessages
from syntax.compose import spelled
from syntax.unaccent import unaccent
from tests.unit.pipeline.world import (
    ALICE,
    ALICE_ID,
    BOB,
    BOB_ID,
    CAROL,
    World,
    reference_syntax,
    smsc,
)

HELP = "dinh danh"


@pytest.mark.parametrize(
    ("text", "ending", "shows"),
    [
        ("DC", Ending.ANSWERED, ALICE_ID),
        ("dc " + ALICE_ID, Ending.ANSWERED, ALICE_ID),
        ("DC " + BOB_ID, Ending.REFUSED, "khong ton tai"),
        ("DC HD", Ending.ANSWERED, HELP),
        ("xin chao", Ending.MISREAD, "chua dung cu phap"),
        ("", Ending.MISREAD, "chua dung cu phap"),
    ],
)
async def test_what_is_asked_is_answered(world, gateway, text, ending, shows):
    """Record, help, refusal and usage, each by its ending."""
    await gateway.texts(gateway.message(ALICE, text))
    assert [one.ending for one in world.endings()] == [ending]
    (reply,) = gateway.smsc.texts_to(ALICE)
    assert shows in reply


async def test_what_needs_no_record_asks_nobody(world, gateway):
    """Help and usage are answered while register and population are down."""
    world.subscribers.hold()
    world.population.hold()
    await gateway.texts(gateway.message(ALICE, "HD"), gateway.message(BOB, "???"))
    assert world.ending_names() == {"answered": 1, "misread": 1}
    assert world.subscribers.calls["lookup"] == 0


async def test_the_register_is_asked_in_batches(world, gateway):
    """One call for as many as came together."""
    await gateway.texts(*(gateway.message(msisdn) for msisdn in (ALICE, BOB, CAROL)))
    assert world.subscribers.calls["lookup"] == world.population.calls["fetch"] == 1
    assert world.subscribers.largest["lookup"] == world.population.largest["fetch"] == 3


async def test_the_register_is_asked_for_each_inquiry(world, gateway):
    """A number that was locked since the last inquiry is refused: nothing is remembered."""
    await gateway.texts(gateway.message(ALICE))
    world.subscribers.subscribers[ALICE] = Subscriber(SubscriberState.RECYCLED, ALICE_ID)
    await gateway.texts(gateway.message(ALICE))
    assert [one.ending for one in world.endings()] == [Ending.ANSWERED, Ending.REFUSED]


async def test_the_audit_entry_says_what_was_disclosed(world, gateway):
    """Fields and the citizen's pseudonym for a record, neither for anything else; the command where one was read."""
    await gateway.texts(
        gateway.message(ALICE, "DC"), gateway.message(BOB, "DC " + ALICE_ID), gateway.message(CAROL, "HD")
    )
    await gateway.texts(gateway.message(CAROL, "???"))
    entries = {one.entry.command + one.entry.ending.value: one.entry for one in world.store.audit.values()}
    record = entries["own_recordanswered"]
    assert record.fields == "full_name,date_of_birth,sex,citizen_id,permanent_residence"
    assert len(record.citizen) == 16
    assert record.syntax == reference_syntax().name
    for name in ("own_recordrefused", "helpanswered", "misread"):
        assert (entries[name].fields, entries[name].citizen) == ("", b"")
    assert all(entry.segments >= 1 and not entry.repeated for entry in entries.values())


async def test_what_is_ready_to_leave_does_not_show_itself(gateway):
    """Neither the inquiry nor the reply in a traceback or a log."""
    seen = []
    put = gateway.gateway._dispatch.put
    gateway.gateway._dispatch.put = lambda replies: (seen.extend(replies), put(replies))
    await gateway.texts(gateway.message(ALICE))
    assert repr(seen) == "[<Prepared>]"


async def test_a_record_that_cannot_be_written_stops_nobody_else(world, gateway):
    """Its citizen is told that the system is busy; nobody is told that they do not exist."""
    world.population.records[BOB_ID] = {**world.population.records[BOB_ID], "sex": _Unwritable()}
    with capture_logs() as logs:
        await gateway.texts(gateway.message(BOB), gateway.message(ALICE))
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[0]
    assert "dang ban" in gateway.smsc.texts_to(BOB)[0]
    assert world.ending_names() == {"answered": 1, "expired": 1}
    (line,) = [line for line in logs if line["event"] == "inquiry_set_apart"]
    assert BOB_ID not in str(line)


class _Unwritable:
    def __str__(self):
        raise OverflowError(BOB_ID)


async def test_a_text_that_cannot_be_read_stops_nobody_else(world, gateway):
    """A fault of the syntax in one message is that message's alone."""
    syntax = _Wrapped(reference_syntax())
    gateway = await world.instance("gateway-2").start("b1", syntax=syntax)
    await gateway.texts(gateway.message(BOB, "poison", link="b1"), gateway.message(ALICE, link="b1"))
    assert world.ending_names() == {"answered": 1, "expired": 1}


class _Wrapped:
    def __init__(self, syntax):
        self._syntax = syntax

    def read(self, text):
        if text == "poison":
            raise RecursionError
        return self._syntax.read(text)

    def __getattr__(self, name):
        return getattr(self._syntax, name)


@pytest.mark.parametrize(
    "change",
    [{"citizen_id": BOB_ID}, {"citizen_id": None}, {"death_or_missing_date": ...}],
    ids=["another's", "nobody's", "does not say whether they live"],
)
async def test_a_record_that_is_not_surely_their_own_is_not_disclosed(world, gateway, change):
    """A population that mixes up its rows, or leaves out what decides, discloses nothing and refuses nobody."""
    record = {**world.population.records[ALICE_ID], **change}
    world.population.records[ALICE_ID] = {code: value for code, value in record.items() if value is not ...}
    await gateway.texts(gateway.message(ALICE))
    assert "dang ban" in gateway.smsc.texts_to(ALICE)[0]
    assert world.ending_names() == {"expired": 1}


# ---- errors that are no outage ---------------------------------------------------------------------------------------


def poison(port, method, poisoned, error):
    """Let a port fail whenever this value is among what it is asked."""
    genuine = getattr(port, method)

    async def call(self, values, *more):
        if poisoned in values:
            raise error
        return await genuine(values, *more)

    setattr(port, method, types.MethodType(call, port))


@pytest.mark.parametrize("error", [Misconfigured("population: two records for one ID"), OverflowError("year 20240")])
@pytest.mark.parametrize("part", ["subscribers", "population"])
async def test_one_that_no_batch_can_be_asked_with_is_found_and_set_apart(world, gateway, part, error):
    """The batch is halved until it stands alone; all others are answered, within seconds."""
    if part == "subscribers":
        poison(world.subscribers, "lookup", BOB, error)
    else:
        poison(world.population, "fetch", BOB_ID, error)
    citizens = [f"8491{index:07d}" for index in range(40)]
    for index, msisdn in enumerate(citizens):
        world.citizen(msisdn, f"001185{index:06d}", "N")
    world.subscribers.hold()
    await gateway.texts(gateway.message(CAROL))
    await gateway.texts(gateway.message(CAROL, "dc "))
    await gateway.texts(*(gateway.message(msisdn) for msisdn in [*citizens[:20], BOB, *citizens[20:]]))
    world.subscribers.release()
    await world.clock.advance(5)
    assert "dang ban" in gateway.smsc.texts_to(BOB)[0]
    assert world.ending_names() == {"answered": 42, "expired": 1}


async def test_a_wrong_configuration_is_met_with_patience(world, gateway):
    """No storm on a part that refuses everybody; nobody is refused; whoever still waits is answered when it is mended."""
    world.subscribers.fail_with(Misconfigured("subscribers: the token is refused"), calls=10_000)
    citizens = [f"8491{index:07d}" for index in range(16)]
    for index, msisdn in enumerate(citizens):
        world.citizen(msisdn, f"001185{index:06d}", "N")
    await gateway.texts(*(gateway.message(msisdn) for msisdn in citizens))
    await world.clock.advance(10)
    assert world.subscribers.calls["lookup"] < 20
    world.subscribers.heal()
    await world.clock.advance(5)
    names = world.ending_names()
    assert names["refused"] == 0
    assert names["answered"] > 0
    assert names["answered"] + names["expired"] == 16


# ---- replies too long -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", list(LongMessages))
@pytest.mark.parametrize("alphabet", [Alphabet.GSM7, Alphabet.UCS2])
async def test_a_reply_beyond_the_limit_is_cut_not_lost(method, alphabet):
    """As many characters as the limit allows leave, from the beginning."""
    async with World(smsc(long_messages=method, default_alphabet=alphabet), reply_segments=2) as world:
        world.population.records[ALICE_ID] = {
            **world.population.records[ALICE_ID],
            "permanent_residence": "x" * 230,  # within the file's budget of five segments, under either alphabet
        }
        gateway = await world.instance().start("a1")
        with capture_logs() as logs:
            await gateway.texts(gateway.message(ALICE, short_message="DC".encode("utf-16-be"), data_coding=8))
        assert world.ending_names() == {"answered": 1}
        (reply,) = gateway.smsc.submitted
        assert len(reply.segments) == (1 if method is LongMessages.PAYLOAD else 2)
        octets = sum(len(segment.short_message) + sum(len(v) for _, v in segment.tlvs) for segment in reply.segments)
        assert octets > 2 * 132, "the room is used"
        assert [line["event"] for line in logs] == ["reply_cut"]


@pytest.mark.parametrize("method", [LongMessages.UDH, LongMessages.UDH16, LongMessages.SAR])
@pytest.mark.parametrize("page", [1, 2])
async def test_a_reply_keeps_the_budget_of_the_file_whatever_the_smsc_speaks(method, page):
    """Where all leaves as UCS-2, a page without accents holds less; the audit entry names the fields that left."""
    syntax = reference_syntax()
    async with World(smsc(long_messages=method, default_alphabet=Alphabet.UCS2)) as world:
        places = (
            "permanent_residence",
            "temporary_residence",
            "current_residence",
            "place_of_birth",
            "place_of_origin",
        )
        world.population.records[ALICE_ID] |= dict.fromkeys(places, "Thôn Đoài, xã Đông Anh, Hà Nội " * 4)
        gateway = await world.instance().start("a1")
        with capture_logs() as logs:
            await gateway.texts(
                gateway.message(ALICE, short_message=f"DC TB TRANG {page}".encode("utf-16-be"), data_coding=8)
            )
        (reply,) = gateway.smsc.submitted
        (audited,) = world.store.audit.values()
        assert [line["event"] for line in logs] == []
        assert len(reply.segments) <= syntax.segments_max
        labels = [syntax.catalogue.fields[code].short_label for code in audited.entry.fields.split(",")]
        lines = gateway.smsc.texts_to(ALICE)[0].split("\n")
        assert [line.split(":")[0] for line in lines[:-2]] == [
            unaccent(spelled(label, accented=False)) for label in labels
        ]
        assert lines[-2].startswith(f"Trang {page}/")


async def test_replies_have_references_of_their_own(world, gateway):
    """Two long replies to one phone at once are not joined."""
    world.population.records[ALICE_ID] = {**world.population.records[ALICE_ID], "permanent_residence": "x" * 200}
    await gateway.texts(gateway.message(ALICE, "DC"), gateway.message(ALICE, "DC "), gateway.message(ALICE, "DC."))
    references = [reply.segments[0].short_message[3] for reply in gateway.smsc.submitted]
    assert len(set(references)) == len(references) == 3


# ---- waiting ------------------------------------------------------------------------------------------------------------


async def test_only_those_past_their_deadline_are_told_that_the_system_is_busy(world, gateway):
    """Of a batch that waits, the young ones go on waiting."""
    world.subscribers.fail_with(Unavailable("subscribers: down"), calls=10_000)
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    await gateway.texts(gateway.message(ALICE, "dc"))
    await gateway.texts(gateway.message(ALICE, "dC"))
    await world.clock.advance(60)
    await gateway.texts(gateway.message(BOB))
    world.subscribers.release()
    await world.clock.advance(62)
    assert world.ending_names() == {"expired": 3}
    assert gateway.smsc.texts_to(BOB) == []
    world.subscribers.heal()
    await world.clock.advance(2)
    assert world.ending_names() == {"expired": 3, "answered": 1}


async def test_a_resumed_inquiry_is_not_counted_again(world, gateway):
    """It was counted when it came; a crash does not use up the sender's quota."""
    gateway.smsc.prompt = False
    for index in range(20):
        await gateway.texts(gateway.message(ALICE, "DC" + "." * index))
    await gateway.kill()
    again = await world.instance().start("b1")
    await world.clock.advance(5)
    assert len(again.smsc.texts_to(ALICE)) == 20
    assert world.ending_names() == {"answered": 20}


async def test_a_resumed_inquiry_whose_command_is_gone_is_answered_with_the_usage(world, gateway):
    """The syntax may change between acceptance and answer."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE, "DC"))
    await gateway.kill()

    class NewSyntax(_Wrapped):
        def read(self, text):
            return self._syntax.read("???")

    await world.instance().start("b1", syntax=NewSyntax(reference_syntax()))
    await world.clock.advance(5)
    assert world.ending_names() == {"misread": 1}
    assert world.endings()[0].uncertain


async def test_an_inquiry_that_names_nobody_ends_without_a_reply(world, gateway):
    """Parts that no key opens: accepted, so ended, but there is no number to answer."""
    await gateway.texts(gateway.part(1, 2, b"H"))
    (group,) = world.store.segments.values()
    group[1].row = msgspec.structs.replace(group[1].row, sealed=b"broken")
    await world.clock.advance(340)
    assert gateway.smsc.submitted == []
    assert world.ending_names() == {"undeliverable": 1}


async def test_accents_are_sent_only_when_asked_for(world, gateway):
    """GSM 7-bit unless the citizen wants accents."""
    record = {**world.population.records[ALICE_ID], "full_name": "Nguyễn Thị Ẩn", "date_of_birth": dt.date(1985, 3, 2)}
    world.population.records[ALICE_ID] = record
    await gateway.texts(gateway.message(ALICE, "DC"))
    await gateway.texts(gateway.message(ALICE, "DC DAU"))
    plain, accented = gateway.smsc.submitted
    assert plain.segments[0].data_coding == 0
    assert accented.segments[0].data_coding == 8
    assert "Nguyễn Thị Ẩn" in gateway.smsc.texts_to(ALICE)[1]


async def test_help_and_usage_do_not_wait_for_the_register(world, gateway):
    """While the register does not answer, who needs no record is answered at once, also behind others who wait for one."""
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    await gateway.texts(gateway.message(BOB, "DC HD"), gateway.message(CAROL, "xin chao"))
    assert world.ending_names() == {"answered": 1, "misread": 1}
    assert not gateway.smsc.texts_to(ALICE)
    world.subscribers.release()
    await world.settle()
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[0]

"""What operators may do to a running instance: nothing is lost by it, everything is written down."""

import pytest
from structlog.testing import capture_logs

from sms_service.adapters.memory import MemorySteerage
from sms_service.keys import Pseudonyms
from sms_service.pipeline.steering import BLOCKLIST_S, Asked, Blocklist, CannotSteer, Steering
from sms_service.ports import Misconfigured, Unavailable

from .world import ACCEPTED, ALICE, BOB, KEYS, TRY_LATER, World, smsc

PSEUDONYMS = Pseudonyms(KEYS)


class Binds:
    """Stands for the ESME."""

    def __init__(self):
        self.told = []

    async def stop_smsc(self, name, bind=None):
        self.told.append(("stop", name, bind))
        if bind is not None and bind > 2:
            raise KeyError(bind)
        return 1 if bind else 2

    def start_smsc(self, name, bind=None):
        self.told.append(("start", name, bind))
        return 1 if bind else 2

    def stopped(self):
        return [name for what, name, bind in self.told[-1:] if what == "stop" and bind is None]

    def pace(self, name, per_second):
        self.told.append(("pace", name, per_second))
        return 0.0


class Wheel:
    """An instance with its steering."""

    def __init__(self, world, instance):
        self.steerage = MemorySteerage()
        self.blocklist = Blocklist(self.steerage, world.clock)
        self.binds = Binds()
        self.world, self.instance = world, instance

        async def reload():
            return "taken"

        self.steering = Steering(
            "gateway-1",
            gateway=instance.gateway,
            binds=self.binds,
            smscs=[one.name for one in world.smscs],
            blocklist=self.blocklist,
            pseudonyms=PSEUDONYMS,
            reload=reload,
            clock=world.clock,
        )

    async def do(self, action, **fields):
        steered, recorded = await self.steering.do(Asked(action, operator="lan", **fields))
        assert recorded
        self.instance.blocked = self.blocklist.senders
        return steered


@pytest.fixture
async def world():
    async with World(smsc("viettel"), smsc("mobifone")) as world:
        yield world


@pytest.fixture
async def wheel(world):
    instance = await world.instance().start("a1")
    instance.smsc.bind("m1", "mobifone")
    return Wheel(world, instance)


async def test_drained_and_resumed(world, wheel):
    """New messages are turned away, what was accepted is answered; then all is as before."""
    instance = wheel.instance
    before, during, after = instance.message(ALICE), instance.message(BOB), instance.message(BOB)
    await instance.texts(before)
    steered = await wheel.do("drain")
    assert "turned away" in steered.outcome
    assert (await wheel.steering.state()).draining
    await instance.texts(during)
    assert instance.smsc.status_of(during) is TRY_LATER
    await wheel.do("resume")
    await instance.texts(after)
    assert instance.smsc.status_of(after) is ACCEPTED
    assert not (await wheel.steering.state()).draining


async def test_an_isolated_smsc(world, wheel):
    """Its messages are turned away, those of others are not; its replies leave."""
    instance = wheel.instance
    instance.smsc.prompt = False
    await instance.texts(instance.message(ALICE))
    await wheel.do("isolate", smsc="viettel")
    turned, taken = instance.message(BOB), instance.message(BOB, link="m1")
    await instance.texts(turned, taken)
    assert (instance.smsc.status_of(turned), instance.smsc.status_of(taken)) == (TRY_LATER, ACCEPTED)
    assert len(instance.smsc.texts_to(ALICE)) == 1
    assert (await wheel.steering.state()).isolated == ["viettel"]
    await wheel.do("admit", smsc="viettel")
    again = instance.message(BOB, "DC HD")
    await instance.texts(again)
    assert instance.smsc.status_of(again) is ACCEPTED


async def test_binds_and_pace(wheel):
    """Are told to the ESME; one bind by its number."""
    assert (await wheel.do("stop", smsc="viettel")).outcome == "2 binds are down and stay so"
    assert (await wheel.steering.state()).stopped == ["viettel"]
    assert (await wheel.do("start", smsc="viettel", bind=2)).target == "viettel bind 2"
    assert "50 segments a second instead of 0" in (await wheel.do("pace", smsc="viettel", per_second=50.0)).outcome
    assert wheel.binds.told == [("stop", "viettel", None), ("start", "viettel", 2), ("pace", "viettel", 50.0)]


async def test_a_blocked_sender(world, wheel):
    """Is acknowledged and hears nothing, by number or pseudonym, until unblocked; the record names only the pseudonym."""
    instance = wheel.instance
    steered = await wheel.do("block", msisdn="0" + ALICE[2:], reason="asks in a loop")
    assert steered.target == PSEUDONYMS.msisdn(ALICE).hex()
    asked = instance.message(ALICE)
    await instance.texts(asked, instance.message(BOB))
    assert instance.smsc.status_of(asked) is ACCEPTED
    assert instance.smsc.texts_to(ALICE) == []
    assert len(instance.smsc.texts_to(BOB)) == 1
    assert world.ending_names() == {"over_quota": 1, "answered": 1}
    assert (await wheel.steering.state()).blocked == 1
    assert [one.reason for one in await wheel.steering.blocked()] == ["asks in a loop"]
    await wheel.do("unblock", sender=PSEUDONYMS.msisdn(ALICE).hex())
    await instance.texts(instance.message(ALICE, "DC HD"))
    assert len(instance.smsc.texts_to(ALICE)) == 1
    assert ALICE not in str([*await wheel.steerage.recorded(9), *await wheel.steering.blocked()])


async def test_another_instance_learns_who_is_blocked(world, wheel):
    """Within two seconds; while the journal is away it goes on with whom it knows, and says so once."""
    other = Blocklist(wheel.steerage, world.clock)
    await wheel.do("block", msisdn=ALICE, reason="x")
    await other.look()
    assert other.senders == {PSEUDONYMS.msisdn(ALICE)}
    assert BLOCKLIST_S <= 2

    async def away():
        raise Unavailable("journal: away")

    wheel.steerage.blocked, before = away, wheel.steerage.blocked
    with capture_logs() as logs:
        await other.look()
        await other.look()
    assert [line["event"] for line in logs] == ["blocklist_stale"]
    assert other.senders == {PSEUDONYMS.msisdn(ALICE)}
    wheel.steerage.blocked = before


async def test_old_inquiries(world, wheel):
    """Those that wait are listed, the oldest first, without anything of a person."""
    instance = wheel.instance
    world.subscribers.lookup = _never(Unavailable("register: away"))
    await instance.texts(instance.message(ALICE))
    await world.clock.advance(20)
    await instance.texts(instance.message(BOB))
    (old,) = wheel.steering.inquiries(10)
    assert (old.smsc, old.sender) == ("viettel", PSEUDONYMS.msisdn(ALICE).hex())
    assert old.age_s == pytest.approx(20, abs=0.5)
    assert len(wheel.steering.inquiries(0)) == 2
    assert ALICE not in repr(old)


def _never(error):
    async def lookup(_msisdns):
        raise error

    return lookup


async def test_given_up(world, wheel):
    """It ends once, without a reply, and its place is free."""
    instance = wheel.instance
    answering = world.subscribers.lookup
    world.subscribers.lookup = _never(Unavailable("register: away"))
    await instance.texts(instance.message(ALICE))
    (inquiry_id,) = instance.gateway.in_flight.ids()
    await wheel.do("give-up", inquiry_id=inquiry_id)
    await world.settle()
    assert world.ending_names() == {"undeliverable": 1}
    world.subscribers.lookup = answering
    await world.clock.advance(60)
    assert instance.smsc.texts_to(ALICE) == []
    assert world.ending_names() == {"undeliverable": 1}
    with pytest.raises(CannotSteer, match="not in flight"):
        await wheel.do("give-up", inquiry_id=inquiry_id)


async def test_requeued(world, wheel):
    """It is answered once, though both the old and the new way end."""
    instance = wheel.instance
    answering = world.subscribers.lookup
    world.subscribers.lookup = _never(Unavailable("register: away"))
    await instance.texts(instance.message(ALICE))
    (inquiry_id,) = instance.gateway.in_flight.ids()
    await wheel.do("requeue", inquiry_id=inquiry_id)
    world.subscribers.lookup = answering
    await world.clock.advance(60)
    assert len(instance.smsc.texts_to(ALICE)) == 1
    assert world.ending_names() == {"answered": 1}
    assert len(instance.gateway.in_flight) == 0


@pytest.mark.parametrize("action", ["give-up", "requeue"])
async def test_what_is_under_way_at_the_smsc_is_left_alone(world, wheel, action):
    """Its response tells what became of it."""
    instance = wheel.instance
    instance.smsc.prompt = False
    await instance.texts(instance.message(ALICE))
    (inquiry_id,) = instance.gateway.in_flight.ids()
    with pytest.raises(CannotSteer, match="under way"):
        await wheel.do(action, inquiry_id=inquiry_id)
    instance.smsc.confirm(instance.smsc.submitted[0])
    await world.settle()
    assert world.ending_names() == {"answered": 1}


async def test_every_action_is_written_down(wheel):
    """With who did it; and in the log."""
    with capture_logs() as logs:
        await wheel.do("drain")
        await wheel.do("reload-syntax")
    actions = await wheel.steerage.recorded(9)
    assert [(one.action, one.operator, one.instance) for one in actions] == [
        ("reload-syntax", "lan", "gateway-1"),
        ("drain", "lan", "gateway-1"),
    ]
    assert [line["event"] for line in logs] == ["steered", "steered"]


async def test_an_action_is_done_though_it_cannot_be_written_down(wheel):
    """The journal may be what is wrong; then it stands in the log."""

    async def away(_steered):
        raise Unavailable("journal: away")

    wheel.steerage.record = away
    with capture_logs() as logs:
        _, recorded = await wheel.steering.do(Asked("drain"))
    assert not recorded
    assert (await wheel.steering.state()).draining
    assert logs[-1]["event"] == "action_not_recorded"


@pytest.mark.parametrize(
    ("action", "fields", "what"),
    [
        ("explode", {}, "the actions are drain"),
        ("stop", {}, "smsc: one of viettel, mobifone"),
        ("stop", {"smsc": "vina"}, "smsc: one of viettel, mobifone"),
        ("stop", {"smsc": "viettel", "bind": 0}, "bind: 1 for the first"),
        ("stop", {"smsc": "viettel", "bind": 9}, "no bind 9"),
        ("pace", {"smsc": "viettel"}, "per_second"),
        ("pace", {"smsc": "viettel", "per_second": -1.0}, "per_second"),
        ("pace", {"smsc": "viettel", "per_second": float("nan")}, "per_second"),
        ("block", {"msisdn": ALICE}, "reason: say why"),
        ("block", {"reason": "x"}, "a sender is meant by"),
        ("block", {"msisdn": ALICE, "sender": "00", "reason": "x"}, "a sender is meant by"),
        ("block", {"msisdn": "5505", "reason": "x"}, "msisdn: a number"),
        ("block", {"sender": "xyz", "reason": "x"}, "32 hexadecimal digits"),
        ("unblock", {"msisdn": ALICE}, "not blocked"),
        ("give-up", {}, "inquiry_id"),
        ("requeue", {"inquiry_id": 5}, "not in flight"),
    ],
)
async def test_what_cannot_be_done(wheel, action, fields, what):
    """Is told, and not written down as done."""
    with pytest.raises(CannotSteer, match=what):
        await wheel.do(action, **fields)
    assert await wheel.steerage.recorded(9) == []


async def test_who_is_blocked_must_be_written_down(wheel):
    """A block is nothing else: without the journal it is refused."""

    async def full(_blocked):
        raise Misconfigured("as many as can be")

    wheel.steerage.block = full
    with pytest.raises(Misconfigured):
        await wheel.do("block", msisdn=ALICE, reason="x")

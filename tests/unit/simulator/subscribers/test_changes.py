"""What changes in the register while it runs, and that it can be undone."""

import datetime as dt

import msgspec
import pytest

from simulator.population import NumberState, Population
from simulator.subscribers.changes import Asked, BadChange, Change
from simulator.subscribers.register import Register

POPULATION = Population(citizens=400, seed=1)
NUMBERS = [number for index in range(POPULATION.citizens) for number in POPULATION.numbers(index)]
OWNED = next(number for number in NUMBERS if number.state is NumberState.AUTHENTICATED)
RECYCLED = next(number for number in NUMBERS if number.state is NumberState.RECYCLED)
TODAY = dt.date(2026, 11, 27)


@pytest.fixture
def register():
    return Register(POPULATION)


def answer(register, msisdn):
    (found,) = msgspec.json.decode(register.lookup([msisdn]))["subscribers"]
    return found


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (Change.AUTHENTICATE, "authenticated"),
        (Change.DISOWN, "disowned"),
        (Change.UNVERIFY, "unverified"),
        (Change.LOCK_ONE_WAY, "locked_one_way"),
        (Change.LOCK_TWO_WAY, "locked_two_way"),
    ],
)
def test_a_state_changes_at_once(register, change, state):
    """Whether it was asked for before or not; the citizen stays, the day is that of the change."""
    answer(register, OWNED.msisdn)
    register.changes.make(Asked(OWNED.msisdn, change), TODAY)
    assert answer(register, OWNED.msisdn) == {
        "msisdn": OWNED.msisdn,
        "state": state,
        "citizen_id": OWNED.citizen_id,
        "bound_on": "2026-11-27",
    }


def test_a_number_is_recycled_and_sold_again(register):
    """First it is nobody's, then another citizen's, who can lock it."""
    register.changes.make(Asked(OWNED.msisdn, Change.RECYCLE), TODAY)
    assert (answer(register, OWNED.msisdn)["state"], answer(register, OWNED.msisdn)["citizen_id"]) == ("recycled", None)
    other = POPULATION.citizen(399).citizen_id
    register.changes.make(Asked(OWNED.msisdn, Change.RECYCLE, to=other), TODAY)
    assert (answer(register, OWNED.msisdn)["state"], answer(register, OWNED.msisdn)["citizen_id"]) == (
        "authenticated",
        other,
    )
    register.changes.make(Asked(OWNED.msisdn, Change.LOCK_TWO_WAY), TODAY)
    assert answer(register, OWNED.msisdn)["citizen_id"] == other


def test_a_ported_number_keeps_owner_and_state(register):
    """The register answers as before; who serves it is told to whoever asks for the changes."""
    register.changes.make(Asked(OWNED.msisdn, Change.PORT, operator="smsc-2"), TODAY)
    assert answer(register, OWNED.msisdn) == msgspec.to_builtins(OWNED)
    register.changes.make(Asked(OWNED.msisdn, Change.DISOWN), TODAY)
    (changed,) = register.changes.all()
    assert (changed.operator, changed.number.state) == ("smsc-2", "disowned")


def test_undone(register):
    """One or all: the answers are the population's again."""
    for number in NUMBERS[:3]:
        register.changes.make(Asked(number.msisdn, Change.PORT, operator="x"), TODAY)
    assert register.changes.undo(NUMBERS[0].msisdn) == 1
    assert register.changes.undo(NUMBERS[0].msisdn) == 0
    assert [changed.number for changed in register.changes.all()] == NUMBERS[1:3]
    assert register.changes.undo() == 2
    assert register.lookup([number.msisdn for number in NUMBERS]) == Register(POPULATION).lookup(
        [number.msisdn for number in NUMBERS]
    )


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (Asked("84000000000", Change.DISOWN), "no such number"),
        (Asked("0" + OWNED.msisdn[2:], Change.DISOWN), "no such number"),
        (Asked(RECYCLED.msisdn, Change.DISOWN), "nobody's"),
        (Asked(OWNED.msisdn, Change.DISOWN, to="1"), "goes with recycle"),
        (Asked(OWNED.msisdn, Change.PORT), "port with it"),
        (Asked(OWNED.msisdn, Change.DISOWN, operator="x"), "goes with port"),
    ],
)
def test_what_cannot_be(register, asked, what):
    """The reason quotes no number, and nothing has changed."""
    with pytest.raises(BadChange, match=what) as raised:
        register.changes.make(asked, TODAY)
    assert asked.msisdn not in str(raised.value)
    assert register.changes.all() == []


def test_they_are_bounded(register):
    """A change of one that is changed already has room."""
    changes = Register(POPULATION).changes
    changes._max = 1
    changes.make(Asked(OWNED.msisdn, Change.DISOWN), TODAY)
    changes.make(Asked(OWNED.msisdn, Change.AUTHENTICATE), TODAY)
    with pytest.raises(BadChange, match="DELETE /admin/changes"):
        changes.make(Asked(NUMBERS[-1].msisdn, Change.DISOWN), TODAY)

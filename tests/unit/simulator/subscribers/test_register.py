import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.population import CITIZENS_MAX, Population
from simulator.population.numbers import Msisdns
from simulator.subscribers.register import Register

POPULATION = Population(citizens=400, seed=1)
NUMBERS = [number for index in range(POPULATION.citizens) for number in POPULATION.numbers(index)]
REGISTER = Register(POPULATION)


@pytest.fixture(scope="module")
def register():
    return REGISTER


def test_the_register_knows_each_number_as_the_population_has_it(register):
    """State, citizen and date of every number, in the order asked."""
    answer = msgspec.json.decode(register.lookup([number.msisdn for number in NUMBERS]))
    assert answer == {"subscribers": msgspec.to_builtins(NUMBERS)}


def test_a_recycled_number_is_bound_to_nobody(register):
    """It stands in the register with its state and without a citizen."""
    recycled = next(number for number in NUMBERS if number.state == "recycled")
    (answer,) = msgspec.json.decode(register.lookup([recycled.msisdn]))["subscribers"]
    assert (answer["state"], answer["citizen_id"]) == ("recycled", None)


@pytest.mark.parametrize("unknown", ["84000000000", "", "0" + NUMBERS[0].msisdn[2:], "+" + NUMBERS[0].msisdn, "ví dụ"])
def test_unknown_numbers_are_null_in_their_place(register, unknown):
    """Only the form 84… is a number of the register."""
    known = NUMBERS[0].msisdn
    answer = msgspec.json.decode(register.lookup([known, unknown, known]))["subscribers"]
    assert answer[1] is None
    assert answer[0] == answer[2] == msgspec.to_builtins(NUMBERS[0])


@pytest.mark.parametrize("citizens", [1, 7, 400])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_it_knows_no_number_that_nobody_has(citizens, seed):
    """Of all that are kept for citizens, those alone that they have: not a second one of whoever has one, nor anybody's beyond the last."""
    population = Population(citizens=citizens, seed=seed)
    held = {number.msisdn for index in range(citizens) for number in population.numbers(index)}
    kept = [msisdn for index in range(citizens + 5) for msisdn in Msisdns(2 * seed + 1).of(index)]
    answers = msgspec.json.decode(Register(population).lookup(kept))["subscribers"]
    assert {answer["msisdn"] for answer in answers if answer} == held
    assert [answer is not None for answer in answers] == [msisdn in held for msisdn in kept]


@given(st.text(max_size=20) | st.from_regex(r"84\d{9}", fullmatch=True) | st.from_regex(r"\d{11}", fullmatch=True))
def test_whatever_is_asked_has_an_answer(msisdn):
    """No text is an error; what is known is what the population has."""
    (answer,) = msgspec.json.decode(REGISTER.lookup([msisdn]))["subscribers"]
    known = {number.msisdn: number for number in NUMBERS}.get(msisdn)
    assert answer == (msgspec.to_builtins(known) if known else None)


def test_what_is_kept_is_bounded():
    """The oldest answers go first, and are derived again."""
    register = Register(POPULATION, kept_max=10)
    msisdns = [number.msisdn for number in NUMBERS[:30]]
    assert register.lookup(msisdns) == register.lookup(msisdns)
    assert len(register._kept) == 10


def test_the_largest_population_starts_at_once():
    """And knows its last citizen's number."""
    population = Population(citizens=CITIZENS_MAX, seed=1)
    number = population.numbers(CITIZENS_MAX - 1)[0]
    (answer,) = msgspec.json.decode(Register(population).lookup([number.msisdn]))["subscribers"]
    assert answer == msgspec.to_builtins(number)


def test_nobody_asked_nobody_answered(register):
    """An empty look-up has an empty answer."""
    assert register.lookup([]) == b'{"subscribers":[]}'

import time

import msgspec
import pytest

from simulator.population import Population
from simulator.subscribers.register import Register

POPULATION = Population(citizens=400, seed=1)
NUMBERS = [number for index in range(POPULATION.citizens) for number in POPULATION.numbers(index)]


@pytest.fixture(scope="module")
def register():
    return Register(POPULATION)


def test_the_register_knows_each_number_as_the_population_has_it(register):
    """State, citizen and date of every number, in the order asked."""
    answer = msgspec.json.decode(register.lookup([number.msisdn for number in NUMBERS]))
    assert answer == {"subscribers": msgspec.to_builtins(NUMBERS)}
    assert len(register) == len(NUMBERS)


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


def test_nobody_asked_nobody_answered(register):
    """An empty look-up has an empty answer."""
    assert register.lookup([]) == b'{"subscribers":[]}'


def test_a_batch_costs_little(register):
    """256 numbers within half a millisecond of CPU; the figure is printed."""
    batch = [number.msisdn for number in NUMBERS[:256]]
    costs = []
    for _ in range(20):
        begun = time.process_time()
        register.lookup(batch)
        costs.append(time.process_time() - begun)
    print(f"{min(costs) * 1e6:.0f} µs for 256 numbers")
    assert min(costs) < 500e-6

import re
from collections import Counter

import pytest

from simulator.population import NumberState
from simulator.population.numbers import BOUND_FIRST, MSISDNS, NUMBERS_PER_CITIZEN_MAX, Msisdns
from simulator.population.record import AS_OF

MOBILE = re.compile(r"84(3[2-9]|86|9[678]|8[1-5]|88|91|94|70|7[6-9]|89|90|93|52|56|58|92|59|99|55|87)\d{7}", re.ASCII)


def test_numbers_are_vietnamese_mobile_numbers(people):
    """84, a prefix that is given out, seven digits."""
    for _, numbers in people:
        for number in numbers:
            assert MOBILE.fullmatch(number.msisdn)


def test_no_number_is_given_out_twice(people):
    """Not within a small population, and not over the whole range of numbers."""
    given = [number.msisdn for _, numbers in people for number in numbers]
    assert len(given) == len(set(given))
    msisdns = Msisdns(1)
    sample = [msisdn for index in range(0, MSISDNS // NUMBERS_PER_CITIZEN_MAX, 100_003) for msisdn in msisdns.of(index)]
    assert len(sample) == len(set(sample))


def test_a_citizen_has_one_to_three_numbers(people):
    """Most have one."""
    counts = Counter(len(numbers) for _, numbers in people)
    assert set(counts) == {1, 2, 3}
    assert counts[1] > counts[2] > counts[3]


def test_a_tenth_of_the_numbers_must_not_be_answered(people):
    """Nine of ten are authenticated; every other state occurs about as often as the others."""
    states = Counter(number.state for _, numbers in people for number in numbers)
    total = states.total()
    assert states[NumberState.AUTHENTICATED] / total == pytest.approx(0.9, abs=0.02)
    for state in set(NumberState) - {NumberState.AUTHENTICATED}:
        assert states[state] / total == pytest.approx(0.02, abs=0.008)


def test_a_recycled_number_is_nobodys(people):
    """Every other number names its citizen, whatever its state: the state must be looked at."""
    for citizen, numbers in people:
        for number in numbers:
            recycled = number.state is NumberState.RECYCLED
            assert number.citizen_id == (None if recycled else citizen.citizen_id)


def test_bindings_are_dated_within_the_life_of_their_citizen(people):
    """From 2018 and the age of 14 on, until today or the citizen's death."""
    for citizen, numbers in people:
        for number in numbers:
            born = citizen.date_of_birth
            assert BOUND_FIRST <= number.bound_on <= (citizen.death_or_missing_date or AS_OF)
            assert number.bound_on >= born.replace(year=born.year + 14, day=min(born.day, 28))


def test_a_number_does_not_show_itself(people):
    """What a log would write of a number names nobody."""
    number = people[0][1][0]
    assert repr(number) == f"<Number {number.state}>"

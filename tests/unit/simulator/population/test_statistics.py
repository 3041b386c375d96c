"""What a population is like, counted; it resembles Vietnam's."""

import pytest

from simulator.population import Population
from simulator.population.statistics import TOP, statistics

FOUND = statistics(Population(citizens=100_000_000, seed=1), 6_000)


def test_everybody_is_counted_once():
    """In each table that has room for all values; the others show the most frequent."""
    for table in (FOUND.sex, FOUND.age, FOUND.marital_status, FOUND.numbers_a_citizen):
        assert sum(table.values()) == FOUND.counted == 6_000
    assert sum(FOUND.number_state.values()) == FOUND.numbers
    assert len(FOUND.family_name) == len(FOUND.born_in) == len(FOUND.lives_in) == TOP
    assert list(FOUND.family_name.values()) == sorted(FOUND.family_name.values(), reverse=True)


def test_it_resembles_vietnam():
    """Census of 2019: 85 % Kinh, half women, Nguyễn the most frequent family name by far, Hồ Chí Minh and Hà Nội the largest cities."""
    assert FOUND.ethnicity["Kinh"] / FOUND.counted == pytest.approx(0.85, abs=0.03)
    assert FOUND.sex["Nữ"] / FOUND.counted == pytest.approx(0.5, abs=0.03)
    assert next(iter(FOUND.family_name)) == "Nguyễn"
    assert FOUND.family_name["Nguyễn"] / FOUND.counted == pytest.approx(0.33, abs=0.1)
    assert [*FOUND.lives_in][:2] == ["Hồ Chí Minh", "Hà Nội"]
    assert FOUND.departed / FOUND.counted == pytest.approx(0.02, abs=0.01)
    assert FOUND.number_state["authenticated"] / FOUND.numbers == pytest.approx(0.9, abs=0.02)
    assert next(iter(FOUND.age)) == "10-19"


def test_no_more_than_there_are():
    """And somebody is told how far it is."""
    told = []
    assert statistics(Population(citizens=5, seed=1), 100, told.append).counted == 5
    assert told == [0]

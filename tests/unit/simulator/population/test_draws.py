from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.population.draws import Weighted, between, day_between, weights


def test_values_come_as_often_as_they_weigh():
    """Three of four draws give the value that weighs three of four."""
    draw = Random(1).random
    choice = Weighted([("often", 3), ("seldom", 1), ("never", 0)])
    counts = Counter(choice.pick(draw) for _ in range(4_000))
    assert set(counts) == {"often", "seldom"}
    assert counts["often"] / 4_000 == pytest.approx(0.75, abs=0.03)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_the_ends_of_the_interval_are_covered(loads):
    """The smallest draw gives the first value, the largest below one the last; none falls off the end."""
    choice = Weighted(enumerate(loads))
    assert choice.pick(lambda: 0.0) == 0
    assert 0 <= choice.pick(lambda: 1 - 2**-53) <= len(loads) - 1


@pytest.mark.parametrize("nothing", [[], [("a", 0)]])
def test_a_choice_of_nothing_is_refused(nothing):
    """Without any weight there is nothing to draw."""
    with pytest.raises(ValueError, match="nothing to choose"):
        Weighted(nothing)


def test_weights_are_read_as_written():
    """A name, a colon, its weight; an underscore is a blank of the name."""
    assert weights("Thị_Thu:5\n Văn:2.5") == [("Thị Thu", 5), ("Văn", 2.5)]


def test_a_word_without_a_weight_is_refused():
    """A slip in a data file is found when it is read."""
    with pytest.raises(ValueError, match="not enough values"):
        weights("Văn")


def test_both_bounds_are_reached():
    """Whole numbers and days are drawn from the first to the last, both included."""
    draw = Random(2).random
    assert {between(draw, 3, 5) for _ in range(100)} == {3, 4, 5}
    first, last = date(2024, 2, 28), date(2024, 3, 1)
    assert {day_between(draw, first, last) for _ in range(100)} == {first, date(2024, 2, 29), last}

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.population.permutation import Permutation


@given(size=st.integers(1, 600), key=st.integers(0, 2**64))
def test_a_permutation_reaches_every_value_once(size, key):
    """Whatever the size, squares and primes alike, no value is missed and none comes twice."""
    permutation = Permutation(size, key)
    assert sorted(map(permutation, range(size))) == list(range(size))


@given(size=st.integers(1, 10**9), key=st.integers(0, 5), data=st.data())
def test_the_inverse_leads_back(size, key, data):
    """From any image, in a range of any size."""
    permutation = Permutation(size, key)
    value = data.draw(st.integers(0, size - 1))
    assert permutation.inverse(permutation(value)) == value
    assert permutation(permutation.inverse(value)) == value


def test_the_key_alone_chooses_the_permutation():
    """The same key gives the same order on every machine; another key gives another."""
    first, second = Permutation(1_000_000, 1), Permutation(1_000_000, 2)
    assert [first(index) for index in range(4)] == [502725, 64773, 764597, 289476]
    assert all(first(index) != second(index) for index in range(4))


def test_neighbours_do_not_stay_neighbours():
    """Images of consecutive values spread evenly: each tenth of the range gets its share of them, and they do not correlate."""
    size = 889_000_000
    permutation = Permutation(size, 3)
    images = [permutation(index) / size for index in range(5_000)]
    counts = [sum(tenth <= image * 10 < tenth + 1 for image in images) for tenth in range(10)]
    assert all(400 < count < 600 for count in counts)
    mean = sum(images) / len(images)
    covariance = sum((a - mean) * (b - mean) for a, b in pairwise(images))
    assert abs(covariance / sum((a - mean) ** 2 for a in images)) < 0.06


@pytest.mark.parametrize("value", [-1, 10])
def test_a_value_outside_the_range_is_refused(value):
    """A value that the permutation does not cover is an error, not a wrong image."""
    with pytest.raises(IndexError):
        Permutation(10, 0)(value)
    with pytest.raises(IndexError):
        Permutation(10, 0).inverse(value)


def test_an_empty_range_is_refused():
    """There is no permutation of nothing."""
    with pytest.raises(ValueError, match="at least one"):
        Permutation(0, 0)

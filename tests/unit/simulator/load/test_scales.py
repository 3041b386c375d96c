"""Axes of charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.scales import POINTS_MAX, clock, fitting, linear, logarithmic, number, of_time, thinned


@given(st.floats(1e-3, 1e9))
def test_linear(most):
    """From 0 to something round, not too far above; the ticks are few and in order."""
    axis = linear(most)
    assert axis.ticks[0] == axis.low == 0
    assert most <= axis.high * (1 + 1e-9) <= 2.5 * most
    assert 2 <= len(axis.ticks) <= 7
    assert 0 <= axis.place(most) <= 1 + 1e-9


@given(st.lists(st.floats(1e-3, 1e7), min_size=1, max_size=9))
def test_fitting(values):
    """Every value has its place, and larger ones are further."""
    axis = fitting(values)
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert -1e-9 <= places[0]
    assert places[-1] <= 1 + 1e-9
    assert axis.is_log == (max(values) >= 50 * min(values))


def test_logarithmic():
    axis = logarithmic(0.5, 2000)
    assert (axis.low, axis.high, axis.ticks) == (0.1, 10_000, (0.1, 1, 10, 100, 1000, 10_000))
    assert axis.place(0) == 0
    assert axis.place(31.6227766) == pytest.approx(0.5)
    assert logarithmic(10, 10).high == 100


@given(st.floats(0, 86_400))
def test_of_time(until_s):
    """It ends with the run; ticks are few."""
    axis = of_time(until_s)
    assert axis.high == max(1, until_s)
    assert axis.ticks[-1] <= axis.high
    assert len(axis.ticks) <= 9


@given(st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 1000)), max_size=2000))
def test_thinned(points):
    """Never too many, and the worst is not lost."""
    found = thinned(points, worst=True)
    assert len(found) <= POINTS_MAX
    if points:
        assert max(y for _, y in found) == max(y for _, y in points)


def test_texts():
    assert [number(value) for value in (0, 0.5, 20, 1500, 2e6)] == ["0", "0.5", "20", "1.5k", "2M"]
    assert [clock(at) for at in (0, 45, 90, 7200)] == ["0 s", "45 s", "1:30", "2:00:00"]

"""Curves to moments and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.plan import Point
from simulator.load.schedule import BadCurve, Schedule


def curve(*points):
    return [Point(at_s, rate) for at_s, rate in points]


def test_constant_rate():
    """The first is meant for the start, and the others follow evenly; the last comes before the end."""
    schedule = Schedule(curve((0, 300)), 20)
    assert schedule.total == 6000
    assert schedule.moment(0) == 0
    assert schedule.moment(5999) == pytest.approx(20 - 1 / 300)
    assert [schedule.due(at) for at in (0, 1.001, 19.9999, 20, 30)] == [1, 301, 6000, 6000, 6000]
    assert schedule.peak == 300


def test_ramp():
    """From nothing to 100 in 10 s: half of them in the last 2.93 s, which is 10 (1 - sqrt(1/2))."""
    schedule = Schedule(curve((0, 0), (10, 100)), 10)
    assert schedule.total == 500
    assert schedule.moment(0) == 0
    assert schedule.moment(250) == pytest.approx(10 * 0.5**0.5)
    assert schedule.moment(5) == pytest.approx(1)
    assert schedule.peak == 100
    falling = Schedule(curve((0, 100), (10, 0)), 10)
    assert falling.total == 500
    assert falling.moment(495) == pytest.approx(9)


def test_steps_and_pauses():
    """Two points of one moment are a step; while the rate is zero nothing is meant, and what follows begins when it ends."""
    schedule = Schedule(curve((0, 0), (5, 0), (5, 10), (7, 10), (7, 0), (9, 0), (9, 100)), 10)
    assert schedule.total == 120
    assert schedule.moment(0) == 5
    assert schedule.moment(19) == pytest.approx(6.9)
    assert schedule.moment(20) == 9
    assert [schedule.due(at) for at in (0, 4.9, 5, 6.95, 8.9, 9, 10)] == [0, 0, 1, 20, 20, 21, 120]
    assert schedule.moments(18, 22) == pytest.approx([6.8, 6.9, 9, 9.01])


def test_nothing_at_all():
    """A curve may say nothing."""
    schedule = Schedule(curve((0, 0)), 10)
    assert schedule.total == 0
    assert schedule.due(10) == 0
    assert schedule.moments(0, 0) == []
    assert schedule.peak == 0
    assert schedule.busiest(60) == 0


def test_is_cut_at_the_end():
    """What the curve says of later is not sent, and the rate at the cut is that of the line."""
    schedule = Schedule(curve((0, 0), (20, 200)), 10)
    assert schedule.total == 500
    assert schedule.peak == pytest.approx(100)


def test_busiest_window():
    """A spike within a quiet minute."""
    schedule = Schedule(curve((0, 10), (100, 10), (100, 500), (110, 500), (110, 10)), 300)
    assert schedule.busiest(60) == pytest.approx(500 * 10 + 50 * 10)
    assert Schedule(curve((0, 10)), 30).busiest(60) == pytest.approx(300)


def test_wrong_order():
    with pytest.raises(BadCurve, match="point 3 of the curve is of 4 s"):
        Schedule(curve((0, 1), (5, 1), (4, 1)), 10)
    with pytest.raises(BadCurve, match="at least one"):
        Schedule([], 10)


GAPS = st.one_of(st.just(0.0), st.floats(0.001, 50))
RATES = st.one_of(st.just(0.0), st.floats(0.01, 100))
CURVES = st.lists(st.tuples(GAPS, RATES), min_size=1, max_size=8)


@given(CURVES, st.floats(0.1, 100), st.data())
def test_moments_and_counts_agree(steps, duration_s, data):
    """Moments never fall, stand within the run, say the same one by one and together, and `due` counts just them."""
    at, points = 0.0, []
    for gap, rate in steps:
        at += gap
        points.append(Point(at, rate))
    schedule = Schedule(points, duration_s)
    assert schedule.total >= schedule.area(duration_s) - 1e-6
    numbers = range(min(schedule.total, 300))
    moments = schedule.moments(0, len(numbers))
    assert moments == pytest.approx([schedule.moment(number) for number in numbers])
    assert moments == sorted(moments)
    assert all(0 <= moment <= duration_s + 1e-6 for moment in moments)
    at_s = data.draw(st.floats(0, duration_s))
    due = schedule.due(at_s)
    assert due == 0 or schedule.moment(due - 1) <= at_s
    assert due == schedule.total or schedule.moment(due) > at_s
    assert abs(due - schedule.area(at_s)) <= 1 + 1e-6
    cut = data.draw(st.integers(0, len(numbers)))
    assert schedule.moments(0, cut) + schedule.moments(cut, len(numbers)) == pytest.approx(moments)

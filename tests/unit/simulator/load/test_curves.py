"""The forms of a load, and its sharing."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.curves import BadRate, daily, ramp, rate, rates, shared, spike, steady, steps
from simulator.load.plan import Plan
from simulator.load.schedule import Schedule


@pytest.mark.parametrize(("text", "expected"), [("500", 500), ("2.5k", 2500), ("10/s", 10), (" 1K/s", 1000), ("0", 0)])
def test_rate(text, expected):
    assert rate(text) == expected


@pytest.mark.parametrize("text", ["", "k", "-1", "1e3", "many", "1..2", "200001", "٣"])
def test_no_rate(text):
    with pytest.raises(BadRate, match="rate"):
        rate(text)


@given(st.text())
def test_any_text(text):
    with contextlib.suppress(BadRate):
        assert rate(text) >= 0


def test_rates():
    assert rates("1..2k", "..", 2, 2) == [1, 2000]
    for text in ("1", "1..2..3", "0..0"):
        with pytest.raises(BadRate):
            rates(text, "..", 2, 2)


@pytest.mark.parametrize(
    ("curve", "total", "peak"),
    [
        (steady(10, 60), 600, 10),
        (ramp(0, 10, 60), 300, 10),
        (steps([1, 2, 3], 60), 120, 3),
        (spike(10, 100, 60), 48 * 10 + 12 * 100, 100),
    ],
)
def test_forms(curve, total, peak):
    """They send what they say, as the engine reads them."""
    schedule = Schedule(curve, 60)
    assert schedule.total == total
    assert schedule.peak == peak
    assert curve[0].at_s == 0
    assert curve[-1].at_s == 60


def test_daily():
    """The busiest hour has the rate; nights are quiet, midnight meets midnight."""
    curve = daily(200, 48)
    assert max(point.rate for point in curve) == 200
    assert curve[0].rate == curve[-1].rate
    assert min(point.rate for point in curve) < 0.1 * 200
    assert [point.at_s for point in curve] == [2 * hour for hour in range(25)]


@given(st.integers(1, 1000), st.integers(1, 8))
def test_shares(rate, shares):
    """The plan for each with its share; the parts that the engine makes of it are the whole."""
    plans = shared(Plan(duration_s=10, curve=steady(rate, 10)), shares)
    assert [(plan.share, plan.shares) for plan in plans] == [(share, shares) for share in range(shares)]
    assert {plan.curve for plan in plans} == {steady(rate, 10)}

"""Percentiles from counts."""

import random
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.observability.metrics import Metrics
from sms_service.ops.latency import added, percentile, together

BOUNDS = (1.0, 2.0, 4.0)


def test_of_nothing():
    """There is no percentile, and it is not 0."""
    assert percentile({}, BOUNDS, 50) is None


@pytest.mark.parametrize(
    ("counts", "percent", "expected"),
    [
        ({0: 10}, 50, 0.5),
        ({1: 10}, 50, 1.5),
        ({1: 10}, 100, 2.0),
        ({0: 5, 2: 5}, 50, 1.0),
        ({0: 5, 2: 5}, 90, 3.6),
        ({3: 1}, 99, 4.0),
        ({0: 98, 3: 2}, 99, 4.0),
    ],
)
def test_within_a_bucket(counts, percent, expected):
    """Values are spread evenly over it; above the last bound counts as the last bound."""
    assert percentile(counts, BOUNDS, percent) == pytest.approx(expected)


@pytest.mark.parametrize("percent", [50, 95, 99])
def test_is_near_the_true_percentile(percent):
    """Of times as replies take them, within 7% with the bounds that the gateway counts by."""
    bounds = Metrics().reply_seconds.bounds
    times = sorted(random.Random(1).lognormvariate(-4, 0.8) for _ in range(20_000))
    counts = {}
    for time in times:
        counts[bisect_left(bounds, time)] = counts.get(bisect_left(bounds, time), 0) + 1
    assert percentile(counts, bounds, percent) == pytest.approx(times[len(times) * percent // 100], rel=0.07)


@given(st.lists(st.dictionaries(st.integers(0, 3), st.integers(1, 9)), min_size=1))
def test_counts_of_several_add_up(parts):
    """And percentiles of the whole never leave the range of the parts' extremes."""
    whole = together(parts)
    assert sum(whole.values()) == sum(sum(part.values()) for part in parts)
    if whole:
        values = [percentile(part, BOUNDS, 50) for part in parts if part]
        assert min(values) - 1e-9 <= percentile(whole, BOUNDS, 50) <= max(values) + 1e-9


def test_what_came_between_two_readings():
    """By bucket; what is empty is left out."""
    assert added((3, 0, 7, 1), (1, 0, 7, 0)) == {0: 2, 3: 1}

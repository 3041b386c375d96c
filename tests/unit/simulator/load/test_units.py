"""Durations as people write them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.units import NoDuration, count, seconds, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", 30),
        ("30s", 30),
        (" 500 ms", 0.5),
        ("1m30s", 90),
        ("2h", 7200),
        ("1.5min", 90),
        ("20us", 2e-5),
        ("20μs", 2e-5),
    ],
)
def test_read(text, expected):
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", " ", "s", "30x", "-1s", "1e3", "30s later", "nan", "inf", "٣s"])
def test_no_duration(text):
    """What is none is named, with what would be one."""
    with pytest.raises(NoDuration, match="such as 500ms"):
        seconds(text)


@given(st.text())
def test_any_text(text):
    """A number of seconds that is not negative, or the error; nothing else."""
    with contextlib.suppress(NoDuration):
        assert seconds(text) >= 0


@given(st.integers(0, 10**6), st.sampled_from(["us", "ms", "s", "m", "h"]))
def test_units(number, unit):
    factor = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}[unit]
    assert seconds(f"{number}{unit}") == pytest.approx(number * factor)


@pytest.mark.parametrize(
    ("duration_s", "expected"),
    [
        (0, "0 ms"),
        (0.00087, "0.87 ms"),
        (0.0123, "12.3 ms"),
        (0.25, "250 ms"),
        (4.56, "4.56 s"),
        (125, "2 min 5 s"),
        (7200, "2 h"),
    ],
)
def test_written(duration_s, expected):
    assert written(duration_s) == expected


def test_count():
    assert count(1234567) == "1,234,567"

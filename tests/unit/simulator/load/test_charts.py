"""Charts are SVG that any reader takes, within their frame."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.charts import HEIGHT, WIDTH, Line, Mark, histogram, over_time
from simulator.load.outcome import Bucket
from simulator.load.scales import POINTS_MAX

points = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1e6)), max_size=400)


def places(figure):
    """Every point of every path."""
    for path in ET.fromstring(figure).iter("path"):
        yield from re.findall(r"(-?[0-9.]+) (-?[0-9.]+)", path.get("d"))


@given(points, st.sampled_from(["ms", "a second"]))
def test_within_the_frame(found, unit):
    """Well-formed, and nothing sticks out, whatever the values."""
    figure = over_time("Rate", unit, [Line("sent", "a", found)], 100, marks=[Mark(50, 1), Mark(500, 2)], warmup_s=10)
    for x, y in places(figure):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT


def test_lines():
    """One path and one entry of the legend each; what has no points is left out; words for who does not see."""
    lines = [Line("sent", "a", [(0, 1), (1, 5)]), Line("lost & found", "b", [(0, 3)]), Line("none", "c", [])]
    figure = ET.fromstring(over_time("Rate", "a second", lines, 2))
    assert [path.get("class") for path in figure.iter("path") if "line" in path.get("class", "")] == [
        "line a",
        "line b",
    ]
    assert [item.get("class") for item in figure.iter("li")] == ["a", "b"]
    assert figure.findall("svg")[0].get("aria-label") == "Rate: sent up to 5 a second; lost & found up to 3 a second"


def test_a_long_run_is_thinned():
    figure = over_time("Rate", "a second", [Line("sent", "a", [(at, 1) for at in range(86_400)])], 86_400)
    assert len(figure) < 100 * POINTS_MAX


def test_nothing():
    assert "Nothing was measured" in over_time("Rate", "ms", [], 10)
    assert "Nothing was measured" in histogram("Latency", [], [])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=70).filter(any))
def test_histogram(counts):
    """A bar for each that is not empty, as high as its count."""
    buckets = [Bucket(float(10 * 2**place), count) for place, count in enumerate(counts)]
    figure = ET.fromstring(histogram("Latency", buckets, [("p50", buckets[0].until_ms), ("p99", buckets[-1].until_ms)]))
    heights = [float(bar.get("height")) for bar in figure.iter("rect")]
    assert len(heights) == sum(1 for count in counts if count)
    tallest = max(counts)
    for height, count in zip(heights, filter(None, counts), strict=True):
        assert height == pytest.approx(max(heights) * count / tallest, abs=0.11)

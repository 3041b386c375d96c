"""Histograms of latencies."""

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.figures import LATENCY_MAX_US
from simulator.load.latencies import Latencies, NoHistogram, decode, encode, merge, new_histogram


@given(st.lists(st.floats(0, 4000), min_size=1, max_size=100))
def test_batched_recording_is_recording(latencies):
    """What is rounded and counted before it is recorded fills the same places as what is recorded one by one."""
    batched, plain = Latencies(), new_histogram()
    for seconds in latencies:
        batched.add(seconds)
        plain.record_value(min(int(seconds * 1e6 + 0.5), LATENCY_MAX_US))
    second = decode(batched.flush())
    assert second.total_count == len(latencies)
    for place in range(plain.counts_len):
        assert second.counts[place] == plain.counts[place]
    assert len(batched) == 0


def test_seconds_add_up():
    """The histograms of the seconds, merged, are the total; an empty second is an empty text."""
    latencies = Latencies()
    texts = []
    for second in ([0.001, 0.002], [], [0.5]):
        for seconds in second:
            latencies.add(seconds)
        texts.append(latencies.flush())
    assert texts[1] == ""
    merged = merge(text for text in texts if text)
    assert merged.total_count == 3
    assert encode(merged) == latencies.total()
    assert merged.get_value_at_percentile(50) == pytest.approx(2000, rel=1e-3)
    assert merged.get_max_value() == pytest.approx(500_000, rel=1e-3)


def test_nothing():
    assert Latencies().flush() == ""
    assert Latencies().total() == ""
    assert merge([]).total_count == 0


def test_out_of_range():
    """Clocks that disagree count as no time, and hours as an hour: nothing is lost."""
    latencies = Latencies()
    latencies.add(-0.001)
    latencies.add(9999.0)
    found = decode(latencies.flush())
    assert found.total_count == 2
    assert found.get_value_at_percentile(50) == 0
    assert found.get_max_value() == pytest.approx(LATENCY_MAX_US, rel=1e-3)


@pytest.mark.parametrize("text", ["", "AAAA", "!!", "HISTFAAAAB542pNpmSzMwMDAxQABzFCaEUoz2X+AMABK+QMF", "đ"])
def test_what_is_no_histogram(text):
    with pytest.raises(NoHistogram):
        decode(text)


def test_other_units():
    """Histograms that would not merge are refused."""
    other = HdrHistogram(1, 1000, 2)
    other.record_value(5)
    with pytest.raises(NoHistogram, match="other units"):
        decode(other.encode().decode())

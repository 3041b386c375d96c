"""The outcome, and its document."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.load.figures import Metric, Verdict
from simulator.load.gathering import Gathering
from simulator.load.latencies import decode, new_histogram
from simulator.load.outcome import About, Exit, Outcome, _buckets, as_json, conclude
from tests.unit.simulator.load.fake_engine import WRONG
from tests.unit.simulator.load.outcomes import PLAN, WHERE, bad_outcome, outcome


def test_passed():
    found = outcome()
    assert found.exit_code is Exit.PASSED
    assert (found.inquiries, found.replies_per_s, found.intended_per_s) == (600, 100, 100)
    assert found.verdicts == {Verdict.RIGHT: 600}
    last = found.latencies[Metric.LAST]
    assert last.count == 400
    assert last.p50_ms == pytest.approx(84, rel=0.001)
    assert last.max_ms == pytest.approx(114, rel=0.001)
    assert sum(bucket.count for bucket in last.buckets) == 400


def test_failed_and_void():
    """A wrong reply fails; a simulator that lagged says nothing of anybody."""
    assert outcome(wrongs=[WRONG]).exit_code is Exit.FAILED
    bad = bad_outcome()
    assert bad.exit_code is Exit.VOID
    assert bad.void == ["it lagged", "pause gateway-1: no such process"]


def test_what_never_was():
    """A run that was given up, or sent nothing, passes nothing."""
    about = About(title="", command="", environment=WHERE, plan=PLAN, demands=[])
    began = outcome().began_at
    assert conclude(about, Gathering(PLAN, 1), began_at=began, took_s=0).exit_code is Exit.VOID
    empty = Gathering(PLAN, 0)
    assert conclude(about, empty, began_at=began, took_s=0).void == ["nothing was sent"]


def test_the_document():
    """It reads back as the same; its keys name their units; its histogram is one that other programs read."""
    found = bad_outcome()
    document = as_json(found)
    assert msgspec.json.decode(document, type=Outcome) == found
    plain = json.loads(document)
    assert plain["format"] == "sms-load/1"
    assert plain["seconds"][3]["latencies"]["last"]["p99_ms"] > 0
    assert decode(plain["latencies"]["last"]["hdr_us"]).total_count == plain["latencies"]["last"]["count"]
    assert plain["checks"][0] | {"value": 0, "shown": ""} == {
        "expression": "p99<1ms", "kind": "must", "since_s": 3, "until_s": 5, "value": 0, "shown": "", "passed": False,
    }  # fmt: skip


@settings(max_examples=10)  # each walks a whole histogram
@given(st.lists(st.integers(1, 3_600_000_000), min_size=1, max_size=30))
def test_buckets(values):
    """Every latency is in one of them, in the one that reaches up to it; none at the ends is empty."""
    histogram = new_histogram()
    for value in values:
        histogram.record_value(value)
    buckets = _buckets(histogram)
    assert sum(bucket.count for bucket in buckets) == len(values)
    assert buckets[0].count > 0
    assert buckets[-1].count > 0
    assert [bucket.until_ms for bucket in buckets] == sorted({bucket.until_ms for bucket in buckets})
    assert buckets[-1].until_ms * 1000 >= max(values) * 0.999

"""A histogram by batches, compared with prometheus_client's own."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import generate_latest

from sms_service.observability.histogram import BatchHistogram

BUCKETS = (1, 2.5, 10)


@given(st.lists(st.lists(st.integers(0, 20).map(float))))
def test_as_prometheus_counts(batches):
    """Whatever was observed, in whatever batches, the exposition is the one that value by value gives."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    histogram = BatchHistogram("sms_x_seconds", "X", buckets=BUCKETS, registry=ours)
    other = Histogram("sms_x_seconds", "X", buckets=BUCKETS, registry=theirs)
    for batch in batches:
        histogram.observe(batch)
        for value in batch:
            other.observe(value)
    shown = [line for line in generate_latest(theirs).decode().splitlines() if "_created" not in line]
    assert generate_latest(ours).decode().splitlines() == shown


@given(st.lists(st.integers(0, 20).map(float)))
def test_what_it_counts_more_finely_is_not_exposed(values):
    """The exposition is that of the coarse bounds alone; the fine counts tell every value once, where it belongs."""
    coarse, fine = CollectorRegistry(), CollectorRegistry()
    BatchHistogram("sms_x_seconds", "X", buckets=BUCKETS, registry=coarse).observe(values)
    histogram = BatchHistogram("sms_x_seconds", "X", buckets=BUCKETS, registry=fine, finer=(0.5, 2.5, 5, 20))
    histogram.observe(values)
    assert generate_latest(fine) == generate_latest(coarse)
    assert histogram.bounds == (0.5, 1, 2.5, 5, 10, 20)
    edges = [float("-inf"), *histogram.bounds, float("inf")]
    assert histogram.counts() == tuple(
        sum(low < value <= high for value in values) for low, high in itertools.pairwise(edges)
    )


def test_a_bound_belongs_to_its_bucket():
    """`le` is less or equal: a value on the bound counts below it."""
    registry = CollectorRegistry()
    BatchHistogram("sms_x_seconds", "X", buckets=BUCKETS, registry=registry).observe([1.0, 2.5, 2.6, 11.0])
    counts = {
        le: registry.get_sample_value("sms_x_seconds_bucket", {"le": le}) for le in ("1.0", "2.5", "10.0", "+Inf")
    }
    assert counts == {"1.0": 1, "2.5": 2, "10.0": 3, "+Inf": 4}

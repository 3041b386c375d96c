"""The batch histogram says what prometheus_client's own says."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from sms_service.observability.histogram import BatchHistogram

BUCKETS = (0.5, 1, 2.5)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 2.5, 2.75, 100.0]))))
def test_it_exposes_what_the_library_exposes(batches):
    """Bounds belong to their bucket, counts are cumulative, sum and count add up; an empty batch is nothing."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    batched = BatchHistogram("wait_seconds", "A wait.", buckets=BUCKETS, registry=ours)
    single = Histogram("wait_seconds", "A wait.", buckets=BUCKETS, registry=theirs)
    for batch in batches:
        batched.observe(batch)
        for value in batch:
            single.observe(value)

    def samples(registry):
        lines = generate_latest(registry).decode().splitlines()
        return [line for line in lines if "_created" not in line]

    assert samples(theirs) == samples(ours)

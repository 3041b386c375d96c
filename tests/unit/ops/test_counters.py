"""What the metrics say between two moments."""

from sms_service.observability.metrics import Metrics
from sms_service.ops.counters import flow, read
from sms_service.ops.figures import Flow


def counted(metrics):
    metrics.received.labels("viettel").inc(12)
    metrics.accepted.labels("viettel").inc(10)
    metrics.accepted.labels("rejected").inc(1)
    metrics.ending("answered", 8)
    metrics.ending("over_quota", 2)
    metrics.ending("undeliverable", 1)
    metrics.turned_away.labels("rejected").inc(4)
    metrics.of_smsc("viettel").segments.inc(30)
    metrics.of_smsc("viettel").throttled.inc(2)
    metrics.reply_seconds.observe([0.5, 1.5])


def test_since_the_start():
    """Everything that was counted, over all labels."""
    metrics = Metrics()
    counted(metrics)
    assert flow(read(metrics, 0.0), None) == Flow(
        received=12,
        accepted=11,
        endings={"answered": 8, "over_quota": 2, "undeliverable": 1},
        segments=30,
        throttled=2,
        turned_away={"rejected": 4},
    )


def test_between_two_readings():
    """Only what came since, as a rate; what did not change is left out."""
    metrics = Metrics()
    counted(metrics)
    before = read(metrics, 0.0)
    metrics.ending("answered", 6)
    metrics.resumed.inc(3)
    assert flow(read(metrics, 2.0), before, per_s=2.0) == Flow(endings={"answered": 3}, resumed=1.5)


def test_of_one_smsc():
    """One that is named like the reason of another metric is not confused with it."""
    metrics = Metrics()
    counted(metrics)
    reading = read(metrics, 0.0)
    assert flow(reading, None, "viettel") == Flow(received=12, accepted=10, segments=30, throttled=2)
    assert flow(reading, None, "rejected") == Flow(accepted=1)


def test_a_citizen_who_has_a_reply():
    """Every ending but two: the SMSC takes no reply; over the quota."""
    flowed = Flow(
        endings={"answered": 8, "refused": 3, "misread": 1, "expired": 1, "over_quota": 2, "undeliverable": 1}
    )
    assert (flowed.finished, flowed.replied) == (16, 13)


def test_states():
    """Gauges too, and reply times by bucket."""
    metrics = Metrics()
    metrics.in_flight.set(7)
    metrics.binds.labels("viettel").set_function(lambda: 2)
    metrics.reply_seconds.observe([0.5, 0.5, 9.0])
    reading = read(metrics, 5.0)
    assert (reading.at, reading.value("sms_in_flight"), reading.value("sms_nothing")) == (5.0, 7, 0)
    assert reading.by_label("sms_binds") == {"viettel": 2}
    assert sum(reading.latencies) == 3

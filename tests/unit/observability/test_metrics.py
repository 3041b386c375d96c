"""What Prometheus reads."""

import re

from prometheus_client import Counter
from prometheus_client.exposition import generate_latest

from sms_service.model import Ending
from sms_service.observability.metrics import Metrics

LABELS = {"smsc", "ending", "reason", "port", "part", "result", "stage"}
"""Each has a bounded set of values: SMSC names of the configuration, and enumerations."""


def text(metrics):
    return generate_latest(metrics.registry).decode()


def families(metrics):
    """What is exposed, without values."""
    return list(metrics.registry.collect())


def declared_labels():
    """The label names that the metrics are declared with."""
    return {name for metric in vars(Metrics()).values() for name in getattr(metric, "_labelnames", ())}


def test_labels_are_bounded():
    """No metric has a label that could hold a number, a message or a cause of refusal."""
    assert declared_labels() <= LABELS
    assert {"smsc", "ending"} <= declared_labels()


def test_names():
    """All begin alike; histograms say their unit or what they count."""
    for family in families(Metrics()):
        assert family.name.startswith("sms_")
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_items"))


def test_one_metric_counts_endings():
    """`sms_endings_total` is the only one that ends so: alerts and load tests look for it by its end."""
    metrics = Metrics()
    for ending in Ending:
        metrics.ending(ending.value, 0)
    names = set(re.findall(r"^(\w+)[{ ]", text(metrics), re.MULTILINE))
    assert {name for name in names if name.endswith("endings_total")} == {"sms_endings_total"}


def test_endings_exist_from_the_start():
    """Counted with 0, an ending stands there with 0: a rate is never missing."""
    metrics = Metrics()
    for ending in Ending:
        metrics.ending(ending.value, 0)
    assert set(re.findall(r'^sms_endings_total\{ending="(\w+)"\} 0.0$', text(metrics), re.MULTILINE)) == set(Ending)


def test_endings_are_counted():
    """As many as were given, one without a count."""
    metrics = Metrics()
    metrics.ending("refused")
    metrics.ending("refused", 4)
    assert metrics.registry.get_sample_value("sms_endings_total", {"ending": "refused"}) == 5


def test_counters_of_an_smsc_exist_from_the_start():
    """The series of an SMSC are there before anything has happened on its links."""
    metrics = Metrics()
    links = metrics.of_smsc("viettel")
    shown = text(metrics)
    for name in ("sms_receipts_total", "sms_segments_total", "sms_throttled_total", "sms_undecodable_total"):
        assert f'{name}{{smsc="viettel"}} 0.0' in shown
    assert all(isinstance(counter, Counter) for counter in (links.receipts, links.segments, links.throttled))
    links.segments.inc(3)
    assert metrics.registry.get_sample_value("sms_segments_total", {"smsc": "viettel"}) == 3


def test_no_created_series():
    """A second series for each counter, with the time of its birth, is left out."""
    metrics = Metrics()
    metrics.ending("refused")
    metrics.reply_seconds.observe([1.0])
    assert "_created" not in text(metrics)


def test_processes_do_not_share():
    """Two of them in one process, as in tests, count apart."""
    first, second = Metrics(), Metrics()
    first.ending("refused")
    assert second.registry.get_sample_value("sms_endings_total", {"ending": "refused"}) is None

"""Every metric of the gateway, in one place.

Labels are bounded: SMSC names from the configuration, endings and reasons from enumerations. No label, and no metric,
names a person or tells the causes of a refusal apart. Counters are raised once a batch, never once a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from sms_service.observability.histogram import BatchHistogram
from sms_service.observability.troubles import Troubles

# A second series for each counter and histogram, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
"""Seconds: from a batch alone (milliseconds) to the deadline for an answer."""
LATENCY_STEPS_S: Final = tuple(0.001 * 10 ** (step / 20) for step in range(103))
"""Seconds: 1 ms to 126 s in steps of 12%, so that a percentile read between two of them is right within some 3%."""
BATCH_BUCKETS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Items."""


class SmscMetrics(msgspec.Struct, frozen=True):
    """What the links to one SMSC count. Made once, so that every series exists from the start."""

    receipts: Counter
    segments: Counter
    throttled: Counter
    undecodable: Counter


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.troubles = Troubles()
        """No metric, but for operators too: `/readyz` asks it."""
        self.received = Counter("sms_received_total", "deliver_sm from citizens", ["smsc"], registry=registry)
        self.receipts = Counter("sms_receipts_total", "Delivery receipts taken in", ["smsc"], registry=registry)
        self.accepted = Counter("sms_accepted_total", "Inquiries made durable", ["smsc"], registry=registry)
        self.duplicates = Counter("sms_duplicates_total", "Redelivered messages acknowledged only", registry=registry)
        self.discarded = Counter(
            "sms_discarded_total",
            "Messages acknowledged and never answered",
            ["reason"],  # machine_sender
            registry=registry,
        )
        self.turned_away = Counter(
            "sms_turned_away_total",
            "deliver_sm answered with an error",
            ["reason"],  # try_later, queue_full, rejected
            registry=registry,
        )
        self.endings = Counter(
            "sms_endings", "Endings, once per accepted inquiry", ["ending"], registry=registry
        )  # exposed as sms_endings_total
        self.uncertain = Counter(
            "sms_uncertain_replies_total",
            "Replies that a citizen may have twice: a failure hid their fate",
            registry=registry,
        )
        self.resumed = Counter(
            "sms_resumed_total", "Inquiries taken from the journal after a failure", registry=registry
        )
        self.segments = Counter("sms_segments_total", "submit_sm confirmed", ["smsc"], registry=registry)
        self.throttled = Counter(
            "sms_throttled_total", "submit_sm answered with a throttle", ["smsc"], registry=registry
        )
        self.undecodable = Counter(
            "sms_undecodable_total", "PDUs whose content made no sense", ["smsc"], registry=registry
        )
        self.in_flight = Gauge("sms_in_flight", "Inquiries accepted here and not finished", registry=registry)
        self.oldest_s = Gauge(
            "sms_oldest_unanswered_seconds", "Age of the oldest inquiry in flight here", registry=registry
        )
        self.unreadable = Gauge(
            "sms_unreadable_inquiries", "Journalled inquiries that the key file cannot open", registry=registry
        )
        self.binds = Gauge("sms_binds", "Binds that stand", ["smsc"], registry=registry)
        self.binds_wanted = Gauge(
            "sms_binds_wanted", "Binds that are to stand: those of the configuration that no operator has stopped", ["smsc"],
            registry=registry,
        )  # fmt: skip
        self.part_up = Gauge(
            "sms_part_up", "1 while a part answers and does its work, asked every 2 s",
            ["part"],  # smsc, journal, population, subscribers, redis; start while the gateway starts
            registry=registry,
        )  # fmt: skip
        self.syntax_lapsed = Gauge(
            "sms_syntax_lapsed",
            "1 while no version of the syntax is in force and the service is suspended",
            registry=registry,
        )
        self.draining = Gauge("sms_draining", "1 while an operator has new messages turned away", registry=registry)
        self.window_used = Gauge("sms_window_used", "submit_sm without response", ["smsc"], registry=registry)
        self.degraded = Gauge(
            "sms_redis_degraded", "1 while this process's own memory stands in for Redis", registry=registry
        )
        self.failures = Counter(
            "sms_port_failures_total",
            "Calls that failed and are tried again",
            ["port"],  # journal, audit, population, subscribers
            registry=registry,
        )
        self.lapses = Counter(
            "sms_lease_lapses_total", "Times that this run could not renew in time", registry=registry
        )
        self.syntax_reloads = Counter(
            "sms_syntax_reloads_total",
            "Reloads of the syntax files",
            ["result"],  # accepted, refused
            registry=registry,
        )
        for result in ("accepted", "refused"):
            self.syntax_reloads.labels(result)
        self.batch_items = Histogram(
            "sms_batch_items", "Items in a batch", ["stage"], buckets=BATCH_BUCKETS, registry=registry
        )
        self.batch_seconds = Histogram(
            "sms_batch_seconds", "Time of a batch in a stage", ["stage"], buckets=LATENCY_BUCKETS_S, registry=registry
        )
        self.reply_seconds = BatchHistogram(
            "sms_reply_seconds",
            "From the receipt of an inquiry to its recorded ending, after the last submit_sm_resp of its reply",
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
            finer=LATENCY_STEPS_S,
        )

    def begin(self, smscs: Iterable[str]) -> None:
        """Make every series of these SMSCs exist: a rate of what has not happened yet is 0, not missing."""
        for smsc in smscs:
            for metric in (self.received, self.accepted, self.binds, self.binds_wanted, self.window_used):
                metric.labels(smsc)

    def of_smsc(self, name: str) -> SmscMetrics:
        """The counters of the links to one SMSC."""
        return SmscMetrics(
            receipts=self.receipts.labels(name),
            segments=self.segments.labels(name),
            throttled=self.throttled.labels(name),
            undecodable=self.undecodable.labels(name),
        )

    @property
    def degraded_now(self) -> bool:
        """Whether this process's own memory stands in for Redis."""
        return bool(self.registry.get_sample_value("sms_redis_degraded"))

    def ending(self, ending: str, count: int = 1) -> None:
        """Count endings; all endings exist from the start, so that a rate is never missing."""
        self.endings.labels(ending).inc(count)

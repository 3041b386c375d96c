"""What the metrics say at one moment, and what happened between two.

Everything is read from the registry that Prometheus reads, so that page and Prometheus cannot differ, and the stages count
nothing twice. A reading costs a walk over some hundred samples, whatever the load.
"""

from __future__ import annotations

from typing import Final

import msgspec

from sms_service.observability.metrics import Metrics
from sms_service.ops.figures import Flow

_FLOW: Final = {
    "sms_received_total": "received",
    "sms_accepted_total": "accepted",
    "sms_segments_total": "segments",
    "sms_throttled_total": "throttled",
    "sms_duplicates_total": "duplicates",
    "sms_discarded_total": "discarded",
    "sms_uncertain_replies_total": "uncertain",
    "sms_resumed_total": "resumed",
}
"""Counters whose sum over their labels is a figure."""
_FLOW_BY: Final = {"sms_endings_total": "endings", "sms_turned_away_total": "turned_away"}
"""Counters that are told by their label."""
_BY_SMSC: Final = frozenset({"sms_received_total", "sms_accepted_total", "sms_segments_total", "sms_throttled_total"})
"""Counters whose label is the SMSC's name; those of others may be the same word."""


class Reading(msgspec.Struct, frozen=True):
    """The metrics at one moment."""

    at: float
    """Seconds of the monotonic clock."""
    samples: dict[tuple[str, str], float]
    """By name and the value of the label; "" where there is none."""
    latencies: tuple[int, ...]
    """`Metrics.reply_seconds` by bucket."""

    def value(self, name: str) -> float:
        """A sample without label; 0 where there is none yet."""
        return self.samples.get((name, ""), 0.0)

    def by_label(self, name: str) -> dict[str, float]:
        """The samples of a metric by its label."""
        return {label: value for (other, label), value in self.samples.items() if other == name}


def read(metrics: Metrics, now: float) -> Reading:
    """The metrics now."""
    samples: dict[tuple[str, str], float] = {}
    for metric in metrics.registry.collect():
        if metric.type in {"counter", "gauge"}:
            for sample in metric.samples:
                samples[sample.name, next(iter(sample.labels.values()), "")] = sample.value
    return Reading(now, samples, metrics.reply_seconds.counts())


def flow(after: Reading, before: Reading | None, smsc: str | None = None, *, per_s: float = 1.0) -> Flow:
    """What happened between two readings, or since the start; of one SMSC where one is named. Divided by `per_s` seconds."""
    sums: dict[str, float] = {}
    groups: dict[str, dict[str, float]] = {}
    for key, value in after.samples.items():
        name, label = key
        change = (value - before.samples.get(key, 0.0) if before else value) / per_s
        if smsc is not None and (label != smsc or name not in _BY_SMSC):
            continue
        if figure := _FLOW.get(name):
            sums[figure] = sums.get(figure, 0.0) + change
        elif change and (figure := _FLOW_BY.get(name)):
            groups.setdefault(figure, {})[label] = change
    return msgspec.convert(sums | groups, Flow)

"""The table of all metrics, out of the metrics themselves.

python -m sms_service.observability.describe > deploy/prometheus/METRICS.md
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from sms_service.observability.histogram import BatchHistogram
from sms_service.observability.metrics import Metrics

_HEAD: Final = """\
# Metrics

What `/metrics` of the ops port exposes, in the order of `sms_service/observability/metrics.py`, from which this table is made. No
label names a person, and none tells the causes of a refusal apart. Labels are bounded: `smsc` by the configuration, all others by the
program.

| Metric | Type | Labels | Unit | Meaning |
|---|---|---|---|---|
"""
_VALUES: Final = {
    "ending": "answered, refused, misread, over_quota, suspended, expired, undeliverable",
    "port": "journal, audit, population, subscribers",
    "part": "smsc, journal, population, subscribers, redis",
    "stage": "reading, asking, finishing",
    "result": "accepted, refused",
}


def table() -> str:
    """The whole page, Markdown."""
    rows = []
    for metric in vars(Metrics()).values():
        if isinstance(metric, (Counter, Gauge, Histogram)):
            kind = metric._type  # noqa: SLF001 - the library tells it nowhere else
            labels = list(metric._labelnames)  # noqa: SLF001 - as above
            name = f"{metric._name}_total" if isinstance(metric, Counter) else metric._name  # noqa: SLF001 - as above
            rows.append(_row(name, kind, labels, metric._documentation))  # noqa: SLF001 - as above
        elif isinstance(metric, BatchHistogram):
            rows.append(_row(metric._name, "histogram", [], metric._documentation))  # noqa: SLF001 - as above
    return _HEAD + "".join(rows)


def _row(name: str, kind: str, labels: list[str], meaning: str) -> str:
    unit = "seconds" if "_seconds" in name else "items" if name.endswith("_items") else ""
    told = ", ".join(f"`{label}`" + (f" ({_VALUES[label]})" if label in _VALUES else "") for label in labels)
    return f"| `{name}` | {kind} | {told} | {unit} | {meaning} |\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201 - it is what this program is for

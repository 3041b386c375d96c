"""The outcome of a run as one value: what the table, the JSON file and the page are made of.

The JSON document is this struct, key by key; the names carry the units (`_ms`, `_s`, `_per_s`). It holds nothing of a person.
"""

from __future__ import annotations

import enum
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from simulator.load.checks import Check, Demand, check_all
from simulator.load.figures import Metric, Verdict, Wrong
from simulator.load.gathering import Figures, Gathering, Row
from simulator.load.latencies import encode
from simulator.load.plan import Plan

FORMAT: Final = "sms-load/1"
"""Of the document; a change that a reader must know of gets another number."""
BUCKETS_PER_DECADE: Final = 10
"""Of the histogram that is drawn; each is a quarter wider than the one before."""


class Exit(enum.IntEnum):
    """How the command ends."""

    PASSED = 0
    FAILED = 1
    """A threshold was crossed, a demand was not met, or a reply was wrong."""
    USAGE = 2
    """The command line or the scenario is wrong, or the demo cannot be reached or refuses the load."""
    VOID = 3
    """The run says nothing: the simulator itself lagged, or was lost, or somebody else ended it."""
    INTERRUPTED = 130
    """It was interrupted, and nothing was wrong until then. As of a shell: 128 and the signal."""


class Bucket(msgspec.Struct, frozen=True):
    """So many latencies up to this one, and above that of the bucket before."""

    until_ms: float
    count: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """All latencies of one metric, without the warm-up."""

    count: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    buckets: list[Bucket]
    hdr_us: str
    """The histogram itself: HdrHistogram V2, compressed, base64, in microseconds."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures are of."""

    citizens: int
    population_seed: int
    smscs: int
    gateways: int
    processors: int
    machine: str
    python: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a scenario's timeline."""

    at_s: float
    what: str
    error: str = ""
    """Why it could not be done; empty when it was."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    format: str = FORMAT
    title: str
    """What the run was, in words."""
    about: str = ""
    """What it shows, of a scenario."""
    command: str
    """What repeats it."""
    began_at: datetime
    took_s: float
    environment: Environment
    plan: Plan
    exit_code: Exit
    void: list[str]
    """Why the run says nothing; empty when it does."""
    stopped: bool
    """It was ended before its time."""
    checks: list[Check]
    inquiries: int
    replies_per_s: float | None
    """Whole replies a second while inquiries were sent, without the warm-up."""
    intended_per_s: float | None
    """Inquiries a second that were meant to be sent then; None in closed loop."""
    lag_ms: float
    """By how much the simulator itself was late, at the worst."""
    verdicts: dict[Verdict, int]
    kinds: dict[str, int]
    """Inquiries of each kind."""
    latencies: dict[Metric, Latency]
    seconds: list[Row]
    wrongs: list[Wrong]
    """The first wrong replies, one by one."""
    timeline: list[Done] = []


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run before it begins."""

    title: str
    command: str
    environment: Environment
    plan: Plan
    demands: Sequence[Demand]
    about: str = ""


def conclude(
    about: About,
    gathering: Gathering,
    *,
    began_at: datetime,
    took_s: float,
    timeline: Iterable[Done] = (),
    interrupted: bool = False,
) -> Outcome:
    """The outcome of a run that is over; `interrupted`: by whoever began it."""
    checks = check_all(about.demands, gathering)
    done = list(timeline)
    void = ["it was given up before its end"] if not gathering.is_over else []
    if gathering.is_over and not gathering.total.inquiries:
        void = ["nothing was sent"]
    if gathering.stopped and not interrupted:
        void.append("somebody else ended it, by DELETE /admin/load")
    seen_s = len(gathering.rows)
    if gathering.stopped and any(span.until_s > seen_s for span in gathering.spans):
        void.append("it ended before the seconds of which something is expected")
    void += [*gathering.void, *(f"{one.what}: {one.error}" for one in done if one.error)]
    failed = not all(check.passed for check in checks)
    total = gathering.total
    return Outcome(
        title=about.title,
        about=about.about,
        command=about.command,
        began_at=began_at,
        took_s=round(took_s, 3),
        environment=about.environment,
        plan=about.plan,
        exit_code=_exit(void=bool(void), failed=failed, stopped=gathering.stopped),
        void=void,
        stopped=gathering.stopped,
        checks=checks,
        inquiries=total.inquiries,
        replies_per_s=total.rate,
        intended_per_s=total.intended_rate,
        lag_ms=total.lag_ms,
        verdicts={verdict: total.verdicts[verdict] for verdict in Verdict if total.verdicts[verdict]},
        kinds=dict(gathering.kinds.most_common()),
        latencies={metric: found for metric in Metric if (found := _latency(total, metric)) is not None},
        seconds=gathering.rows,
        wrongs=gathering.wrongs,
        timeline=done,
    )


def _exit(*, void: bool, failed: bool, stopped: bool) -> Exit:
    if void:
        return Exit.VOID
    if failed:
        return Exit.FAILED
    return Exit.INTERRUPTED if stopped else Exit.PASSED


def environment(*, citizens: int, seed: int, smscs: int, gateways: int) -> Environment:
    """Of this machine; its name is nobody's business."""
    return Environment(
        citizens=citizens,
        population_seed=seed,
        smscs=smscs,
        gateways=gateways,
        processors=len(os.sched_getaffinity(0)),
        machine=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def as_json(outcome: Outcome) -> bytes:
    """The document, indented."""
    return msgspec.json.format(msgspec.json.encode(outcome), indent=1) + b"\n"


def _latency(figures: Figures, metric: Metric) -> Latency | None:
    histogram = figures.histograms.get(metric)
    if histogram is None or not histogram.total_count:
        return None
    p50, p90, p95, p99, p999, most = (
        histogram.get_value_at_percentile(percent) / 1000 for percent in (50, 90, 95, 99, 99.9, 100)
    )
    return Latency(
        count=histogram.total_count,
        mean_ms=round(histogram.get_mean_value() / 1000, 3),
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        p999_ms=p999,
        max_ms=most,
        buckets=_buckets(histogram),
        hdr_us=encode(histogram),
    )


def _buckets(histogram: Any) -> list[Bucket]:
    """Counts between powers of 10 ** (1 / BUCKETS_PER_DECADE), from the first that is not empty to the last."""
    counts: dict[int, int] = {}
    for item in histogram.get_recorded_iterator():
        number = _bucket(item.value_iterated_to)
        counts[number] = counts.get(number, 0) + item.count_added_in_this_iter_step
    numbers = range(min(counts), max(counts) + 1)
    return [Bucket(_until_us(number) / 1000, counts.get(number, 0)) for number in numbers]


def _bucket(value_us: float) -> int:
    number = 0
    while _until_us(number) < value_us:
        number += 1
    return number


def _until_us(number: int) -> float:
    """Rounded as people write it: 1.26, 12.6, 126."""
    return float(f"{10 ** (number / BUCKETS_PER_DECADE):.3g}")

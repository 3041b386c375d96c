"""Percentiles of a histogram's counts. Counts of several instances add up; percentiles do not, so counts travel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def added(after: Sequence[int], before: Sequence[int]) -> dict[int, int]:
    """What came between two readings, by bucket; empty buckets are left out."""
    return {bucket: now - then for bucket, (now, then) in enumerate(zip(after, before, strict=True)) if now != then}


def together(parts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The counts of several instances as one."""
    total: Counter[int] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def percentile(counts: Mapping[int, int], bounds: Sequence[float], percent: float) -> float | None:
    """The value that `percent` of all do not exceed, in the unit of `bounds`: within a bucket values are taken to be spread
    evenly. None where there are none; what is above the last bound counts as the last bound.
    """
    total = sum(counts.values())
    if not total:
        return None
    wanted = total * percent / 100
    seen = 0
    for bucket in sorted(counts):
        if seen + counts[bucket] >= wanted:
            if bucket >= len(bounds):
                break
            low = bounds[bucket - 1] if bucket else 0.0
            return low + (bounds[bucket] - low) * (wanted - seen) / counts[bucket]
        seen += counts[bucket]
    return bounds[-1]

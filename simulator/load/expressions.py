"""What is demanded of a run, in words such as `p99>500ms`, `acknowledged.p95 <= 20ms`, `busy > 1%`, `rate < 950/s`.

One language for what must not be (`--fail-if`) and what must be (`--objective`, `[expect]`):

    SUBJECT OPERATOR NUMBER[UNIT]

| Subject | What | Units |
|---|---|---|
| `p50` … `p99.9`, `mean`, `max` | latency of the whole reply; `first.p99`, `acknowledged.max`: of another metric | us, ms, s (none: ms) |
| `missing`, `twice`, `busy`, … | inquiries or replies with this verdict | none, or % of the inquiries |
| `wrong` | all verdicts that should not be, but `missing` and `busy` | none, or % of the inquiries |
| `inquiries` | what was sent | none |
| `rate` | whole replies a second while inquiries were sent, without the warm-up | /s, or % of the rate intended |
| `lag` | by how much the simulator itself was late, at the worst | us, ms, s (none: ms) |
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from simulator.load.figures import GOOD, Metric, Verdict
from simulator.load.units import NUMBER, UNITS_S

WRONG: Final = frozenset(Verdict) - GOOD - {Verdict.BUSY, Verdict.MISSING}
"""What `wrong` counts."""
DEFAULT_METRIC: Final = Metric.LAST
"""What a percentile without a metric is of: the citizen waits for the whole reply."""
OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
COUNTS: Final = (*(verdict.value for verdict in Verdict), "wrong", "inquiries")
LENGTH_MAX: Final = 100
"""Characters of an expression."""

_FORM: Final = re.compile(rf"\s*([A-Za-z_.0-9]+)\s*(<=|>=|==|!=|<|>|=)\s*({NUMBER})\s*(us|µs|ms|s|%|/s)?\s*", re.ASCII)
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?|100)", re.ASCII)
_EXAMPLES: Final = "p99>500ms, acknowledged.p95>20ms, missing>0, busy>1%, rate<950/s"


class BadExpression(ValueError):
    """A text is no expression. It says what is wrong and what would do."""


class Measured(Protocol):
    """What an expression looks at: a run, or some seconds of it."""

    def percentile_us(self, metric: Metric, percent: float) -> float | None:
        """A latency in microseconds; None when nothing was measured."""

    def mean_us(self, metric: Metric) -> float | None:
        """The mean latency."""

    def verdict_count(self, verdict: Verdict) -> int:
        """How often this was said."""

    @property
    def inquiries(self) -> int:
        """How many were sent."""

    @property
    def rate(self) -> float | None:
        """Whole replies a second."""

    @property
    def intended_rate(self) -> float | None:
        """Inquiries a second that were meant to be sent; None in closed loop."""

    @property
    def lag_ms(self) -> float:
        """Of the simulator."""


class Expression(msgspec.Struct, frozen=True):
    """A comparison. `limit` is in microseconds, in percent when `percent`, else a count or a rate."""

    text: str
    """As it was given, without blanks."""
    subject: str
    """Without its metric."""
    metric: Metric | None
    """Of a latency."""
    comparison: str
    limit: float
    percent: bool

    def value(self, measured: Measured) -> float | None:
        """What is compared with the limit, in its unit; None when nothing was measured."""
        if self.metric is not None:
            if self.subject == "mean":
                return measured.mean_us(self.metric)
            percent = 100.0 if self.subject == "max" else float(self.subject[1:])
            return measured.percentile_us(self.metric, percent)
        if self.subject == "lag":
            return measured.lag_ms * 1000
        if self.subject == "rate":
            return _share(measured.rate, measured.intended_rate) if self.percent else measured.rate
        counted = float(self._count(measured))
        return _share(counted, measured.inquiries) if self.percent else counted

    def holds(self, measured: Measured) -> bool | None:
        """Whether it is so; None when nothing was measured, which proves nothing."""
        value = self.value(measured)
        return None if value is None else OPERATORS[self.comparison](value, self.limit)

    def shown(self, value: float | None) -> str:
        """A value of it with its unit."""
        if value is None:
            return "nothing measured"
        if self.percent:
            return f"{value:.3g} %"
        if self.metric is not None or self.subject == "lag":
            return f"{value / 1000:,.1f} ms"
        return f"{value:,.1f}/s" if self.subject == "rate" else f"{value:,.0f}"

    def _count(self, measured: Measured) -> int:
        if self.subject == "inquiries":
            return measured.inquiries
        said = WRONG if self.subject == "wrong" else (Verdict(self.subject),)
        return sum(map(measured.verdict_count, said))


def parse(text: str) -> Expression:
    """The expression that a text stands for.

    Raises:
        BadExpression: see there.
    """
    shown = repr(text if len(text) <= LENGTH_MAX else f"{text[:LENGTH_MAX]}…")
    match = _FORM.fullmatch(text) if len(text) <= LENGTH_MAX else None
    if match is None:
        raise BadExpression(
            f"{shown}: expected SUBJECT, one of < <= > >= = !=, and a number with its unit: {_EXAMPLES}"
        )
    name, comparison, number, unit = match.groups()
    name, unit = name.lower(), unit or ""
    try:
        metric, subject = _subject(name)
        limit = _limit(subject, metric, float(number), unit)
    except BadExpression as error:
        raise BadExpression(f"{shown}: {error}") from None
    return Expression("".join(text.split()), subject, metric, comparison, limit, unit == "%")


def _subject(name: str) -> tuple[Metric | None, str]:
    if name in COUNTS or name in ("rate", "lag"):
        return None, name
    before, dot, after = name.partition(".")
    if dot and before in set(Metric):
        metric, rest = Metric(before), after
    else:
        metric, rest = DEFAULT_METRIC, name
    if rest in ("mean", "max") or (_PERCENTILE.fullmatch(rest) and float(rest[1:]) > 0):
        return metric, rest
    known = ["p50", "p95", "p99", "mean", "max", "rate", "lag", *COUNTS, *(f"{one}.p99" for one in Metric)]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f", did you mean {near[0]}?" if near else "."
    raise BadExpression(
        f"there is no {name!r}{hint} Subjects: p50 … p99.9, mean, max (also of {', '.join(Metric)}: first.p99), "
        f"rate, lag, {', '.join(COUNTS)}"
    )


def _limit(subject: str, metric: Metric | None, number: float, unit: str) -> float:
    if metric is not None or subject == "lag":
        if unit in ("%", "/s"):
            raise BadExpression(f"{subject} is a duration: its units are us, ms and s")
        return round(number * UNITS_S[unit or "ms"] * 1e6, 3)
    allowed = {"rate": ("", "/s", "%"), "inquiries": ("",)}.get(subject, ("", "%"))
    if unit not in allowed:
        raise BadExpression(f"the unit of {subject} is {' or '.join(one or 'none' for one in allowed)}, not {unit}")
    return number


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else 100.0 * part / whole

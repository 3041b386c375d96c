"""Whether a run was as it had to be: thresholds that must not hold, demands that must.

What nothing was measured of passes nothing. Unless it says otherwise itself, a run with a wrong or a missing reply fails: the defaults
stand for each subject that no threshold or demand speaks of.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from simulator.load.expressions import Expression, Measured, parse
from simulator.load.gathering import Gathering, Span


class Kind(enum.StrEnum):
    """What an expression is there for."""

    FAIL_IF = "fail_if"
    """It must not hold."""
    MUST = "must"
    """It must hold."""


class Demand(msgspec.Struct, frozen=True):
    """An expression, what it is there for, and the seconds that it speaks of (None: the whole run)."""

    expression: Expression
    kind: Kind
    span: Span | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a demand."""

    expression: str
    kind: Kind
    since_s: float | None
    """Of the seconds it speaks of; None for the whole run."""
    until_s: float | None
    value: float | None
    """In microseconds, percent, a count or a rate; None when nothing was measured."""
    shown: str
    """The value with its unit."""
    passed: bool


DEFAULTS: Final = (Demand(parse("wrong>0"), Kind.FAIL_IF), Demand(parse("missing>0"), Kind.FAIL_IF))
"""What fails a run unless something else is said of it."""


SEARCH_DEFAULTS: Final = (*DEFAULTS, Demand(parse("busy>0"), Kind.FAIL_IF))
"""What fails a trial of a search besides: a service that tells everybody that it is busy keeps any objective."""


def with_defaults(demands: Sequence[Demand], defaults: Sequence[Demand] = DEFAULTS) -> list[Demand]:
    """The demands, and the defaults of whose subject none of them speaks."""
    spoken_of = {demand.expression.subject for demand in demands if demand.span is None}
    return [*demands, *(one for one in defaults if one.expression.subject not in spoken_of)]


def check_all(demands: Iterable[Demand], gathering: Gathering) -> list[Check]:
    """Each demand, held against the run; the spans are the gathering's."""
    return [_check(demand, gathering) for demand in demands]


def _check(demand: Demand, gathering: Gathering) -> Check:
    measured: Measured = gathering.total if demand.span is None else gathering.spans[demand.span]
    value = demand.expression.value(measured)
    holds = demand.expression.holds(measured)
    return Check(
        expression=demand.expression.text,
        kind=demand.kind,
        since_s=demand.span.since_s if demand.span else None,
        until_s=demand.span.until_s if demand.span else None,
        value=value,
        shown=demand.expression.shown(value),
        passed=holds is (demand.kind is Kind.MUST),
    )

"""Outcomes of runs that were calculated, for tests of what is made of them."""

from datetime import UTC, datetime

from simulator.load.checks import Demand, Kind, with_defaults
from simulator.load.curves import shared, steady
from simulator.load.expressions import parse
from simulator.load.gathering import Gathering, Span
from simulator.load.outcome import About, Done, conclude, environment
from simulator.load.plan import Plan
from tests.unit.simulator.load.fake_engine import WRONG, story

PLAN = Plan(duration_s=6, warmup_s=2, curve=steady(100, 6))
WHERE = environment(citizens=10_000, seed=1, smscs=1, gateways=2)


def gathered(plan=PLAN, smscs=1, spans=(), **how):
    gathering = Gathering(plan, smscs, spans)
    for smsc, share in enumerate(shared(plan, smscs)):
        for happening in story(share, **how):
            gathering.take(smsc, happening)
    return gathering


def outcome(plan=PLAN, demands=(), timeline=(), title="Load: 100 a second", **how):
    """Of a run that passes, unless it is told how not."""
    spans = [demand.span for demand in demands if demand.span]
    about = About(
        title=title, about="Shows something.", command="./sms load --rate 100", environment=WHERE, plan=plan,
        demands=with_defaults(list(demands)),
    )  # fmt: skip
    began_at = datetime(2025, 7, 1, 8, 30, tzinfo=UTC)
    return conclude(about, gathered(plan, spans=spans, **how), began_at=began_at, took_s=7.25, timeline=timeline)


def bad_outcome():
    """Of a run in which everything goes wrong that can."""
    must = Demand(parse("p99<1ms"), Kind.MUST, Span(3, 5))
    steps = [Done(at_s=2, what="SMSC: profile slow"), Done(at_s=4, what="pause gateway-1", error="no such process")]
    return outcome(
        demands=[must, Demand(parse("busy>1%"), Kind.FAIL_IF)], timeline=steps, wrongs=[WRONG] * 30, lag_ms=250, capacity=60,
        void="it lagged",
    )  # fmt: skip

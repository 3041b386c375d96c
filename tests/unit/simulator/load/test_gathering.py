"""Seconds and ends of several SMSCs, put together."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.curves import shared, steady
from simulator.load.expressions import Measured, parse
from simulator.load.figures import Ended, Metric, Preparing, Second, Verdict
from simulator.load.gathering import WRONGS_MAX, Gathering, Span, quantiles
from simulator.load.latencies import new_histogram
from simulator.load.plan import Plan
from tests.unit.simulator.load.fake_engine import WRONG, latencies, story

PLAN = Plan(duration_s=4, warmup_s=1, curve=steady(100, 4))


def told(smscs=1, spans=(), plan=PLAN, **how):
    """A whole run, told in turn."""
    gathering = Gathering(plan, smscs, spans)
    stories = [list(story(share, **how)) for share in shared(plan, smscs)]
    for happenings in zip(*stories, strict=True):
        for smsc, happening in enumerate(happenings):
            gathering.take(smsc, happening)
    return gathering


@pytest.mark.parametrize("smscs", [1, 2, 4])
def test_however_many(smscs):
    """The load shared by several is the same load: same rows, same rate, same counts, same latencies."""
    gathering = told(smscs)
    assert gathering.is_over
    assert [(row.second, row.intended, row.replies, row.segments) for row in gathering.rows] == [
        *((second, 100, 100, 200) for second in range(4)),
        (4, 0, 0, 0),
    ]
    total = gathering.total
    assert (total.inquiries, total.rate, total.intended_rate) == (400, 100, 100)
    assert total.verdicts == {Verdict.RIGHT: 400}
    assert total.quantiles(Metric.FIRST).count == 300
    assert total.percentile_us(Metric.FIRST, 100) == pytest.approx(40_000 * 1.9, rel=0.001)
    assert gathering.kinds == {"keyword": 400}
    assert gathering.rows[0].latencies == {}
    assert gathering.rows[1].latencies[Metric.LAST].p50_ms == pytest.approx(60 * 1.4, rel=0.001)


def test_percentiles_are_merged_not_averaged():
    """One slow SMSC of two: half of all is slow, and the 95th percentile is the slow one's."""
    gathering = Gathering(PLAN, 2)
    for smsc, value in enumerate((1_000, 900_000)):
        second = Second(second=1, replies=100, latencies={Metric.LAST: latencies([value] * 100)})
        gathering.take(smsc, second)
    quick = gathering.rows[0].latencies[Metric.LAST]
    assert quick.count == 200
    assert quick.p50_ms == pytest.approx(1, rel=0.001)
    assert quick.p95_ms == pytest.approx(900, rel=0.001)


def test_a_second_waits_for_all():
    """It is told when the slowest has told it, once, in order."""
    gathering = Gathering(PLAN, 2)
    assert gathering.take(0, Second(second=0, sent=1)) == []
    assert gathering.take(0, Second(second=1, sent=1)) == []
    assert [(row.second, row.sent) for row in gathering.take(1, Second(second=0, sent=2))] == [(0, 3)]
    ended = Ended(inquiries=2, verdicts={}, kinds={}, latencies={}, lag_ms=0)
    assert [(row.second, row.sent) for row in gathering.take(1, ended)] == [(1, 1)]


def test_prepared():
    gathering = Gathering(PLAN, 2)
    gathering.take(0, Preparing(done=3, of=10))
    gathering.take(1, Preparing(done=4, of=20))
    gathering.take(1, Preparing(done=5, of=20))
    assert gathering.prepared == (8, 30)


def test_a_lost_one_voids_the_run():
    """What it had told counts; the run says nothing."""
    gathering = Gathering(PLAN, 2)
    first, second = (list(story(share)) for share in shared(PLAN, 2))
    for happening in first:
        gathering.take(0, happening)
    for happening in second[:4]:
        gathering.take(1, happening)
    assert not gathering.is_over
    gathering.lose(1, "lost")
    gathering.lose(1, "lost again")
    assert gathering.is_over
    assert gathering.void == ["lost"]
    assert gathering.total.inquiries == 200 + 100
    assert gathering.total.quantiles(Metric.LAST).count == 150 + 50


def test_spans():
    """Some seconds by themselves; a span that nothing fell into has nothing measured."""
    early, late, never = Span(0, 2), Span(2, 4), Span(50, 60)
    gathering = told(2, [early, late, never], capacity=60)
    assert gathering.spans[early].rate == 60
    assert gathering.spans[early].quantiles(Metric.LAST).count == 60
    assert gathering.spans[late].inquiries == 200
    assert gathering.spans[late].percentile_us(Metric.LAST, 99) > gathering.spans[early].percentile_us(Metric.LAST, 99)
    assert gathering.spans[never].rate is None
    assert parse("p99<1s").holds(gathering.spans[never]) is None


def test_closed_loop_intends_no_rate():
    plan = Plan(duration_s=2, concurrency=5)
    gathering = told(1, plan=plan)
    assert gathering.total.rate == 50
    assert gathering.total.intended_rate is None
    assert parse("rate>99%").holds(gathering.total) is None


def test_void_stopped_and_wrongs():
    """Of one: of all. What is told one by one has an end."""
    gathering = Gathering(PLAN, 2)
    ended = Ended(
        inquiries=1, verdicts={WRONG.verdict: 1}, kinds={}, latencies={}, lag_ms=250, void="it lagged", stopped=True,
        wrongs=[WRONG] * WRONGS_MAX,
    )  # fmt: skip
    gathering.take(0, ended)
    gathering.take(1, msgspec.structs.replace(ended, stopped=False))
    assert (gathering.void, gathering.stopped, len(gathering.wrongs)) == (["it lagged"], True, WRONGS_MAX)
    assert gathering.total.lag_ms == 250
    assert parse("other_person=2").holds(gathering.total)


def test_is_measured():
    """What expressions ask for is there."""
    measured: Measured = told().total
    assert parse("p99<1s").holds(measured)
    assert parse("mean<1s").holds(measured)
    assert parse("lag<2ms").holds(measured)


@given(st.lists(st.integers(1, 3_600_000_000), min_size=1, max_size=50))
def test_quantiles(values):
    """Within a thousandth of the values themselves, and in their order."""
    histogram = new_histogram()
    for value in values:
        histogram.record_value(value)
    found = quantiles(histogram)
    assert found.max_ms * 1000 == pytest.approx(max(values), rel=0.001, abs=1)
    assert found.p50_ms <= found.p95_ms <= found.p99_ms <= found.max_ms
    assert found.count == len(values)
    assert quantiles(new_histogram()) is None

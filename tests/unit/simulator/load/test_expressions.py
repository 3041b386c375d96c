"""What is demanded of a run: read, valued and judged."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.expressions import COUNTS, OPERATORS, WRONG, BadExpression, parse
from simulator.load.figures import Metric, Verdict


class Run:
    """A run of which everything is known."""

    inquiries = 200
    rate = 95.0
    intended_rate = 100.0
    lag_ms = 3.0
    counts = MappingProxyType(
        {Verdict.RIGHT: 190, Verdict.MISSING: 2, Verdict.TWICE: 1, Verdict.OTHER_PERSON: 3, Verdict.BUSY: 4}
    )

    def percentile_us(self, metric, percent):
        return {Metric.LAST: 1000.0, Metric.FIRST: 500.0}[metric] * percent if metric in ("last", "first") else None

    def mean_us(self, metric):
        return 42_000.0

    def verdict_count(self, verdict):
        return self.counts.get(verdict, 0)


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("p99>500ms", 99_000, False),
        ("p99 > 98.9 ms", 99_000, True),
        ("p99<=99", 99_000, True),
        ("first.p50<0.1s", 25_000, True),
        ("LAST.max=100000us", 100_000, True),
        ("mean>42ms", 42_000, False),
        ("acknowledged.p99>1ms", None, None),
        ("missing>0", 2, True),
        ("missing>1%", 1, False),
        ("wrong=4", 4, True),
        ("twice!=1", 1, False),
        ("busy>=2%", 2, True),
        ("rate<95/s", 95, False),
        ("rate<96%", 95, True),
        ("lag>2ms", 3000, True),
        ("inquiries<200", 200, False),
    ],
)
def test_values(text, value, holds):
    """The value in the unit of the limit, and whether the comparison holds; None where nothing was measured."""
    expression = parse(text)
    assert expression.value(Run()) == value
    assert expression.holds(Run()) is holds


def test_wrong_counts_what_nobody_may_do():
    """Silence and honesty are not wrong; a reply that never came has its own name."""
    assert {Verdict.RIGHT, Verdict.SILENT, Verdict.BUSY, Verdict.MISSING}.isdisjoint(WRONG)
    assert len(WRONG) == len(Verdict) - 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected SUBJECT"),
        ("p99", "expected SUBJECT"),
        ("p99>", "expected SUBJECT"),
        ("p99>-5ms", "expected SUBJECT"),
        ("p99>5ms and missing>0", "expected SUBJECT"),
        ("p99>5min", "expected SUBJECT"),
        ("p0>5ms", "there is no 'p0'"),
        ("p101>5ms", "there is no 'p101'"),
        ("mising>0", "did you mean missing?"),
        ("middle.p99>5ms", "there is no 'middle.p99'"),
        ("p99>5%", "us, ms and s"),
        ("missing>5ms", "none or %"),
        ("inquiries>5%", "none"),
        ("rate<5ms", "none or /s or %"),
        ("p99>" + "1" * 200, "expected SUBJECT"),
    ],
)
def test_errors(text, said):
    """Each names the expression and says what would do."""
    with pytest.raises(BadExpression, match=r"^'") as error:
        parse(text)
    assert said in str(error.value)
    assert len(str(error.value)) < 600


@given(st.text(max_size=120) | st.text("p9.<>=! msu%/", max_size=20))
def test_any_text(text):
    """An expression, which can be valued, or the error; nothing else."""
    try:
        expression = parse(text)
    except BadExpression:
        return
    assert expression.limit >= 0
    assert expression.holds(Run()) in (True, False, None)


@given(
    st.sampled_from(COUNTS),
    st.sampled_from(sorted(OPERATORS)),
    st.integers(0, 10**9),
    st.text(" \t", max_size=2),
)
def test_blanks_mean_nothing(subject, comparison, number, blank):
    """However it is spaced, it says the same, and its text is read back as the same."""
    plain = parse(f"{subject}{comparison}{number}")
    assert parse(f"{blank}{subject}{blank}{comparison}{blank}{number}{blank}") == plain
    assert parse(plain.text) == plain


@given(st.floats(0.1, 99.9).map(lambda percent: round(percent, 3)), st.sampled_from(Metric), st.integers(0, 10**6))
def test_percentiles(percent, metric, limit):
    expression = parse(f"{metric}.p{percent}>={limit}ms")
    assert (expression.metric, float(expression.subject[1:]), expression.limit) == (
        metric,
        percent,
        pytest.approx(limit * 1000),
    )


def test_shown():
    """With its unit, for people."""
    assert parse("p99>1ms").shown(1234.5) == "1.2 ms"
    assert parse("rate<1/s").shown(1234.5) == "1,234.5/s"
    assert parse("rate<1%").shown(99.5) == "99.5 %"
    assert parse("missing>1").shown(1234) == "1,234"
    assert parse("missing>1").shown(None) == "nothing measured"

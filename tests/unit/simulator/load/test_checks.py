"""Whether a run was as it had to be."""

from simulator.load.checks import DEFAULTS, Demand, Kind, check_all, with_defaults
from simulator.load.expressions import parse
from simulator.load.gathering import Span
from tests.unit.simulator.load.fake_engine import WRONG
from tests.unit.simulator.load.outcomes import gathered


def checked(text, kind, span=None, **how):
    gathering = gathered(spans=[span] if span else [], **how)
    return check_all([Demand(parse(text), kind, span)], gathering)[0]


def test_the_two_senses():
    """A threshold passes when it does not hold, a demand when it does."""
    assert not checked("rate>50", Kind.FAIL_IF).passed
    assert checked("rate>50", Kind.MUST).passed
    assert checked("rate<50", Kind.FAIL_IF).passed
    assert not checked("rate<50", Kind.MUST).passed


def test_what_was_not_measured_passes_nothing():
    never = Span(90, 95)
    for kind in Kind:
        check = checked("p99>1ms", kind, never)
        assert (check.passed, check.value, check.shown) == (False, None, "nothing measured")


def test_spans():
    """Of some seconds: their own figures."""
    early = checked("p99<1s", Kind.MUST, Span(2, 3), capacity=60)
    late = checked("p99<1s", Kind.MUST, Span(5, 6), capacity=60)
    assert (early.since_s, early.until_s) == (2, 3)
    assert early.value < late.value


def test_defaults():
    """A wrong or a missing reply fails; who judges one of them himself keeps the other."""
    assert not all(check.passed for check in check_all(with_defaults([]), gathered(wrongs=[WRONG])))
    assert all(check.passed for check in check_all(with_defaults([]), gathered()))
    own = Demand(parse("missing>1%"), Kind.FAIL_IF)
    assert [demand.expression.text for demand in with_defaults([own])] == ["missing>1%", "wrong>0"]
    of_some_seconds = Demand(parse("missing<1"), Kind.MUST, Span(0, 1))
    assert with_defaults([of_some_seconds]) == [of_some_seconds, *DEFAULTS]

import msgspec
import pytest

from simulator.subscribers.faults import LATENCY_MAX_MS, FaultInjector, Faults


def test_nothing_fails_unless_told():
    """Without faults every look-up succeeds at once."""
    injector = FaultInjector(1)
    assert injector.faults == Faults(latency_ms=0, error_rate=0, outage=False)
    assert not any(injector.fails() for _ in range(1_000))


def test_as_many_fail_as_told():
    """A rate of 0.2 fails one of five; of 1, all."""
    injector = FaultInjector(1)
    injector.faults = Faults(error_rate=0.2)
    assert 150 < sum(injector.fails() for _ in range(1_000)) < 250
    injector.faults = Faults(error_rate=1)
    assert all(injector.fails() for _ in range(1_000))


def test_a_seed_repeats_its_failures():
    """A run with faults can be made again."""
    runs = []
    for _ in range(2):
        injector = FaultInjector(8)
        injector.faults = Faults(error_rate=0.5)
        runs.append([injector.fails() for _ in range(100)])
    assert runs[0] == runs[1]


def test_waits_are_alike_or_spread():
    """Without a 99th percentile all wait alike; with one half wait less than the median and one in a hundred longer than it."""
    injector = FaultInjector(1)
    assert injector.latency_s() == 0
    injector.faults = Faults(latency_ms=20)
    assert {injector.latency_s() for _ in range(10)} == {0.02}
    injector.faults = Faults(latency_ms=20, latency_p99_ms=200)
    waits = sorted(injector.latency_s() for _ in range(10_000))
    assert waits[5_000] == pytest.approx(0.02, rel=0.05)
    assert waits[9_900] == pytest.approx(0.2, rel=0.15)
    injector.faults = Faults(latency_ms=LATENCY_MAX_MS / 2, latency_p99_ms=LATENCY_MAX_MS)
    assert max(injector.latency_s() for _ in range(1_000)) == LATENCY_MAX_MS / 1000


@pytest.mark.parametrize("draw", [0.0, 1 - 2**-53])
def test_no_draw_waits_for_ever(draw):
    """The ends of the distribution are finite."""
    injector = FaultInjector(1)
    injector._draw = lambda: draw
    injector.faults = Faults(latency_ms=20, latency_p99_ms=200)
    assert 0 < injector.latency_s() <= LATENCY_MAX_MS / 1000


@pytest.mark.parametrize(
    "impossible",
    [
        {"latency_ms": -1},
        {"latency_p99_ms": -1},
        {"latency_p99_ms": LATENCY_MAX_MS + 1},
        {"latency_ms": LATENCY_MAX_MS + 1},
        {"error_rate": 1.1},
        {"error_rate": -0.1},
        {"outage": 1},
        {"x": 1},
    ],
)
def test_impossible_faults_are_refused(impossible):
    """Rates beyond all, waits without end and misspelt names are no faults."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(impossible, Faults)

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


@pytest.mark.parametrize(
    "impossible",
    [
        {"latency_ms": -1},
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

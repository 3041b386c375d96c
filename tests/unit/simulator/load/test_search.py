"""The search for the sustainable rate, on services whose capacity is known."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.load.checks import Check, Kind
from simulator.load.outcome import Exit
from simulator.load.search import TOLERANCE, Ending, RefusedLoad, Search, rounded
from tests.unit.simulator.load.outcomes import outcome

SOME = outcome()


def service(capacity, *, void_above=1e9, refuse_above=1e9, stop_at=None):
    """Runs trials on a service that keeps its objective up to a rate; remembers the rates."""

    async def run(rate, _name):
        run.rates.append(rate)
        if rate > refuse_above:
            raise RefusedLoad("too few citizens")
        void = ["it lagged"] if rate > void_above else []
        check = Check(
            expression="p99<500ms",
            kind=Kind.MUST,
            since_s=None,
            until_s=None,
            value=1,
            shown="9 ms",
            passed=rate <= capacity,
        )
        code = Exit.VOID if void else Exit.PASSED if check.passed else Exit.FAILED
        return msgspec.structs.replace(
            SOME, void=void, checks=[check], exit_code=code, replies_per_s=rate, intended_per_s=rate,
            stopped=len(run.rates) == stop_at,
        )  # fmt: skip

    run.rates = []
    return run


async def search(run, first=100.0, highest=200_000.0, trials=12):
    return await Search(run, first=first, highest=highest, trials=trials).search(["p99<500ms"])


@settings(max_examples=40)
@given(st.floats(2, 50_000), st.floats(1, 10_000))
async def test_finds_it(capacity, first):
    """With trials enough the answer is within the tolerance, and every rate on either side is evidence."""
    run = service(capacity)
    found = await search(run, first=rounded(first), trials=60)
    assert found.ending is Ending.FOUND
    assert found.sustained_per_s <= capacity < found.failed_per_s
    assert found.failed_per_s <= found.sustained_per_s * (1 + TOLERANCE) * 1.01
    assert all(trial.passed == (trial.rate_per_s <= capacity) for trial in found.trials)
    assert len(set(run.rates)) == len(run.rates)


async def test_the_way():
    """Up by doubling, then the middle; each has its name and its reason."""
    run = service(450)
    found = await search(run, trials=6)
    assert run.rates == [100, 200, 400, 800, 600, 500]
    assert found.ending is Ending.TRIALS
    assert (found.sustained_per_s, found.failed_per_s) == (400, 500)
    assert found.trials[3].name == "trial 4 at 800/s"
    assert found.trials[3].why == "p99<500ms was 9 ms"
    assert found.trials[0].why == "passed"


async def test_down():
    """A first rate that is too high is halved."""
    run = service(3)
    found = await search(run, first=100, trials=30)
    assert run.rates[:6] == [100, 50, 25, 12.5, 6.25, 3.125]
    assert found.ending is Ending.FOUND


async def test_none():
    run = service(0.5)
    found = await search(run, first=4)
    assert run.rates == [4, 2, 1]
    assert (found.ending, found.sustained_per_s) == (Ending.NONE, None)


async def test_limit():
    run = service(1e9)
    found = await search(run, highest=500)
    assert run.rates == [100, 200, 400, 500]
    assert (found.ending, found.sustained_per_s, found.failed_per_s) == (Ending.LIMIT, 500, None)
    assert (await search(service(1e9), first=100, highest=50)).sustained_per_s == 50


@pytest.mark.parametrize("how", [{"void_above": 450}, {"refuse_above": 450}])
async def test_the_simulator_is_the_limit(how):
    """What it cannot send is no evidence against the service, and is told as it is."""
    found = await search(service(1e9, **how), trials=30)
    assert found.ending is Ending.SIMULATOR
    assert 400 <= found.sustained_per_s <= 450
    assert any(word in found.trials[3].why for word in ("lagged", "too few citizens"))


async def test_stopped():
    found = await search(service(1e9, stop_at=2))
    assert (found.ending, found.sustained_per_s, len(found.trials)) == (Ending.STOPPED, 100, 2)


async def test_keeping_up():
    """An objective that holds while the backlog grows is no rate that is sustained."""

    async def run(_rate, _name):
        return outcome(capacity=60)

    found = await search(run, first=1)
    assert "it did not keep up: 60 replies of 100 inquiries a second" in found.trials[0].why
    assert found.ending is Ending.NONE

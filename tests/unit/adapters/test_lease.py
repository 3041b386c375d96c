"""When an instance may take over what others leave."""

from sms_service.adapters.lease import Renewals
from sms_service.adapters.memory import FakeClock

LEASE_S = 15.0


async def renew(renewals: Renewals, clock: FakeClock, seconds: float, step: float = 1.0) -> None:
    for _ in range(int(seconds / step)):
        await clock.advance(step)
        renewals.succeeded()


async def test_steady_after_a_whole_lease():
    """Not before the first renewal, not before a lease has passed since it."""
    clock = FakeClock()
    renewals = Renewals(clock)
    assert not renewals.steady(LEASE_S)
    renewals.succeeded()
    await renew(renewals, clock, 14.0)
    assert not renewals.steady(LEASE_S)
    await renew(renewals, clock, 1.0)
    assert renewals.steady(LEASE_S)


async def test_a_failure_starts_the_lease_anew():
    """One renewal that failed may mean that nobody could renew."""
    clock = FakeClock()
    renewals = Renewals(clock)
    renewals.succeeded()
    await renew(renewals, clock, 20.0)
    renewals.failed()
    assert not renewals.steady(LEASE_S)
    renewals.succeeded()
    await renew(renewals, clock, 14.0)
    assert not renewals.steady(LEASE_S)
    await renew(renewals, clock, 1.0)
    assert renewals.steady(LEASE_S)


async def test_a_silence_as_long_as_the_lease_starts_it_anew():
    """A process that was stopped knows no more than one that could not reach the journal."""
    clock = FakeClock()
    renewals = Renewals(clock)
    renewals.succeeded()
    await renew(renewals, clock, 20.0)
    await clock.advance(LEASE_S)
    renewals.succeeded()
    assert not renewals.steady(LEASE_S)
    await renew(renewals, clock, 14.0)
    assert not renewals.steady(LEASE_S)
    await renew(renewals, clock, 1.0)
    assert renewals.steady(LEASE_S)


async def test_what_was_steady_once_must_be_so_now():
    """Whoever has not renewed for a lease may be taken over itself."""
    clock = FakeClock()
    renewals = Renewals(clock)
    renewals.succeeded()
    await renew(renewals, clock, 30.0)
    await clock.advance(LEASE_S - 1.0)
    assert renewals.steady(LEASE_S)
    await clock.advance(1.0)
    assert not renewals.steady(LEASE_S)

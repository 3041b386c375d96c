"""The clock of the machine."""

import time

from sms_service.adapters.clock import SystemClock


async def test_the_machines_time():
    """Both readings are the machine's, and waiting for nothing returns."""
    clock = SystemClock()
    assert abs(clock.time() - time.time()) < 60
    before = time.monotonic()
    await clock.sleep(0)
    assert before <= clock.monotonic() <= time.monotonic()

"""Waiting for an event or a while, whichever comes first."""

from __future__ import annotations

import asyncio

from sms_service.ports import Clock


async def wait_for(event: asyncio.Event, at_most_s: float, clock: Clock) -> None:
    """Wait until `event` is set, at most `at_most_s` seconds of `clock`."""
    woken = asyncio.ensure_future(event.wait())
    pause = asyncio.ensure_future(clock.sleep(at_most_s))
    try:
        await asyncio.wait((woken, pause), return_when=asyncio.FIRST_COMPLETED)
    finally:
        woken.cancel()
        pause.cancel()

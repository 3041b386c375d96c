"""One run over one or more SMSCs: each is given its share, what they tell is gathered, and all end together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable, Sequence
from typing import Final, Protocol

from simulator.load.curves import shared
from simulator.load.gathering import Gathering, Row
from simulator.load.latencies import NoHistogram
from simulator.load.plan import Plan
from simulator.load.remote import Refused, Smsc, Unreachable

STOP_S: Final = 20.0
"""Seconds that the SMSCs are given to end when they are asked to, beside those in which they wait for the last replies; what they
have not told by then is not known."""


class Watching(Protocol):
    """Who is told how the run goes."""

    def preparing(self, done: int, of: int) -> None:
        """So many messages of all are made."""

    def second(self, row: Row) -> None:
        """A second is over."""


async def carry_out(
    smscs: Sequence[Smsc], plan: Plan, gathering: Gathering, watching: Watching, stop: asyncio.Event
) -> None:
    """Run a plan to its end, or until `stop` is set; `gathering` holds what came of it.

    Raises:
        Refused: an SMSC does not take its share, or has none to take; nothing runs then.
        Unreachable: one does not answer; nothing runs then.
    """
    shares = shared(plan, len(smscs))
    if not plan.curve and plan.concurrency < len(smscs):
        raise Refused(f"{plan.concurrency} at a time cannot be shared by {len(smscs)} SMSCs: ask for as many at least")
    await _begin(smscs, shares)
    reading = asyncio.create_task(
        _all(_read(number, smsc, gathering, watching) for number, smsc in enumerate(smscs)), name="read the run"
    )
    stopping = asyncio.create_task(_stop_when(stop, smscs, plan.drain_s + STOP_S), name="stop the run")
    try:
        done, _ = await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (reading, stopping):
            task.cancel()
        await asyncio.gather(reading, stopping, return_exceptions=True)
        if not gathering.is_over:
            await _try(smsc.stop(now=True) for smsc in smscs)
            for number, smsc in enumerate(smscs):
                for row in gathering.lose(number, f"{smsc.url} had not ended when the run was given up"):
                    watching.second(row)


async def _begin(smscs: Sequence[Smsc], shares: Sequence[Plan]) -> None:
    begun = await asyncio.gather(
        *(smsc.begin(share) for smsc, share in zip(smscs, shares, strict=True)), return_exceptions=True
    )
    failures = [found for found in begun if isinstance(found, BaseException)]
    if failures:
        await _try(smsc.stop() for smsc, found in zip(smscs, begun, strict=True) if found is None)
        raise failures[0]


async def _read(number: int, smsc: Smsc, gathering: Gathering, watching: Watching) -> None:
    try:
        async with contextlib.aclosing(smsc.happenings()) as happenings:
            async for happening in happenings:
                rows = gathering.take(number, happening)
                if not gathering.rows:
                    watching.preparing(*gathering.prepared)
                for row in rows:
                    watching.second(row)
    except (Unreachable, NoHistogram) as error:
        for row in gathering.lose(number, str(error)):
            watching.second(row)


async def _stop_when(stop: asyncio.Event, smscs: Sequence[Smsc], patience_s: float) -> None:
    """Returns when the SMSCs have had their time to end."""
    await stop.wait()
    await _try(smsc.stop() for smsc in smscs)
    await asyncio.sleep(patience_s)


async def _all(awaitables: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*awaitables)


async def _try(awaitables: Iterable[Awaitable[None]]) -> None:
    """Wait for all; one that does not answer is told by its reader."""
    await asyncio.gather(*awaitables, return_exceptions=True)

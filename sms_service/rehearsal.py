"""A configuration tried against the world, part by part, before an instance runs with it: `check-config --connect`.

Each part is asked by itself and at the same time as the others, so one that is away hides nothing of the rest. An SMSC is bound to,
once, and unbound again: what it delivers in that second is turned away, and it keeps it. Nothing is written: no run is opened, no key is
adopted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

import msgspec

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.postgres import Database, PostgresKeyring, PostgresPopulation, check_schema
from sms_service.adapters.redis import RedisBoard
from sms_service.adapters.subscribers_http import HttpSubscribers
from sms_service.app import check_keys, token_in, within_limits
from sms_service.esme import Esme
from sms_service.keys import Keys
from sms_service.model import Acknowledgement, AckStatus, Received, ReplyOutcome
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.answering import DEPARTED
from sms_service.ports import PortError
from sms_service.settings import BindMode, Settings, Smsc
from syntax import Versions

BIND_S: Final = 15.0
"""Seconds until an SMSC must have let us in: connecting and binding take ten each at most, and rarely one."""
LOOK_S: Final = 0.05


class Found(msgspec.Struct, frozen=True):
    """What came of one part."""

    part: str
    why: str
    """Why it would not do; empty where it would."""


async def rehearse(settings: Settings, keys: Keys, versions: Versions) -> list[Found]:
    """Try every part of a configuration. Raises nothing."""
    async with AsyncExitStack() as stack:
        parts: dict[str, Callable[[], Awaitable[object]]] = {
            "journal": lambda: _journal(settings, keys, stack),
            "population": lambda: _population(settings, versions, stack),
            "subscribers": lambda: _subscribers(settings, stack),
        }
        if settings.redis is not None:
            board = RedisBoard(settings.redis.url, timeout_s=settings.redis.timeout_s)
            stack.push_async_callback(board.close)
            parts["redis"] = board.check
        for smsc in settings.smsc:
            parts[f"smsc {smsc.name}"] = lambda smsc=smsc: _smsc(smsc)  # type: ignore[misc]
        whys = await asyncio.gather(*map(_why, parts.values()))
    return [Found(part, why) for part, why in zip(parts, whys, strict=True)]


async def _why(ask: Callable[[], Awaitable[object]]) -> str:
    try:
        return str(await ask() or "")
    except PortError as error:
        return str(error)


async def _journal(settings: Settings, keys: Keys, stack: AsyncExitStack) -> None:
    database = Database.journal(settings.journal.dsn, user="check-config", connections=1)
    stack.push_async_callback(database.close)
    async with database.connection() as connection:
        await check_schema(connection)
    await check_keys(PostgresKeyring(database), keys, adopt=False)


async def _population(settings: Settings, versions: Versions, stack: AsyncExitStack) -> None:
    database = Database.population(
        settings.population.dsn, user="check-config", connections=1, timeout_s=settings.population.timeout_s
    )
    stack.push_async_callback(database.close)
    within_limits(versions, settings)
    await PostgresPopulation(database, settings.population.query).check(versions.fields | {DEPARTED})


async def _subscribers(settings: Settings, stack: AsyncExitStack) -> None:
    subscribers = HttpSubscribers(
        settings.subscribers.url,
        timeout_s=settings.subscribers.timeout_s,
        token=token_in(settings.subscribers.token_file),
    )
    stack.push_async_callback(subscribers.close)
    await subscribers.check()


class _TurnsAway:
    """A sink that takes nothing."""

    def __init__(self, esme: Esme) -> None:
        self._esme = esme

    def received(self, batch: Sequence[Received]) -> None:
        """Turned away: it stays with the SMSC."""
        self._esme.acknowledge([Acknowledgement(one.link, one.sequence_number, AckStatus.TRY_LATER) for one in batch])

    def outcomes(self, batch: Sequence[ReplyOutcome]) -> None:
        """Nothing is sent."""

    def links_changed(self) -> None:
        """It is looked at."""


async def _smsc(smsc: Smsc) -> str:
    """Bind once as each role, and unbind; why that did not work."""
    one = msgspec.structs.replace(smsc, binds=1)
    esme = Esme(smscs=[one], link_prefix="check-config", throttle_retries=1, clock=SystemClock(), metrics=Metrics())
    esme.start(_TurnsAway(esme))
    wanted = 2 if smsc.bind is BindMode.TX_RX else 1
    running = asyncio.create_task(esme.run())
    try:
        async with asyncio.timeout(BIND_S):
            while sum(view.state == "bound" for view in esme.binds()) < wanted and not _given_up(esme):  # noqa: ASYNC110 - a bind that fails tells nobody
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        pass
    whys = [view.why for view in esme.binds() if view.state != "bound"]
    await esme.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return f"{smsc.host} port {smsc.port}: {whys[0] or 'no bind in time'}" if whys else ""


def _given_up(esme: Esme) -> bool:
    """A first attempt has failed; another would not fare otherwise."""
    return any(view.why for view in esme.binds())

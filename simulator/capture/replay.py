"""Says again what one side of a recording said, to a living other side, and tells where that answers otherwise."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

import msgspec

from simulator.capture.address import Address
from simulator.capture.outcome import Outcome
from simulator.capture.player import Pace, Player
from simulator.capture.script import BINDS, Part, Script
from sms_service.smpp import LocalProtocolError, Role, UndecodablePdu, decode, encode

CONNECT_S: Final = 10.0
"""Seconds that the SMSC is given to accept a connection."""
LOOK_S: Final = 1.0
"""Seconds between two looks at the counters."""


class CannotReplay(Exception):
    """There is nobody to replay to, or nothing to replay. The text says why."""


def with_password(script: Script, password: str) -> None:
    """Put a password into all binds.

    Raises:
        CannotReplay: it is none that SMPP has room for.
    """
    for part in script.parts:
        for step in part.steps:
            if step.command_id not in BINDS:
                continue
            try:
                step.octets = encode(msgspec.structs.replace(decode(step.octets), password=password))
            except UndecodablePdu:
                continue  # it was refused in the recording, and stays as it was
            except LocalProtocolError as error:
                raise CannotReplay(str(error)) from None


async def replay(
    script: Script,
    role: Role,
    address: Address,
    speed: float | None,
    *,
    stop: asyncio.Event,
    wait_s: float,
    on_ready: Callable[[Address], None],
    on_look: Callable[[str], None],
) -> Outcome:
    """Run until everything is said or `stop` is set.

    Args:
        script: what to say.
        role: who says it.
        address: of the SMSC, or where to listen as one.
        speed: how many times as fast as it was recorded; None: as fast as the answers allow.
        stop: ends it; what was not done is told as a difference.
        wait_s: seconds that the SMSC waits for the next connection.
        on_ready: called with the address once the SMSC listens.
        on_look: called each second with the counters in words.

    Raises:
        CannotReplay: see there.
    """
    outcome = Outcome(role, script.parts)
    stage = _Stage(script, role, Pace(speed), outcome)
    playing = stage.call(address) if role is Role.ESME else stage.listen(address, wait_s, on_ready)
    task = asyncio.create_task(playing)
    stopping = asyncio.create_task(stop.wait())
    try:
        while not task.done() and not stop.is_set():
            await asyncio.wait((task, stopping), timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            on_look(outcome.line())
    finally:
        for unfinished in (task, stopping):
            if not unfinished.done():
                unfinished.cancel()
        await asyncio.wait((task, stopping))
        await stage.leave()
    if not task.cancelled():
        task.result()
    outcome.end()
    on_look(outcome.line())
    return outcome


class _Stage:
    """The connections of a replay."""

    def __init__(self, script: Script, role: Role, pace: Pace, outcome: Outcome) -> None:
        self._parts = list(script.parts)
        self._waiting = list(script.parts)
        """Those that no connection has yet."""
        self._role = role
        self._pace = pace
        self._outcome = outcome
        self._players: list[Player] = []
        self._came = asyncio.Event()

    async def call(self, address: Address) -> None:
        """As the ESME: connect when it connected."""
        start, origin_ns = asyncio.get_running_loop().time(), min(part.opened_ns for part in self._parts)
        calls = [asyncio.create_task(self._call(part, address, start, origin_ns)) for part in self._parts]
        try:
            await asyncio.gather(*calls)
        finally:
            for call in calls:
                call.cancel()

    async def _call(self, part: Part, address: Address, start: float, origin_ns: int) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(start + self._pace.seconds(part.opened_ns - origin_ns) - loop.time())
        player = self._player(lambda _command: self._take(part), start, origin_ns)
        try:
            async with asyncio.timeout(CONNECT_S):
                await loop.create_connection(lambda: player, address.host, address.port)
        except OSError as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else os.strerror(error.errno or 0)
            raise CannotReplay(f"cannot connect to {address}: {reason}") from error
        await asyncio.shield(player.ended)

    async def listen(self, address: Address, wait_s: float, on_ready: Callable[[Address], None]) -> None:
        """As the SMSC: give every connection that comes a part of the recording, one with the same bind first."""
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(self._accept, address.host, address.port)
        except OSError as error:
            raise CannotReplay(f"cannot listen on {address}: {os.strerror(error.errno or 0)}") from error
        async with server:
            on_ready(Address(address.host, server.sockets[0].getsockname()[1]))
            while self._waiting:
                self._came.clear()
                try:
                    async with asyncio.timeout(wait_s):
                        await self._came.wait()
                except TimeoutError:
                    break
            await asyncio.gather(*(asyncio.shield(player.ended) for player in self._players if player.plays))
            server.close()

    def _accept(self) -> Player:
        return self._player(self._fitting, 0.0, 0)

    def _player(self, claim: Callable[[int | None], Part | None], start: float, origin_ns: int) -> Player:
        player = Player(self._role, self._pace, self._outcome, claim, start=start, origin_ns=origin_ns)
        self._players.append(player)
        return player

    def _fitting(self, command_id: int | None) -> Part | None:
        if not self._waiting:
            self._outcome.differ("a connection more than in the recording")
            return None
        return self._take(next((part for part in self._waiting if part.bind == command_id), self._waiting[0]))

    def _take(self, part: Part) -> Part:
        self._waiting.remove(part)
        self._came.set()
        return part

    async def leave(self) -> None:
        """Close everything, and tell what never came to be."""
        for player in self._players:
            player.stop()
        for part in self._waiting:
            self._outcome.differ("a connection less than in the recording")
            self._outcome.differ("not sent, for want of a connection", len(part.steps))
        self._waiting.clear()
        playing = [player.ended for player in self._players if player.plays]
        if playing:
            await asyncio.wait(playing)
        await asyncio.sleep(0)  # the transports are closed


def check_replayable(script: Script, role: Role, *, has_secrets: bool, password: str | None) -> None:
    """Make sure that there is something to do and a password to do it with; one that is given goes into all binds.

    Raises:
        CannotReplay: see there.
    """
    if not script.parts:
        raise CannotReplay(f"the recording has nothing that the {role.name} could do again")
    if role is not Role.ESME:
        return
    if password is not None:
        with_password(script, password)
    elif not has_secrets and any(step.command_id in BINDS for part in script.parts for step in part.steps):
        raise CannotReplay("the recording has no passwords: give one with --password or in SMPP_PASSWORD")

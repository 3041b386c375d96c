"""One connection of a replay: sends its side's requests when they are due, under live sequence numbers, and answers the other side.

The n-th request of a command is answered as the n-th of the recording was, after the same time; one that had no answer gets none, one
that is new a plain ESME_ROK. enquire_link and unbind are answered at once. Nothing recorded after the bind is sent before the bind stands.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final, cast

from simulator.capture.outcome import Outcome
from simulator.capture.script import BINDS, Part, Step
from simulator.capture.summary import UNCONFIRMED
from simulator.dissect import command_name
from sms_service.smpp import (
    CommandId,
    CommandStatus,
    FrameBuffer,
    FramingLost,
    GenericNack,
    Role,
    UndecodablePdu,
    decode,
    encode,
)
from sms_service.smpp.consts import RESPONSE_BIT
from sms_service.smpp.pdus import CLASS_OF

PATIENCE_S: Final = 10.0
"""Seconds that an answer is waited for: an SMSC gives it in milliseconds, and within a few seconds when it is overloaded."""
OUTSTANDING_MAX: Final = 10_000
"""Requests unanswered at once when the recording's timing is kept."""
SETTLE_LOOK_S: Final = 0.05
"""Seconds between two looks whether everything has come, at the end."""
SEQUENCE_MAX: Final = 0x7FFF_FFFF
"""SMPP 3.4 s3.2.1.4."""


class Pace:
    """How recorded nanoseconds become seconds; `speed` None: as fast as the answers allow."""

    def __init__(self, speed: float | None) -> None:
        self.speed: Final = speed

    def seconds(self, ns: int) -> float:
        """How long this takes in the replay."""
        return 0.0 if self.speed is None else max(ns, 0) / 1e9 / self.speed

    def window(self, part: Part) -> int:
        """Requests that may be unanswered at once."""
        return max(part.window, 1) if self.speed is None else OUTSTANDING_MAX


class Player(asyncio.Protocol):
    """A connection.

    Args:
        role: the side that is replayed.
        pace: see there.
        outcome: hears of everything.
        claim: gives the part of the recording that is this connection's, for the command_id of the first PDU that came (None: before
            any came); None: there is none, and the connection is closed.
        start: in the time of the loop, of what happened at `origin_ns` of the recording. For the SMSC both begin with the bind.
    """

    def __init__(
        self,
        role: Role,
        pace: Pace,
        outcome: Outcome,
        claim: Callable[[int | None], Part | None],
        *,
        start: float,
        origin_ns: int,
    ) -> None:
        self._role = role
        self._pace = pace
        self._outcome = outcome
        self._claim = claim
        self._start, self._origin_ns = start, origin_ns
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._frames = FrameBuffer()
        self._transport: asyncio.Transport | None = None
        self._part: Part | None = None
        self._bound = False
        self._refused = False
        """Whether a bind that stood in the recording does not now."""
        self._clogged = False
        self._number = 0
        self._outstanding: dict[int, Step] = {}
        self._asked: Counter[int] = Counter()
        self._owed = 0
        """Answers of ours that wait for their time."""
        self._task: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._role is Role.ESME:
            self._begin(None)

    def data_received(self, data: bytes) -> None:
        lost = False
        try:
            frames = self._frames.feed(data)
        except FramingLost as error:
            frames, lost = error.frames, True
        for frame in frames:
            self._take(frame)
        if lost:
            self._outcome.differ("the other side sent what is no PDU, and its connection was closed")
            self.close()
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, whatever the cause
        self._transport = None
        self._changed.set()
        if self._task is None and not self.ended.done():
            self.ended.set_result(None)

    def pause_writing(self) -> None:
        self._clogged = True

    def resume_writing(self) -> None:
        self._clogged = False
        self._changed.set()

    def close(self) -> None:
        """Close the connection once everything is written."""
        if self._transport is not None:
            self._transport.close()

    def stop(self) -> None:
        """Send no more, and tell what is missing."""
        if self._task is not None:
            self._task.cancel()
        self.close()

    def _begin(self, first_command: int | None) -> None:
        self._part = self._claim(first_command)
        if self._part is None:
            self.close()
            return
        if self._role is Role.SMSC:
            self._start, self._origin_ns = self._loop.time(), self._part.opened_ns
        self._task = self._loop.create_task(self._play(self._part))
        self._task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)

    async def _play(self, part: Part) -> None:
        done = 0
        try:
            for step in part.steps:
                await self._await_turn(part, step)
                self._send(step)
                done += 1
                if step.command_id in BINDS:
                    await self._until(lambda: not self._outstanding or self._gone, PATIENCE_S)
            rest = self._pace.seconds(part.ended_ns - (part.steps[-1].at_ns if part.steps else part.opened_ns))
            deadline = self._loop.time() + rest + PATIENCE_S
            while not (self._settled() or self._gone) and self._loop.time() < deadline:
                # What comes on the other connections counts too, and wakes nobody here.
                await self._until(lambda: self._settled() or self._gone, SETTLE_LOOK_S, stuck=False)
        except _Stuck:
            pass  # what is missing is told below
        finally:
            self._tell(part, done)
            self.close()

    @property
    def plays(self) -> bool:
        """Whether it has a part of the recording."""
        return self._task is not None

    @property
    def _gone(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    async def _await_turn(self, part: Part, step: Step) -> None:
        if part.bound_ns is not None and step.at_ns >= part.bound_ns:
            await self._until(lambda: self._bound or self._refused or self._gone, PATIENCE_S)
            if not self._bound:
                raise _Stuck
        due = self._start + self._pace.seconds(step.at_ns - self._origin_ns)
        while (wait := due - self._loop.time()) > 0 and not self._gone:
            await self._until(lambda: self._gone, wait, stuck=False)
        window = self._pace.window(part)
        await self._until(lambda: self._gone or (len(self._outstanding) < window and not self._clogged), PATIENCE_S)
        if self._gone:
            raise _Stuck
        if self._pace.speed is not None:
            self._outcome.late_most_s = max(self._outcome.late_most_s, self._loop.time() - due)

    async def _until(self, holds: Callable[[], bool], seconds: float, *, stuck: bool = True) -> None:
        """Wait for it. Raises _Stuck when it does not come in time, where that matters."""
        if holds():
            return
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            if stuck:
                raise _Stuck from None

    def _settled(self) -> bool:
        """Whether all has come that came in the recording."""
        awaited = any(step.expected is not None for step in self._outstanding.values())
        return not awaited and not self._owed and self._outcome.all_asked

    def _tell(self, part: Part, done: int) -> None:
        for step in self._outstanding.values():
            self._outcome.confirmed(step.command_id, step.expected, None)
        self._outstanding.clear()
        for step in part.steps[done:]:
            self._outcome.differ(f"not sent: {command_name(step.command_id)}")

    def _send(self, step: Step) -> None:
        self._number = self._number % SEQUENCE_MAX + 1
        self._outcome.sent += 1
        if step.command_id not in UNCONFIRMED:
            self._outstanding[self._number] = step
        self._write(step.octets, self._number)

    def _write(self, octets: bytes, number: int) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets[:12] + number.to_bytes(4, "big") + octets[16:])

    def _take(self, frame: bytes) -> None:
        command_id, status, number = (int.from_bytes(frame[at : at + 4], "big") for at in (4, 8, 12))
        if self._part is None:
            self._begin(command_id)
            if self._part is None:
                return
        if command_id & RESPONSE_BIT:
            self._take_response(command_id, status, number)
        elif command_id == CommandId.ENQUIRE_LINK:
            self._write(encode(CLASS_OF[CommandId.ENQUIRE_LINK_RESP]()), number)
        else:
            self._answer(self._part, frame, command_id, number)

    def _take_response(self, command_id: int, status: int, number: int) -> None:
        step = self._outstanding.get(number)
        if step is None or command_id not in {step.command_id | RESPONSE_BIT, CommandId.GENERIC_NACK}:
            self._outcome.differ(f"an answer to nothing: {command_name(command_id)}")
            return
        del self._outstanding[number]
        self._outcome.confirmed(step.command_id, step.expected, status)
        if step.command_id in BINDS:
            self._bound = self._bound or status == CommandStatus.ESME_ROK
            self._refused = status != CommandStatus.ESME_ROK == step.expected

    def _answer(self, part: Part, frame: bytes, command_id: int, number: int) -> None:
        index = self._asked[command_id]
        self._asked[command_id] += 1
        self._outcome.asked[command_id] += 1
        recorded = part.answers.get(command_id, [])
        if index >= len(recorded):
            self._give(part, command_id, _plain_answer(frame, command_id), number)
            return
        answer = recorded[index]
        if answer is not None:
            self._owed += 1
            self._loop.call_later(
                self._pace.seconds(answer.delay_ns), self._give_owed, part, command_id, answer.octets, number
            )

    def _give_owed(self, part: Part, command_id: int, octets: bytes, number: int) -> None:
        self._owed -= 1
        self._give(part, command_id, octets, number)
        self._changed.set()

    def _give(self, part: Part, command_id: int, octets: bytes, number: int) -> None:
        if not octets:
            return
        self._write(octets, number)
        if command_id == CommandId.UNBIND:
            self.close()
        elif command_id in BINDS and not int.from_bytes(octets[8:12], "big") and not self._bound:
            self._bound = True
            if part.bound_ns is not None:
                self._start, self._origin_ns = self._loop.time(), part.bound_ns


class _Stuck(Exception):
    """The other side does not do what is waited for; nothing more is sent on this connection."""


def _plain_answer(frame: bytes, command_id: int) -> bytes:
    """To a request that the recording does not have: ESME_ROK, or what is wrong with it. Empty: it has no answer."""
    if command_id in UNCONFIRMED:
        return b""
    try:
        decode(frame)
    except UndecodablePdu as error:
        return encode(CLASS_OF.get(command_id | RESPONSE_BIT, GenericNack)(command_status=error.command_status))
    return encode(CLASS_OF[command_id | RESPONSE_BIT]())

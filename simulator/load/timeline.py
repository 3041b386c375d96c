"""What a scenario does to the service while its load goes on, and that everything is left as it was found.

A step is done when the run has told that its second is over: the load's own clock, whatever this process was kept from. Processes are
those of DIR/pids; none is touched that is no child of the demo, for a pid file may be left of a process that is no more.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from simulator.load.outcome import Done
from simulator.load.remote import Refused, Smsc, Unreachable
from simulator.load.scenario_file import Step
from simulator.load.target import Target

SIGNALS: Final = {"kill": signal.SIGKILL, "pause": signal.SIGSTOP, "resume": signal.SIGCONT}


class _Impossible(Exception):
    """A step that cannot be done. The text says why."""


class Timeline:
    """The steps of one run (`running.Timeline`).

    Args:
        steps: in the order of their seconds.
        target: whose folder has the pids.
        smscs: whose faults are put.
        register: likewise; its admin interface is the SMSC's.
    """

    def __init__(self, steps: Sequence[Step], target: Target, smscs: Sequence[Smsc], register: Smsc) -> None:
        self.done: list[Done] = []
        self._steps = list(steps)
        self._target = target
        self._smscs = list(smscs)
        self._register = register
        self._second = 0.0
        self._over = False
        self._news = asyncio.Event()
        self._paused: dict[str, int] = {}
        self._found: list[tuple[Smsc, dict[str, Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Remember what is in force, and do what is to be done before the load.

        Raises:
            Unreachable, Refused: what is in force is not told.
        """
        if any(step.smsc is not None for step in self._steps):
            self._found += [(smsc, await smsc.faults()) for smsc in self._smscs]
        if any(step.register is not None for step in self._steps):
            self._found.append((self._register, await self._register.faults()))
        await self._do_due(0.0)
        self._task = asyncio.create_task(self._go_on(), name="timeline")

    def reached(self, second: float) -> None:
        """So many seconds of the run are over."""
        self._second = second
        self._news.set()

    async def end(self) -> None:
        """Do what is due still, go on with what is paused, and put back the faults that were found; also when it is cancelled."""
        self._go_on_with_paused()
        restoring = asyncio.ensure_future(self._restore())
        try:
            await asyncio.shield(restoring)
        except asyncio.CancelledError:
            await restoring
            raise

    async def _restore(self) -> None:
        if self._task is not None:
            self._over = True
            self._news.set()
            await self._task  # a step that is under way is done once, and not broken off
            await self._do_due(self._second)
        self._go_on_with_paused()
        for step in self._steps:
            self.done.append(Done(at_s=step.second, what=step.words(), error="the run ended before it"))
        for server, faults in self._found:
            try:
                await server.put_faults(faults)
            except (Unreachable, Refused) as error:
                self.done.append(Done(at_s=self._second, what="put back the faults that were found", error=str(error)))

    def _go_on_with_paused(self) -> None:
        for name, pid in self._paused.items():
            try:
                if _pid(self._target, name) == pid:
                    os.kill(pid, signal.SIGCONT)
            except (_Impossible, OSError):
                continue  # it was killed meanwhile
        self._paused.clear()

    async def _go_on(self) -> None:
        while self._steps and not self._over:
            await self._news.wait()
            self._news.clear()
            await self._do_due(self._second)

    async def _do_due(self, second: float) -> None:
        while self._steps and self._steps[0].second <= second:
            step = self._steps[0]
            error = ""
            try:
                await self._do(step)
            except (_Impossible, Unreachable, Refused) as failure:
                error = str(failure)
            self._steps.pop(0)
            self.done.append(Done(at_s=step.second, what=step.words(), error=error))

    async def _do(self, step: Step) -> None:
        if step.smsc is not None:
            for smsc in self._smscs:
                await smsc.put_faults(step.smsc)
        if step.register is not None:
            await self._register.put_faults(step.register)
        for action, number in SIGNALS.items():
            name = getattr(step, action)
            if name is None:
                continue
            pid = _pid(self._target, name)
            try:
                os.kill(pid, number)
            except OSError as error:
                raise _Impossible(f"{name} has no process any more") from error
            if action == "pause":
                self._paused[name] = pid
            else:
                self._paused.pop(name, None)


def _pid(target: Target, name: str) -> int:
    """The process of this name.

    Raises:
        _Impossible: there is none, or it is none of this demo.
    """
    path = target.folder / "pids" / name
    try:
        pid = int(path.read_text("ascii"))
        parent = int(Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError) as error:
        raise _Impossible(f"the demo has no process {name} now") from error
    if parent != target.pid:
        raise _Impossible(f"{path} names a process that is not the demo's")
    return pid

"""A demo that is started for a run, and ended after it, whatever becomes of the run."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from simulator.demo import check_demo_folder
from simulator.engines.ports import free_port
from simulator.engines.program import CannotStartError, Program
from simulator.load.plan import Plan
from simulator.load.schedule import Schedule
from simulator.load.senders import NUMBERS_PER_CITIZEN, needs
from simulator.load.target import NoTarget, Target, running_demo
from simulator.population import CITIZENS_MAX

START_S: Final = 600.0
"""Seconds until everything answers; a million citizens are loaded in some minutes."""
END_S: Final = 40.0
"""Seconds until it has ended by itself."""
LOOK_S: Final = 0.05
"""Seconds between two looks whether it is ready."""
TAIL: Final = 15
"""Last lines of what it said that are shown when it does not start."""
CITIZENS_MIN: Final = 10_000
"""Of a demo that is started, as of `./sms demo`."""
ROOT: Final = Path(__file__).resolve().parents[2]


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a demo that is started; None leaves the demo's own default."""

    citizens: int | None = None
    """As many as the plan needs."""
    smscs: int | None = None
    gateways: int | None = None
    binds: int | None = None
    window: int | None = None

    def given(self) -> list[str]:
        """The options that were given."""
        return [f"--{name}" for name in self.__struct_fields__ if getattr(self, name) is not None]


def citizens_for(plans: Iterable[Plan], smscs: int) -> int:
    """How many citizens have the senders that each of these plans asks for.

    Raises:
        CannotStartError: more than a demo can have.
    """
    most = CITIZENS_MIN
    for plan in plans:
        shared = msgspec.structs.replace(
            plan, curve=tuple(msgspec.structs.replace(point, rate=point.rate / smscs) for point in plan.curve)
        )
        schedule = Schedule(shared.curve, plan.duration_s) if plan.curve else None
        found = needs(shared, schedule)
        most = max(most, math.ceil((found.wanted + found.abusive) / NUMBERS_PER_CITIZEN) * smscs)
    if most > CITIZENS_MAX:
        raise CannotStartError(f"the load needs {most:,} citizens, and a demo has at most {CITIZENS_MAX:,}")
    return most


@asynccontextmanager
async def own_demo(
    http: aiohttp.ClientSession, options: DemoOptions, folder: Path | None, say: Callable[[str], None]
) -> AsyncIterator[Target]:
    """A demo in this folder, or in one that is removed after it.

    Raises:
        CannotStartError: it does not start; the text has its last words.
    """
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sms-load-")))
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        check_demo_folder(folder)
        said = folder / "load-demo.log"
        ready = folder / "load-demo.ready"
        ready.unlink(missing_ok=True)
        say(f"no demo runs: starting one of {options.citizens or CITIZENS_MIN:,} citizens in {folder}")
        process = await _start(options, folder, said, ready)
        try:
            await _until_ready(process, said, ready)
            target = await running_demo(http, folder)
            if target is None:
                raise CannotStartError(f"the demo in {folder} ended as soon as it was ready")
            yield target
        except NoTarget as error:
            raise CannotStartError(str(error)) from error
        finally:
            say("ending the demo")
            await _end(process)
            ready.unlink(missing_ok=True)


async def _start(options: DemoOptions, folder: Path, said: Path, ready: Path) -> asyncio.subprocess.Process:
    """As a child that the kernel ends when this process is killed; in a session of its own, or Ctrl-C would end it before its load."""
    argv = [sys.executable, "-m", "simulator", "demo", "--dir", str(folder), "--ready-file", str(ready)]
    argv += ["--phone-port", str(free_port()), "--ops-port", str(free_port())]
    for name in options.__struct_fields__:
        value = getattr(options, name)
        if value is not None:
            argv += [f"--{name}", str(value)]
    program = Program(
        name="demo",
        argv=tuple(argv),
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        death_signal=signal.SIGTERM,
    )
    with said.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            *program.command(),
            env=program.env,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


async def _until_ready(process: asyncio.subprocess.Process, said: Path, ready: Path) -> None:
    try:
        async with asyncio.timeout(START_S):
            while not await asyncio.to_thread(ready.exists):
                if process.returncode is not None:
                    words = await asyncio.to_thread(said.read_text, "utf-8", "replace")
                    raise CannotStartError("\n".join(["the demo does not start:", *words.splitlines()[-TAIL:]]))
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise CannotStartError(f"the demo is not ready after {START_S:g} s") from None


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()  # the kernel ends what it started
        await process.wait()

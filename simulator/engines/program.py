"""What is to run as a process of its own: the value that the engines describe and the supervisor starts.

Whatever starts a child here starts it through `launch`, so that it ends with its parent even when that is killed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_LAUNCH = str(Path(__file__).with_name("launch.py"))

# A server that has not ended ten seconds after it was asked to is not going to: PostgreSQL's checkpoint at shutdown,
# the longest of all, takes one or two with what a demo writes.
STOP_TIMEOUT_S = 10.0

# From the start of a process until it answers. PostgreSQL's recovery after it was killed in a load test takes seconds.
READY_TIMEOUT_S = 30.0

# Between two looks at whether it answers: small beside what any of them takes to start.
_POLL_S = 0.02

# Of a program that failed, the end of what it said: enough for the cause, which stands last.
TAIL_BYTES = 2000


class CannotStartError(Exception):
    """Something that was asked to run does not, with the cause and the remedy in words for whoever asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One program and how it is run.

    Attributes:
        name: What its pid file, its log and its messages are called.
        argv: Absolute path of the program, and its arguments.
        env: Its whole environment; None leaves it the parent's.
        answers: Whether it serves already; None: it does as soon as it runs.
        ready_timeout_s: Time from the first start until it must answer.
        stop_signal: What asks it to end.
        stop_timeout_s: Time from then until SIGKILL.
        death_signal: What the kernel sends it when its parent ends in whatever way.
        leave_root: Folder of its data, of a program that refuses to run as root.
        alone: Lock file held by the program and all its descendants: none starts before all former ones have ended.
        stale: Files that a former holder of the lock may have left and that would stop a new one.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    answers: Callable[[], Awaitable[bool]] | None = None
    ready_timeout_s: float = READY_TIMEOUT_S
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = STOP_TIMEOUT_S
    death_signal: signal.Signals = signal.SIGKILL
    leave_root: Path | None = None
    alone: Path | None = None
    stale: tuple[Path, ...] = ()

    def command(self) -> tuple[str, ...]:
        """The command line by which the calling process, and its main thread only, starts the program as a child."""
        options = [f"--parent={os.getpid()}", f"--death-signal={int(self.death_signal)}"]
        if self.leave_root:
            options.append(f"--leave-root={self.leave_root}")
        if self.alone:
            options.append(f"--alone={self.alone}")
        options += [f"--stale={path}" for path in self.stale]
        return (sys.executable, "-I", "-S", _LAUNCH, *options, "--", *self.argv)

    async def wait_ready(self) -> None:
        """Return once it answers.

        Raises:
            CannotStartError: It does not within `ready_timeout_s`.
        """
        if self.answers is None:
            return
        try:
            async with asyncio.timeout(self.ready_timeout_s):
                while not await self.answers():  # noqa: ASYNC110 - another process has no event to wait for
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            raise CannotStartError(f"{self.name} does not answer after {self.ready_timeout_s:g} s") from error


async def run_to_end(program: Program) -> None:
    """Run a program that ends by itself; cancelled, it takes the program along.

    Raises:
        CannotStartError: It ended with a failure; the text holds the last of what it said.
    """
    process = await asyncio.create_subprocess_exec(
        *program.command(),
        env=program.env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        tail = said[-TAIL_BYTES:].decode(errors="replace").strip()
        raise CannotStartError(f"{program.name} failed with exit status {process.returncode}:\n{tail}")

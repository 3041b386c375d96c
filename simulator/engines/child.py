"""One program kept running: started, its process id told, started again when it dies, ended in the end.

Rules: the first restart is immediate, for most deaths are a tester's; further ones wait longer and longer, until the
program has been well for a while. A program that never answered is not restarted for ever: whoever asked for it is
told what it said. Each process is a session of its own, or the terminal's Ctrl-C would end all of them at once.
"""

import asyncio
import contextlib
import logging
import os
from asyncio.subprocess import DEVNULL, STDOUT, Process
from pathlib import Path

from simulator.engines.program import TAIL_BYTES, CannotStartError, Program

log = logging.getLogger(__name__)

# The pause before the second restart; it doubles up to the longest that somebody who watches has patience for.
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

# What has run this long is well: its next death counts as the first.
WELL_AFTER_S = 10.0

# A program that has died so often (in some 3 s) without ever answering is not going to start.
MAX_DEATHS_BEFORE_READY = 6

# A log that has outgrown this is put aside as NAME.log.1 at the next start: two of them a program fit any disk.
LOG_ROTATE_BYTES = 16 * 1024 * 1024


class BackOff:
    """How long to wait before each restart."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def pause_s(self, ran_for_s: float) -> float:
        """The pause in seconds after the death of a process that ran for `ran_for_s` seconds."""
        pause_s = 0.0 if ran_for_s >= WELL_AFTER_S else self._next_s
        self._next_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        return pause_s


class Child:
    """A program and its process of the moment.

    `folder/pids/NAME` holds the process id, written at once and absent while there is none; `folder/logs/NAME.log` is
    what the program says. Both folders exist. A caller that has called `start`, even in vain, calls `stop` in the end.
    """

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self._pid_file = folder / "pids" / program.name
        self._log_file = folder / "logs" / f"{program.name}.log"
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._has_answered = False
        self._log_start = 0

    async def start(self) -> None:
        """Run the program from now on; return once it answers.

        Raises:
            CannotStartError: It dies again and again, or does not answer in time; the text ends with its last words.
        """
        self._open_log_anew()
        self._keeping = asyncio.create_task(self._keep_running(), name=f"keep {self.program.name}")
        ready = asyncio.create_task(self.program.wait_ready(), name=f"await {self.program.name}")
        try:
            done, _ = await asyncio.wait((self._keeping, ready), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except CannotStartError as error:
            raise CannotStartError(f"{error}\n{self._last_words()}".rstrip()) from error
        finally:
            ready.cancel()
            await asyncio.wait((ready,))
        self._has_answered = True

    async def watch(self) -> None:
        """Wait until the program can be kept running no longer, and raise the reason: a full disk, say."""
        assert self._keeping is not None
        await asyncio.shield(self._keeping)

    async def stop(self) -> None:
        """End the program, by force when its time is over, and start it no more."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.wait((self._keeping,))
        process = self._process
        if process and process.returncode is None:
            process.send_signal(self.program.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.program.stop_timeout_s)
            except TimeoutError:
                log.warning("%s is killed: it did not end in %g s", self.program.name, self.program.stop_timeout_s)
                self.kill()
                await process.wait()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process of the moment by force."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def _keep_running(self) -> None:
        loop, back_off, deaths = asyncio.get_running_loop(), BackOff(), 0
        while True:
            started_at = loop.time()
            status = await self._run_once()
            deaths += 1
            if deaths == MAX_DEATHS_BEFORE_READY and not self._has_answered:
                raise CannotStartError(f"{self.program.name} died {deaths} times, at last with exit status {status}:")
            pause_s = back_off.pause_s(loop.time() - started_at)
            log.warning("%s died with exit status %d; next start in %g s", self.program.name, status, pause_s)
            await asyncio.sleep(pause_s)

    async def _run_once(self) -> int:
        with self._log_file.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self.program.command(),
                env=self.program.env,
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
                start_new_session=True,
            )
        unfinished = self._pid_file.with_name(f".{self.program.name}")
        unfinished.write_text(f"{self._process.pid}\n", encoding="ascii")
        unfinished.replace(self._pid_file)
        status = await self._process.wait()
        self._pid_file.unlink(missing_ok=True)
        return status

    def _open_log_anew(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._log_start = self._log_file.stat().st_size
            if self._log_start > LOG_ROTATE_BYTES:
                self._log_file.replace(self._log_file.with_name(f"{self._log_file.name}.1"))
                self._log_start = 0

    def _last_words(self) -> str:
        with self._log_file.open("rb") as said:
            end = said.seek(0, os.SEEK_END)
            said.seek(max(self._log_start, end - TAIL_BYTES))
            return said.read().decode(errors="replace").strip()

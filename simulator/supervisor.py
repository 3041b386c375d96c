"""Keeps the programs of a demo running, and ends them all when it ends.

Rules: what dies is started again; what runs is told in `DIR/pids`, what it says in `DIR/logs`. Programs end in the
reverse order of their start, each by its own signal and, past its deadline, by force. They are children of this
process's main thread, started through `engines.launch`: when this process is killed, the kernel ends them. A lock on
DIR, which the kernel gives up with the process, keeps a second demo out and lets one clean up after another that was
killed.
"""

import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from simulator.engines.child import Child
from simulator.engines.program import CannotStartError, Program
from simulator.engines.sockets import socket_folder

# Digits of a process id and a line end, with room to spare.
_MAX_PID_BYTES = 20

LOCK = "lock"
"""Of the folder: by it a demo's is known, and it is held while one runs."""

# A signal that follows the first sooner is the same request: timeout(1) and shells signal a process and its group.
HURRY_AFTER_S = 1.0


class Supervisor:
    """Programs that run as long as its `async with` block does.

    SIGINT, SIGTERM and SIGHUP cancel the block, and the cancellation goes no further than the block; one more of them, a
    second or more later, kills what is still about to end.

    Attributes:
        folder: What is kept of the programs: their pids, logs and data.
        sockets: Folder of mode 0700 for their Unix sockets, while the block runs.
    """

    sockets: Path

    def __init__(self, folder: Path) -> None:
        """`folder` is made, with mode 0700, if absent; the mode of one that exists is left as it is."""
        self.folder = folder
        self._children: list[Child] = []
        self._signals: list[signal.Signals] = []
        self._is_ending = False
        self._signalled_at_s: float | None = None

    async def __aenter__(self) -> Self:
        """Take the folder and remove what a killed supervisor left in it.

        Raises:
            CannotStartError: Another supervisor has it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(_taken(self.folder / LOCK))
            self.sockets = stack.enter_context(socket_folder(self.folder))
            for name in ("pids", "logs"):
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)
            for left in (self.folder / "pids").iterdir():
                left.unlink()
            self._listen_to_signals()
            self._held = stack.pop_all()
        return self

    async def __aexit__(self, error_type: type[BaseException] | None, *_: object) -> bool:
        """End all programs, the youngest first."""
        self._is_ending = True
        with self._held:
            for child in reversed(self._children):
                await child.stop()
        for number in self._signals:
            asyncio.get_running_loop().remove_signal_handler(number)
        task = asyncio.current_task()
        is_ours = self._signalled_at_s is not None and error_type is asyncio.CancelledError
        return is_ours and task is not None and task.uncancel() == 0

    async def start(self, program: Program) -> None:
        """Run a program from now on, restarting it when it dies; return once it answers.

        Raises:
            CannotStartError: It dies again and again, or does not answer in time; the text ends with its last words.
        """
        child = Child(program, self.folder)
        self._children.append(child)
        await child.start()

    async def wait(self) -> None:
        """Wait for a signal, or raise why a program can be kept running no longer."""
        await asyncio.gather(*(child.watch() for child in self._children))

    def _listen_to_signals(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._signals = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
            self._signals.append(signal.SIGHUP)
        for number in self._signals:
            loop.add_signal_handler(number, self._on_signal, task)

    def _on_signal(self, task: asyncio.Task[object]) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._signalled_at_s is None:
            self._signalled_at_s = now_s
            if not self._is_ending:
                task.cancel()
        elif now_s - self._signalled_at_s >= HURRY_AFTER_S:
            for child in self._children:
                child.kill()


@contextmanager
def _taken(path: Path) -> Iterator[None]:
    """Hold the lock of a file for this process alone, which no child inherits, and say in it who has it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(lock, _MAX_PID_BYTES).decode(errors="replace").strip()
            raise CannotStartError(
                f"{path.parent} is in use by process {holder}: end that one, or choose another folder with --dir"
            ) from error
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(lock)

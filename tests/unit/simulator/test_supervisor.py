"""Several programs under one supervisor: order, signals, its folder."""

import asyncio
import os
import signal
import stat
import sys

import pytest

from simulator import supervisor as module
from simulator.engines.program import CannotStartError, Program
from simulator.supervisor import Supervisor

# A process starts in some 50 ms; a busy machine takes longer.
PATIENCE_S = 20


def _said(folder, name="one"):
    path = folder / "logs" / f"{name}.log"
    return path.read_text() if path.exists() else ""


def _program(folder, name, *argv):
    """A program that is ready when it has said something."""

    async def answers():
        return _said(folder, name) != ""

    return Program(name=name, argv=argv, answers=answers, stop_timeout_s=600)


def _recording(folder, name):
    """Notes that it was asked to end in a common file, and ends."""
    return _listening(folder, name, f"open('{folder}/ended', 'a').write('{name}\\n'); sys.exit()")


def _listening(folder, name, on_sigterm):
    """Does something when it is asked to end."""
    code = f"""
import signal, sys
def on_sigterm(*_):
    {on_sigterm}
signal.signal(signal.SIGTERM, on_sigterm)
print(flush=True)
while True:
    signal.pause()
"""
    return _program(folder, name, sys.executable, "-I", "-S", "-c", code)


async def test_programs_end_in_the_reverse_order_of_their_start(tmp_path):
    """Whoever was started later may still need whoever was started earlier."""
    async with Supervisor(tmp_path) as supervisor:
        for name in ("one", "two", "three"):
            await supervisor.start(_recording(tmp_path, name))
    assert (tmp_path / "ended").read_text() == "three\ntwo\none\n"
    assert not list((tmp_path / "pids").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_block_and_no_more(tmp_path, number):
    """The program ends, the code after the block goes on."""
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_recording(tmp_path, "one"))
        os.kill(os.getpid(), number)
        await asyncio.wait_for(supervisor.wait(), PATIENCE_S)
    assert (tmp_path / "ended").read_text() == "one\n"
    await asyncio.sleep(0)


async def test_a_signal_while_a_program_starts_ends_the_block(tmp_path):
    """Nobody has to wait for what is not wanted any more."""
    async with Supervisor(tmp_path) as supervisor:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        await supervisor.start(_program(tmp_path, "one", "/bin/sleep", "600"))
        pytest.fail("the start went on")


async def test_a_cancellation_from_elsewhere_goes_on(tmp_path):
    """It belongs to whoever cancelled."""

    async def run():
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(_recording(tmp_path, "one"))
            started.set()
            await supervisor.wait()

    started = asyncio.Event()
    task = asyncio.create_task(run())
    await asyncio.wait_for(started.wait(), PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (tmp_path / "ended").read_text() == "one\n"


async def test_an_error_in_the_block_ends_the_programs_and_is_raised(tmp_path):
    """As in any block."""
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what is tested
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(_recording(tmp_path, "one"))
            raise ZeroDivisionError
    assert (tmp_path / "ended").read_text() == "one\n"


async def test_one_more_signal_hurries(tmp_path, monkeypatch):
    """What takes its time to end is killed."""
    monkeypatch.setattr(module, "HURRY_AFTER_S", 0.0)
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_listening(tmp_path, "one", f"open('{tmp_path}/asked', 'w')"))
        asked = asyncio.create_task(_signal_once(tmp_path / "asked"))
        os.kill(os.getpid(), signal.SIGTERM)
        await supervisor.wait()
    await asked


async def _signal_once(path):
    async with asyncio.timeout(PATIENCE_S):
        while not path.exists():
            await asyncio.sleep(0.005)
    os.kill(os.getpid(), signal.SIGTERM)


async def test_the_same_signal_told_twice_does_not_hurry(tmp_path):
    """Some send it to a process and its group: the programs end in their own time."""
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_recording(tmp_path, "one"))
        supervisor._on_signal(asyncio.current_task())
        supervisor._on_signal(asyncio.current_task())
        await supervisor.wait()
    assert (tmp_path / "ended").read_text() == "one\n"


async def test_a_signal_while_programs_end_spoils_nothing(tmp_path):
    """The block is over already: each still ends in its turn."""
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_recording(tmp_path, "one"))
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
    assert (tmp_path / "ended").read_text() == "one\n"


async def test_a_hangup_that_is_ignored_stays_ignored(tmp_path):
    """As under nohup; signals are handled as before once the block is over."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        async with Supervisor(tmp_path):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_a_program_that_cannot_go_on_ends_the_wait(tmp_path):
    """Rather than being missed in silence."""
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_program(tmp_path, "one", "/bin/sh", "-c", "echo; exec sleep 600"))
        pid = int((tmp_path / "pids" / "one").read_text())
        (tmp_path / "logs").rename(tmp_path / "elsewhere")
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(FileNotFoundError):
            await asyncio.wait_for(supervisor.wait(), PATIENCE_S)


async def test_its_folders_are_private_and_what_is_left_in_them_is_removed(tmp_path):
    """A supervisor that was killed cannot remove its pid files."""
    folder = tmp_path / "deep" / "demo"
    async with Supervisor(folder) as supervisor:
        assert supervisor.sockets.is_dir()
        (folder / "pids" / "left").touch()
    async with Supervisor(folder):
        assert not list((folder / "pids").iterdir())
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "pids", folder / "logs")}
    assert made == {"demo": 0o700, "pids": 0o700, "logs": 0o700}


async def test_a_folder_has_one_supervisor(tmp_path):
    """The second is told who has it; when that one is gone, it may."""
    async with Supervisor(tmp_path):
        with pytest.raises(CannotStartError, match=rf"in use by process {os.getpid()}: .* --dir"):
            await Supervisor(tmp_path).__aenter__()
    async with Supervisor(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"

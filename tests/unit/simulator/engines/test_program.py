"""Programs: how they are started, waited for and run to their end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from simulator.engines.program import TAIL_BYTES, CannotStartError, Program, run_to_end


def _python(code, **fields):
    return Program(name="probe", argv=(sys.executable, "-I", "-S", "-c", code), **fields)


def test_a_plain_command_only_dies_with_its_parent():
    """No option is given that nobody asked for."""
    command = Program(name="probe", argv=("/bin/true", "-x")).command()
    assert command[-3:] == ("--", "/bin/true", "-x")
    assert command[4:-3] == (f"--parent={os.getpid()}", "--death-signal=9")


def test_a_command_carries_what_was_asked_for():
    """Each of its own option."""
    program = Program(
        name="probe",
        argv=("/bin/true",),
        death_signal=signal.SIGQUIT,
        leave_root=Path("/data"),
        alone=Path("/lock"),
        stale=(Path("/a"), Path("/b")),
    )
    assert program.command()[5:-2] == (
        "--death-signal=3",
        "--leave-root=/data",
        "--alone=/lock",
        "--stale=/a",
        "--stale=/b",
    )


async def test_a_program_that_cannot_be_asked_is_ready_at_once():
    """As a worker is that serves nobody."""
    await Program(name="probe", argv=()).wait_ready()


async def test_a_program_is_ready_when_it_answers():
    """It is asked until it does."""
    answers = [False, False, True]

    async def answer():
        return answers.pop(0)

    await Program(name="probe", argv=(), answers=answer).wait_ready()
    assert answers == []


async def test_a_program_that_never_answers_is_given_up():
    """At its deadline, with both in the message."""

    async def silence():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(CannotStartError, match=r"probe does not answer after 0\.01 s"):
        await Program(name="probe", argv=(), answers=silence, ready_timeout_s=0.01).wait_ready()


async def test_a_program_may_run_to_a_good_end(tmp_path):
    """With the environment it was given."""
    code = "import os, pathlib; pathlib.Path(os.environ['MARK']).touch()"
    await run_to_end(_python(code, env={"MARK": str(tmp_path / "mark")}))
    assert (tmp_path / "mark").exists()


async def test_the_end_of_what_a_failing_program_said_is_told():
    """Its last words hold the cause."""
    code = f"import sys; print('x' * {TAIL_BYTES}, flush=True); sys.exit('the cause')"
    with pytest.raises(CannotStartError, match=r"(?s)^probe failed with exit status 1:\nx+\nthe cause$") as told:
        await run_to_end(_python(code))
    assert len(str(told.value)) < TAIL_BYTES + 100


async def test_a_program_that_does_not_exist_is_named():
    """The launcher says so in its stead."""
    with pytest.raises(CannotStartError, match="/no/such/program: No such file"):
        await run_to_end(Program(name="probe", argv=("/no/such/program",)))


async def test_cancelled_it_takes_the_program_along(tmp_path):
    """Nothing goes on behind the back of whoever gave up."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"import os, time; os.write(os.open({str(fifo)!r}, os.O_WRONLY), b'%d' % os.getpid()); time.sleep(600)"
    running = asyncio.create_task(run_to_end(_python(code)))
    pid = int(await _read_some(fifo))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def _read_some(fifo):
    def read():
        with fifo.open("rb", buffering=0) as end:
            return end.read(20)

    return await asyncio.to_thread(read)

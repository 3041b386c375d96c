"""One program kept running. The programs are a few lines of shell, which end as fast as they start."""

import asyncio
import os
import signal

import pytest

from simulator.engines import child as module
from simulator.engines.child import BackOff, Child
from simulator.engines.program import CannotStartError, Program

# A process starts in some 50 ms; a busy machine takes longer.
PATIENCE_S = 20


def _shell(script, **fields):
    return Program(name="probe", argv=("/bin/sh", "-c", script), **fields)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pids").mkdir()
    (tmp_path / "logs").mkdir()
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.001)


@pytest.fixture
async def keep(folder):
    """Makes children of this folder and ends them."""
    children = []

    def make(program):
        children.append(Child(program, folder))
        return children[-1]

    yield make
    for one in children:
        one.kill()
        await one.stop()


async def _eventually(holds):
    async with asyncio.timeout(PATIENCE_S):
        while not (found := holds()):
            await asyncio.sleep(0.005)
    return found


def _pid(folder):
    path = folder / "pids" / "probe"
    return int(path.read_text()) if path.exists() else None


def _said(folder):
    path = folder / "logs" / "probe.log"
    return path.read_text() if path.exists() else ""


def test_pauses_grow_from_none_to_the_longest():
    """The first restart is immediate."""
    back_off = BackOff()
    assert [back_off.pause_s(1) for _ in range(9)] == [0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]


def test_pauses_begin_anew_when_a_program_was_well():
    """After ten seconds of it."""
    back_off = BackOff()
    assert [back_off.pause_s(ran) for ran in (0, 0, 0, 9.9, 10, 0)] == [0, 0.1, 0.2, 0.4, 0, 0.1]


async def test_it_tells_the_servers_own_process_id(folder, keep):
    """Once it answers; when it has ended, nothing."""
    probe = keep(_shell("echo $$; exec sleep 600", answers=lambda: _answer(_said(folder) != "")))
    await probe.start()
    assert _pid(folder) == int(_said(folder))
    assert [path.name for path in (folder / "pids").iterdir()] == ["probe"]
    await probe.stop()
    assert _pid(folder) is None
    with pytest.raises(ProcessLookupError):
        os.kill(int(_said(folder)), 0)


async def _answer(value):
    return value


async def test_what_dies_is_started_again(folder, keep, caplog):
    """Again and again, if it has answered once; the pid file follows."""
    probe = keep(_shell("echo $$; exec sleep 600", answers=lambda: _answer(_said(folder) != "")))
    await probe.start()
    for deaths in (1, 2):
        pid = await _eventually(lambda: _pid(folder))
        await _eventually(lambda deaths=deaths: _said(folder).count("\n") == deaths)
        os.kill(pid, signal.SIGKILL)
        await _eventually(lambda pid=pid: _pid(folder) not in (None, pid))
    assert "probe died with exit status -9; next start in 0 s" in caplog.messages[0]


async def test_what_dies_of_a_signal_of_the_terminal_is_not_ours(folder, keep):
    """Each process leads a session of its own."""
    probe = keep(_shell("exec sleep 600"))
    await probe.start()
    pid = await _eventually(lambda: _pid(folder))
    assert os.getsid(pid) == pid


async def test_what_never_answers_is_not_started_for_ever(folder, keep, quick):
    """Its last words, of this time only, are told."""
    (folder / "logs" / "probe.log").write_text("of old\n")
    probe = keep(_shell("echo the cause; exit 7", answers=lambda: _answer(False)))
    with pytest.raises(CannotStartError, match=r"^probe died 6 times, at last with exit status 7:\n(the cause\n?){6}$"):
        await probe.start()
    assert _said(folder) == "of old\n" + 6 * "the cause\n"


async def test_what_dies_often_once_it_has_answered_is_started_for_ever(folder, keep, quick):
    """A server that was well is worth it."""
    probe = keep(_shell("echo", answers=lambda: _answer(_said(folder) != "")))
    await probe.start()
    await _eventually(lambda: _said(folder).count("\n") > module.MAX_DEATHS_BEFORE_READY)


async def test_what_runs_and_does_not_answer_is_given_up(folder, keep):
    """At its deadline; what it said is told."""
    said = asyncio.Event()

    async def silence():
        if _said(folder):
            said.set()
        return False

    probe = keep(_shell("echo so far so good; exec sleep 600", answers=silence, ready_timeout_s=1))
    with pytest.raises(CannotStartError, match=r"^probe does not answer after 1 s\nso far so good$"):
        await probe.start()
    assert said.is_set()


async def test_what_will_not_end_is_ended_by_force(folder, keep, caplog):
    """Past its deadline."""
    script = "trap '' TERM; echo; exec sleep 600"  # what is ignored stays so through exec
    probe = keep(_shell(script, stop_timeout_s=0.01, answers=lambda: _answer(_said(folder) != "")))
    await probe.start()
    await probe.stop()
    assert _pid(folder) is None
    assert caplog.messages == ["probe is killed: it did not end in 0.01 s"]


async def test_what_was_never_started_can_be_stopped(folder, keep):
    """As when somebody gives up in between."""
    await keep(_shell("exit")).stop()
    keep(_shell("exit")).kill()
    assert not list((folder / "logs").iterdir())


async def test_the_reason_why_nothing_can_be_started_any_more_is_raised(folder, keep):
    """A folder that is gone, say."""
    probe = keep(_shell("exec sleep 600"))
    await probe.start()
    pid = await _eventually(lambda: _pid(folder))
    (folder / "logs").rename(folder / "elsewhere")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(FileNotFoundError):
        await asyncio.wait_for(probe.watch(), PATIENCE_S)


@pytest.mark.parametrize(("size", "is_put_aside"), [(10, False), (11, True)])
async def test_a_log_that_has_outgrown_its_limit_is_put_aside(folder, keep, monkeypatch, size, is_put_aside):
    """At the start, the one before it giving way."""
    monkeypatch.setattr(module, "LOG_ROTATE_BYTES", 10)
    log = folder / "logs" / "probe.log"
    log.write_text("x" * size)
    log.with_name("probe.log.1").write_text("before")
    probe = keep(_shell("echo new; exec sleep 600", answers=lambda: _answer("new" in _said(folder))))
    await probe.start()
    assert _said(folder) == ("new\n" if is_put_aside else "x" * size + "new\n")
    assert log.with_name("probe.log.1").read_text() == ("x" * size if is_put_aside else "before")

"""What a child does before it becomes its program. The kernel's part is for the integration tests."""

import os
import pwd
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.engines import launch
from simulator.engines.launch import LaunchError

SCRIPT = [sys.executable, "-I", "-S", launch.__file__]


def _start(*arguments, parent=None):
    command = [*SCRIPT, f"--parent={parent or os.getpid()}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _end(process):
    said, errors = process.communicate(timeout=20)
    return process.returncode, said, errors


def test_it_becomes_the_program():
    """Under its own process id, with the arguments as they are."""
    process = _start("--", "/bin/sh", "-c", 'echo $$ "$@"', "sh", "--parent=1", "a b")
    assert _end(process) == (0, f"{process.pid} --parent=1 a b\n", "")


def test_a_program_that_does_not_exist_is_named():
    """With the exit status that shells use."""
    assert _end(_start("--", "/no/such")) == (127, "", "not started: /no/such: No such file or directory\n")


def test_an_orphan_does_not_start():
    """Whoever asked is gone already, and no signal will ever say so."""
    assert _end(_start("--", "/bin/echo", parent=1)) == (127, "", "not started: whoever started this has ended\n")


def test_one_family_at_a_time_holds_a_lock(tmp_path):
    """The next waits for the last descendant of the one before, and finds what they left removed."""
    lock, stale = tmp_path / "lock", tmp_path / "stale"
    alone = (f"--alone={lock}", f"--stale={stale}", f"--stale={tmp_path / 'none'}", "--", "/bin/sh", "-c")
    # The first leaves a descendant, which notes its end and that nobody came before.
    first = _start(*alone, f"touch {stale}; (read _ < {tmp_path}/go; ls {tmp_path} > {tmp_path}/seen) & echo")
    os.mkfifo(tmp_path / "go")
    first.stdout.readline()
    second = _start(*alone, f"test -e {stale} || cat {tmp_path}/seen")
    (tmp_path / "go").write_text("\n")
    assert "stale" in _end(second)[1].split()
    _end(first)


@pytest.fixture
def kernel(monkeypatch):
    """Notes what is asked of the kernel, and allows it."""
    asked = []

    def call(name):
        return lambda *arguments: asked.append((name, *arguments)) or 0

    monkeypatch.setattr(launch, "_libc", SimpleNamespace(prctl=call("prctl")))
    monkeypatch.setattr(os, "execv", call("execv"))
    return asked


def test_the_death_signal_is_asked_for_last(kernel, tmp_path, monkeypatch):
    """A change of user would cancel it."""
    monkeypatch.setattr(launch, "leave_root", lambda data, program: kernel.append(("leave_root", data, program)))
    options = [
        f"--parent={os.getppid()}",
        "--death-signal=3",
        f"--leave-root={tmp_path}",
        f"--alone={tmp_path / 'lock'}",
    ]
    launch.main([*options, "--", "/bin/true", "-x"])
    assert kernel == [
        ("leave_root", tmp_path, Path("/bin/true")),
        ("prctl", 1, 3, 0, 0, 0),
        ("execv", "/bin/true", ["/bin/true", "-x"]),
    ]
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_a_refusal_of_the_kernel_is_an_error(monkeypatch):
    """Rather than a server that outlives its parent."""
    monkeypatch.setattr(launch, "_libc", SimpleNamespace(prctl=lambda *_: -1))
    with pytest.raises(OSError, match=r"\[Errno"):
        launch.die_with_parent(os.getppid(), 9)


@pytest.fixture
def ways(monkeypatch):
    """Which way out of root was taken; by default the user is root, the machine knows `daemon`, both ways are open."""
    taken = SimpleNamespace(way=None, serves=True)
    names = [SimpleNamespace(pw_uid=0), SimpleNamespace(pw_uid=7), SimpleNamespace(pw_uid=1)]

    def take(name):
        return lambda uid: setattr(taken, "way", (name, uid))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", lambda: names)
    monkeypatch.setattr(launch, "_namespace_serves", lambda data, program, uid: taken.serves)
    monkeypatch.setattr(launch, "_enter_user_namespace", take("namespace"))
    monkeypatch.setattr(launch, "_become_privileged_user", take("privilege"))
    taken.names = names
    return taken


def test_an_ordinary_user_stays(ways, monkeypatch, tmp_path):
    """There is nothing to leave."""
    monkeypatch.setattr(os, "geteuid", lambda: 7)
    launch.leave_root(tmp_path, Path("/bin/true"))
    assert ways.way is None


@pytest.mark.parametrize("uid", [0, 54321])
def test_root_and_the_nameless_get_another_name(ways, monkeypatch, tmp_path, uid):
    """The lowest that the machine knows, in a namespace of their own."""
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    launch.leave_root(tmp_path, Path("/bin/true"))
    assert ways.way == ("namespace", 1)


@pytest.mark.parametrize("exists", [True, False])
def test_where_a_namespace_does_not_serve_a_privilege_does(ways, tmp_path, exists):
    """As the owner of the data, who is somebody else than root, or the lowest user that the machine knows."""
    ways.serves = False
    data = tmp_path / "data"
    owner = 1
    if exists:
        data.mkdir()
        owner = data.stat().st_uid or 1
    launch.leave_root(data, Path("/bin/true"))
    assert ways.way == ("privilege", owner)


def test_where_neither_serves_the_remedy_is_named(ways, monkeypatch, tmp_path):
    """And the kernel's reason."""
    ways.serves = False

    def refuse(uid):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(launch, "_become_privileged_user", refuse)
    with pytest.raises(LaunchError, match=r"\(Operation not permitted\): run as an ordinary user"):
        launch.leave_root(tmp_path, Path("/bin/true"))


def test_a_machine_without_users_is_said_to_be_one(ways, tmp_path):
    """There is nobody to be."""
    del ways.names[1:]
    with pytest.raises(LaunchError, match="no user but root"):
        launch.leave_root(tmp_path, Path("/bin/true"))

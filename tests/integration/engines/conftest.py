"""A stand of both engines, run as users run the demo: by a command in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.engines.binaries import postgres_folder
from tests.engines import copy_cluster

ROOT = Path(__file__).parents[3]
STAND = Path(__file__).with_name("stand.py")

# Everything here takes a second or two; a machine that is busy with other tests, several.
DEADLINE_S = 30


def eventually(holds, what):
    """Wait until something holds in the world of other processes, which announce nothing."""
    deadline = time.monotonic() + DEADLINE_S
    while not (result := holds()):
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s: {what}"
        time.sleep(0.01)
    return result


def family(pid):
    """The process and all its descendants that live, by id."""
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state not in "ZX":
                children.setdefault(int(parent), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Stand:
    """A running stand, seen from outside."""

    def __init__(self, folder, process):
        self.folder = folder
        self.process = process
        self.dsn = self.url = ""

    def pid(self, name):
        """The id that the pid file of a server holds, or None while there is none."""
        try:
            return int((self.folder / "pids" / name).read_text())
        except FileNotFoundError:
            return None

    def log(self, name):
        return (self.folder / "logs" / f"{name}.log").read_text()

    def psql(self, statement, **popen):
        """A psql that executes a statement, under way."""
        command = [postgres_folder() / "psql", self.dsn, "-qAtc", statement]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)

    def sql(self, statement):
        """What a statement answers."""
        with self.psql(statement) as process:
            answer, errors = process.communicate(timeout=DEADLINE_S)
        if process.returncode:
            raise SqlError(errors)
        return answer.rstrip("\n")

    def backend_at_work(self, statement):
        """The id of the server process that executes a statement."""
        at_work = f"SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = $q${statement}$q$"
        return int(eventually(lambda: self.sql(at_work), "the statement under way"))

    def end(self, number=signal.SIGINT):
        """Send the supervisor a signal and wait for its end: its exit status and what it wrote on stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, errors

    def kill(self):
        """SIGKILL the supervisor, and wait until nothing lives that it started, directly or not."""
        members = family(self.process.pid)
        self.process.kill()
        self.process.communicate()
        eventually(lambda: not [pid for pid in members if lives(pid)], "every process of a killed stand ended")


class SqlError(Exception):
    """What psql said instead of an answer."""


@pytest.fixture
def stand(postgres_cluster, tmp_path_factory):
    """Starts stands in given folders, waits until they answer, and ends those that still run."""
    started = []
    run = tmp_path_factory.mktemp("run")

    def start(folder, *, python=(sys.executable,), env=None, cold=False, wait=True, **popen):
        if not cold and not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
            copy_cluster(postgres_cluster, folder / "postgres")
        process = subprocess.Popen(
            [*python, STAND, folder],
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": str(run), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **popen,
        )
        new = Stand(folder, process)
        started.append(new)
        if wait:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            new.dsn, new.url = line.split()
        return new

    yield start
    for one in started:
        if one.process.returncode is None:
            one.kill()

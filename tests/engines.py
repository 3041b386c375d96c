"""Embedded engines for tests: one PostgreSQL and one Valkey a test process, an empty database and an empty store a test.

Started at the first test that asks, never before. Every process of a parallel run has servers of its own, copied from a cluster that the
first of them made. They do not wait for the disk: what a killed server wrote is still in the machine's memory.
"""

import asyncio
import fcntl
import itertools
import os
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.engines.postgres import Postgres
    from simulator.engines.program import Program
    from simulator.engines.valkey import Valkey

_database_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def engine_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of this test process, of mode 0700, with a folder for sockets that is short enough."""
    from simulator.engines.sockets import socket_folder

    folder = tmp_path_factory.mktemp("engines")
    with socket_folder(folder) as sockets:
        (folder / "sockets").symlink_to(sockets)
        yield folder


@pytest.fixture(scope="session")
def postgres_cluster(engine_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cluster that was just made and is served by nobody, to be copied; one for all test processes."""
    from simulator.engines.binaries import postgres_folder
    from simulator.engines.postgres import Postgres

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    made = Postgres(shared / "postgres", engine_folder, postgres_folder())
    with _locked(shared / "postgres.lock"):
        _run(made.initialise)
    return made.folder


@pytest.fixture(scope="session")
def postgres_server(engine_folder: Path, postgres_cluster: Path) -> Iterator["Postgres"]:
    """A running PostgreSQL."""
    from simulator.engines.binaries import postgres_folder
    from simulator.engines.postgres import Postgres

    settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
    sockets = (engine_folder / "sockets").resolve()
    server = Postgres(engine_folder / "postgres", sockets, postgres_folder(), settings)
    copy_cluster(postgres_cluster, server.folder)
    with running(server.program(), engine_folder / "postgres.log"):
        yield server


@pytest.fixture(scope="session")
def valkey_server(engine_folder: Path) -> Iterator["Valkey"]:
    """A running Valkey."""
    from simulator.engines import binaries
    from simulator.engines.valkey import Valkey

    server = Valkey(engine_folder / "valkey", (engine_folder / "sockets").resolve(), binaries.valkey_server())
    with running(server.program(), engine_folder / "valkey.log"):
        yield server


@pytest.fixture
def postgres_dsn(postgres_server: "Postgres") -> Iterator[str]:
    """The address of an empty database that is this test's own."""
    name = f"test_{next(_database_numbers)}"
    _run(lambda: postgres_server.create_database(name))
    yield postgres_server.dsn(name)
    _run(lambda: postgres_server.drop_database(name))


@pytest.fixture
def valkey_url(valkey_server: "Valkey") -> str:
    """The address of a Valkey that holds nothing."""
    import redis

    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


def copy_cluster(made: Path, folder: Path) -> None:
    """Make a cluster's folder from another's, with the same owner: a root without namespaces has it served by one."""
    subprocess.run(["cp", "-a", made, folder], check=True)


@contextmanager
def running(program: "Program", log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The program as a child of this process, ready; asked to end, and waited for, afterwards."""
    with (
        log.open("ab") as output,
        subprocess.Popen(program.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process,
    ):
        try:
            _run(program.wait_ready)
            yield process
        finally:
            process.send_signal(program.stop_signal)
            try:
                process.wait(program.stop_timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()


def _run(action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Await something outside of any test's event loop, and leave none behind."""

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(action())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock among the processes of a parallel run."""
    with path.open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""PostgreSQL is killed while the journal writes."""

import asyncio
import itertools
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.engines.binaries import postgres_folder
from simulator.engines.postgres import Postgres
from simulator.engines.program import Program
from simulator.engines.sockets import socket_folder
from sms_service.adapters.clock import SystemClock
from sms_service.adapters.postgres import Database, PostgresJournal, migrate
from sms_service.model import Ending, Finished, NewInquiry
from sms_service.ports import Unavailable


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Postgres]:
    """A cluster of this test's own that keeps its promises: fsync is on."""
    with socket_folder(tmp_path) as sockets:
        server = Postgres(tmp_path / "cluster", sockets, postgres_folder())
        await server.initialise()
        yield server


@contextmanager
def started(program: Program, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("ab") as output,
        subprocess.Popen(program.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(program.stop_signal)


async def test_what_was_accepted_is_there_after_sigkill(server, tmp_path):
    """Whatever was confirmed before the server was killed is in the journal afterwards, and nothing is there twice."""
    numbers = itertools.count(1)
    confirmed: set[int] = set()
    ended: set[int] = set()

    def batch() -> list[NewInquiry]:
        return [
            NewInquiry(one, "operator", 1.0, one.to_bytes(16, "big"), b"s") for one in itertools.islice(numbers, 50)
        ]

    async def write_until_it_fails() -> None:
        while True:
            new = batch()
            assert all(await journal.accept(run, new))
            confirmed.update(one.inquiry_id for one in new)
            done = [Finished(one.inquiry_id, Ending.ANSWERED, 2.0, 1, False) for one in new[:25]]
            assert all(await journal.finish(run, done))
            ended.update(one.inquiry_id for one in done)

    log = tmp_path / "log"
    program = server.program()
    with started(program, log) as process:
        await program.wait_ready()
        await server.create_database("journal")
        await migrate(server.dsn("journal"))
        database = Database.journal(server.dsn("journal"), user="test", connections=4)
        journal = PostgresJournal(database, SystemClock())
        run = await journal.open_run("gateway-1")
        writing = [asyncio.create_task(write_until_it_fails()) for _ in range(3)]
        while len(ended) < 300:
            await journal.counts()
        process.kill()
        failures = await asyncio.gather(*writing, return_exceptions=True)
    assert all(isinstance(failure, Unavailable) for failure in failures)
    with pytest.raises(Unavailable):
        await journal.renew(run)
    with started(program, log):
        await program.wait_ready()
        await journal.renew(run)
        owned = {row.inquiry_id for row in await journal.owned(run, 1_000_000)}
        assert not ended & owned
        assert len(owned) >= len(ended)
        everything = [Finished(one, Ending.ANSWERED, 2.0, 1, False) for one in sorted(confirmed)]
        assert all(await journal.finish(run, everything))
        await database.close()

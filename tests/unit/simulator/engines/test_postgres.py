"""How a PostgreSQL is described; that it runs is for the integration tests."""

import signal
import tempfile
from pathlib import Path

import pytest

from simulator.engines.postgres import SETTINGS, Postgres


@pytest.fixture
def postgres(tmp_path):
    return Postgres(tmp_path / "postgres", tmp_path / "run", Path("/pg/bin"))


def _settings(program):
    pairs = [program.argv[at + 1] for at, argument in enumerate(program.argv) if argument == "-c"]
    return dict(pair.split("=", 1) for pair in pairs)


def test_it_listens_on_its_socket_alone(postgres):
    """In its folder, on no network, on the port that its address names."""
    settings = _settings(postgres.program())
    assert settings["listen_addresses"] == ""
    assert settings["unix_socket_directories"] == f'"{postgres.sockets}"'
    assert f"port={settings['port']}" in postgres.dsn("journal")


def test_what_it_promises_is_on_disk(postgres):
    """Nothing weakens the default."""
    assert {"fsync", "synchronous_commit", "full_page_writes"}.isdisjoint(_settings(postgres.program()))


def test_settings_can_be_overruled(postgres):
    """By tests, which need no disk."""
    tuned = Postgres(postgres.folder, postgres.sockets, postgres.binaries, {"fsync": "off", "jit": "on"})
    settings = _settings(tuned.program())
    assert (settings["fsync"], settings["jit"]) == ("off", "on")
    assert settings.keys() == SETTINGS.keys() | {"unix_socket_directories", "fsync"}


def test_it_is_run_as_it_asks(postgres):
    """Not as root, one at a time, ended in order by SIGINT and at once by SIGQUIT, with nothing stale in its way."""
    program = postgres.program("pg")
    assert (program.name, program.argv[0]) == ("pg", "/pg/bin/postgres")
    assert program.leave_root == postgres.data
    assert program.alone == postgres.folder / "lock"
    assert program.stale == (postgres.data / "postmaster.pid", postgres.sockets / ".s.PGSQL.5432.lock")
    assert (program.stop_signal, program.death_signal) == (signal.SIGINT, signal.SIGQUIT)


def test_an_address_quotes_what_must_be_quoted(postgres):
    """A folder's name may hold what means something else in an address."""
    odd = Postgres(postgres.folder, Path("/a b?c&d%e/run"), postgres.binaries)
    assert odd.dsn("journal") == "postgresql:///journal?host=/a%20b%3Fc%26d%25e/run&port=5432&user=sms"


async def test_it_does_not_answer_before_it_runs():
    """Which is no error."""
    with tempfile.TemporaryDirectory(prefix="s") as folder:
        assert not await Postgres(Path(folder), Path(folder), Path("/pg/bin")).answers()


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "1a", "a;b"])
async def test_a_database_has_a_plain_name(postgres, name):
    """It stands in a statement."""
    with pytest.raises(ValueError, match="plain identifier"):
        await postgres.create_database(name)
    with pytest.raises(ValueError, match="plain identifier"):
        await postgres.drop_database(name)


async def test_a_cluster_that_is_there_is_left_alone(postgres):
    """No program is run, no file touched."""
    postgres.data.mkdir(parents=True)
    await postgres.initialise()
    assert not list(postgres.data.iterdir())

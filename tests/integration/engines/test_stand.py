"""Both engines under the supervisor: they answer, come back, keep their data, and leave nothing behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import redis

from tests.integration.engines.conftest import DEADLINE_S, ROOT, SqlError, eventually, family, lives

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def public_folder():
    """A folder that every user may enter, unlike pytest's own."""
    folder = Path("/tmp", f"sms test {os.getpid()} 'a' \"b\" 100%")
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


def test_both_engines_answer_at_the_addresses_given(stand, tmp_path):
    """From nothing but a name for a folder, the addresses work as they stand, for libpq and redis-py."""
    here = stand(tmp_path / "demo", cold=True)
    assert here.sql("SELECT current_user, current_database()") == "sms|journal"
    with redis.Redis.from_url(here.url) as client:
        assert client.ping()


def test_every_folder_is_private(stand, tmp_path):
    """What the demo makes has mode 0700, and what lies around it keeps its mode."""
    tmp_path.chmod(0o711)
    here = stand(tmp_path / "demo", cold=True)
    folders = [here.folder, *(path for path in here.folder.iterdir() if path.is_dir()), here.folder / "postgres/data"]
    assert {path.name: _mode(path) for path in folders} == {path.name: 0o700 for path in folders}
    assert _mode(tmp_path) == 0o711


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_in_order(stand, tmp_path, number):
    """Asked to end, the supervisor ends what it started by its own signal, removes the pid files and succeeds."""
    here = stand(tmp_path / "demo")
    members = family(here.process.pid)
    assert {here.pid("postgres"), here.pid("valkey")} < set(members)
    assert here.end(number) == (0, "")
    assert not [pid for pid in members if lives(pid)]
    assert not list((here.folder / "pids").iterdir())
    assert "received fast shutdown request" in here.log("postgres")
    assert "User requested shutdown" in here.log("valkey")


def test_a_killed_postgres_comes_back_with_its_data(stand, tmp_path):
    """What was committed before SIGKILL is there after it, under a new process id."""
    here = stand(tmp_path / "demo")
    here.sql("CREATE TABLE kept AS SELECT 42 AS n")
    first = here.pid("postgres")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: here.pid("postgres") not in (None, first), "a new process")
    assert eventually(lambda: _patiently(here, "SELECT n FROM kept"), "an answer") == "42"


def _patiently(here, statement):
    """The answer, or nothing while the server is on its way."""
    try:
        return here.sql(statement)
    except SqlError:
        return ""


def test_postgres_waits_for_the_orphans_of_a_killed_one(stand, tmp_path):
    """A backend that is still at work when its server is killed holds up the new one, which then needs no help."""
    here = stand(tmp_path / "demo")
    busy = "DO $$ BEGIN FOR i IN 1..50000000 LOOP END LOOP; END $$"
    with here.psql(busy) as client:
        backend = here.backend_at_work(busy)
        os.kill(here.pid("postgres"), signal.SIGKILL)
        assert lives(backend)
        eventually(lambda: _patiently(here, "SELECT 1"), "an answer")
        assert not lives(backend)
        client.communicate()
    assert "is another postmaster" not in here.log("postgres").lower()


def test_a_killed_valkey_comes_back_empty(stand, tmp_path):
    """It keeps nothing on disk."""
    here = stand(tmp_path / "demo")
    with redis.Redis.from_url(here.url) as client:
        client.set("mark", 1)
    first = here.pid("valkey")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: here.pid("valkey") not in (None, first), "a new process")
    eventually(lambda: here.log("valkey").count("Ready to accept") == 2, "a new server")
    with redis.Redis.from_url(here.url) as client:
        assert client.get("mark") is None


def test_nothing_outlives_a_killed_supervisor(stand, tmp_path):
    """SIGKILL of the supervisor ends servers, their children and busy backends; the next start finds the data."""
    here = stand(tmp_path / "demo")
    here.sql("CREATE TABLE kept AS SELECT 42 AS n")
    asleep, spinning = "SELECT pg_sleep(600)", "DO $$ BEGIN LOOP END LOOP; END $$"
    with here.psql(asleep) as first, here.psql(spinning) as second:
        backends = {here.backend_at_work(asleep), here.backend_at_work(spinning)}
        assert backends < set(family(here.process.pid))
        here.kill()
        first.communicate()
        second.communicate()
    again = stand(here.folder)
    assert again.sql("SELECT n FROM kept") == "42"
    assert lives(again.pid("postgres"))


def test_nothing_outlives_a_supervisor_that_is_killed_while_it_starts(stand, tmp_path):
    """Killed in the midst of the first start, it leaves no process, and no half-made cluster in the way."""
    here = stand(tmp_path / "demo", cold=True, wait=False)
    eventually((here.folder / "postgres" / "data.new" / "base").exists, "initdb at work")
    here.kill()
    assert not (here.folder / "postgres" / "data").exists()
    assert stand(here.folder).sql("SELECT 1") == "1"


def test_a_folder_serves_one_demo_at_a_time(stand, tmp_path):
    """A second one is refused by a message that names the first, which goes on."""
    first = stand(tmp_path / "demo")
    second = stand(tmp_path / "demo", wait=False)
    _, errors = second.process.communicate(timeout=DEADLINE_S)
    assert second.process.returncode == 1
    assert f"in use by process {first.process.pid}" in errors
    assert "Traceback" not in errors
    assert first.sql("SELECT 1") == "1"


def test_two_demos_run_side_by_side(stand, tmp_path):
    """Each has its own data."""
    one, two = stand(tmp_path / "one"), stand(tmp_path / "two")
    one.sql("CREATE TABLE mark ()")
    assert two.sql("SELECT to_regclass('mark') IS NULL") == "t"


@pytest.mark.parametrize("name", ["sâu/" * 40 + "demo", "một, hai"], ids=["deep", "comma"])
def test_a_folder_that_no_address_can_name_has_its_sockets_elsewhere(stand, tmp_path, name):
    """In a short folder, private, and gone with the demo."""
    here = stand(tmp_path / name)
    sockets = Path(here.sql("SHOW unix_socket_directories").strip('"'))
    assert not sockets.is_relative_to(tmp_path)
    assert _mode(sockets) == 0o700
    with redis.Redis.from_url(here.url) as client:
        assert client.ping()
    assert here.end() == (0, "")
    assert not sockets.exists()


def test_a_short_folder_with_an_odd_name_holds_its_sockets(public_folder, stand):
    """The addresses quote what must be quoted, blanks, quotes, percent signs, and no variable of PostgreSQL's moves them."""
    here = stand(public_folder / "demo", env={"PGPORT": "6000", "PGHOST": "nowhere", "PGUSER": "nobody"})
    assert (here.folder / "run" / ".s.PGSQL.5432").is_socket()
    assert here.sql("SELECT 1") == "1"
    with redis.Redis.from_url(here.url) as client:
        assert client.ping()
    assert here.end() == (0, "")


def test_the_log_of_postgres_quotes_nobody(stand, tmp_path):
    """Neither values that break a constraint or cannot be read, nor statements."""
    here = stand(tmp_path / "demo")
    here.sql(
        "CREATE TABLE person (id text PRIMARY KEY CHECK (length(id) < 20)); INSERT INTO person VALUES ('001085012345')"
    )
    for statement in (
        "INSERT INTO person VALUES ('001085012345')",
        "INSERT INTO person VALUES ('001085012345001085012345')",
        "SELECT '001085012345x'::bigint",
        "SELECT 001085012345 nonsense nonsense",
    ):
        with pytest.raises(SqlError, match="001085012345"):
            here.sql(statement)
    here.end()
    assert "ready to accept connections" in here.log("postgres")
    assert "001085012345" not in here.log("postgres")


@as_root
def test_root_may_need_its_privilege_to_reach_the_folder(public_folder, stand):
    """Below another user's folder of mode 0700 the server is neither root nor that user, and leaves nothing either."""
    private = public_folder / "home"
    private.mkdir(mode=0o700)
    os.chown(private, 1000, 1000)
    here = stand(private / "demo", cold=True)
    assert Path(f"/proc/{here.pid('postgres')}").stat().st_uid not in (0, 1000)
    here.sql("CREATE TABLE kept AS SELECT 42 AS n")
    here.kill()
    assert stand(here.folder).sql("SELECT n FROM kept") == "42"
    assert (private.stat().st_uid, _mode(private)) == (1000, 0o700)


def _contained(ids):
    command = (sys.executable, str(Path(__file__).with_name("contained.py")), str(ids), sys.executable)
    if subprocess.run([*command, "-c", ""], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine itself allows no user namespaces")
    return command


@as_root
def test_a_container_may_refuse_user_namespaces(stand, tmp_path):
    """Then the server runs as another user, and dies with its supervisor all the same."""
    here = stand(tmp_path / "demo", cold=True, python=_contained(65536))
    assert Path(f"/proc/{here.pid('postgres')}").stat().st_uid != 0
    assert here.sql("SELECT 1") == "1"
    here.kill()
    again = stand(here.folder, python=_contained(65536))
    assert again.sql("SELECT 1") == "1"


@as_root
def test_a_root_who_can_be_nobody_else_is_told_what_to_do(stand, tmp_path):
    """Where both ways out of root are barred, the message names cause and remedy."""
    here = stand(tmp_path / "demo", cold=True, python=_contained(1), wait=False)
    _, errors = here.process.communicate(timeout=DEADLINE_S)
    assert here.process.returncode == 1
    assert "PostgreSQL does not run as root" in errors
    assert "run as an ordinary user" in errors
    assert "Traceback" not in errors


def _interpreter_for(uid):
    """A Python that this user may run and that can import what the stand needs, with its environment."""
    env = {"PYTHONPATH": os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])}
    for python in (sys.executable, "/usr/bin/python3"):
        probe = [python, "-c", "import asyncpg, simulator.supervisor"]
        try:
            tried = subprocess.run(
                probe, env=env, user=uid, group=uid, extra_groups=[], capture_output=True, check=False
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return (python,), env
    pytest.skip("another user may not run a Python that has the simulator's dependencies")


@as_root
@pytest.mark.parametrize("uid", [1, 54321], ids=["named", "nameless"])
def test_an_ordinary_user_runs_it(public_folder, stand, uid):
    """With or without a name in the password file, as containers run programs."""
    python, env = _interpreter_for(uid)
    home = public_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    here = stand(home / "demo", cold=True, python=python, env=env, user=uid, group=uid, extra_groups=[])
    assert Path(f"/proc/{here.pid('postgres')}").stat().st_uid == uid
    assert here.sql("SELECT 1") == "1"
    here.kill()

"""Folders for Unix sockets."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from simulator.engines.program import CannotStartError
from simulator.engines.sockets import MAX_SOCKET_PATH_BYTES, socket_folder


@pytest.fixture
def base():
    """A folder of short name, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="s") as folder:
        yield Path(folder)


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_short_folder_holds_its_sockets(base):
    """In a private folder below it, which stays."""
    with socket_folder(base) as sockets:
        assert sockets == base / "run"
        assert _mode(sockets) == 0o700
    assert sockets.is_dir()
    with socket_folder(base) as again:
        assert again == sockets


@pytest.mark.parametrize("name", ["deep/" * 20, "a,b"])
def test_another_folder_has_them_in_a_short_one_of_the_same_name_each_time(base, name):
    """Private, in the user's own place for such things, gone in the end with what is in it."""
    folder, runtime = base / name, base / "runtime"
    runtime.mkdir()
    environment = {"XDG_RUNTIME_DIR": str(runtime)}
    with socket_folder(folder, environment) as sockets:
        assert sockets.parent == runtime
        assert _mode(sockets) == 0o700
        assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH_BYTES
        (sockets / "left").touch()
    assert not sockets.exists()
    with socket_folder(folder, environment) as again:
        assert again == sockets


def test_what_a_killed_one_left_is_used_again(base):
    """So that nothing piles up."""
    with socket_folder(base / "a,b", {"XDG_RUNTIME_DIR": str(base)}) as sockets:
        pass
    sockets.mkdir(mode=0o700)
    (sockets / "left").touch()
    with socket_folder(base / "a,b", {"XDG_RUNTIME_DIR": str(base)}) as again:
        assert again == sockets
    assert not sockets.exists()


@pytest.mark.parametrize("runtime", [None, "/nonexistent", "/tmp/" + "x" * 90])
def test_without_a_place_of_the_users_own_the_systems_serves(base, runtime, monkeypatch):
    """A variable that is absent, stale or too long does no harm."""
    monkeypatch.setattr(tempfile, "tempdir", str(base))
    with socket_folder(base / "a,b", {"XDG_RUNTIME_DIR": runtime} if runtime else {}) as sockets:
        assert sockets.parent == base


def test_where_no_place_will_do_tmp_does(base, monkeypatch):
    """A system's place for temporary files may have a long name too."""
    deep = base / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with socket_folder(base / "a,b", {}) as sockets:
        assert sockets.parent == Path("/tmp")


def test_a_name_that_somebody_else_took_is_refused(base):
    """In a place that all users share, anybody may have made a folder of this name, or a link."""
    environment = {"XDG_RUNTIME_DIR": str(base)}
    with socket_folder(base / "a,b", environment) as sockets:
        pass
    sockets.mkdir(mode=0o755)
    sockets.chmod(0o755)
    with pytest.raises(CannotStartError, match="mode 0700"), socket_folder(base / "a,b", environment):
        pass
    sockets.rmdir()
    (base / "theirs").mkdir(mode=0o700)
    sockets.symlink_to(base / "theirs")
    with pytest.raises(CannotStartError, match="mode 0700"), socket_folder(base / "a,b", environment):
        pass
    assert (base / "theirs").is_dir()

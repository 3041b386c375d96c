"""Folders for Unix sockets: of mode 0700, and such as an address can name.

A socket's address holds 107 bytes of path and no more (unix(7)), and PostgreSQL's clients read a comma in it as the end
of one host and the beginning of another, however it is quoted. Where the demo's own folder leads too deep or has a comma,
its sockets live in a short folder elsewhere, whose name follows from the demo's folder alone: a restart finds it again
and nothing piles up.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from simulator.engines.program import CannotStartError

# Under the kernel's 107 bytes, with room to spare for PostgreSQL's lock file beside its socket.
MAX_SOCKET_PATH_BYTES = 99

# The longest name that an engine gives its socket.
_LONGEST_NAME = ".s.PGSQL.5432"

# Hexadecimal digits of the short folder's name: 48 bits tell a machine's demo folders apart.
_DIGEST_DIGITS = 12


@contextmanager
def socket_folder(folder: Path, environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """A folder of mode 0700 for sockets: `folder/run`, or a short one elsewhere that is removed in the end.

    Raises:
        CannotStartError: The short folder's name is taken by something that is not ours alone.
    """
    own = folder.absolute() / "run"
    if _is_nameable(own):
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield own
        return
    short = _short_folder(folder, environment)
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
        raise CannotStartError(f"{short} is not a folder of ours with mode 0700: remove it, or choose a shorter --dir")
    try:
        yield short
    finally:
        shutil.rmtree(short)


def _short_folder(folder: Path, environment: Mapping[str, str]) -> Path:
    name = f"sms-{os.geteuid()}-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:_DIGEST_DIGITS]}"
    for parent in (environment.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()):
        if parent and os.access(parent, os.W_OK | os.X_OK) and _is_nameable(Path(parent, name)):
            return Path(parent, name)
    return Path("/tmp", name)  # noqa: S108 - whoever takes this name: owner and mode are checked


def _is_nameable(folder: Path) -> bool:
    path = os.fsencode(folder / _LONGEST_NAME)
    return len(path) <= MAX_SOCKET_PATH_BYTES and b"," not in path

"""What does not stand in the configuration file: secrets, and the name of an instance that shares the file with others.

A value comes from an environment variable, or from the file that the variable of the same name with `_FILE` names, as the
secrets of Docker, Kubernetes and systemd come; an SMSC's password also from its `password_file`. What comes from elsewhere
stands in for the key in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FROM_ENVIRONMENT: Final = {
    "SMS_INSTANCE": ("", "instance"),
    "SMS_JOURNAL_DSN": ("journal", "dsn"),
    "SMS_POPULATION_DSN": ("population", "dsn"),
    "SMS_REDIS_URL": ("redis", "url"),
}
"""Variables by the table and the key that they stand in for; an SMSC's password is in `SMS_<NAME>_PASSWORD`."""
FILE_SUFFIX: Final = "_FILE"


class Fault(Exception):
    """What is wrong with one key."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(key, what)
        self.key = key
        self.what = what


def fill_in(raw: dict[str, Any], folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Put what comes from elsewhere where it belongs; file names are relative to `folder`.

    Returns:
        Of each key where it came from: the name of a variable or of a file.

    Raises:
        Fault: a file cannot be read, or a value is given twice.
    """
    elsewhere = _Elsewhere(folder, environ)
    for variable, (table, key) in FROM_ENVIRONMENT.items():
        if not elsewhere.gives(variable):
            continue
        section = raw.setdefault(table, {}) if table else raw
        if isinstance(section, dict):
            section[key] = elsewhere.take(variable, f"{table}.{key}".removeprefix("."))
    smscs = raw.get("smsc")
    for index, smsc in enumerate(smscs if isinstance(smscs, list) else ()):
        if isinstance(smsc, dict):
            _fill_in_password(smsc, f"smsc[{index}].password", elsewhere)
    return elsewhere.sources


def password_variable(smsc: str) -> str:
    """The variable that may hold the password of the SMSC of this name."""
    return f"SMS_{re.sub('[^A-Z0-9]', '_', smsc.upper())}_PASSWORD"


def why(error: Exception) -> str:
    """Why a file cannot be read, without what stands in it."""
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


class _Elsewhere:
    """Environment and files."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self.sources: dict[str, str] = {}
        """Of each key that was taken where it came from."""

    def gives(self, variable: str) -> bool:
        return variable in self._environ or bool(self._environ.get(variable + FILE_SUFFIX))

    def take(self, variable: str, where: str) -> str:
        """The value of a variable, or of the file that its sister names."""
        in_file = variable + FILE_SUFFIX
        file = self._environ.get(in_file)
        if not file:
            self.sources[where] = variable
            return self._environ[variable]
        if variable in self._environ:
            raise Fault(where, f"{variable} and {in_file} are both set; one of them is enough")
        value = self.read(file, where, f"the file that {in_file} names")
        self.sources[where] = in_file
        return value

    def read(self, file: str, where: str, what: str) -> str:
        """A file's text without the end of its line."""
        try:
            return (self._folder / file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Fault(where, f"{what} cannot be read ({why(error)})") from None


def _fill_in_password(smsc: dict[str, Any], where: str, elsewhere: _Elsewhere) -> None:
    variable, file = password_variable(str(smsc.get("name"))), smsc.get("password_file")
    if elsewhere.gives(variable):
        smsc["password"] = elsewhere.take(variable, where)
    elif isinstance(file, str) and file:
        if "password" in smsc:
            raise Fault(f"{where}_file", "stands beside password; one of them is enough")
        smsc["password"] = elsewhere.read(file, f"{where}_file", "the file")
        elsewhere.sources[where] = file

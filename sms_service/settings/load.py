"""Reading a configuration: TOML, then what comes from files and environment, then the tree, then what spans its fields.

A bad file is refused with the line, the key and what is expected. No error quotes a value: it may be a secret that stands
at the wrong place.
"""

from __future__ import annotations

import difflib
import os
import re
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from enum import EnumType
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from sms_service.settings.elsewhere import Fault, fill_in, password_variable, why
from sms_service.settings.places import line_of
from sms_service.settings.tree import FORMS, BindMode, Section, Settings
from sms_service.sms.alphabets import Alphabet
from sms_service.sms.segments import LongMessages

CHOICES: Final[dict[str, EnumType]] = {
    "bind": BindMode,
    "default_alphabet": Alphabet,
    "long_messages": LongMessages,
}
WORDS: Final = {
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
    "array": "an array of tables, [[smsc]]",
}
"""msgspec's names of types, as a reader of TOML knows them."""

WITH_HOST: Final = ("subscribers.url", "redis.url")
"""A PostgreSQL address may leave its host to the driver; these may not."""
URLS: Final = {
    "journal.dsn": (("postgresql://", "postgres://"), "postgresql://USER@HOST:PORT/DATABASE"),
    "population.dsn": (("postgresql://", "postgres://"), "postgresql://USER@HOST:PORT/DATABASE"),
    "subscribers.url": (("http://", "https://"), "http://HOST:PORT or https://HOST"),
    "redis.url": (("redis://", "rediss://", "unix://"), "redis://HOST:PORT/DB, rediss:// or unix://PATH"),
}
PORT_MAX: Final = 65535


class SettingsError(Exception):
    """The configuration cannot be used. The text names file, line, key and what is expected."""


def load_settings(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read a configuration; file names in it are relative to its folder.

    Raises:
        SettingsError: see there.
    """
    text, raw = _read(path)
    sources: dict[str, str] = {}
    try:
        sources = fill_in(raw, path.resolve().parent, environ)
        settings = _convert(raw)
        for fault in _faults(settings):
            raise fault
        return _with_absolute_files(settings, path.resolve().parent)
    except Fault as fault:
        source = f" (from {sources[fault.key]})" if fault.key in sources else ""
        line = line_of(text, fault.key)
        raise SettingsError(f"{path}:{line}: {fault.key or 'the file'}{source}: {fault.what}.") from None


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file. `sms-service run --help` shows an example.") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not TOML: it is not written in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise SettingsError(f"{path}:{line[1] if line else len(text.splitlines())}: not TOML: {what}.") from None


# ---- the tree ------------------------------------------------------------------------------------------------------


def _convert(raw: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None


def _explained(message: str) -> Fault:
    """Msgspec's message for people: "Expected `int`, got `str` - at `$.limits.batch`"."""
    what, _, where = message.partition(" - at ")
    key = where.strip("`").removeprefix("$").removeprefix(".")
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", what):
        close = difflib.get_close_matches(unknown[1], _known_keys(), n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return Fault(_under(key, unknown[1]), f"this key is unknown here{hint}")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", what):
        return Fault(_under(key, missing[1]), "this key is missing")
    if what.startswith("Invalid enum value"):
        choices = " or ".join(f'"{member.value}"' for member in CHOICES[key.rpartition(".")[2]])  # type: ignore[var-annotated]
        return Fault(key, f"expected {choices}")
    if form := re.fullmatch(r"Expected `str` matching regex '(.*)'", what):
        return Fault(key, f"expected {FORMS[form[1]]}")
    what = re.sub(r"`(\w+)`", lambda match: WORDS.get(match[1], match[1]), what)
    return Fault(key, what[:1].lower() + what[1:])


def _under(table: str, key: str) -> str:
    return f"{table}.{key}".removeprefix(".")


def _known_keys() -> list[str]:
    return [name for section in Section.__subclasses__() for name in section.__struct_fields__]


# ---- what spans fields -----------------------------------------------------------------------------------------------


def _faults(settings: Settings) -> Iterator[Fault]:
    yield from _url_faults(settings)
    host, _, port = settings.ops.listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > PORT_MAX:
        yield Fault("ops.listen", "expected HOST:PORT, such as 127.0.0.1:8081")
    if settings.limits.answer_fresh_s <= settings.subscribers.timeout_s + settings.population.timeout_s:
        yield Fault(
            "limits.answer_fresh_s", "expected more than subscribers.timeout_s and population.timeout_s together"
        )
    seen: set[str] = set()
    for index, smsc in enumerate(settings.smsc):
        if password_variable(smsc.name) in seen:
            yield Fault(f"smsc[{index}].name", "two SMSCs have this name; names must differ, in more than - and _")
        seen.add(password_variable(smsc.name))
        if smsc.rebind_min_s > smsc.rebind_max_s:
            yield Fault(f"smsc[{index}].rebind_min_s", "expected at most rebind_max_s")
        if smsc.tls_ca_file and not smsc.tls:
            yield Fault(f"smsc[{index}].tls_ca_file", "stands without tls = true")


def _url_faults(settings: Settings) -> Iterator[Fault]:
    values = {
        "journal.dsn": settings.journal.dsn,
        "population.dsn": settings.population.dsn,
        "subscribers.url": settings.subscribers.url,
        "redis.url": settings.redis.url if settings.redis else None,
    }
    for key, value in values.items():
        schemes, example = URLS[key]
        if value is not None and not (value.startswith(schemes) and (key not in WITH_HOST or _names_host(value))):
            yield Fault(key, f"expected {example}")


def _names_host(url: str) -> bool:
    """Whether a URL names a host, and a port that is one if any, and, of a Redis, a database that is a number if any."""
    try:
        parts = urlsplit(url)
        database = parts.path.strip("/")
        well = parts.scheme == "unix" or (bool(parts.hostname) and parts.port != 0)
    except ValueError:
        return False
    return well and (not parts.scheme.startswith("redis") or not database or database.isdecimal())


# ---- files -----------------------------------------------------------------------------------------------------------


def _with_absolute_files(settings: Settings, folder: Path) -> Settings:
    def absolute(name: str) -> str:
        return str(folder / name) if name else ""

    replace = msgspec.structs.replace
    smscs = tuple(replace(smsc, tls_ca_file=absolute(smsc.tls_ca_file)) for smsc in settings.smsc)
    for index, smsc in enumerate(smscs):
        _check_authorities(f"smsc[{index}].tls_ca_file", smsc.tls_ca_file)
    return replace(
        settings,
        smsc=smscs,
        syntax=replace(settings.syntax, file=absolute(settings.syntax.file)),
        keys=replace(settings.keys, file=absolute(settings.keys.file)),
        ops=replace(settings.ops, token_file=absolute(settings.ops.token_file)),
        subscribers=replace(settings.subscribers, token_file=absolute(settings.subscribers.token_file)),
    )


def _check_authorities(key: str, file: str) -> None:
    if not file:
        return
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        raise Fault(key, f"expected a file of certificates in PEM ({why(error)})") from None

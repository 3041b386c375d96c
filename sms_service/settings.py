"""The configuration: one frozen tree, read from TOML.

Each field stands with its unit and reason. Secrets come from a file or the environment rather than the configuration
itself: `password_file`, or the variable `SMS_<SMSC NAME>_PASSWORD`. A bad file is refused with line, key and remedy.
"""

from __future__ import annotations

import enum
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from sms_service.sms.alphabets import Alphabet
from sms_service.sms.segments import LongMessages

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
"""Of instances and SMSCs: they stand in logs, metric labels and Redis keys."""
Port = Annotated[int, Meta(ge=1, le=65535)]
Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]

SYSTEM_ID_MAX: Final = 15
"""Octets: SMPP 3.4 s5.2.1, 16 with the NUL."""
PASSWORD_MAX: Final = 8
"""Octets: SMPP 3.4 s5.2.2, 9 with the NUL."""


class SettingsError(Exception):
    """The configuration cannot be used. The text names file, line, key and what is expected."""


class BindMode(enum.StrEnum):
    """SMPP 3.4 s2.2."""

    TRX = "trx"
    TX_RX = "tx+rx"
    """A transmitter and a receiver for each of `binds`."""


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where inquiries and audit are kept."""

    dsn: str
    connections: Annotated[int, Meta(ge=3, le=64)] = 6
    """Accept, audit and finish each keep one busy; the rest serves recovery and status."""


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the citizens' records are."""

    dsn: str
    query: str
    """Takes one array of citizen IDs ($1::text[]); its columns are named by field code, and one is citizen_id."""
    connections: Annotated[int, Meta(ge=1, le=64)] = 2
    """One for each answering worker."""
    timeout_s: Seconds = 10.0
    """A query that takes longer has lost its server."""


class Subscribers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The subscriber register."""

    url: str
    """Base: `/v1/subscribers/lookup` is appended."""
    timeout_s: Seconds = 5.0
    """A batch that takes longer is asked again."""
    token_file: str = ""
    """A file with a bearer token; empty: none is sent."""


class Redis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Quotas and duplicates over all instances."""

    url: str
    timeout_s: Seconds = 1.0
    """A call that takes longer is given up, and this process's memory is used."""


class Syntax(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The department's syntax."""

    file: str


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key file that `sms-service keys new` makes."""

    file: str


class Ops(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The HTTP side for operators."""

    listen: str = "127.0.0.1:8081"
    """HOST:PORT. Loopback by default: whoever reaches it sees figures, never persons."""
    token_file: str = ""
    """A file with a bearer token that the control calls need; empty: they are switched off."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything has a limit."""

    in_flight: Positive = 4000
    """Inquiries accepted and not finished, in this process. More only lengthens the wait: at 10,000 a second this is
    0.4 s of work."""
    hold_s: Seconds = 5.0
    """How long an acknowledgement is held at the limit before the SMSC is told ESME_RMSGQFUL."""
    answer_deadline_s: Seconds = 120.0
    """How long an inquiry may wait for register and population before the citizen is told that the system is busy."""
    give_up_s: Seconds = 900.0
    """How long after acceptance a reply may still leave. A record that arrives later would only puzzle."""
    quota: Positive = 20
    """Inquiries a sender may make in a period; one notice follows, then silence."""
    quota_period_s: Positive = 60
    duplicate_window_s: Positive = 300
    """How long an answered inquiry is remembered, for redelivery after a dropped link."""
    reassembly_age_s: Seconds = 300.0
    """How long parts of a long message wait for the rest."""
    reply_segments: Annotated[int, Meta(ge=1, le=255)] = 10
    """Segments of a reply at most; the syntax sets its own budget below this."""
    throttle_retries: Positive = 100
    """Times that a segment is sent again after ESME_RTHROTTLED or ESME_RMSGQFUL before it counts as refused."""
    batch: Annotated[int, Meta(ge=1, le=1000)] = 256
    """Inquiries in a batch at most."""
    lease_s: Seconds = 15.0
    """How long an instance may be silent in the journal before a living one takes over its inquiries."""
    shutdown_s: Seconds = 20.0
    """How long leaving may take to drain."""


class Smsc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operator's SMSC."""

    name: Name
    host: str
    port: Port
    system_id: Annotated[str, Meta(max_length=SYSTEM_ID_MAX)]
    password: Annotated[str, Meta(max_length=PASSWORD_MAX)] = ""
    password_file: str = ""
    system_type: Annotated[str, Meta(max_length=12)] = ""
    tls: bool = False
    tls_ca_file: str = ""
    """Empty: the system's certificate authorities."""
    bind: BindMode = BindMode.TRX
    binds: Annotated[int, Meta(ge=1, le=64)] = 2
    window: Annotated[int, Meta(ge=1, le=10000)] = 100
    """Unanswered submit_sm of a bind."""
    mt_per_second: Annotated[float, Meta(ge=0)] = 0.0
    """Segments a second over all binds of this instance that the operator allows; 0: no limit."""
    default_alphabet: Alphabet = Alphabet.GSM7
    """What data_coding 0 means to this SMSC (SMPP 3.4 s5.2.19)."""
    long_messages: LongMessages = LongMessages.UDH
    """How a reply of several segments is sent."""
    source_ton: Annotated[int, Meta(ge=0, le=6)] = 3
    """Of the short code in replies: 3, network specific (SMPP 3.4 s5.2.5)."""
    source_npi: Annotated[int, Meta(ge=0, le=18)] = 0
    receipts: bool = False
    """Ask for delivery receipts."""
    response_timeout_s: Seconds = 30.0
    """A submit_sm without response for longer is sent again over another bind."""
    enquire_link_s: Seconds = 15.0
    """Silence after which the link is tried."""
    rebind_min_s: Seconds = 0.1
    rebind_max_s: Seconds = 5.0
    """First and longest wait between attempts to bind; jittered, doubling."""
    rebind_refused_s: Seconds = 30.0
    """Wait after bad credentials: trying faster locks accounts."""

    def __repr__(self) -> str:
        return f"<Smsc {self.name}>"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration."""

    instance: Name
    journal: Journal
    population: Population
    subscribers: Subscribers
    syntax: Syntax
    keys: Keys
    smsc: Annotated[tuple[Smsc, ...], Meta(min_length=1)]
    redis: Redis | None = None
    ops: Ops = Ops()
    limits: Limits = Limits()

    def __repr__(self) -> str:
        return f"<Settings {self.instance}>"


def load_settings(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read a configuration; file names in it are relative to its folder.

    Raises:
        SettingsError: see there.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file. `sms-service run --help` shows an example.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    try:
        settings = msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(path, text, str(error))) from None
    return _resolve(path, text, settings, environ)


def _resolve(path: Path, text: str, settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Fill in passwords and absolute file names, and check what spans fields."""
    names = [smsc.name for smsc in settings.smsc]
    for index, name in enumerate(names):
        if name in names[:index]:
            line = _line_of(text, f"$.smsc[{index}].name")
            raise SettingsError(f"{path}:{line}: smsc.name: two SMSCs are called {name!r}; names must differ.")
    folder = path.resolve().parent
    resolved = []
    for index, smsc in enumerate(settings.smsc):
        password = smsc.password
        variable = f"SMS_{re.sub('[^A-Z0-9]', '_', smsc.name.upper())}_PASSWORD"
        if variable in environ:
            password = environ[variable]
        elif smsc.password_file:
            try:
                password = (folder / smsc.password_file).read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                line = _line_of(text, f"$.smsc[{index}].password_file")
                raise SettingsError(f"{path}:{line}: smsc.password_file: cannot be read: {error}") from error
        if len(password.encode()) > PASSWORD_MAX:
            line = _line_of(text, f"$.smsc[{index}].name")
            raise SettingsError(
                f"{path}:{line}: smsc {smsc.name!r}: SMPP 3.4 passwords have at most {PASSWORD_MAX} octets."
            )
        resolved.append(msgspec.structs.replace(smsc, password=password, tls_ca_file=_absolute(folder, smsc.tls_ca_file)))
    for where, dsn in (("journal", settings.journal.dsn), ("population", settings.population.dsn)):
        if not dsn.startswith(("postgresql://", "postgres://")):
            line = _line_of(text, f"$.{where}.dsn")
            raise SettingsError(f"{path}:{line}: {where}.dsn: expected postgresql://USER@HOST:PORT/DATABASE.")
    if not settings.subscribers.url.startswith(("http://", "https://")):
        line = _line_of(text, "$.subscribers.url")
        raise SettingsError(f"{path}:{line}: subscribers.url: expected http://HOST:PORT or https://HOST.")
    host, _, port = settings.ops.listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        line = _line_of(text, "$.ops.listen")
        raise SettingsError(f"{path}:{line}: ops.listen: expected HOST:PORT, such as 127.0.0.1:8081.")
    return msgspec.structs.replace(
        settings,
        smsc=tuple(resolved),
        syntax=Syntax(file=_absolute(folder, settings.syntax.file)),
        keys=Keys(file=_absolute(folder, settings.keys.file)),
        ops=msgspec.structs.replace(settings.ops, token_file=_absolute(folder, settings.ops.token_file)),
        subscribers=msgspec.structs.replace(
            settings.subscribers, token_file=_absolute(folder, settings.subscribers.token_file)
        ),
    )


def _absolute(folder: Path, name: str) -> str:
    return str(folder / name) if name else ""


def _explain(path: Path, text: str, message: str) -> str:
    """msgspec's message with the line and the key in front: "Expected `int`, got `str` - at `$.limits.batch`"."""
    what, _, where = message.partition(" - at ")
    where = where.strip("`") or "$"
    unknown = re.search("unknown field `([^`]+)`", what)
    missing = re.search("missing required field `([^`]+)`", what)
    if unknown:
        where = f"{where}.{unknown[1]}"
        what = "this key is unknown here; look for a misspelling"
    if missing:
        what = f"the key {missing[1]!r} is missing"
    key = where.removeprefix("$").removeprefix(".") or "the file"
    return f"{path}:{_line_of(text, where)}: {key}: {what}."


_TABLE: Final = re.compile(r"^\s*\[\s*([A-Za-z0-9_.\-]+)\s*\]")
_ARRAY_TABLE: Final = re.compile(r"^\s*\[\[\s*([A-Za-z0-9_.\-]+)\s*\]\]")
_KEY: Final = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")


def _line_of(text: str, where: str) -> int:
    """The line (from 1) of the deepest table or key on the way to `where` ("$.smsc[1].port")."""
    wanted = where.removeprefix("$").removeprefix(".")
    best, best_line, table = 0, 1, ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := _ARRAY_TABLE.match(line):
            index = counts.get(match[1], -1) + 1
            counts[match[1]] = index
            here = table = f"{match[1]}[{index}]"
        elif match := _TABLE.match(line):
            here = table = match[1]
        elif match := _KEY.match(line):
            here = f"{table}.{match[1]}".removeprefix(".")
        else:
            continue
        on_the_way = wanted == here or wanted.startswith((here + ".", here + "["))
        if on_the_way and len(here) > best:
            best, best_line = len(here), number
    return best_line

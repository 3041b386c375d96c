"""A scenario's file, as far as its keys and types: what the words in it may be. `scenario` says what they mean."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from syntax.places import Place, Places

OCTETS_MAX: Final = 10_000
"""Of a file: ten times the longest that comes with it. TOML's reader takes quadratic time for keys of many dots, half a second for so
many."""
_AT: Final = re.compile(r"(.*?)(?: - at `(.*)`)?", re.DOTALL)


class BadScenario(Exception):
    """A file that is none. The text has a line for each thing that is wrong: file, line, what is expected."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is done at a second of the run; one of the actions is given."""

    second: float
    smsc: dict[str, Any] | None = None
    """Faults of every SMSC."""
    register: dict[str, Any] | None = None
    """Faults of the subscriber register."""
    kill: str | None = None
    pause: str | None = None
    resume: str | None = None

    def words(self) -> str:
        """What it does."""
        for action in ("kill", "pause", "resume"):
            name = getattr(self, action)
            if name is not None:
                return f"{action} {name}"
        who, faults = ("SMSC", self.smsc) if self.smsc is not None else ("register", self.register)
        said = ", ".join(
            _fault(key.replace("_", " "), value) for key, value in (faults or {}).items() if value is not False
        )
        return f"{who}: {said or 'no faults'}"


def _fault(name: str, value: object) -> str:
    return name if value is True else f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"


class Within(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """What is expected of what ends within some seconds."""

    since: float
    until: float
    that: list[str]


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is expected of the run."""

    that: list[str] = []
    within: list[Within] = []


class DemoPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is needed of the demo."""

    gateways: int = 1
    smscs: int = 1


class LoadPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The load: the options of the command, by their names."""

    rate: float | str | None = None
    ramp: str | None = None
    steps: list[float] | None = None
    spike: list[float] | None = None
    daily: float | str | None = None
    concurrency: int | None = None
    duration: float | str = "30s"
    warmup: float | str | None = None
    drain: float | str | None = None
    mix: str | dict[str, float] = "typical"
    quota: int = 20
    replies: Literal["right", "any"] = "right"
    seed: int = 1


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    load: LoadPart
    about: str = ""
    demo: DemoPart = DemoPart()
    at: list[Step] = []
    expect: Expect = Expect()


class Told:
    """A file that was read: its content, and what is to be said of a place in it."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            BadScenario: see there.
        """
        self._name = path.name
        source = _source(path)
        try:
            found = tomllib.loads(source)
        except (ValueError, RecursionError) as error:  # of TOML's reader, or of a number of thousands of digits
            raise BadScenario(_printable(f"{path.name}:{_toml_line(str(error), source)}: {error}")) from None
        self._places = Places(source)
        try:
            self.file = msgspec.convert(found, File)
        except msgspec.ValidationError as error:
            raise self.bad([_explained(str(error))]) from None

    def bad(self, problems: list[tuple[Place, str]]) -> BadScenario:
        """The error that tells these problems, each with its line."""
        return BadScenario("\n".join(self._said(place, text) for place, text in problems))

    def _said(self, place: Place, text: str) -> str:
        where = ".".join(step for step in place if isinstance(step, str))
        return _printable(f"{self._name}:{self._places.line(place) or 1}: {f'{where}: ' if where else ''}{text}")


def _printable(text: str) -> str:
    """What a file says may hold what moves the cursor."""
    return "".join(one if one.isprintable() else "?" for one in text)


def _source(path: Path) -> str:
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise BadScenario(f"{path} cannot be read: {error.strerror}") from error
    if len(octets) > OCTETS_MAX:
        raise BadScenario(f"{path.name}: a scenario has at most {OCTETS_MAX:,} octets")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise BadScenario(f"{path.name}:{line}: expected UTF-8") from None


def _explained(message: str) -> tuple[Place, str]:
    """Where and what, of an error of msgspec's: "Expected `int`, got `str` - at `$.at[0].second`"."""
    match = _AT.fullmatch(message)
    assert match is not None
    text, path = match[1], match[2] or "$"
    place: Place = tuple(key or int(index) for key, index in re.findall(r"\.([A-Za-z_]+)|\[(\d+)\]", path))
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text)
    if unknown:
        known = _keys(place)
        near = difflib.get_close_matches(unknown[1], known, n=1)
        hint = f", did you mean {near[0]}?" if near else "."
        return (*place, unknown[1]), f"there is no such key here{hint} Expected: {', '.join(known)}"
    missing = re.fullmatch(r"Object missing required field `(.*)`", text)
    if missing:
        return place, f"expected a key {missing[1]}"
    for name, words in _TYPES.items():
        text = text.replace(f"`{name}`", words)
    return place, text[:1].lower() + text[1:]


_TYPES: Final = {
    "str": "a text", "float": "a number", "int": "a whole number", "array": "a list", "object": "a table", "bool": "true or false",
}  # fmt: skip


def _keys(place: Place) -> list[str]:
    """The keys of the table in this place."""
    parts: dict[Place, type[msgspec.Struct]] = {
        (): File, ("load",): LoadPart, ("demo",): DemoPart, ("at",): Step, ("expect",): Expect, ("expect", "within"): Within,
    }  # fmt: skip
    found = parts.get(tuple(step for step in place if isinstance(step, str)))
    return [] if found is None else list(found.__struct_encode_fields__)


def _toml_line(message: str, source: str) -> int:
    """The line that TOML's reader names; the last, when it names the end."""
    match = re.search(r"line (\d+)", message)
    return int(match[1]) if match else source.count("\n") + 1

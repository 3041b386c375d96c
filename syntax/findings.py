"""What is wrong with a syntax file: where, what, and how to mend it.

Findings speak Vietnamese, for they are read by those who keep the file. A check names the place by its path in the
document (`("views", "basic", "fields")`); `line_of` turns that into a line of the source, as well as a scan of headers
and keys can: TOML's reader keeps no positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

Place = tuple[str | int, ...]

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.\" -]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*([\w-]+|\"[^\"]*\")\s*=")


class Problem(Struct, frozen=True):
    """A fault found in the data, not yet placed in its file."""

    place: Place
    what: str
    mend: str
    value: str = ""
    """A value of a list, to find its own line."""


class Finding(Struct, frozen=True):
    """A fault of a file, for its author."""

    file: str
    line: int | None
    what: str
    mend: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.what} → {self.mend}"


class SyntaxFileError(Exception):
    """A syntax file that does not load. Nothing of it is used; the one in force stays."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def place_in(path: Path, source: bytes, problems: Iterable[Problem]) -> list[Finding]:
    """Problems as findings in a file, each once, in the order of its lines."""
    text = source.decode(errors="replace")
    placed = [Finding(path.name, line_of(text, p.place, p.value), p.what, p.mend) for p in problems]
    return sorted(dict.fromkeys(placed), key=lambda finding: finding.line or 0)


def line_of(source: str, place: Place, value: str = "") -> int | None:
    """The line, from 1, of the deepest part of a place that has one; of a quoted value below it, if it is found."""
    found: int | None = None
    depth = 0
    here: Place = ()
    tables: dict[Place, int] = {}
    lines = source.splitlines()
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            here = _enter(header[2], tables, is_array=header[1] == "[[")
            reached = here
        elif key := _KEY.match(line):
            reached = (*here, key[1].strip('"'))
        else:
            continue
        if len(reached) > depth and place[: len(reached)] == reached:
            found, depth = number, len(reached)
    if found is None or not value:
        return found
    quoted = f'"{value}"'
    return next((number for number, line in enumerate(lines[found - 1 :], found) if quoted in line), found)


def _enter(name: str, tables: dict[Place, int], *, is_array: bool) -> Place:
    """The place that a header opens, with the position of each array of tables on the way."""
    place: Place = ()
    parts = [part.strip(' "') for part in name.split(".")]
    for depth, part in enumerate(parts, 1):
        place = (*place, part)
        if is_array and depth == len(parts):
            tables[place] = tables.get(place, -1) + 1
        if place in tables:
            place = (*place, tables[place])
    return place

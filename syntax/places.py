"""Where each part of a TOML file stands: its line, which TOML's reader does not keep.

A scan of the tokens, inline tables and lists of lists too. It is made for files that the reader has taken, and of any other
tells what it can; it never raises.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

Place = tuple[str | int, ...]

_TOKEN: Final = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<line>\n)|(?P<mark>[\[\]{},=])"""
    r"""|(?P<word>"{3}(?:[^"\\]|\\.|"(?!""))*+"{3,5}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*'|[^\s\[\]{},=\#"']+|["'])""",
    re.DOTALL,
)
_STEP: Final = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^.\s"']+))\s*\.?""")


class Part(Struct, frozen=True):
    """A value, or a table, of the file."""

    line: int
    """From 1."""
    written: str = ""
    """As the file writes it, if it is one string or number."""


class Places:
    """The parts of one file."""

    def __init__(self, source: str) -> None:
        self._parts: dict[Place, Part] = {}
        with contextlib.suppress(StopIteration, RecursionError):  # what was read so far stands
            self._read(_tokens(source))

    def line(self, place: Place, value: str = "") -> int | None:
        """The line of the deepest part of a place that the file has; of a string below it, if it is found."""
        while place and place not in self._parts:
            place = place[:-1]
        if not place:
            return None
        if value:
            quoted = (f'"{value}"', f"'{value}'")
            for below, part in self._parts.items():
                if part.written in quoted and below[: len(place)] == place:
                    return part.line
        return self._parts[place].line

    def _read(self, tokens: Iterator[tuple[str, int]]) -> None:
        here: Place = ()
        counts: dict[Place, int] = {}
        key = ""
        for written, line in tokens:
            if written == "[":
                here = self._header(tokens, line, counts)
                key = ""
            elif written == "=":
                self._value(tokens, (*here, *_steps(key)), line)
                key = ""
            elif written != "\n":
                key += written

    def _header(self, tokens: Iterator[tuple[str, int]], line: int, counts: dict[Place, int]) -> Place:
        name, is_array, written = "", False, next(tokens)[0]
        while written not in ("]", "\n"):
            is_array |= written == "["
            name += written if written != "[" else ""
            written = next(tokens)[0]
        place: Place = ()
        steps = _steps(name)
        for depth, step in enumerate(steps, 1):
            place = (*place, step)
            self._parts.setdefault(place, Part(line))
            if is_array and depth == len(steps):
                counts[place] = counts.get(place, -1) + 1
                next(tokens)  # the second bracket
            if place in counts:
                place = (*place, counts[place])
        self._parts.setdefault(place, Part(line))
        return place

    def _value(self, tokens: Iterator[tuple[str, int]], place: Place, line: int) -> None:
        written = next(tokens)[0]
        self._parts.setdefault(place, Part(line, written))
        self._value_from(tokens, written, place)

    def _value_from(self, tokens: Iterator[tuple[str, int]], written: str, place: Place) -> None:
        if written == "[":
            self._list(tokens, place)
        elif written == "{":
            self._table(tokens, place)

    def _list(self, tokens: Iterator[tuple[str, int]], place: Place) -> None:
        index = 0
        for written, line in tokens:
            if written == "]":
                return
            if written == ",":
                index += 1
            elif written != "\n" and (*place, index) not in self._parts:
                self._parts[*place, index] = Part(line, written)
                self._value_from(tokens, written, (*place, index))

    def _table(self, tokens: Iterator[tuple[str, int]], place: Place) -> None:
        key = ""
        for written, line in tokens:
            if written == "}":
                return
            if written == "=":
                self._value(tokens, (*place, *_steps(key)), line)
                key = ""
            elif written not in (",", "\n"):
                key += written


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    line = 1
    for match in _TOKEN.finditer(source):
        written = match[0]
        if match.lastgroup != "skip":
            yield written, line
        line += written.count("\n")


def _steps(key: str) -> tuple[str, ...]:
    return tuple(double or single or bare for double, single, bare in _STEP.findall(key))

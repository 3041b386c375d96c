"""Where each part of a TOML file stands: its line, which TOML's reader does not keep.

A scan of the tokens, inline tables and lists of lists too. It is made for files that the reader has taken, and of any other
tells what it can; it never raises.
"""

from __future__ import annotations

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
    token: str = ""
    """As the file writes it, if it is one string or number."""


class Places:
    """The parts of one file."""

    def __init__(self, source: str) -> None:
        self._parts: dict[Place, Part] = {}
        try:
            self._read(_tokens(source))
        except (StopIteration, RecursionError):
            pass  # what was read so far stands

    def line(self, place: Place, value: str = "") -> int | None:
        """The line of the deepest part of a place that the file has; of a string below it, if it is found."""
        while place and place not in self._parts:
            place = place[:-1]
        if not place:
            return None
        if value:
            quoted = (f'"{value}"', f"'{value}'")
            for below, part in self._parts.items():
                if part.token in quoted and below[: len(place)] == place:
                    return part.line
        return self._parts[place].line

    def _read(self, tokens: Iterator[tuple[str, int]]) -> None:
        here: Place = ()
        counts: dict[Place, int] = {}
        key = ""
        for token, line in tokens:
            if token == "[":
                here = self._header(tokens, line, counts)
                key = ""
            elif token == "=":
                self._value(tokens, (*here, *_steps(key)), line)
                key = ""
            elif token != "\n":
                key += token

    def _header(self, tokens: Iterator[tuple[str, int]], line: int, counts: dict[Place, int]) -> Place:
        name, is_array, token = "", False, next(tokens)[0]
        while token not in ("]", "\n"):
            is_array |= token == "["
            name += token if token != "[" else ""
            token = next(tokens)[0]
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
        token, at = next(tokens)
        self._parts.setdefault(place, Part(line, token))
        self._value_from(tokens, token, at, place)

    def _value_from(self, tokens: Iterator[tuple[str, int]], token: str, line: int, place: Place) -> None:
        if token == "[":
            index = 0
            for inner, at in tokens:
                if inner == "]":
                    return
                if inner == ",":
                    index += 1
                elif inner != "\n" and (*place, index) not in self._parts:
                    self._parts[*place, index] = Part(at, inner)
                    self._value_from(tokens, inner, at, (*place, index))
        elif token == "{":
            key = ""
            for inner, at in tokens:
                if inner == "}":
                    return
                if inner == "=":
                    self._value(tokens, (*place, *_steps(key)), at)
                    key = ""
                elif inner not in (",", "\n"):
                    key += inner


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    line = 1
    for match in _TOKEN.finditer(source):
        token = match[0]
        if match.lastgroup != "skip":
            yield token, line
        line += token.count("\n")


def _steps(key: str) -> tuple[str, ...]:
    return tuple(double or single or bare for double, single, bare in _STEP.findall(key))

"""Where in a TOML file a key stands: tomllib gives values without places, and an operator needs the line.

Only what leads to a key is read (headers of tables, names of keys); the file is known to be TOML. A key that is not there
has the line of the table where it is missing.
"""

from __future__ import annotations

import re
from typing import Final

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_NAME: Final = rf"({_PART}(?:\s*\.\s*{_PART})*)"
_TABLE: Final = re.compile(rf"\s*\[\s*{_NAME}\s*\]")
_ARRAY_TABLE: Final = re.compile(rf"\s*\[\[\s*{_NAME}\s*\]\]")
_KEY: Final = re.compile(rf"\s*{_NAME}\s*=")
_LONG_QUOTES: Final = re.compile(r"\"\"\"|'''")


def line_of(text: str, key: str) -> int:
    """The line (from 1) of the deepest table or key on the way to `key`, such as "smsc[1].port"; 1 when there is none."""
    wanted = _steps(key)
    best, best_line = 0, 1
    for number, name in _places(text):
        here = _steps(name)
        common = min(len(wanted), len(here))
        if common > best and wanted[:common] == here[:common]:
            best, best_line = common, number
    return best_line


def _steps(name: str) -> list[str]:
    """What leads to a key: smsc[1].port is smsc, [1], port."""
    return re.findall(r"\[\d+\]|[^.\[]+", name)


def _places(text: str) -> list[tuple[int, str]]:
    """Every header and key with its line and full name."""
    places = []
    table, in_long_text = "", False
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not in_long_text:
            if match := _ARRAY_TABLE.match(line):
                name = _plain(match[1])
                counts[name] = counts.get(name, -1) + 1
                table = f"{name}[{counts[name]}]"
                places.append((number, table))
            elif match := _TABLE.match(line):
                table = _indexed(_plain(match[1]), counts)
                places.append((number, table))
            elif match := _KEY.match(line):
                places.append((number, f"{table}.{_plain(match[1])}".removeprefix(".")))
        in_long_text ^= len(_LONG_QUOTES.findall(line)) % 2 == 1
    return places


def _plain(name: str) -> str:
    """A dotted name without quotes and blanks."""
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


def _indexed(name: str, counts: dict[str, int]) -> str:
    """[smsc.x] belongs to the last [[smsc]]."""
    head, dot, rest = name.partition(".")
    return f"{head}[{counts[head]}]{dot}{rest}" if head in counts else name

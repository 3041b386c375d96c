"""What is wrong with a syntax file: where, what, why, and how to mend it.

Findings speak Vietnamese, for they are read by those who keep the file. A check names the place by its path in the
document (`("views", "basic", "fields")`); `places` knows on which line that stands.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from syntax.places import Place, Places

__all__ = ["Finding", "Place", "Problem", "Severity", "SyntaxFileError", "line_of", "place_in"]

PROBLEMS_MAX: Final = 100
"""Problems told of one stage of one file: nobody mends more in one go, and a hostile file has no end of them."""

SHOWN_MAX: Final = 300
"""Characters of what a finding says; it quotes the file, whose values may be long."""

Severity = Literal["error", "warning", "note"]
"""The loader refuses an error; a warning works, but hardly as it was meant; a note wants somebody's eye."""


class Problem(Struct, frozen=True):
    """A fault found in the data, not yet placed in its file."""

    place: Place
    what: str
    mend: str
    value: str = ""
    """A value of a list, to find its own line."""
    why: str = ""
    severity: Severity = "error"
    line: int | None = None
    """Where it is known without the place."""


class Finding(Struct, frozen=True):
    """A fault of a file, for its author."""

    file: str
    line: int | None
    what: str
    mend: str
    why: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        # A name may hold line breaks, and marks that turn the line around.
        name = "".join(character if character.isprintable() else "?" for character in self.file)
        where = name if self.line is None else f"{name}:{self.line}"
        return f"{where}: {self.what} → {self.mend}"


class SyntaxFileError(Exception):
    """A syntax file that does not load. Nothing of it is used; the one in force stays."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def place_in(path: Path, source: bytes, problems: Iterable[Problem]) -> list[Finding]:
    """Problems as findings in a file, each once, in the order of its lines; the first `PROBLEMS_MAX` of them."""
    told = list(itertools.islice(problems, PROBLEMS_MAX))
    if not told:
        return []
    places = Places(_text(source) if any(problem.place for problem in told) else "")
    placed = [
        Finding(path.name, p.line or places.line(p.place, p.value), _short(p.what), _short(p.mend), p.why, p.severity)
        for p in told
    ]
    return sorted(dict.fromkeys(placed), key=lambda finding: finding.line or 0)


def line_of(source: str, place: Place, value: str = "") -> int | None:
    """The line, from 1, of the deepest part of a place that has one; of a quoted value below it, if it is found."""
    return Places(source).line(place, value)


def _text(source: bytes) -> str:
    return unicodedata.normalize("NFC", source.decode(errors="replace"))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"

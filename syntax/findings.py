"""What is wrong with a syntax file: where, what, why, and how to mend it.

Findings speak Vietnamese, for they are read by those who keep the file. A check names the place by its path in the
document (`("views", "basic", "fields")`); `places` knows on which line that stands.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from syntax.places import Place, Places

__all__ = ["Finding", "Place", "Problem", "Severity", "SyntaxFileError", "folded", "in_file", "line_of", "place_in"]

PROBLEMS_MAX: Final = 100
"""Problems told of one stage of one file: nobody mends more in one go, and a hostile file has no end of them."""

EXAMPLES_TOLD: Final = 5
"""Failed examples of one command that are told one by one to a person: one slip in a keyword fails hundreds."""

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
    example_of: str = ""
    """The command of whose examples this is one that does not read as written."""


class Finding(Struct, frozen=True):
    """A fault of a file, for its author."""

    file: str
    line: int | None
    what: str
    mend: str
    why: str = ""
    severity: Severity = "error"
    example_of: str = ""
    """The command of whose examples this is one: such findings are mostly many, and the effect of a few others."""

    def __str__(self) -> str:
        # A name may hold line breaks, and marks that turn the line around.
        name = "".join(character if character.isprintable() else "?" for character in self.file)
        where = name if self.line is None else f"{name}:{self.line}"
        return f"{where}: {self.what} → {self.mend}"


class SyntaxFileError(Exception):
    """A syntax file that does not load. Nothing of it is used; the one in force stays."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, folded(self.findings))))


def place_in(path: Path, source: bytes, problems: Iterable[Problem]) -> list[Finding]:
    """Problems as findings in a file, each once, in the order of its lines; the first `PROBLEMS_MAX` of them."""
    told = list(itertools.islice(problems, PROBLEMS_MAX))
    if not told:
        return []
    places = Places(_text(source) if any(problem.place for problem in told) else "")
    placed = [
        Finding(
            file=path.name,
            line=p.line or places.line(p.place, p.value),
            what=_short(p.what),
            mend=_short(p.mend),
            why=p.why,
            severity=p.severity,
            example_of=p.example_of,
        )
        for p in told
    ]
    return sorted(dict.fromkeys(placed), key=in_file)


def in_file(finding: Finding) -> tuple[bool, int]:
    """The order within a file: by lines, examples that fail behind what may be why they do."""
    return bool(finding.example_of), finding.line or 0


def folded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, of each command's failed examples the first `EXAMPLES_TOLD` and then how many more there are."""
    more: dict[str, list[Finding]] = {}
    for finding in findings:
        failed = more.setdefault(finding.example_of, [])
        failed.append(finding)
        if not finding.example_of or len(failed) <= EXAMPLES_TOLD:
            yield finding
    for command, failed in more.items():
        if command and (count := len(failed) - EXAMPLES_TOLD) > 0:
            last = failed[EXAMPLES_TOLD]
            what = f"và {count} ví dụ nữa của lệnh “{command}” không đọc ra như đã viết"
            mend = "sửa các lỗi ở trên trước; thường một chỗ sai làm hỏng nhiều ví dụ"
            yield Finding(last.file, last.line, what, mend, last.why, last.severity, command)


def line_of(source: str, place: Place, value: str = "") -> int | None:
    """The line, from 1, of the deepest part of a place that has one; of a quoted value below it, if it is found."""
    return Places(source).line(place, value)


def _text(source: bytes) -> str:
    return unicodedata.normalize("NFC", source.decode(errors="replace"))


def _short(text: str) -> str:
    text = "".join(one if one.isprintable() else "⏎" if one == "\n" else "?" for one in text)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"

"""Several versions of the syntax: which one speaks on a given day, which still works, and which only points to the new way.

A version is in force from its first day to its last, or until a later one begins. While the version in force grants a
period of grace, messages that only its predecessor understands are still answered, as the predecessor answers them; but what the
version in force suspends is suspended, whichever way it is asked for.
Messages that only a version out of force understands are told how to ask today. Where no version is in force the service
says that it is suspended. Days are those of the file's time zone: `day` is an argument, there is no clock here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from syntax.language import Syntax
from syntax.parser import NOTHING, Read, Reading, Retired

_DAY: Final = dt.timedelta(days=1)

SUSPENDED: Final = Read(command="", kind="suspended", view=NOTHING)
"""What every message means while no version is in force."""


class InForce:
    """What speaks on one day. Every message is read once, by one version."""

    def __init__(self, syntax: Syntax, *, lapsed: bool, grace: Syntax | None, retired: Iterable[Syntax]) -> None:
        self.syntax: Final = syntax
        """The version in force; where none is, the last that was, or the first that will be."""
        self.lapsed: Final = lapsed
        """No version is in force."""
        self.grace: Final = grace
        """The version before, while its messages are still answered."""
        self.retired: Final = tuple(retired)
        """Versions out of force, the latest first."""

    def read(self, text: str) -> tuple[Syntax, Reading]:
        """What a message asks for, and the version that read it and must answer it. Never raises."""
        syntax = self.syntax
        if self.lapsed:
            return syntax, SUSPENDED
        reading = syntax.read(text)
        if isinstance(reading, Read):
            return syntax, reading
        if self.grace is not None and isinstance(old := self.grace.read(text), Read):
            return (syntax, replace(old, kind="suspended")) if syntax.suspends(old.command) else (self.grace, old)
        for version in self.retired:
            if isinstance(old := version.read(text), Read):
                return syntax, Retired(old.command if old.command in syntax.fees else reading.nearest)
        return syntax, reading


class Versions:
    """Every version that was loaded, the earliest first. Immutable."""

    def __init__(self, versions: Iterable[Syntax]) -> None:
        """`versions`: at least one; `load` has proved each of them."""
        self.all: Final = tuple(sorted(versions, key=lambda version: version.effective_from))
        self.fields: Final[frozenset[str]] = frozenset().union(*(version.fields for version in self.all))
        """The codes of all fields that some version discloses or compares."""
        self.time_zone: Final[str] = self.all[-1].time_zone
        self.segments_max: Final[int] = max(version.segments_max for version in self.all)

    def on(self, day: dt.date) -> InForce:
        """What speaks on a day."""
        begun = [version for version in self.all if version.effective_from <= day]
        if not begun:
            return InForce(self.all[0], lapsed=True, grace=None, retired=())
        current, before = begun[-1], begun[-2::-1]
        lapsed = current.effective_until is not None and day > current.effective_until
        in_grace = bool(before) and current.grace_until is not None and day <= current.grace_until
        return InForce(
            current, lapsed=lapsed, grace=before[0] if in_grace else None, retired=before[1:] if in_grace else before
        )

    def changes(self) -> list[dt.date]:
        """The days on which something else speaks than on the day before, in order."""
        days = {version.effective_from for version in self.all}
        days |= {
            last + _DAY
            for version in self.all
            for last in (version.effective_until, version.grace_until)
            if last is not None and last < dt.date.max
        }
        return [day for day in sorted(days) if day == dt.date.min or self._speaking(day) != self._speaking(day - _DAY)]

    def _speaking(self, day: dt.date) -> tuple[Syntax, Syntax | None] | None:
        in_force = self.on(day)
        return None if in_force.lapsed else (in_force.syntax, in_force.grace)

"""The net below the log: what looks like a number or an ID is masked, and what cannot be judged is not shown.

Personal data is kept out where lines are written; this is for what slips through. Digits in a row are masked from
`PERSONAL_DIGITS` on, however they are grouped. Octets show their length only, since a text may hide in them (UCS-2), and an
object shows its type only. An exception is told by its type and place, never by its text: texts of libraries quote values.
"""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from typing import Any, Final

PERSONAL_DIGITS: Final = 8
"""A run of digits this long may be a number (9 to 15 digits) or an ID (9 or 12); nothing else that we log is."""
VALUE_MAX: Final = 500
"""Characters of a logged value: a line stays a line."""
FRAMES_MAX: Final = 4
"""Places in the code that an exception is told with, the innermost first."""
EXCEPTIONS_MAX: Final = 4
"""Exceptions of a group, or causes one behind the other, that are told."""

MASK: Final = "<masked>"
_NUMBER: Final = re.compile(rf"\d(?:[\s.\-_/()]{{0,2}}\d){{{PERSONAL_DIGITS - 1},}}")
_REPR: Final = re.compile(r"<.*>")
_INTEGER_LIMIT: Final = 10 ** (PERSONAL_DIGITS - 1)
_OUR_OWN: Final = frozenset({"timestamp"})


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: mask what looks like a number or an ID in any value."""
    for key, value in event.items():
        if key not in _OUR_OWN and not key.startswith("_"):
            event[key] = redacted(value)
    return event


@functools.singledispatch
def redacted(value: object) -> object:
    """`value` as it may be shown: of a type that is not named below, the type only."""
    return f"<{type(value).__name__}>"


@redacted.register
def _(value: bool | float | None) -> bool | float | None:
    return value


@redacted.register
def _(value: int) -> int | str:
    return value if abs(value) < _INTEGER_LIMIT else MASK


@redacted.register
def _(value: str | PurePath) -> str:
    return _NUMBER.sub(MASK, str(value))[:VALUE_MAX]


@redacted.register
def _(value: bytes | bytearray | memoryview) -> str:
    return f"<{len(value)} octets>"


@redacted.register
def _(value: Mapping) -> dict[str, object]:  # type: ignore[type-arg]  # singledispatch takes bare classes only
    return {str(redacted(key)): redacted(item) for key, item in value.items()}


@redacted.register
def _(value: list | tuple | AbstractSet) -> list[object]:  # type: ignore[type-arg]
    return [redacted(item) for item in value]


@redacted.register
def _(value: BaseException) -> str:
    return describe(value)


def foreign_message(text: str) -> str:
    """What may be shown of a library's own log message: its first line, without the reprs of objects."""
    return _REPR.sub(MASK, text.partition("\n")[0])


def describe(error: BaseException, depth: int = EXCEPTIONS_MAX) -> str:
    """Of what type an error is and where it comes from, with what is behind it, and without any text."""
    frames = traceback.extract_tb(error.__traceback__)[: -FRAMES_MAX - 1 : -1]
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    text = type(error).__name__ + (f" at {places}" if places else "")
    if depth == 0:
        return text
    if isinstance(error, BaseExceptionGroup):
        members = [describe(member, depth - 1) for member in error.exceptions[:EXCEPTIONS_MAX]]
        text += f" ({'; '.join(members)})"
    if error.__cause__ is not None:
        text += f", from {describe(error.__cause__, depth - 1)}"
    return text

"""The message that asks for something: a reading said again in its shortest form, as the guide and the replies print it.

What is printed is unaccented, in capital letters, with one blank between the parts. `Syntax.message` takes the first form
that its parser reads back as the same reading: words that run into each other are so never printed.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from syntax.fold import fold
from syntax.model import Accents, Choice, Command, Page
from syntax.parser import Read, name_of, spellings
from syntax.values import Value
from syntax.writing import write_date

FORMS_MAX: Final = 64
"""Forms of a message that are thought of: other words for the command and what it takes."""

PAGE: Final = "{page}"
"""Stands in a form for the number of the page."""

_REMEMBERED: Final = 512
"""Words of the file that are remembered folded."""


def forms(command: Command, reading: Read, *, paged: bool) -> Iterator[str]:
    """What to text for the answer to a reading of this command, the best form first; `paged`, for a later page of it."""
    typed: dict[str, list[Value]] = {}
    for name, value in reading.values:
        typed.setdefault(name, []).append(value)
    parts: list[Iterable[str]] = [_folded(spellings(command))]
    for parameter in command.parameters:
        values = typed.get(name_of(parameter), ())
        match parameter:
            case Page(words=words):
                parts += [[f"{word} {PAGE}" for word in _folded(words)]] if paged else []
            case Accents(words=words):
                asked = reading.accented and not command.accented
                parts += [sorted(_folded(words), key=len)] if asked else []
            case Choice(options=options):
                parts += [[word for o in options if o.view == value for word in _folded(o.words)] for value in values]
            case _:
                parts += [[write_date(value) if isinstance(value, dt.date) else str(value)] for value in values]
    return map(" ".join, itertools.islice(itertools.product(*parts), FORMS_MAX))


def at_page(command: Command, reading: Read, page: int) -> Read:
    """The reading with another page."""
    pages = {name_of(parameter) for parameter in command.parameters if isinstance(parameter, Page)}
    values: list[tuple[str, Value]] = [(name, value) for name, value in reading.values if name not in pages]
    if page > 1:
        values += [(name, page) for name in pages]
    order = [name_of(parameter) for parameter in command.parameters]
    return replace(reading, page=page, values=tuple(sorted(values, key=lambda named: order.index(named[0]))))


def has_pages(command: Command) -> bool:
    """Whether the rest of an answer can be asked for."""
    return any(isinstance(parameter, Page) for parameter in command.parameters)


@functools.lru_cache(_REMEMBERED)
def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(fold, words)))

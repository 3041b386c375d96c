"""The message that asks for something: a reading said again in its shortest form, as the guide and the replies print it.

What is printed is unaccented, in capital letters, with one blank between the parts; `Parser.read` reads it back as the
same reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from syntax.fold import fold
from syntax.model import Accents, Choice, Command, Page
from syntax.parser import Read, name_of
from syntax.values import Value
from syntax.writing import write_date


def message(command: Command, reading: Read, page: int) -> str:
    """What to text for a page of the answer to a reading of this command."""
    typed: dict[str, list[Value]] = {}
    for name, value in reading.values:
        typed.setdefault(name, []).append(value)
    parts = [fold(command.keyword)]
    for parameter in command.parameters:
        values = typed.get(name_of(parameter), [])
        match parameter:
            case Page(words=words):
                parts += [f"{fold(words[0])} {page}"] if page > 1 else []
            case Accents(words=words):
                parts += [_shortest(words)] if reading.accented and not command.accented else []
            case Choice(options=options):
                parts += [fold(option.words[0]) for value in values for option in options if option.view == value]
            case _:
                parts += [write_date(value) if isinstance(value, dt.date) else str(value) for value in values]
    return " ".join(parts)


def has_pages(command: Command) -> bool:
    """Whether the rest of an answer can be asked for."""
    return any(isinstance(parameter, Page) for parameter in command.parameters)


def _shortest(words: Iterable[str]) -> str:
    return min(map(fold, words), key=len)

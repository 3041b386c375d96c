"""From the folded text of a parameter to what was meant by it, or to None where it can mean nothing.

Digits may be grouped, and within them O, I and L count as 0, 1 and 1; but a number made mostly of letters is a word.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Final

from syntax import grammar
from syntax.fold import fold
from syntax.model import Accents, Choice, CitizenId, Date, FreeText, OldId, Page, Parameter

Value = str | int | dt.date

_TRUE_DIGITS_MIN: Final = {grammar.CITIZEN_ID_DIGITS: 6, grammar.OLD_ID_DIGITS: 5}
"""Digits of a number that must be typed as digits: words made of O, I and L are no number."""

_LETTERS: Final = str.maketrans("OIL", "011")
_TO_DIGITS: Final = str.maketrans("OIL", "011", " \n")

ReadValues = Callable[[str], "tuple[Value, ...] | None"]


def reader(parameter: Parameter) -> ReadValues:
    """What turns the text that a parameter took into its values: one, several where it is repeated, or None where they
    cannot be.
    """
    read_one = _reader_of_one(parameter)
    if not getattr(parameter, "repeated", False):
        return lambda text: None if (value := read_one(text)) is None else (value,)
    one = re.compile(grammar.pattern(grammar.sequence(grammar.BLANK, grammar.Capture("one", grammar.value_of(parameter)))))

    def read_all(text: str) -> tuple[Value, ...] | None:
        values = [read_one(match["one"]) for match in one.finditer(text)]
        return None if None in values else tuple(value for value in values if value is not None)

    return read_all


def _reader_of_one(parameter: Parameter) -> Callable[[str], Value | None]:
    match parameter:
        case CitizenId():
            return lambda text: read_number(text, grammar.CITIZEN_ID_DIGITS)
        case OldId():
            return lambda text: read_number(text, grammar.OLD_ID_DIGITS)
        case Date():
            return read_date
        case FreeText():
            return lambda text: text
        case Page():
            return read_page
        case Choice():
            return _read_choice(parameter)
        case Accents():
            return lambda text: text


def read_number(text: str, digits: int) -> str | None:
    """The digits of a number, without groups."""
    if text.isascii() and text.isdigit():
        return text
    if sum(map(str.isdigit, text)) < _TRUE_DIGITS_MIN[digits]:
        return None
    return text.translate(_TO_DIGITS)


def read_date(text: str) -> dt.date | None:
    """The day, if there is such a day."""
    parts = text.translate(_LETTERS).split()
    if len(parts) != 3:
        joined = "".join(parts)
        parts = [joined[:2], joined[2:4], joined[4:]]
    day, month, year = map(int, parts)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def read_page(text: str) -> int | None:
    """The number of a page, from 1."""
    return int(text.translate(_TO_DIGITS)) or None


def _read_choice(choice: Choice) -> Callable[[str], Value | None]:
    patterns = tuple((re.compile(grammar.pattern(grammar.words(option.words))), option.view) for option in choice.options)

    def read_choice(text: str) -> str | None:
        return next((view for pattern, view in patterns if pattern.fullmatch(text)), None)

    return read_choice


def equal(value: Value, held: object) -> bool:
    """Whether a record's value is the one that was typed: dates as dates, all else as folded text, blanks aside."""
    if held is None:
        return False
    if isinstance(value, dt.date) or isinstance(held, dt.date):
        return value == held
    return _bare(str(value)) == _bare(str(held))


def _bare(text: str) -> str:
    return fold(text).replace(" ", "").replace("\n", "")


Conditions = tuple[tuple[str, Value], ...]


def admitted(conditions: Conditions, record: Mapping[str, object]) -> bool:
    """Whether a record has every value that was typed."""
    return all(equal(value, record.get(field)) for field, value in conditions)

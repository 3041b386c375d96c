"""From the folded text of a parameter to what was meant by it, or to None where it can mean nothing.

Of DOMAIN s4 it has: an ID in groups or with dots (folded to blanks), O for 0 and I or L for 1 inside a number. Inside: each
group of a number holds a true digit, and at least half of the number are; so "DC 00108501234 L" is a number mistyped and
an initial, and "LOI LOI LOI LOI" is no number. A day that is in no calendar, page 0, a choice that two options could mean,
a text that ends by another short code: each is None, and the message is misread.
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

_TO_DIGITS: Final = str.maketrans("OIL", "011", " \n")
_PARTS: Final = re.compile(f"[{grammar.DIGITS}OIL]+")
_DIGIT: Final = re.compile(r"[0-9]")
_SENT: Final = re.compile(f"(?:.* )?{grammar.pattern(grammar.SENT)}")

ReadValue = Callable[[str], "Value | None"]


def reader(parameter: Parameter) -> ReadValue:
    """What turns the text that a parameter took into its value, or into None where it cannot be one."""
    match parameter:
        case CitizenId() | OldId():
            return read_number
        case Date():
            return read_date
        case FreeText():
            return read_text
        case Page():
            return read_page
        case Choice():
            return _choice_reader(parameter)
        case Accents():
            return lambda text: text


def read_number(text: str) -> str | None:
    """The digits of a number, without groups; as many as its pattern has taken."""
    if text.isdigit():
        return text
    joined = text.translate(_TO_DIGITS)
    return joined if _is_number(text.split()) else None


def _is_number(groups: list[str]) -> bool:
    """Whether letters stand for digits only beside enough true ones."""
    true_digits = [len(_DIGIT.findall(group)) for group in groups]
    return all(true_digits) and 2 * sum(true_digits) >= sum(map(len, groups))


def read_date(text: str) -> dt.date | None:
    """The day, if there is such a day."""
    parts = _PARTS.findall(text)
    if not _is_number(parts):
        return None
    if len(parts) == 1:
        parts = [text[:2], text[2:4], text[4:]]
    day, month, year = (int(part.translate(_TO_DIGITS)) for part in parts)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def read_page(text: str) -> int | None:
    """The number of a page, from 1."""
    return int(text.translate(_TO_DIGITS)) or None if _is_number([text]) else None


def read_text(text: str) -> str | None:
    """The words, folded. Words with a short code that is not one of the file's are misread: they were meant for another
    service.
    """
    return None if _SENT.fullmatch(text) else text


def _choice_reader(choice: Choice) -> ReadValue:
    """The view of the option that a word names: by its own letters, or, with residue of Telex, if only one option fits."""
    exact = {squeeze(word): option.view for option in choice.options for word in option.words}
    patterns = tuple(
        (re.compile(grammar.pattern(grammar.words(option.words))), option.view) for option in choice.options
    )

    def read_choice(text: str) -> str | None:
        if (view := exact.get(text) or exact.get(text.replace(" ", ""))) is not None:
            return view
        views = {view for pattern, view in patterns if pattern.fullmatch(text)}
        return views.pop() if len(views) == 1 else None

    return read_choice


def squeeze(words: str) -> str:
    """Words as the grammar compares them: folded, and without blanks, for people leave those out."""
    return fold(words).replace(" ", "").replace("\n", "")


def equal(value: Value, held: object) -> bool:
    """Whether a record's value is the one that was typed: dates as dates, all else as folded text, blanks aside."""
    if held is None:
        return False
    if isinstance(value, dt.date) or isinstance(held, dt.date):
        return value == held
    return squeeze(str(value)) == squeeze(str(held))


Conditions = tuple[tuple[str, Value], ...]


def admitted(conditions: Conditions, record: Mapping[str, object]) -> bool:
    """Whether a record has every value that was typed."""
    return all(equal(value, record.get(field)) for field, value in conditions)

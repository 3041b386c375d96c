"""What a command accepts, as a small tree over folded text; `pattern` turns it into a regular expression.

    [SOAN [TIN]] keyword [parameter]... [GUI short-code]

The tree is what both the parser (by regular expressions, fast) and the linter (by automata, to prove that no message
means two things) are made from, so the proof is about what runs. Between two parts may stand a blank, a line break, the
words "dấu cách" copied from a printed guide, or nothing at all. Every repetition is bounded, so that time grows with the
length of a message and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from syntax.fold import fold
from syntax.model import (
    REPEATS_MAX,
    Accents,
    Choice,
    CitizenId,
    Command,
    Date,
    FreeText,
    OldId,
    Page,
    Parameter,
)
from syntax.telex import telex

CITIZEN_ID_DIGITS: Final = 12
"""Luật Căn cước 26/2023/QH15 and its decree: a personal identification number. It has no check digit."""

OLD_ID_DIGITS: Final = 9
"""Chứng minh nhân dân, out of use since 31/12/2024; people still know them by heart."""

PAGE_DIGITS: Final = 2
"""A reply has never a hundred pages."""

DIGITS: Final = "0123456789"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class One(Struct, frozen=True):
    """One character of these; or, `negated`, one of all others."""

    characters: str
    negated: bool = False


class Literal(Struct, frozen=True):
    """These characters, one after the other."""

    text: str


class Chain(Struct, frozen=True):
    """All of these, in order."""

    parts: tuple[Node, ...]


class Either(Struct, frozen=True):
    """One of these, the first that fits."""

    options: tuple[Node, ...]


class Repeat(Struct, frozen=True):
    """Between `least` and `most` times; as often as possible, or, `lazy`, as seldom."""

    node: Node
    least: int
    most: int
    lazy: bool = False


class Capture(Struct, frozen=True):
    """The text that this one takes is wanted, under this name."""

    name: str
    node: Node


Node = One | Literal | Chain | Either | Repeat | Capture


# ---- building ------------------------------------------------------------------------------------------------------


def sequence(*parts: Node) -> Node:
    """All of these, in order."""
    return Chain(parts)


def optional(node: Node) -> Node:
    """This, or nothing."""
    return Repeat(node, 0, 1)


def any_of(options: Iterable[Node]) -> Node:
    """One of these."""
    return Either(tuple(options))


_GAP: Final = optional(One(" \n"))
_SPACE: Final = optional(Literal(" "))
BLANK: Final = sequence(
    optional(
        sequence(
            _GAP,
            any_of([sequence(Literal("DAU"), _SPACE, Literal("CACH")), sequence(Literal("KHOANG"), _SPACE, Literal("TRANG"))]),
        )
    ),
    _GAP,
)
"""What may stand between two parts."""

_BREAK: Final = any_of([One(" \n"), sequence(_GAP, Literal("DAU"), _SPACE, Literal("CACH"), _GAP)])
"""What must stand before words of any form."""

_PREFIX: Final = optional(sequence(Literal("SOAN"), optional(sequence(_SPACE, Literal("TIN"))), BLANK))


def words(spellings: Iterable[str]) -> Node:
    """Any of these words or phrases, longest first, as people type them: with blanks or without, folded, and with what a
    keyboard leaves of accents that it did not put together.
    """
    folded = sorted(dict.fromkeys(map(fold, spellings)), key=len, reverse=True)
    return any_of(map(_phrase, folded))


def _phrase(phrase: str) -> Node:
    parts: list[Node] = []
    for word in phrase.split(" "):
        parts += [BLANK] * bool(parts)
        parts += [_letter(letter, residue) for letter, residue in telex(word)]
    return Chain(tuple(parts))


def _letter(letter: str, residue: tuple[str, ...]) -> Node:
    return sequence(Literal(letter), *(optional(One(after)) for after in residue)) if residue else Literal(letter)


_DIGIT_LIKE: Final = One(DIGITS + "OIL")
"""O for 0, I and L for 1: what people type within numbers."""


def _number(digits: int) -> Node:
    """So many digits, grouped in any way."""
    return sequence(_DIGIT_LIKE, Repeat(sequence(_GAP, _DIGIT_LIKE), digits - 1, digits - 1))


def _two(first: str, second: str) -> Node:
    """A number of two digits, typed with letters for digits or not."""
    return sequence(One(_typed(first)), One(_typed(second)))


def _typed(digits: str) -> str:
    return digits + "O" * ("0" in digits) + "IL" * ("1" in digits)


_DAY: Final = any_of([_two("012", DIGITS), _two("3", "01")])
_MONTH: Final = any_of([_two("0", DIGITS), _two("1", "012")])
_YEAR: Final = any_of([sequence(_two("1", "9"), _two(DIGITS, DIGITS)), sequence(_two("2", "0"), _two(DIGITS, DIGITS))])
_ONE_DIGIT: Final = One(_typed(DIGITS[1:]))
_DATE: Final = any_of(
    [
        sequence(_DAY, _MONTH, _YEAR),
        sequence(any_of([_DAY, _ONE_DIGIT]), One(" \n"), any_of([_MONTH, _ONE_DIGIT]), One(" \n"), _YEAR),
    ]
)
"""01021985 or, folded from 1/2/1985, 1.2.1985 and 01-02-1985, three numbers with blanks."""


def of_command(command: Command, short_codes: Sequence[str]) -> Node:
    """All messages without a signature that are this command. Captures `p0`, `p1` … hold what its parameters take."""
    ending = optional(
        sequence(
            BLANK,
            Literal("GUI"),
            Repeat(sequence(_SPACE, any_of([Literal("TOI"), Literal("DEN"), Literal("SO")])), 0, 2),
            BLANK,
            any_of(map(Literal, short_codes)),
        )
    )
    parameters = [_parameter(f"p{index}", parameter) for index, parameter in enumerate(command.parameters)]
    return sequence(_PREFIX, words((command.keyword, *command.aliases)), *parameters, ending)


def _parameter(capture: str, parameter: Parameter) -> Node:
    value = value_of(parameter)
    if isinstance(parameter, Page):
        return optional(sequence(BLANK, words(parameter.words), BLANK, Capture(capture, value)))
    if isinstance(parameter, Accents):
        return optional(sequence(BLANK, Capture(capture, value)))
    before = _BREAK if isinstance(parameter, FreeText) else BLANK
    if parameter.repeated:
        value = sequence(value, Repeat(sequence(before, value), 0, REPEATS_MAX - 1))
    node = sequence(before, Capture(capture, value))
    return optional(node) if parameter.optional else node


def value_of(parameter: Parameter) -> Node:
    """One value of a parameter. Of choices and words, any option: which one it is, `parser` asks again."""
    match parameter:
        case CitizenId():
            return _number(CITIZEN_ID_DIGITS)
        case OldId():
            return _number(OLD_ID_DIGITS)
        case Date():
            return _DATE
        case FreeText():
            free = One("\n", negated=True)
            return sequence(One(" \n", negated=True), Repeat(free, 0, parameter.length_max - 1, lazy=True))
        case Choice():
            return words(word for option in parameter.options for word in option.words)
        case Page():
            return Repeat(_DIGIT_LIKE, 1, PAGE_DIGITS)
        case Accents():
            return words(parameter.words)


# ---- rendering -----------------------------------------------------------------------------------------------------


def pattern(node: Node) -> str:
    """The regular expression of a tree."""
    match node:
        case One(characters, negated):
            return f"[{'^' * negated}{re.escape(characters)}]" if negated or len(characters) > 1 else re.escape(characters)
        case Literal(text):
            return re.escape(text).replace("\\ ", " ")
        case Chain(parts):
            return "".join(map(pattern, parts))
        case Either(options):
            return f"(?:{'|'.join(map(pattern, options))})"
        case Capture(name, inner):
            return f"(?P<{name}>{pattern(inner)})"
        case Repeat(inner, least, most, lazy):
            body = pattern(inner)
            body = body if len(body) == 1 or (isinstance(inner, One) and body[0] == "[") else f"(?:{body})"
            times = "?" if (least, most) == (0, 1) else f"{{{least},{most}}}" if least != most else f"{{{least}}}"
            return body + times + "?" * lazy

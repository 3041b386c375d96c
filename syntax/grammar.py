"""What a command accepts, as a small tree over folded text; `pattern` turns it into a regular expression.

    [SOAN [TIN [NHAN]] [THEO CU PHAP]] keyword [parameter]... [GUI [DEN SO] short-code]

The tree is what both the parser (by regular expressions, fast) and the linter (by automata, to prove that no message
means two things) are made from, so the proof is about what runs. Of DOMAIN s4 it has: the words "dấu cách" copied from a
printed guide, no blank at all between two parts, a value on the next line, numbers in groups, O, I and L in numbers, the
literal "gửi 5505", residue of Telex in words. Case, accents, width, blanks and printed signs are gone before (`fold`);
what a number or a day cannot be is in `values`, the signature in `parser`.

Reading takes time in proportion to the length of a message because every repetition is bounded, and because where a text
of any form ends is never sought: only one that is the last value of its command may hold blanks, and what follows a text
is set apart from it by a blank. Where the end of another would be, is a guess besides.
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
from syntax.telex import Typed, telex

CITIZEN_ID_DIGITS: Final = 12
"""Luật Căn cước 26/2023/QH15 and its decree: a personal identification number. It has no check digit."""

OLD_ID_DIGITS: Final = 9
"""Chứng minh nhân dân, out of use since 31/12/2024; people still know them by heart."""

PAGE_DIGITS: Final = 2
"""A reply has never a hundred pages."""

SHORT_CODE_DIGITS: Final = (3, 8)
"""At least and at most, as in `model.Document`."""

DIGITS: Final = "0123456789"


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


def optional(node: Node, *, lazy: bool = False) -> Node:
    """This, or nothing; `lazy`: rather nothing."""
    return Repeat(node, 0, 1, lazy)


def any_of(options: Iterable[Node]) -> Node:
    """One of these."""
    return Either(tuple(options))


_GAP: Final = optional(One(" \n"))


def _word(word: str) -> Node:
    """A folded word, with what a keyboard leaves of accents that it did not put together."""
    return Chain(tuple(part for typed in telex(word) for part in _letter(typed)))


def _letter(typed: Typed) -> tuple[Node, ...]:
    letter = One(typed.letters) if len(typed.letters) > 1 else Literal(typed.letters)
    return (letter, Repeat(One(typed.residue), 0, typed.most)) if typed.residue else (letter,)


_PRINTED: Final = any_of(
    sequence(Literal(first), _GAP, Literal(second))
    for first, second in (("DAU", "CACH"), ("KHOANG", "CACH"), ("KHOANG", "TRANG"))
)
"""How printed guides call the blank."""

BLANK: Final = sequence(optional(sequence(_GAP, _PRINTED)), _GAP)
"""What may stand between two parts."""

BREAK: Final = any_of([sequence(_GAP, _PRINTED, _GAP), One(" \n")])
"""What must stand before and after words of any form."""

_PREFIX: Final = optional(
    sequence(
        any_of([_word("SOAN"), _word("NHAN")]),
        optional(sequence(_GAP, _word("TIN"), optional(sequence(_GAP, _word("NHAN"))))),
        optional(sequence(optional(sequence(_GAP, _word("THEO"))), _GAP, _word("CU"), _GAP, _word("PHAP"))),
        BLANK,
    )
)
"""Soạn, soạn tin nhắn, nhắn tin theo cú pháp …"""
_SENDING: Final = any_of([_word("GUI"), _word("GOI")])
"""gửi, in the South gởi."""
_WHERE: Final = any_of(
    [
        *map(_word, ("TOI", "DEN", "VE", "SO")),
        sequence(_word("DAU"), _GAP, _word("SO")),
        sequence(_word("TONG"), _GAP, _word("DAI")),
    ]
)


def words(spellings: Iterable[str]) -> Node:
    """Any of these words or phrases as people type them: with blanks or without, folded, and with residue of Telex."""
    folded = sorted(dict.fromkeys(map(fold, spellings)), key=len, reverse=True)
    return any_of(map(_phrase, folded))


def _phrase(phrase: str) -> Node:
    parts: list[Node] = []
    for word in phrase.split(" "):
        parts += [BLANK] * bool(parts)
        parts.append(_word(word))
    return Chain(tuple(parts))


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


def _before(word: str) -> Node:
    """What stands between the parts of a date: any sign, folded to a blank, or a word."""
    return any_of([sequence(_GAP, _word(word), _GAP), One(" \n")])


_DATE: Final = any_of(
    [
        sequence(_DAY, _MONTH, _YEAR),
        sequence(
            optional(sequence(_word("NGAY"), _GAP)),
            any_of([_DAY, _ONE_DIGIT]),
            _before("THANG"),
            any_of([_MONTH, _ONE_DIGIT]),
            _before("NAM"),
            _YEAR,
        ),
    ]
)
"""01021985 or, folded from 1/2/1985, 1.2.1985 and 01-02-1985, three numbers with blanks; or ngày 1 tháng 2 năm 1985. A year
has four digits: which century two would mean is a guess."""


def of_command(command: Command, short_codes: Sequence[str]) -> Node:
    """All messages without a signature that are this command. What its parameters take is captured: see `captures`."""
    parts: list[Node] = [_PREFIX, words((command.keyword, *command.aliases))]
    before = BLANK
    for index, parameter in enumerate(command.parameters):
        if isinstance(parameter, FreeText):
            before = BREAK  # and from here on
        phrase = all(isinstance(following, (Page, Accents)) for following in command.parameters[index + 1 :])
        parts.append(_parameter(captures(index, parameter), parameter, before, phrase=phrase))
    return sequence(*parts, optional(sequence(before, _sent(any_of(map(Literal, short_codes))))))


def _sent(code: Node) -> Node:
    return sequence(_SENDING, Repeat(sequence(_GAP, _WHERE), 0, 2), BLANK, code)


SENT: Final = _sent(Repeat(One(DIGITS), *SHORT_CODE_DIGITS))
"""“gửi” and any short code: where a text ends like that, the number it was sent to is not one of ours."""


def captures(index: int, parameter: Parameter) -> tuple[str, ...]:
    """The captures of the parameter at this place in its command, one for each value that it may take."""
    times = REPEATS_MAX if getattr(parameter, "repeated", False) else 1
    return tuple(f"p{index}_{time}" for time in range(times))


def _parameter(captures: Sequence[str], parameter: Parameter, before: Node, *, phrase: bool) -> Node:
    value = value_of(parameter, phrase=phrase)
    if isinstance(parameter, Page):
        return optional(sequence(before, words(parameter.words), BLANK, Capture(captures[0], value)))
    if isinstance(parameter, Accents):
        return optional(sequence(before, Capture(captures[0], value)))
    lazy = isinstance(parameter, FreeText)  # it would take all that could be something else
    node = sequence(before, Capture(captures[-1], value))
    for capture in reversed(captures[:-1]):  # each within the one before, so that the first of them are used
        node = sequence(before, Capture(capture, value), optional(node, lazy=lazy))
    return optional(node, lazy=lazy) if parameter.optional else node


def value_of(parameter: Parameter, *, phrase: bool = False) -> Node:  # noqa: PLR0911 - one a kind
    """One value of a parameter; a text that is not repeated may hold blanks if it is to be a `phrase`. Which option of a
    choice it is, `values` tells.
    """
    match parameter:
        case CitizenId():
            return _number(CITIZEN_ID_DIGITS)
        case OldId():
            return _number(OLD_ID_DIGITS)
        case Date():
            return _DATE
        case FreeText():
            in_word = One(" \n", negated=True)
            if phrase and not parameter.repeated:
                return sequence(in_word, Repeat(One("\n", negated=True), 0, parameter.length_max - 1, lazy=True))
            return sequence(in_word, Repeat(in_word, 0, parameter.length_max - 1))
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
            return (
                f"[{'^' * negated}{re.escape(characters)}]" if negated or len(characters) > 1 else re.escape(characters)
            )
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

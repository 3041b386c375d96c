"""From a message to a reading of it: each command of the file becomes one regular expression over the folded text.

    [SOAN [TIN]] keyword [parameter]... [GUI short-code] [line break, signature without digits]

Rules: the whole message must match, or it is misread; a guess is never executed. Between two parts may stand a blank,
a line break, the words "dấu cách" copied from a printed guide, or nothing at all. Digits may be grouped, and O, I and L
count as 0, 1 and 1 within a number. A name below the command is a signature only if it holds no digit: a number that
was meant and mistyped must not be passed over; and no line is one that the command can take. Every repetition in a
pattern is bounded, so time grows with the length of the message and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from syntax.fold import fold
from syntax.model import CitizenId, Command, Parameter, RecordCommand

CITIZEN_ID_DIGITS: Final = 12
"""Luật Căn cước 26/2023/QH15 and its decree: a personal identification number. It has no check digit."""

_TRUE_DIGITS_MIN: Final = 6
"""Digits among the twelve that must be typed as digits: words made of O, I and L are no number."""

TEXT_MAX: Final = 1600
"""Characters of a message that is read: ten full segments. No command comes near it, and strangers choose the length."""

COMMAND_LINES_MAX: Final = 16
"""Lines that a command may be spread over: a number typed digit by digit, and its words."""

_BLANK: Final = r"(?:[ \n]?(?:DAU ?CACH|KHOANG ?TRANG))?[ \n]?"
_COMPOSE: Final = rf"(?:SOAN(?: ?TIN)?{_BLANK})?"
_DIGIT: Final = re.compile(r"\d")
_LETTERS_TO_DIGITS: Final = str.maketrans("OIL", "011", " \n")


class View(Struct, frozen=True):
    """The fields that a command discloses, by code, in the order of the reply."""

    code: str
    fields: tuple[str, ...]


NOTHING: Final = View("nothing", ())
"""What a command that is answered by a text discloses."""


class Read(Struct, frozen=True):
    """A message that was understood. Its repr hides the citizen ID, which names a person."""

    command: str
    kind: Literal["record", "help"]
    view: View
    citizen_id: str | None
    """12 digits, if one was typed. It can only narrow: it must equal the one bound to the sending number."""
    accented: bool
    """The reply is wanted with accents."""

    def __repr__(self) -> str:
        return f"<Read {self.command}>"


class Misread(Struct, frozen=True):
    """A message that was not understood."""

    nearest: str
    """The command whose usage is the answer."""


Reading = Read | Misread


class _Form(Struct, frozen=True):
    """A command, compiled."""

    pattern: re.Pattern[str]
    citizen_id_group: int
    """Groups of the pattern; 0 where the command has no such parameter."""
    accents_group: int
    command: str
    kind: Literal["record", "help"]
    view: View

    def read(self, folded: str) -> Read | None:
        match = self.pattern.fullmatch(folded)
        if match is None:
            return None
        citizen_id = None
        if self.citizen_id_group and (typed := match[self.citizen_id_group]):
            citizen_id = typed if typed.isdigit() else _mend_digits(typed)
            if citizen_id is None:
                return None
        accented = self.accents_group != 0 and match[self.accents_group] is not None
        return Read(self.command, self.kind, self.view, citizen_id, accented)


class Parser:
    """Reads messages by the commands of one syntax file, which `checks` has found sound."""

    def __init__(self, commands: Sequence[Command], views: Mapping[str, View], short_codes: Iterable[str]) -> None:
        ending = rf"(?:{_BLANK}GUI(?: ?(?:TOI|DEN|SO)){{0,2}}{_BLANK}(?:{'|'.join(short_codes)}))?"
        self._forms = tuple(_compile(command, views, ending) for command in commands)
        self._first = commands[0].name
        self._beginnings: dict[str, str] = {}
        for command in commands:
            for keyword in map(squeeze, spellings(command)):
                for length in range(1, len(keyword) + 1):
                    self._beginnings.setdefault(keyword[:length], command.name)
        self._longest = max(map(len, self._beginnings))

    def read(self, text: str) -> Reading:
        """Never raises. Takes time in proportion to the length of the text, up to `TEXT_MAX`; longer ones are misread."""
        folded = fold(text[:TEXT_MAX])
        if len(text) > TEXT_MAX:
            return Misread(self._nearest(folded))
        return self._read_whole(folded) or self._read_signed(folded) or Misread(self._nearest(folded))

    def accepting(self, text: str) -> list[str]:
        """Every command that a message without a signature could mean; more than one is a fault of the file."""
        folded = fold(text)
        return [form.command for form in self._forms if form.read(folded) is not None]

    def _read_whole(self, folded: str) -> Read | None:
        for form in self._forms:
            if (reading := form.read(folded)) is not None:
                return reading
        return None

    def _read_signed(self, folded: str) -> Read | None:
        """The most first lines that make a command, if no line below them holds a digit."""
        lines = folded.split("\n", COMMAND_LINES_MAX)
        for end in range(len(lines) - 1, 0, -1):
            if _DIGIT.search(lines[end]):
                return None
            if (reading := self._read_whole("\n".join(lines[:end]))) is not None:
                return reading
        return None

    def _nearest(self, folded: str) -> str:
        """The command whose keyword shares the longest beginning with the message; the first, where none does."""
        typed = folded[: 2 * self._longest].replace(" ", "")
        for length in range(self._longest, 0, -1):
            if (command := self._beginnings.get(typed[:length])) is not None:
                return command
        return self._first


def spellings(command: Command) -> tuple[str, ...]:
    """The keyword of a command and its aliases, as the file writes them."""
    return (command.keyword, *command.aliases)


def squeeze(words: str) -> str:
    """Words as the grammar compares them: folded, and without blanks, for people leave those out."""
    return fold(words).replace(" ", "")


def _mend_digits(typed: str) -> str | None:
    """Digits without their groups, letters that were meant as digits made so; None if the letters are too many."""
    if sum(map(str.isdigit, typed)) < _TRUE_DIGITS_MIN:
        return None
    return typed.translate(_LETTERS_TO_DIGITS)


def _compile(command: Command, views: Mapping[str, View], ending: str) -> _Form:
    parameters = "".join(map(_parameter_pattern, command.parameters))
    pattern = re.compile(_COMPOSE + _any_of(spellings(command)) + parameters + ending)
    groups = pattern.groupindex
    kind: Literal["record", "help"]
    kind, view = ("record", views[command.view]) if isinstance(command, RecordCommand) else ("help", NOTHING)
    return _Form(pattern, groups.get("citizen_id", 0), groups.get("accents", 0), command.name, kind, view)


def _parameter_pattern(parameter: Parameter) -> str:
    if isinstance(parameter, CitizenId):
        digits = rf"(?P<citizen_id>[0-9OIL](?:[ \n]?[0-9OIL]){{{CITIZEN_ID_DIGITS - 1}}})"
        return rf"(?:{_BLANK}{digits})" + "?" * parameter.optional
    return rf"(?:{_BLANK}(?P<accents>{_any_of(parameter.words)}))?"


def _any_of(words: Iterable[str]) -> str:
    """Longest first; between the words of one, whatever may stand between two parts."""
    folded = sorted(map(fold, words), key=len, reverse=True)
    return "(?:" + "|".join(word.replace(" ", _BLANK) for word in folded) + ")"

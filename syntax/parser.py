"""From a message to a reading of it: each command of the file becomes one regular expression over the folded text.

    [SOAN [TIN]] keyword [parameter]... [GUI short-code] [line break, signature without digits]

The whole message must match, or it is misread; a guess is never executed. Of DOMAIN s4 the appended signature is here:
a name below the command is one only if it holds no digit, for a number that was meant and mistyped must not be passed
over; no line is one that the command can take, that is a command itself, or whose first words make another command of
the one above ("DC", and below it "TB, cảm ơn"), nor one that holds only choices of another ("DC", and below it "HỘ KHẨU",
for "DC MUC HỘ KHẨU"): which of the two was meant would be a guess. A value that cannot be
(the 31st of February, a number of letters only) makes the message misread too. How a message may be typed is in `fold`,
what a command accepts in `grammar`, what a value is in `values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from syntax import grammar
from syntax.fold import fold
from syntax.model import Accents, Choice, Command, Parameter, RecordCommand
from syntax.nearest import Nearest
from syntax.values import Value, reader
from syntax.values import squeeze as squeeze  # noqa: PLC0414 - `checks` takes it from here, with the names of the parts

TEXT_MAX: Final = 1600
"""Characters of a message that is read: ten full segments. No command comes near it, and strangers choose the length."""

KEYWORD_WORDS_MAX: Final = 4
"""First words of a line that are tried as the rest of a keyword: the reference has two at most."""

COMMAND_LINES_MAX: Final = 16
"""Lines that a command may be spread over: a number typed digit by digit, and its words."""

_DIGIT: Final = re.compile(r"[\d\ufffd]")
"""Of any script, or lost on the way."""

Kind = Literal["record", "help", "suspended"]


class View(Struct, frozen=True):
    """The fields that a command discloses, by code, in the order of the reply."""

    code: str
    fields: tuple[str, ...]


NOTHING: Final = View("nothing", ())
"""What a command that is answered by a text discloses."""


class Read(Struct, frozen=True):
    """A message that was understood. Its repr hides the values, which name a person."""

    command: str
    kind: Kind
    view: View
    accented: bool = False
    """The reply is wanted with accents."""
    page: int = 1
    """Which part of a reply that is too long for one, from 1."""
    values: tuple[tuple[str, Value], ...] = ()
    """What was typed, by the name of the parameter."""
    conditions: tuple[tuple[str, Value], ...] = ()
    """Fields of the sender's own record, each with the value that it must have. They only narrow."""

    def __repr__(self) -> str:
        return f"<Read {self.command}>"


class Misread(Struct, frozen=True):
    """A message that was not understood."""

    nearest: str
    """The command whose usage is the answer."""


class Retired(Struct, frozen=True):
    """A message in the syntax of a version that is no longer in force."""

    command: str
    """The command of today whose usage is the answer."""


Reading = Read | Misread | Retired


class _Form:
    """A command, compiled."""

    def __init__(self, command: Command, views: Mapping[str, View], short_codes: Sequence[str]) -> None:
        self.command: Final = command.name
        self._pattern: Final = re.compile(grammar.pattern(grammar.of_command(command, short_codes)))
        is_record = isinstance(command, RecordCommand)
        view = views[command.view] if isinstance(command, RecordCommand) else NOTHING
        kind: Kind = "suspended" if command.suspended else "record" if is_record else "help"
        self._plain: Final = Read(command.name, kind, view, accented=command.accented)
        """What it means without any parameter."""
        self._slots: Final = tuple(
            (self._pattern.groupindex[capture], _Slot(parameter, views))
            for index, parameter in enumerate(command.parameters)
            for capture in grammar.captures(index, parameter)
        )

    def read(self, folded: str) -> Read | None:
        match = self._pattern.fullmatch(folded)
        if match is None:
            return None
        if match.lastindex is None:
            return self._plain
        typed: list[tuple[_Slot, Value]] = []
        for group, slot in self._slots:
            if (text := match[group]) is not None:
                value = slot.read(text)
                if value is None:
                    return None
                typed.append((slot, value))
        return self._with(typed)

    def _with(self, typed: Iterable[tuple[_Slot, Value]]) -> Read:
        plain = self._plain
        accented, page, view = plain.accented, plain.page, plain.view
        values: list[tuple[str, Value]] = []
        conditions: list[tuple[str, Value]] = []
        chosen: list[View] = []
        for slot, value in typed:
            if slot.is_accents:
                accented = True
                continue
            values.append((slot.name, value))
            if slot.field:
                conditions.append((slot.field, value))
            elif isinstance(value, int):
                page = value
            else:
                chosen.append(slot.views[value])  # type: ignore[index] # a choice is read as the code of a view
        if chosen:
            view = _together(chosen)
        return Read(plain.command, plain.kind, view, accented, page, tuple(values), tuple(conditions))


class _Slot:
    """A place for one value of a parameter, compiled."""

    def __init__(self, parameter: Parameter, views: Mapping[str, View]) -> None:
        self.is_accents: Final = isinstance(parameter, Accents)
        self.name: Final = name_of(parameter)
        self.field: Final[str] = getattr(parameter, "equals", "")
        """The field of the own record that the value must equal; empty where it does something else."""
        self.views: Final = {o.view: views[o.view] for o in parameter.options} if isinstance(parameter, Choice) else {}
        self.read: Final = reader(parameter)


class Parser:
    """Reads messages by the commands of one syntax file, which `checks` has found sound."""

    def __init__(self, commands: Sequence[Command], views: Mapping[str, View], short_codes: Sequence[str]) -> None:
        self._forms = tuple(_Form(command, views, short_codes) for command in commands)
        self._keywords = {squeeze(spelling): command.name for command in commands for spelling in spellings(command)}
        self._fuller: dict[str, list[str]] = {}
        """Command → keywords that go on where its own ends, and take a choice."""
        for command in commands:
            if (service := _service(command)) and (owner := self._keywords.get(squeeze(service))) is not None:
                self._fuller.setdefault(owner, []).append(fold(command.keyword))
        self._nearest = Nearest(
            ((command.name, spelling) for command in commands for spelling in spellings(command)),
            ((command.name, shortened) for command in commands for shortened in _shortened(command)),
        )

    def read(self, text: str) -> Read | Misread:
        """Never raises. Takes time in proportion to the length of the text, up to `TEXT_MAX`; longer ones are misread."""
        folded = fold(text[:TEXT_MAX])
        if len(text) <= TEXT_MAX and (reading := self._read_whole(folded) or self._read_signed(folded)) is not None:
            return reading
        return Misread(self._nearest.command(folded))

    def accepting(self, folded: str) -> list[str]:
        """Every command that a folded message without a signature could mean; more than one is a fault of the file."""
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
            above = "\n".join(lines[:end])
            if (reading := self._read_whole(above)) is not None:
                return None if self._asks_more(reading, above, lines[end:]) else reading
        return None

    def _asks_more(self, reading: Read, above: str, below: Sequence[str]) -> bool:
        """Whether what would be the signature of a command is one itself, begins as the rest of another's keyword, or is a
        choice of that one.
        """
        chosen = (f"{keyword} {below[0]}" for keyword in self._fuller.get(reading.command, ()))
        if any(self._read_whole(line) is not None for line in (*below, *chosen)):
            return True
        words = below[0].split(" ", KEYWORD_WORDS_MAX)[:KEYWORD_WORDS_MAX]
        for end in range(1, len(words) + 1):
            longer = " ".join([above, *words[:end]])
            whole = self._read_whole(longer)
            meant = whole.command if whole is not None else self._keywords.get(squeeze(longer), reading.command)
            if meant != reading.command:
                return True
        return False


def spellings(command: Command) -> tuple[str, ...]:
    """The keyword of a command and its aliases, as the file writes them."""
    return (command.keyword, *command.aliases)


def _service(command: Command) -> str:
    """A keyword of several words without its last, where a choice follows: "DC" of "DC MUC"; else nothing."""
    takes_choice = any(isinstance(parameter, Choice) for parameter in command.parameters)
    return command.keyword.strip().rpartition(" ")[0] if takes_choice else ""


def _shortened(command: Command) -> Iterator[str]:
    """A keyword without its last word, with an option of the command: "DC THE" for "DC MUC THE"."""
    service = _service(command)
    for parameter in command.parameters if service else ():
        if isinstance(parameter, Choice):
            yield from (f"{service} {word}" for option in parameter.options for word in option.words)


def name_of(parameter: Parameter) -> str:
    """What examples and readings call a parameter."""
    return parameter.name or type(parameter).__struct_config__.tag  # type: ignore[return-value] # a string in each


def _together(chosen: Iterable[View]) -> View:
    """Several views as one: their fields in the order asked for, each once."""
    views = list(dict.fromkeys(chosen))
    if len(views) == 1:
        return views[0]
    fields = dict.fromkeys(field for view in views for field in view.fields)
    return View("+".join(view.code for view in views), tuple(fields))

"""Proof that no message means two things, and search for what no message can reach.

Each command is an automaton over folded text, and so is each option of a choice; every two are walked side by side for a
text that both accept. The trees accept a little more than the parser reads: the 31st of February, a number of letters only.
So each text found is confirmed by the parser, and where it is refused the next is tried, up to `automata.REFUSED_MAX`:
beyond that many the commands pass for distinct. A file that takes more than `automata.STEPS_MAX` is refused, for it cannot
be proved.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from syntax import grammar
from syntax.automata import VISITS_MAX, Automaton, Effort, TooIntricate, spaced, texts, witness
from syntax.checks import UNSURE
from syntax.findings import Place, Problem
from syntax.fold import fold
from syntax.grammar import Chain, Either, Literal, Node, Repeat
from syntax.language import Syntax
from syntax.model import Accents, Choice, Command, Option, Parameter
from syntax.parser import Read, name_of, spellings, squeeze

TRIES_MAX: Final = 20
"""Shortest messages with a parameter that are tried before it counts as one that is not read."""


def prove(syntax: Syntax, effort: Effort | None = None) -> Iterator[Problem]:
    """What two commands, or two options of a choice, both accept, and what can never be reached."""
    proof = _Proof(syntax, effort or Effort())
    try:
        yield from proof.problems()
    except TooIntricate:
        yield Problem(
            ("commands",),
            "các lệnh có quá nhiều từ và tham số để chứng minh rằng không tin nào mang hai nghĩa",
            "bớt tên gọi khác, lựa chọn hoặc tham số",
            why="tệp chưa chứng minh được thì không được dùng",
        )


class _Proof:
    """The commands of one file as trees and automata."""

    def __init__(self, syntax: Syntax, effort: Effort) -> None:
        self._syntax = syntax
        self._effort = effort
        self._commands = syntax.document.commands
        self._trees = [grammar.of_command(command, syntax.short_codes) for command in self._commands]
        self._automata: list[Automaton] = []

    def problems(self) -> Iterator[Problem]:
        for index, command in enumerate(self._commands):
            self._automata.append(Automaton(self._trees[index], self._effort))
            yield from self._ambiguities(index)
            for number, parameter in enumerate(command.parameters):
                if isinstance(parameter, Choice):
                    yield from _options(("commands", index, "parameters", number), parameter, self._effort)
                yield from self._unread(index, number)

    def _accepted(self, names: set[str], text: str) -> bool:
        return names <= {*self._syntax.accepting(text)}

    def _ambiguities(self, index: int) -> Iterator[Problem]:
        """Messages that an earlier command accepts too; and whether there is any other."""
        command, mine = self._commands[index], self._automata[index]
        shared: list[int] = []
        for before, other in enumerate(self._automata[:index]):
            first = self._commands[before].name
            confirm = functools.partial(self._accepted, {first, command.name})
            text = witness(other, mine, self._effort, confirm)
            if text is not None:
                shared.append(before)
                key, spelling = _spelling_in(text, command)
                yield Problem(
                    ("commands", index, key),
                    f"tin “{shown(spaced(text, confirm))}” vừa là lệnh “{first}” vừa là lệnh “{command.name}”",
                    "đổi từ khóa, tên gọi khác hoặc tham số của một trong hai lệnh",
                    spelling,
                    why=UNSURE,
                )
        if not shared:
            return
        earlier = Automaton(Either(tuple(self._trees[before] for before in shared)), self._effort)
        confirm = functools.partial(self._accepted, {command.name})
        if witness(mine, earlier, self._effort, confirm, both=False) is None:
            names_before = ", ".join(f"“{self._commands[before].name}”" for before in shared)
            what = f"lệnh “{command.name}” không bao giờ được dùng: tin nào của nó cũng là tin của lệnh {names_before} đứng trước"
            why = "tin được hiểu theo lệnh đứng trước trong tệp"
            yield Problem(("commands", index, "keyword"), what, "bỏ lệnh này, hoặc đổi từ khóa", why=why)

    def _unread(self, index: int, number: int) -> Iterator[Problem]:
        """A parameter whose text another one of the command takes, however it is typed."""
        command = self._commands[index]
        parameter = command.parameters[number]
        required = Automaton(_requiring(self._trees[index], len(command.parameters), number), self._effort)
        first = ""
        messages = texts(required, required, self._effort, both=True, visits=VISITS_MAX)
        for text in itertools.islice(messages, TRIES_MAX):
            reading = self._syntax.read(text)
            if not isinstance(reading, Read) or reading.command != command.name:
                continue  # a value that cannot be, or a message of two commands, which is told already
            if _was_read(parameter, reading, command):
                return
            first = first or text
        if first:
            first = spaced(first, lambda text: required.takes(text) and isinstance(self._syntax.read(text), Read))
            what = f"tham số “{name_of(parameter)}” không đọc được: trong tin “{shown(first)}” một tham số khác lấy mất chữ của nó"
            mend, why = (
                "bỏ tham số này, đổi từ của nó, hoặc đặt nó trước tham số kia",
                "người nhắn ghi đúng mà không được hiểu",
            )
            yield Problem(("commands", index, "parameters", number), what, mend, why=why)


def _requiring(tree: Node, parameters: int, number: int) -> Node:
    """The tree of a command (prefix, words, parameters, ending) in which one parameter must stand."""
    assert isinstance(tree, Chain), "a command is a chain"
    parts = list(tree.parts)
    position = len(parts) - 1 - parameters + number
    part = parts[position]
    if isinstance(part, Repeat) and part.least == 0:
        parts[position] = part.node
    return Chain(tuple(parts))


def _spelling_in(text: str, command: Command) -> tuple[str, str]:
    """Which keyword of a command a text holds: the key under which it stands, and how the file writes it."""
    bare = text.replace(" ", "").replace("\n", "")
    held = [spelling for spelling in spellings(command) if squeeze(spelling) in bare]
    spelling = max(held, key=lambda spelling: len(squeeze(spelling)), default=command.keyword)
    return ("keyword" if spelling == command.keyword else "aliases"), spelling


def _options(place: Place, choice: Choice, effort: Effort) -> Iterator[Problem]:
    """Words of one option that are also words of another, or, where several may be typed, some words of others: an error
    where their own letters are; a warning where they only are with residue of Telex, which the parser does not guess.
    """
    for index, option in enumerate(choice.options):
        others = [other for other in choice.options if other.view != option.view]
        for spell in (_own_letters, grammar.words) if others else ():
            meant = spell(word for other in others for word in other.words)
            if choice.repeated:
                every = spell(word for any_option in choice.options for word in any_option.words)
                meant = grammar.sequence(
                    grammar.optional(grammar.sequence(every, grammar.BLANK)),
                    meant,
                    grammar.optional(grammar.sequence(grammar.BLANK, every)),
                )
            mine, theirs = Automaton(spell(option.words), effort), Automaton(meant, effort)
            text = next(texts(mine, theirs, effort, both=True), None)
            if text is not None:
                exact = spell is _own_letters
                text = spaced(text, functools.partial(_both_take, mine, theirs))
                yield Problem(
                    (*place, "options", index, "words"),
                    f"chữ “{shown(text)}” {'' if exact else 'gõ kiểu Telex '}vừa là lựa chọn “{option.view}” vừa là lựa chọn khác",
                    "mỗi lựa chọn dùng những từ khác hẳn nhau, và không từ nào ghép từ hai từ khác",
                    _word_for(text, option),
                    UNSURE,
                    "error" if exact else "warning",
                )
                break


def _own_letters(words: Iterable[str]) -> Node:
    """These words as they are, with blanks or without."""
    return grammar.any_of(
        Chain(tuple(part for word in fold(phrase).split(" ") for part in (grammar.BLANK, Literal(word)))[1:])
        for phrase in words
    )


def _both_take(one: Automaton, other: Automaton, text: str) -> bool:
    return one.takes(text) and other.takes(text)


def _word_for(text: str, option: Option) -> str:
    bare = squeeze(text)
    return next((word for word in option.words if squeeze(word) == bare), option.words[0])


def _was_read(parameter: Parameter, reading: Read, command: Command) -> bool:
    if isinstance(parameter, Accents):
        return reading.accented or command.accented
    return name_of(parameter) in dict(reading.values)


def shown(text: str) -> str:
    """A folded text in one line."""
    return text.replace("\n", " ⏎ ")


# ---- two versions --------------------------------------------------------------------------------------------------


def changed_meanings(old: Syntax, new: Syntax, effort: Effort | None = None) -> Iterator[tuple[str, str, str]]:
    """Messages that mean one command in one version and another in the next: the message, the old and the new command."""
    effort = effort or Effort()
    try:
        mine = [
            (command, Automaton(grammar.of_command(command, old.short_codes), effort))
            for command in old.document.commands
        ]
        theirs = [
            (command, Automaton(grammar.of_command(command, new.short_codes), effort))
            for command in new.document.commands
        ]
        for command, one in mine:
            for other_command, other in theirs:
                if command.name == other_command.name:
                    continue
                meanings = (command.name, other_command.name)
                text = witness(one, other, effort, functools.partial(_mean, old, new, meanings))
                if text is not None:
                    yield text, *meanings
    except TooIntricate:
        return


def _mean(old: Syntax, new: Syntax, meanings: tuple[str, str], text: str) -> bool:
    before, now = old.read(text), new.read(text)
    return isinstance(before, Read) and isinstance(now, Read) and (before.command, now.command) == meanings

"""Proof that no message means two things, and search for what no message can reach.

Each tree of `grammar` becomes a deterministic automaton over folded text, made as far as it is walked: a state is the set
of characters of the tree that may come next. Two automata are walked side by side, breadth first, so that the text found
is a shortest one. Folded text is A-Z, 0-9, blank, line break, and letters of other scripts, for all of which one stands;
it neither begins nor ends with a blank, and has no two in a row.

The trees accept a little more than the parser reads: the 31st of February, a number of letters only. So each text found is
confirmed by the parser, and where it is refused the next is tried, up to `REFUSED_MAX`: beyond that many the commands pass
for distinct. All work is counted and bounded by `Effort`; a file that takes more is refused, for it cannot be proved.
"""

from __future__ import annotations

import functools
import string
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from syntax import grammar
from syntax.findings import Place, Problem
from syntax.grammar import Capture, Chain, Either, Literal, Node, One, Repeat
from syntax.language import Syntax
from syntax.model import Accents, Choice, Command, Option
from syntax.parser import Read, name_of, spellings, squeeze

STEPS_MAX: Final = 2_000_000
"""Steps of one proof, each a character of a tree or a pair of states: about three seconds. The reference takes 39,000."""

REFUSED_MAX: Final = 200
"""Texts that the trees accept and the parser refuses, of one pair, before the next pair."""

VISITS_MAX: Final = 8
"""Ways on which one pair of states is reached, once the first way led to a text that is refused."""

TRIES_MAX: Final = 50
"""Messages tried before a parameter counts as one that is never read."""

OTHER: Final = "Ж"
"""Stands for every letter and digit that is not of the Latin alphabet: no tree names one."""

_ALPHABET: Final = "1234567890" + string.ascii_uppercase + " \n" + OTHER
"""In the order of preference: of texts of one length, the one with a date and a page that can be."""

_ORDER: Final = {character: index for index, character in enumerate(_ALPHABET)}
_SEPARATORS: Final = " \n"
_END: Final = -1
_DEAD: Final = -1


class TooIntricate(Exception):
    """A file that would take more than `STEPS_MAX`."""


class Effort:
    """Counts the steps of one proof."""

    def __init__(self, steps_max: int = STEPS_MAX) -> None:
        self.steps = 0
        self._steps_max = steps_max

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self._steps_max:
            raise TooIntricate


class Automaton:
    """A tree as a deterministic automaton. States are numbers; `start` is the first."""

    start: Final = 0

    def __init__(self, tree: Node, effort: Effort) -> None:
        self._effort = effort
        self._characters: list[str] = []
        self._after: list[frozenset[int]] = []
        first = self._enter(tree, frozenset({_END}))
        self._states = [first]
        self._numbers = {first: self.start}
        self._moves: list[dict[str, int] | None] = [None]

    def accepts(self, state: int) -> bool:
        return state != _DEAD and _END in self._states[state]

    def moves(self, state: int) -> dict[str, int]:
        """Character → next state, in the order of preference; what is absent leads nowhere."""
        if state == _DEAD:
            return {}
        known = self._moves[state]
        if known is None:
            reached: dict[str, set[int]] = {}
            for position in self._states[state]:
                if position != _END:
                    for character in self._characters[position]:
                        reached.setdefault(character, set()).update(self._after[position])
            self._effort.spend(len(reached))
            known = {
                character: self._number(frozenset(reached[character]))
                for character in sorted(reached, key=_ORDER.__getitem__)
            }
            self._moves[state] = known
        return known

    def _number(self, positions: frozenset[int]) -> int:
        number = self._numbers.setdefault(positions, len(self._states))
        if number == len(self._states):
            self._states.append(positions)
            self._moves.append(None)
        return number

    def _enter(self, node: Node, after: frozenset[int]) -> frozenset[int]:
        """The positions that may come first in a node, which is followed by those in `after`."""
        match node:
            case One(characters, negated):
                return self._position("".join(set(_ALPHABET).difference(characters)) if negated else characters, after)
            case Literal(text):
                for character in reversed(text):
                    after = self._position(character, after)
                return after
            case Chain(parts):
                for part in reversed(parts):
                    after = self._enter(part, after)
                return after
            case Either(options):
                return frozenset().union(*(self._enter(option, after) for option in options))
            case Capture(_, inner):
                return self._enter(inner, after)
            case Repeat(inner, least, most, _):
                entered = after
                for _ in range(most - least):
                    entered = after | self._enter(inner, entered)
                for _ in range(least):
                    entered = self._enter(inner, entered)
                return entered

    def _position(self, characters: str, after: frozenset[int]) -> frozenset[int]:
        self._effort.spend(1)
        self._characters.append(characters)
        self._after.append(after)
        return frozenset({len(self._after) - 1})


def texts(one: Automaton, other: Automaton, effort: Effort, *, both: bool, visits: int = 1) -> Iterator[str]:
    """Folded texts, the shortest first: of those that `one` accepts, the ones that `other` accepts too, or (`both` False)
    does not. Each pair of states is reached on so many ways (`visits`) at most, so not all texts are told; but one is, if
    there is any.
    """
    begin = (one.start, other.start, True)
    seen = {begin: 1}
    queue = deque([(begin, "")])
    while queue:
        (state, beside, separated), text = queue.popleft()
        if not separated and one.accepts(state) and other.accepts(beside) == both:
            yield text
        moves_beside = other.moves(beside)
        for character, following in one.moves(state).items():
            separates = character in _SEPARATORS
            if (separates and separated) or (both and character not in moves_beside):
                continue
            effort.spend(1)
            reached = (following, moves_beside.get(character, _DEAD), separates)
            times = seen.get(reached, 0)
            if times < visits:
                seen[reached] = times + 1
                queue.append((reached, text + character))


def witness(
    one: Automaton, other: Automaton, effort: Effort, confirm: Callable[[str], bool], *, both: bool = True
) -> str | None:
    """A shortest text of `texts` that is confirmed; None where there is none, or none among the first `REFUSED_MAX`."""
    refused = 0
    for visits in (1, VISITS_MAX):
        for text in texts(one, other, effort, both=both, visits=visits):
            if confirm(text):
                return text
            refused += 1
            if refused > REFUSED_MAX:
                return None
        if not refused:
            return None
    return None


# ---- one file ------------------------------------------------------------------------------------------------------


def prove(syntax: Syntax, effort: Effort | None = None) -> Iterator[Problem]:
    """What two commands, or two options of a choice, both accept, and what can never be reached."""
    effort = effort or Effort()
    commands = syntax.document.commands
    try:
        trees = [grammar.of_command(command, syntax.short_codes) for command in commands]
        automata = [Automaton(tree, effort) for tree in trees]
        for index, command in enumerate(commands):
            yield from _ambiguities(index, commands, trees, automata, syntax, effort)
            for place, parameter in enumerate(command.parameters):
                if isinstance(parameter, Choice):
                    yield from _options(("commands", index, "parameters", place), parameter, effort)
                yield from _unread(index, place, command, trees[index], syntax, effort)
    except TooIntricate:
        yield Problem(
            ("commands",),
            "các lệnh có quá nhiều từ và tham số để chứng minh rằng không tin nào mang hai nghĩa",
            "bớt tên gọi khác, lựa chọn hoặc tham số",
            why="tệp chưa chứng minh được thì không được dùng",
        )


def _ambiguities(
    index: int,
    commands: Sequence[Command],
    trees: Sequence[Node],
    automata: Sequence[Automaton],
    syntax: Syntax,
    effort: Effort,
) -> Iterator[Problem]:
    command, mine = commands[index], automata[index]
    shared: list[int] = []
    for before in range(index):
        names = {commands[before].name, command.name}
        text = witness(automata[before], mine, effort, functools.partial(_accepted, syntax, names))
        if text is not None:
            shared.append(before)
            key, spelling = _spelling_in(text, command)
            yield Problem(
                ("commands", index, key),
                f"tin “{shown(text)}” vừa là lệnh “{commands[before].name}” vừa là lệnh “{command.name}”",
                "đổi từ khóa, tên gọi khác hoặc tham số của một trong hai lệnh",
                spelling,
                why="một tin mang hai nghĩa thì người nhắn có thể nhận điều mình không hỏi",
            )
    if not shared:
        return
    earlier = Automaton(Either(tuple(trees[before] for before in shared)), effort)
    if witness(mine, earlier, effort, functools.partial(_accepted, syntax, {command.name}), both=False) is None:
        names_before = ", ".join(f"“{commands[before].name}”" for before in shared)
        yield Problem(
            ("commands", index, "keyword"),
            f"lệnh “{command.name}” không bao giờ được dùng: tin nào của nó cũng là tin của lệnh {names_before} đứng trước",
            "bỏ lệnh này, hoặc đổi từ khóa",
            why="tin được hiểu theo lệnh đứng trước trong tệp",
        )


def _accepted(syntax: Syntax, names: set[str], text: str) -> bool:
    return names <= {*syntax.accepting(text)}


def _spelling_in(text: str, command: Command) -> tuple[str, str]:
    """Which keyword of a command a text holds: the key under which it stands, and how the file writes it."""
    bare = text.replace(" ", "").replace("\n", "")
    held = [spelling for spelling in spellings(command) if squeeze(spelling) in bare]
    spelling = max(held, key=lambda spelling: len(squeeze(spelling)), default=command.keyword)
    return ("keyword" if spelling == command.keyword else "aliases"), spelling


def _options(place: Place, choice: Choice, effort: Effort) -> Iterator[Problem]:
    """Words of one option that are also words of another, or, where several may be typed, two words of others."""
    everything = grammar.words(word for option in choice.options for word in option.words)
    for index, option in enumerate(choice.options):
        others = [other for other in choice.options if other.view != option.view]
        if not others:
            continue
        meant = grammar.words(word for other in others for word in other.words)
        if choice.repeated:
            meant = grammar.sequence(
                grammar.optional(grammar.sequence(everything, grammar.BLANK)),
                meant,
                grammar.optional(grammar.sequence(grammar.BLANK, everything)),
            )
        mine = Automaton(grammar.words(option.words), effort)
        text = witness(mine, Automaton(meant, effort), effort, lambda _: True)
        if text is None:
            continue
        word = _word_for(text, option)
        yield Problem(
            (*place, "options", index, "words"),
            f"chữ “{shown(text)}” vừa là lựa chọn “{option.view}” vừa là lựa chọn khác",
            "mỗi lựa chọn dùng những từ khác hẳn nhau, và không từ nào ghép từ hai từ khác",
            word,
            why="một từ mang hai nghĩa thì người nhắn có thể nhận điều mình không hỏi",
        )
        before = [other for other in choice.options[:index] if other.view != option.view]
        if before:
            taken = Automaton(grammar.words(word for other in before for word in other.words), effort)
            if next(texts(mine, taken, effort, both=False), None) is None:
                yield Problem(
                    (*place, "options", index),
                    f"lựa chọn “{option.view}” không bao giờ được dùng: từ nào của nó cũng là của lựa chọn đứng trước",
                    "bỏ lựa chọn này, hoặc đổi từ",
                    why="từ được hiểu theo lựa chọn đứng trước",
                )


def _word_for(text: str, option: Option) -> str:
    bare = squeeze(text)
    return next((word for word in option.words if squeeze(word) == bare), option.words[0])


def _unread(index: int, place: int, command: Command, tree: Node, syntax: Syntax, effort: Effort) -> Iterator[Problem]:
    """A parameter whose text another one of the command takes, however it is typed."""
    parameter = command.parameters[place]
    parts = list(tree.parts) if isinstance(tree, Chain) else []
    position = len(parts) - 1 - len(command.parameters) + place
    part = parts[position]
    if isinstance(part, Repeat) and part.least == 0:
        parts[position] = part.node
    required = Automaton(Chain(tuple(parts)), effort)
    first: str | None = None
    for tried, text in enumerate(texts(required, required, effort, both=True, visits=VISITS_MAX)):
        reading = syntax.read(text)
        if not isinstance(reading, Read) or reading.command != command.name or _was_read(parameter, reading, command):
            return
        first = first or text
        if tried + 1 >= TRIES_MAX:
            break
    yield Problem(
        ("commands", index, "parameters", place),
        f"tham số “{name_of(parameter)}” không đọc được: trong tin “{shown(first or command.keyword)}” một tham số khác lấy mất chữ của nó",
        "bỏ tham số này, đổi từ của nó, hoặc đặt nó trước tham số kia",
        why="người nhắn ghi đúng mà không được hiểu",
    )


def _was_read(parameter: object, reading: Read, command: Command) -> bool:
    if isinstance(parameter, Accents):
        return reading.accented or command.accented
    return name_of(parameter) in dict(reading.values)  # type: ignore[arg-type] # any parameter has a name


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

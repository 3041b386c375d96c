"""The trees of `grammar` as automata, to find a text that two of them accept, or that only one does.

A deterministic automaton is made as far as it is walked: a state is the set of characters of the tree that may come next.
Two automata are walked side by side, breadth first, so that the text found is a shortest one. Folded text is A-Z, 0-9,
blank, line break, and letters of other scripts, for all of which one stands; it neither begins nor ends with a blank, and
has no two in a row. All work is counted and bounded by `Effort`.
"""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from syntax.grammar import Capture, Chain, Either, Literal, Node, One, Repeat

STEPS_MAX: Final = 1_000_000
"""Steps of one proof, each a character of a tree or a pair of states: about four seconds at worst. The reference takes 39,000."""

REFUSED_MAX: Final = 200
"""Texts that the trees accept and the parser refuses, of one pair, before the next pair."""

VISITS_MAX: Final = 8
"""Ways on which one pair of states is reached, once the first way led to a text that is refused."""

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

    def takes(self, text: str) -> bool:
        """Whether a folded text is one of the tree's."""
        state = self.start
        for character in text:
            state = self.moves(state).get(character if character in _ORDER else OTHER, _DEAD)
        return self.accepts(state)

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
            case Repeat():
                return self._enter_repeat(node, after)

    def _enter_repeat(self, node: Repeat, after: frozenset[int]) -> frozenset[int]:
        entered = after
        for _ in range(node.most - node.least):
            entered = after | self._enter(node.node, entered)
        for _ in range(node.least):
            entered = self._enter(node.node, entered)
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


def spaced(text: str, confirm: Callable[[str], bool]) -> str:
    """A text as people would write it: with a blank wherever one may stand, but within numbers."""
    at = len(text) - 1
    while at > 0:
        pair = text[at - 1 : at + 1]
        if not pair.isdigit() and pair.isalnum() and confirm(longer := f"{text[:at]} {text[at:]}"):
            text = longer
        at -= 1
    return text

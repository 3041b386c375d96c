"""How much work a tree of the grammar makes of a text, counted: the same search as that of the regular expression made
from it (in order, with backtracking), with every comparison of a character counted. Deterministic, unlike a clock.
"""

from syntax.grammar import Capture, Chain, Either, Literal, One, Repeat


class Work:
    """Counts the comparisons of one search, and gives it up after so many."""

    def __init__(self, text, most=10**6):
        self.text = text
        self.most = most
        self.steps = 0

    def matches(self, node):
        """Whether the whole text is one of the tree's; None where it was given up."""
        for end in self._ends(node, 0):
            if self.steps >= self.most:
                return None
            if end == len(self.text):
                return True
        return None if self.steps >= self.most else False

    def _ends(self, node, at):
        """Where the node can end that begins here, in the order in which a search tries them."""
        match node:
            case _ if self.steps >= self.most:
                return
            case One() | Literal():
                self.steps += 1
                yield from self._compared(node, at)
            case Capture(_, inner):
                yield from self._ends(inner, at)
            case Either(options):
                for option in options:
                    yield from self._ends(option, at)
            case Chain(parts):
                yield from self._chain(parts, at)
            case Repeat():
                yield from self._repeat(node, at, 0)

    def _compared(self, node, at):
        if isinstance(node, Literal):
            if self.text.startswith(node.text, at):
                yield at + len(node.text)
        elif at < len(self.text) and (self.text[at] in node.characters) != node.negated:
            yield at + 1

    def _chain(self, parts, at):
        tried = [self._ends(parts[0], at)]
        while tried:
            end = next(tried[-1], None)
            if end is None:
                tried.pop()
            elif len(tried) == len(parts):
                yield end
            else:
                tried.append(self._ends(parts[len(tried)], end))

    def _repeat(self, node, at, times):
        if node.lazy and times >= node.least:
            yield at
        if times < node.most:
            for end in self._ends(node.node, at):
                if end > at:
                    yield from self._repeat(node, end, times + 1)
        if not node.lazy and times >= node.least:
            yield at


WORK_MAX = 10_000
"""Comparisons for any one command and any message, however long: about those of looking at each of the characters of the
longest that is read a few times.
"""


def work(node, text):
    """Comparisons to find that a text is one of the tree's, or none; not much more than `WORK_MAX`, where it is given up."""
    search = Work(text, WORK_MAX + 1)
    search.matches(node)
    return search.steps

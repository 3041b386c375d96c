"""How much work a tree of the grammar makes of a text, counted: the same search as that of the regular expression made
from it (in order, with backtracking), with every comparison of a character counted. Deterministic, unlike a clock.
"""

from syntax.grammar import Capture, Chain, Either, Literal, One, Repeat


class Work:
    """Counts the comparisons of one search."""

    def __init__(self, text):
        self.text = text
        self.steps = 0

    def matches(self, node):
        """Whether the whole text is one of the tree's."""
        return any(end == len(self.text) for end in self._ends(node, 0))

    def _ends(self, node, at):
        """Where the node can end that begins here, in the order in which a search tries them."""
        match node:
            case One(characters, negated):
                self.steps += 1
                if at < len(self.text) and (self.text[at] in characters) != negated:
                    yield at + 1
            case Literal(text):
                self.steps += 1
                if self.text.startswith(text, at):
                    yield at + len(text)
            case Capture(_, inner):
                yield from self._ends(inner, at)
            case Either(options):
                for option in options:
                    yield from self._ends(option, at)
            case Chain(parts):
                yield from self._chain(parts, at)
            case Repeat():
                yield from self._repeat(node, at, 0)

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


def work(node, text):
    """Comparisons to find that a text is one of the tree's, or none."""
    search = Work(text)
    search.matches(node)
    return search.steps

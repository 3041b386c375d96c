"""Which command a message that is not understood was most likely meant for. It is explained, never executed.

Each keyword is compared with as many letters as it has, from the beginning of each of the first words, blanks aside. The
letters that agree less those that do not (by optimal string alignment, in which two letters swapped are one edit) are its
score; the highest wins, of equals the longest keyword, then the one that stands first in the message. Where no keyword
agrees in more than it differs, the first command of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rapidfuzz.distance import OSA

from syntax.fold import fold

WORDS_COMPARED: Final = 6
"""Words of a message from which a keyword may begin: people greet first, and strangers choose the length."""


class Nearest:
    """The keywords of one syntax file."""

    def __init__(self, keywords: Iterable[tuple[str, str]]) -> None:
        """`keywords`: a command's name with each of its spellings, the first command first."""
        self._keywords = [(fold(spelling).replace(" ", ""), name) for name, spelling in keywords]
        self._longest = max(len(keyword) for keyword, _ in self._keywords)
        self._first = self._keywords[0][1]

    def command(self, folded: str) -> str:
        """The name of the command that is nearest to a folded message."""
        words = folded[: self._longest * 2 * WORDS_COMPARED].split()
        best, highest, longest = self._first, 0, 0
        for index in range(min(len(words), WORDS_COMPARED)):
            typed = "".join(words[index:])[: self._longest]
            for keyword, name in self._keywords:
                score = len(keyword) - 2 * OSA.distance(keyword, typed[: len(keyword)])
                if score > highest or (score == highest > 0 and len(keyword) > longest):
                    best, highest, longest = name, score, len(keyword)
        return best

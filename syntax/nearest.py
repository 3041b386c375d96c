"""Which command a message that is not understood was most likely meant for. It is explained, never executed.

Each keyword is compared with as many letters as it has, from the beginning of each of the first words, blanks aside.
The letters that agree less those that do not (by optimal string alignment, in which two letters swapped are one edit)
are its score; the highest wins, of equals the longest keyword, then the one that stands first in the message, then in
the file. What leaves out a word of a keyword counts only word by word as it is: it is like too much else. Where no
keyword agrees in more than it differs, the first command of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from syntax.fold import fold

WORDS_COMPARED: Final = 6
"""Words of a message from which a keyword may begin: people greet first, and strangers choose the length."""


class Nearest:
    """The keywords of one syntax file."""

    def __init__(self, keywords: Iterable[tuple[str, str]], shortened: Iterable[tuple[str, str]] = ()) -> None:
        """`keywords`: a command's name with each of its spellings, the first command first; `shortened`: with what people
        type instead.
        """
        named = [(fold(spelling).replace(" ", ""), name) for name, spelling in keywords]
        self._first: Final = named[0][1]
        self._names: Final = dict(reversed(named))
        lengths = sorted({len(keyword) for keyword in self._names}, reverse=True)
        self._by_length: Final = [
            (length, list(dict.fromkeys(keyword for keyword, _ in named if len(keyword) == length)))
            for length in lengths
        ]
        self._shortened: Final = {fold(typed).replace(" ", ""): name for name, typed in shortened}
        self._longest: Final = lengths[0]

    def command(self, folded: str) -> str:
        """The name of the command that is nearest to a folded message."""
        words = folded[: self._longest * 2 * WORDS_COMPARED].split()
        best, highest, longest = self._first, 0, 0
        for index in range(min(len(words), WORDS_COMPARED)):
            typed = "".join(words[index:])[: self._longest]
            for length, keywords in self._by_length:
                edits = (length - highest - (length <= longest or not highest)) // 2  # with more, it would not win
                if edits < 0:
                    break  # nor would a shorter one
                found = extractOne(typed[:length], keywords, scorer=OSA.distance, score_cutoff=edits)
                if found is not None:
                    best, highest, longest = self._names[found[0]], length - 2 * int(found[1]), length
            typed = ""
            for word in words[index : index + WORDS_COMPARED] if self._shortened else ():
                typed += word
                if len(typed) > highest and typed in self._shortened:
                    best, highest, longest = self._shortened[typed], len(typed), len(typed)
        return best

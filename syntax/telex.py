"""What is left in a word when a Vietnamese keyboard did not put its accents together (Telex).

With Telex people type accents as letters: aa, ee, oo for â, ê, ô; aw, ow, uw for ă, ơ, ư, and w alone for ư; dd for đ; and
s, f, r, x or j for the tone. The letter follows the one that it changes, or comes at the end of the syllable. Where the
keyboard does not take part, these letters stay in the message: "dd" for "đ", "daaus" or "dausa" for "dấu". Folding reads
"đ" as D and "dấu" as DAU whatever the accents; by the same rule (DOMAIN s4, accents) the letters that would have become
accents are passed over where Telex could have put them, and only in the words of the language, never in what is typed as
a value. VNI types accents as digits; these stay what they are, for a digit is never passed over.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

_SHAPES: Final = {"A": "AW", "E": "E", "O": "OW", "U": "W"}
"""Vowel → what makes another vowel of it when typed after it."""

_STROKE: Final = "D"
"""What makes đ of D; and that letter itself."""

_VOWELS: Final = frozenset("AEIOUY")
_TONES: Final = "SFRXJ"
_ALONE: Final = {"U": "UW"}
"""Letter → by what it may be typed."""


class Typed(Struct, frozen=True):
    """How one letter of a word may stand in a message."""

    letters: str
    """One of these."""
    residue: str = ""
    """What may follow it without a meaning of its own."""
    most: int = 0
    """How many of those: one for each kind of accent that could have been typed here."""


def telex(word: str) -> tuple[Typed, ...]:
    """Each letter of a folded word, with what Telex may have left behind it."""
    typed = [_typed(letter) for letter in word]
    if not _VOWELS.isdisjoint(word):  # an abbreviation such as DC is no syllable: nothing is typed after it
        shapes = "".join(dict.fromkeys("".join(_SHAPES.get(letter, "") for letter in word)))
        stroke = _STROKE * (_STROKE in word)
        typed[-1] = Typed(typed[-1].letters, shapes + stroke + _TONES, bool(shapes) + bool(stroke) + 1)
    return tuple(typed)


def _typed(letter: str) -> Typed:
    if letter in _VOWELS:
        shapes = _SHAPES.get(letter, "")
        return Typed(_ALONE.get(letter, letter), shapes + _TONES, bool(shapes) + 1)
    return Typed(letter, _STROKE, 1) if letter == _STROKE else Typed(letter)

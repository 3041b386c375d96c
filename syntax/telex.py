"""What is left in a word when a Vietnamese keyboard did not put its accents together (Telex).

With Telex people type accents as letters: aa, ee, oo for â, ê, ô; aw, ow, uw for ă, ơ, ư; dd for đ; and s, f, r, x or j
for the tone, after the vowel or at the end of the syllable. Where the keyboard does not take part, these letters stay in
the message: "dd" for "đ", "daaus" for "dấu". Folding reads "đ" as D and "dấu" as DAU whatever the accents; by the same
rule the letters that would have become accents are passed over, where Telex could have put them.
"""

from __future__ import annotations

from typing import Final

_SHAPES: Final = {"A": "AW", "E": "E", "O": "OW", "U": "W", "D": "D"}
"""Letter → what turns it into another letter of the alphabet when typed after it, at once or at the end of the word."""

_VOWELS: Final = frozenset("AEIOUY")
_TONES: Final = "SFRXJ"


def telex(word: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each letter of a folded word, and what may stand after it without a meaning of its own: at each of the places given,
    one of the letters there, or none.
    """
    has_vowel = not _VOWELS.isdisjoint(word)
    late = "".join(dict.fromkeys("".join(_SHAPES.get(letter, "") for letter in word)))
    residues = [(_SHAPES.get(letter, ""), _TONES if letter in _VOWELS else "") for letter in word]
    if has_vowel:
        residues[-1] = (late, _TONES)
    return [(letter, tuple(filter(None, residue))) for letter, residue in zip(word, residues, strict=True)]

"""What people do to a text that they were told to send: how they type the same inquiry in a hundred ways.

Each habit is a function of dice and a text. A habit that does not apply leaves the text alone; none changes what the text asks for,
which `traffic` makes sure of by asking the syntax.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from random import Random
from typing import Final

Habit = Callable[[Random, str], str]

SHORT_CODE: Final = "5505"
_WORDS: Final = {
    "DAU": "dấu",
    "CO": "có",
    "MUC": "mục",
    "THE": "thẻ",
    "SINH": "sinh",
    "CU": "cư",
    "TRU": "trú",
    "GIA": "gia",
    "DINH": "đình",
    "TRANG": "trang",
    "TOAN": "toàn",
    "BO": "bộ",
}
"""Words of the reference syntax as a Vietnamese keyboard writes them."""
_SIGNATURES: Final = (
    "Cảm ơn",
    "Tran Thi Hoa",
    "Nguyễn Văn Bình",
    "Xin cam on",
    "Kinh nho co quan giup",
    "E cam on a/c a",
)
_LOOK_ALIKES: Final = {"0": "Oo", "1": "lI"}
_ID: Final = re.compile(r"\d{12}")
_FULL_WIDTH: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def lower(_dice: Random, text: str) -> str:
    """All in small letters."""
    return text.lower()


def capital(_dice: Random, text: str) -> str:
    """As phones begin a sentence."""
    return text[:1].upper() + text[1:].lower()


def any_case(dice: Random, text: str) -> str:
    """With a thumb on the shift key."""
    return "".join(character.upper() if dice.random() < 0.5 else character.lower() for character in text)


def accented(_dice: Random, text: str) -> str:
    """With the accents that the words have."""
    return " ".join(_WORDS.get(word.upper(), word) for word in text.split(" "))


def decomposed(dice: Random, text: str) -> str:
    """With accents as characters of their own, as some keyboards send them."""
    return unicodedata.normalize("NFD", accented(dice, text))


def blanks(dice: Random, text: str) -> str:
    """With more blanks than needed, of any kind."""
    blank = dice.choice(("  ", "   ", "\u00a0", " \u200b", "\t"))
    return dice.choice(("", " ")) + text.replace(" ", blank) + dice.choice(("", " ", "\n"))


def underscores(_dice: Random, text: str) -> str:
    """As some leaflets print a blank."""
    return text.replace(" ", "_")


def separated(dice: Random, text: str) -> str:
    """With the ID in groups of digits."""
    mark = dice.choice((" ", ".", "-", " - "))
    return _ID.sub(lambda found: mark.join((found[0][:3], found[0][3:6], found[0][6:])), text)


def look_alikes(dice: Random, text: str) -> str:
    """With a letter for a digit that looks like it."""

    def alike(found: re.Match[str]) -> str:
        places = [place for place, digit in enumerate(found[0]) if digit in _LOOK_ALIKES]
        if not places:
            return found[0]
        place = dice.choice(places)
        return found[0][:place] + dice.choice(_LOOK_ALIKES[found[0][place]]) + found[0][place + 1 :]

    return _ID.sub(alike, text)


def together(_dice: Random, text: str) -> str:
    """With the first blank forgotten."""
    return text.replace(" ", "", 1)


def quoted(dice: Random, text: str) -> str:
    """In the marks that stood around it where it was copied."""
    before, after = dice.choice(("“”", '""', "[]", "()", "<>", "«»"))
    return before + text + after


def ended(dice: Random, text: str) -> str:
    """With a mark at the end."""
    return text + dice.choice((".", " .", "!", "...", " 🙏"))


def told_how(dice: Random, text: str) -> str:
    """With the leaflet's instruction around it."""
    before = dice.choice(("Soạn ", "SOAN ", "soan tin ", ""))
    return before + text + dice.choice((f" gửi {SHORT_CODE}", f" GUI {SHORT_CODE}"))


def signed(dice: Random, text: str) -> str:
    """With a name or a courtesy below."""
    return f"{text}\n{dice.choice(_SIGNATURES)}"


def full_width(_dice: Random, text: str) -> str:
    """As an East Asian keyboard writes."""
    return text.translate(_FULL_WIDTH)


HABITS: Final[tuple[Habit, ...]] = (
    lower, capital, any_case, accented, decomposed, separated, look_alikes, together, underscores, blanks, full_width,
    quoted, ended, told_how, signed,
)  # fmt: skip
"""In the order in which they happen: a signature is below all else."""
HABITS_MAX: Final = 3
"""Of one message."""


def typed(dice: Random, text: str) -> str:
    """A text as somebody types it: one to three habits, one after the other."""
    for place in sorted(dice.sample(range(len(HABITS)), dice.randint(1, HABITS_MAX))):
        text = HABITS[place](dice, text)
    return text

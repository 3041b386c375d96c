"""Residue of Telex is passed over where Telex could have put it, and nowhere else."""

import random
import re

import pytest

from syntax import grammar
from syntax.fold import fold
from syntax.telex import Typed, telex
from tests.unit.syntax.renderings import typed_by_telex

WORDS = [
    "DẤU",
    "CÓ",
    "MỤC",
    "HƯỚNG",
    "DẪN",
    "ĐƯỜNG",
    "THẺ",
    "CƯ",
    "TRÚ",
    "HỘ",
    "KHẨU",
    "ĐÌNH",
    "TOÀN",
    "BỘ",
    "TẤT",
    "CẢ",
    "QUYỀN",
    "ĐC",
    "ĐỦ",
    "YẾU",
]


def matches(word, typed):
    """Whether what was typed is taken for the word."""
    return re.fullmatch(grammar.pattern(grammar.words([word])), fold(typed)) is not None


def test_each_letter_may_be_followed_by_what_makes_another_of_it():
    """Vowels take shapes and tones, D its stroke, other letters nothing; the end of a syllable takes all of them."""
    assert telex("MUC") == (Typed("M"), Typed("UW", "WSFRXJ", 2), Typed("C", "WSFRXJ", 2))
    assert telex("DIN") == (Typed("D", "D", 1), Typed("I", "SFRXJ", 1), Typed("N", "DSFRXJ", 2))
    assert telex("DC") == (Typed("D", "D", 1), Typed("C"))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_typed_by_telex_is_that_word(word):
    """However the keys of its accents are ordered."""
    draw = random.Random(word)
    for _ in range(100):
        typed = typed_by_telex(word, draw)
        assert matches(word, typed), typed


@pytest.mark.parametrize(
    ("word", "typed"),
    [("DẤU", t) for t in ("dauas", "dausa", "daasu", "daus", "dau", "dấus", "ddau", "daud")]
    + [("HƯỚNG", t) for t in ("huwowngs", "huongws", "hwowngs", "huowngs", "huongsw", "hướng", "huong")]
    + [("ĐC", t) for t in ("ddc", "đc", "dc", "DDC")],
)
def test_common_ways(word, typed):
    """As people type without thinking of it."""
    assert matches(word, typed)


@pytest.mark.parametrize(
    ("word", "typed"),
    [("DẤU", t) for t in ("ddddau", "daaaau", "daussssss", "sdau", "dauk", "daou", "dau1", "da61u", "dau s")]
    + [("ĐC", t) for t in ("dcd", "dcs", "d9c", "dddc", "dcc")]
    + [("MỤC", t) for t in ("mucd", "muca", "smuc", "muuuc")],
)
def test_what_telex_could_not_have_put_is_another_word(word, typed):
    """Letters of other vowels, too many of them, before the word or apart from it, and the digits of VNI."""
    assert not matches(word, typed)

"""Vietnamese leaves in characters that every alphabet shares."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax.unaccent import SHARED, VIETNAMESE, strange_characters, unaccent

CHARACTERS = [
    chr(code)
    for code in (
        *range(0x3400),
        *range(0xA000, 0xAC00),
        *range(0xF900, 0x20000),
        *range(0x3400, sys.maxunicode + 1, 97),
    )
]
"""All of Unicode but for most of the ideographs, Hangul and what is unassigned: of these every 97th."""


def test_knows_every_vietnamese_letter():
    """134 letters: 67 accented ones in both cases, each decomposing to the letter it maps to, đ aside."""
    assert len(VIETNAMESE) == 134
    for letter, plain in VIETNAMESE.items():
        assert letter in "đĐ" or unicodedata.normalize("NFD", letter)[0] == plain
    assert {VIETNAMESE["đ"], VIETNAMESE["Đ"]} == {"d", "D"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Nguyễn Thị Ánh Tuyết", "Nguyen Thi Anh Tuyet"),
        ("ĐƯỜNG số 3, đường 5", "DUONG so 3, duong 5"),
        (unicodedata.normalize("NFD", "Trần Đình Ưng"), "Tran Dinh Ung"),
        ("H’Hen Niê – Đắk Lắk", "H'Hen Nie - Dak Lak"),
        ("a_b [c] {d} e|f g\\h ~ ^ `", "a-b (c) (d) e/f g/h - ' '"),
        ("an@mail.vn $5 …", "an(a)mail.vn USD5 ..."),
        ("a\tb\u200bc\u3000d", "a bc d"),
        ("ﬁ Å ①", "fi A 1"),
        ("中 \0", "?  "),
        ("số 12½", "so 12 1/2"),
        ("1⁄4", "1/4"),
        ("«a» • „b“", '"a" - "b"'),
        ("Ð ð Ƀ ƀ ø Ł ß æ ı", "D d B b o L ss ae i"),
        ("m² ℃ ﷺ", "m2 ? ?"),
        ("\u0301e\u0302\u0301", "e"),
        ("\ud800", "?"),
        ("x\ny", "x\ny"),
    ],
)
def test_unaccents(text, plain):
    """Letters lose their accents, signs outside the shared ones are written by others, unknown ones by a question mark."""
    assert unaccent(text) == plain


def test_every_character_alone_becomes_shared_ones():
    """None raises, none grows beyond reason, and only what is a number by Unicode becomes digits: a number in a record is
    never another.
    """
    for character in CHARACTERS:
        plain = unaccent(character)
        assert set(plain) <= SHARED
        assert len(plain) <= 18
        assert not any(map(str.isdigit, plain)) or any(map(str.isnumeric, unicodedata.normalize("NFKD", character)))


@given(st.text())
def test_result_is_shared_by_all_alphabets(text):
    """Whatever comes in, what goes out is made of shared characters, and stays as it is."""
    plain = unaccent(text)

    assert set(plain) <= SHARED
    assert unaccent(plain) == plain


def test_shared_characters_are_alike_in_gsm_ascii_and_latin_1():
    """The GSM 03.38 codec of an independent package gives the octets of ASCII and Latin-1."""
    import gsm0338  # noqa: F401 - registers the codec

    text = "".join(sorted(SHARED))

    assert text.encode("gsm03.38") == text.encode("ascii") == text.encode("latin-1")


def test_strange_characters_are_told_once():
    """Vietnamese letters and shared signs are none; others are listed in order."""
    assert strange_characters("Đường ~ [số] ~ 5") == "~[]"

"""Vietnamese letters: composed, and stripped of their marks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.vietnamese import LETTERS, nfc, unaccent

ASCII = "".join(map(chr, range(128)))


def test_there_are_134_letters_each_composed():
    """The letters beyond ASCII: 12 vowels in 6 tones less the 6 plain ones, and đ, in both cases."""
    assert len(LETTERS) == len(set(LETTERS)) == 134
    assert unicodedata.normalize("NFC", LETTERS) == LETTERS
    assert LETTERS.swapcase().swapcase() == LETTERS
    assert not any(letter.isascii() for letter in LETTERS)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("So dien thoai", "So dien thoai"),
        ("số điện thoại hoặc công dân không tồn tại", "so dien thoai hoac cong dan khong ton tai"),
        ("ĐẶNG THỊ NGỌC ÁNH", "DANG THI NGOC ANH"),
        ("Nguyễn Ỷ Ỹ Ỵ Ý Ỳ ữ ợ ẫ", "Nguyen Y Y Y Y Y u o a"),
        ("Rơ-măm, Ê-đê, Xtiêng\n", "Ro-mam, E-de, Xtieng\n"),
        ("cà phê € “ngon” – 5 ñ", "ca phe € “ngon” – 5 n"),
        ("한국 й 😀 ø", "한국 и 😀 ø"),
        ("ế\t\0", "e\t\0"),
    ],
)
def test_marks_are_stripped(text, plain):
    """Letters lose their marks and keep their case, đ loses its stroke; characters without marks stay as they are."""
    assert unaccent(text) == plain
    assert unaccent(unicodedata.normalize("NFD", text)) == plain


@given(st.text(st.sampled_from(LETTERS + "AZaz 09.\n\r")))
def test_ordinary_text_becomes_ascii_however_it_is_composed(text):
    """Vietnamese text comes out in ASCII, as long as it is composed, by the short way and by the long way alike."""
    plain = unaccent(text)

    assert plain.isascii()
    assert len(plain) == len(text)
    assert plain == unaccent(unicodedata.normalize("NFD", text))
    assert unaccent(text + "\u2013") == plain + "\u2013"
    assert plain.lower() == unaccent(text.lower())


@given(st.text())
def test_stripping_twice_changes_nothing(text):
    """Any text at all is taken, and has no marks left to strip."""
    assert unaccent(unaccent(text)) == unaccent(text)


def test_ascii_stays():
    """No ASCII character is changed, control characters included, beside accented ones or not."""
    assert unaccent(ASCII) == ASCII
    assert unaccent(ASCII + "đ") == ASCII + "d"


@pytest.mark.parametrize("text", ["ê\u0301", "e\u0302\u0301", "\u1ebf"])
def test_half_composed_letters_are_composed(text):
    """A letter with its circumflex composed and its tone not is the same letter."""
    assert nfc(text) == "ế"

"""Folding forgives how a message was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("dc dấu", "DC DAU"),
        ("Đc đC", "DC DC"),
        ("ðc", "DC"),
        ("Ɖc ɖc", "DC DC"),
        ("d̛c", "DC"),
        ("1️⃣ ② ³", "1 2 3"),
        ("DC\u00ad\u2060\u200d", "DC"),
        ("«DC»…—DC–!?;:/\\|*#", "DC DC"),
        ("DC\x00HD", "DC HD"),
        ("ｄｃ　００１", "DC 001"),
        ("  DC\t\u00a0 HD  ", "DC HD"),
        ("D\u200bC\ufeff", "DC"),
        ("DC_001˽085.012", "DC 001 085 012"),
        ("[DC] “HD”", "DC HD"),
        ("a\r\nb", "A\nB"),
        ("\n\n a \n \n b\u2028c\n", "A\nB\nC"),
        ("ﬁ½", "FI1 2"),
        ("Дc", "ДC"),
        ("DC\ufffd \ufffd", "DC\ufffd \ufffd"),
        ("", ""),
        ("🙏", ""),
    ],
)
def test_folds(text, folded):
    """Case, accents, đ, width, blanks, line breaks, printed signs and invisible characters fold as documented."""
    assert fold(text) == folded


@given(st.text(st.characters()))
def test_folding_is_idempotent(text):
    """What is folded folds to itself."""
    assert fold(fold(text)) == fold(text)


def test_every_character_folds_to_what_is_folded():
    """Each code point that has letters of its own or decomposes, surrogates included, folds to what folding leaves alone."""
    for start in (*range(0, 0x20000, 0x1000), 0x2F000, 0xE0000, 0x10F000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_only_words_blanks_and_line_breaks_remain(text):
    """ASCII is left as capitals and digits; no blank stands twice or at an end."""
    folded = fold(text)

    assert all(c in " \n" or not c.isascii() or c.isdigit() or "A" <= c <= "Z" for c in folded)
    assert folded == "\n".join(" ".join(line.split()) for line in folded.split("\n") if line)


@given(st.text(alphabet="aăâđêôơưáàảãạấầẩẫậỳỵỷỹýẺẼẸ dcDC01"))
def test_composition_does_not_matter(text):
    """NFC, NFD, NFKD and case fold alike."""
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKD", "NFKC")}

    assert forms | {fold(text.swapcase())} == {fold(text)}

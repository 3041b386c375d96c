"""What is not understood is explained by the command that it is nearest to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax import Misread
from syntax.fold import fold
from syntax.nearest import WORDS_COMPARED, Nearest

NEAREST = Nearest([("own", "DC"), ("items", "DC MỤC"), ("items", "MỤC"), ("all", "DC TOÀN BỘ"), ("help", "HƯỚNG DẪN")])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dc 123", "own"),
        ("dcmuk", "items"),
        ("muc", "items"),
        ("dc mcu the", "items"),
        ("toan bo", "all"),
        ("dc toan bp", "all"),
        ("huong dna", "help"),
        ("hương dẫn sử dụng", "help"),
        ("cho em hỏi hướng dẫn", "help"),
        ("soạn tin dc muc xyz", "items"),
    ],
)
def test_nearest(text, name):
    """A letter missing, added, swapped or wrong, words before and after it."""
    assert NEAREST.command(fold(text)) == name


@pytest.mark.parametrize("text", ["", "\n", "xin chào", "12345", "q", "ДС", "가나다"])
def test_what_is_like_nothing_is_told_of_the_first_command(text):
    """Nothing in common: the usage of the first."""
    assert NEAREST.command(fold(text)) == "own"


def test_of_equals_the_longest_keyword_then_the_first_in_the_message():
    """Two whole keywords: the longer one says more."""
    assert Nearest([("a", "AB"), ("b", "ABCD")]).command("AB ABCD") == "b"
    assert Nearest([("a", "AB"), ("b", "CD")]).command("CD AB") == "b"
    assert Nearest([("a", "AB"), ("b", "CD")]).command("AB CD") == "a"


def test_only_the_first_words_are_compared():
    """However long a message is, as much work."""
    words = ["XXXXX"] * (WORDS_COMPARED - 1)

    assert NEAREST.command(" ".join([*words, "MUC"])) == "items"
    assert NEAREST.command(" ".join([*words, "XXXXX", "MUC"])) == "own"


def test_of_equal_commands_the_first_of_the_file():
    """Of one spelling, and of two that are as near."""
    assert Nearest([("a", "ABC"), ("b", "ABC")]).command("ABC") == "a"
    assert Nearest([("b", "ABD"), ("a", "ABC")]).command("ABE") == "b"


@pytest.mark.parametrize(
    ("text", "name"), [("DC THE", "items"), ("dc sinh", "items"), ("DC", None), ("DC TC", "full_record")]
)
def test_a_word_of_the_keyword_left_out(reference, text, name):
    """An option behind the name of the service is told of the command that has it; it is not read as that."""
    reading = reference.read(text)

    assert (reading.nearest if isinstance(reading, Misread) else None) == name


@given(st.text())
def test_any_text_is_near_to_some_command(text):
    """Never raises."""
    assert NEAREST.command(fold(text)) in {"own", "items", "all", "help"}

"""What people do to a text changes nothing of what it asks for."""

from random import Random

import pytest

from simulator.load.typing import HABITS, typed
from syntax import REFERENCE, load

SYNTAX = load(REFERENCE)
TEXTS = ("DC", "DC 001185012345", "DC TB", "DC MUC THE CU TRU", "DC TB TRANG 2 DAU", "DC CO DAU")


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
def test_each_habit_is_read(habit):
    """And each does something to some text."""
    dice = Random(1)
    changed = 0
    for text in TEXTS:
        for _ in range(20):
            made = habit(dice, text)
            assert SYNTAX.read(made) == SYNTAX.read(text), made
            changed += made != text
    assert changed


@pytest.mark.parametrize("text", TEXTS)
def test_several_habits_are_read(text):
    """Together they still ask for the same, and give many texts."""
    dice = Random(2)
    made = {typed(dice, text) for _ in range(300)}
    assert len(made) > 100
    assert all(SYNTAX.read(one) == SYNTAX.read(text) for one in made)


def test_same_dice_same_text():
    assert [typed(Random(3), text) for text in TEXTS] == [typed(Random(3), text) for text in TEXTS]

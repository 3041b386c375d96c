"""An automaton takes what the regular expression of its tree takes, and two of them are walked to a shortest text."""

import functools
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syntax import REFERENCE, load
from syntax.automata import Automaton, Effort, TooIntricate, spaced, texts, witness
from syntax.fold import fold
from syntax.grammar import Capture, Chain, Either, Literal, One, Repeat, any_of, of_command, optional, pattern, sequence
from syntax.model import Choice, CitizenId, Date, FreeText, OldId, Option, Page, RecordCommand

SYNTAX = load(REFERENCE)
EVERYTHING = RecordCommand(
    name="every",
    keyword="BH",
    title="x",
    usage="x",
    view="basic",
    parameters=(
        OldId(optional=True),
        Date(optional=True),
        Choice((Option(("SINH", "CƯ TRÚ"), "a"),), repeated=True, optional=True),
        FreeText(equals="full_name", length_max=9, optional=True),
        Page(("TR",)),
    ),
)
COMMANDS = (*SYNTAX.document.commands, EVERYTHING)
TREES = [of_command(command, ("5505",)) for command in COMMANDS]
PAIRS = [(Automaton(tree, Effort(10**9)), re.compile(pattern(tree))) for tree in TREES]
PIECES = [
    "DC",
    "BH",
    "TB",
    "MUC",
    "SINH",
    "CU TRU",
    "CUTRU",
    "TR",
    "2",
    "DAU",
    "CO",
    "CACH",
    "GUI",
    "5505",
    " ",
    "\n",
    "SOAN",
    "TIN",
]
PIECES += [
    "012345678",
    "O1",
    "L",
    "30 4 1985",
    "A",
    "W",
    "S",
    "É",
    "한",
    "ß",
    "x",
    "000000000000",
    "1 1 1999",
    "DD",
    "KHOANG TRANG",
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=9).map("".join).map(fold))
def test_takes_what_the_expression_takes(folded):
    """Of any folded message, for each command."""
    for automaton, expression in PAIRS:
        assert automaton.takes(folded) == (expression.fullmatch(folded) is not None)


LETTERS = "1AB \n"


@functools.cache
def exhausted(tree):
    """All folded texts of a tree in these letters, up to six, by its regular expression."""
    expression = re.compile(pattern(tree))
    every = ("".join(letters) for size in range(7) for letters in itertools.product(LETTERS, repeat=size))
    return {text for text in every if text and expression.fullmatch(text) and fold(text) == text}


SMALL = [
    Literal("AB"),
    any_of([Literal("A"), Literal("AB"), Literal("B1")]),
    sequence(One("AB"), optional(One(" \n")), One("1")),
    Repeat(sequence(optional(One(" ")), One("AB")), 1, 3),
    Repeat(One("\n", negated=True), 1, 3, lazy=True),
    Capture("x", sequence(Literal("A"), Repeat(One("1 "), 0, 2))),
    Repeat(Literal("A"), 2, 2),
    Repeat(Either((Literal("A"), Repeat(Literal("B"), 0, 1))), 0, 3),
    Chain(()),
    One("\n1", negated=True),
]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(range(len(SMALL)), repeat=2)))
def test_a_shortest_common_text_is_found(one, other):
    """And a shortest one of the first alone; none where there is none: compared with all texts of up to six characters."""
    effort = Effort()
    mine, theirs = Automaton(SMALL[one], effort), Automaton(SMALL[other], effort)
    of_mine, of_theirs = exhausted(SMALL[one]), exhausted(SMALL[other])

    for both, expected in ((True, of_mine & of_theirs), (False, of_mine - of_theirs)):
        found = next(texts(mine, theirs, effort, both=both), None)
        if expected:
            assert len(found) == min(map(len, expected))
        else:
            assert found is None or not set(found) <= set(LETTERS)


@pytest.mark.parametrize("tree", SMALL)
def test_texts_are_folded_and_of_the_tree(tree):
    """None begins or ends with a blank or has two in a row; longer ones come later."""
    effort = Effort()
    automaton = Automaton(tree, effort)

    found = list(itertools.islice(texts(automaton, automaton, effort, both=True, visits=8), 100))

    assert all(fold(text) == text and re.fullmatch(pattern(tree), text) for text in found)
    assert list(map(len, found)) == sorted(map(len, found))


def test_a_refused_text_is_followed_by_the_next():
    """Also one that reaches the same states."""
    effort = Effort()
    automaton = Automaton(sequence(One("0123"), One("0123")), effort)

    assert witness(automaton, automaton, effort, lambda text: text == "23") == "23"
    assert witness(automaton, automaton, effort, lambda _: False) is None


def test_dates_and_numbers_are_found_that_can_be():
    """The first text found of each kind is one that the parser reads."""
    effort = Effort()
    for parameter in (Date(), CitizenId(), OldId()):
        command = RecordCommand(name="c", keyword="K", title="x", usage="x", view="v", parameters=(parameter,))
        automaton = Automaton(of_command(command, ("5505",)), effort)
        text = next(texts(automaton, automaton, effort, both=True))
        assert text.removeprefix("K").isdigit()


def test_work_is_bounded():
    """In making an automaton as in walking it."""
    with pytest.raises(TooIntricate):
        Automaton(Repeat(Literal("A" * 10), 100, 100), Effort(999))
    effort = Effort(10_000)
    tree = sequence(Repeat(One("\n", negated=True), 0, 60), Literal("A"), Repeat(One("\n", negated=True), 30, 30))
    automaton = Automaton(tree, effort)
    with pytest.raises(TooIntricate):
        list(texts(automaton, automaton, effort, both=False))


def test_a_text_is_written_with_blanks():
    """Where one may stand, but not within a number."""
    automaton = Automaton(TREES[0], Effort())

    assert spaced("DC001085012345DAUGUI5505", automaton.takes) == "DC 001085012345 DAU GUI 5505"
    assert spaced("DC\nDAU", automaton.takes) == "DC\nDAU"

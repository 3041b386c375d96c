"""Whatever strangers text, reading it neither fails nor takes long.

How long is not asked of a clock, which a busy machine makes lie: the comparisons of the search are counted
(`tests.unit.syntax.work`), and folding is shown to look at each character by itself. The curves against time are in
`tests.bench.syntax`.
"""

import os
import re

import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from syntax import REFERENCE, Misread, Read, grammar, load
from syntax.fold import fold
from syntax.parser import COMMAND_LINES_MAX, TEXT_MAX
from tests.unit.syntax import kinds
from tests.unit.syntax.work import WORK_MAX, work

SYNTAX = load(REFERENCE)
PARSERS = (SYNTAX, kinds.PARSER)
TREES = {
    f"{document} {command.name}": grammar.of_command(command, short_codes)
    for document, commands, short_codes in (
        ("reference", SYNTAX.document.commands, SYNTAX.short_codes),
        ("every kind", kinds.COMMANDS, kinds.SHORT_CODES),
    )
    for command in commands
}

FRAGMENTS = st.sampled_from(
    [
        "DC",
        "dc ",
        "đc",
        "HD",
        "DAU",
        "CO DAU",
        "MUC ",
        "THE ",
        "CU TRU",
        "TB",
        "TRANG ",
        "TR",
        "SOAN ",
        "TIN ",
        " GUI 5505",
        "GUI",
        "5505",
        "dấu cách",
        "<dấu cách>",
        "SD ",
        "CM ",
        "NS ",
        "BH THE ",
        "TEN ",
        "BI DANH ",
        "DU ",
        "NHIEU ",
        "1/2/1985 ",
        "012345678",
        "\n",
        " ",
        "0",
        "O",
        "l",
        "1",
        "001085012345",
        "001 085",
        "_",
        "˽",
        "\u200b",
        "́",
        "̣",
        "�",
        "😀",
        "ﷺ",
        "ΐ",
        "İ",
        "\x00",
        "Ｄ",
        "ﬁ",
        "가",
    ]
)
MESSAGES = st.lists(FRAGMENTS | st.text(max_size=5), max_size=60).map("".join)


@settings(max_examples=300)
@given(MESSAGES)
def test_any_message_is_read_or_misread(text):
    """Pieces of the language in any order, among arbitrary Unicode, give a reading, and the same one when asked again."""
    for parser in PARSERS:
        reading = parser.read(text)
        assert isinstance(reading, Read | Misread)
        assert parser.read(text) == reading
        if isinstance(reading, Read):
            numbers = {"citizen_id": "[0-9]{12}", "old_id": "[0-9]{9}"}
            assert all(re.fullmatch(numbers[name], value) for name, value in reading.values if name in numbers)
            assert reading.page >= 1


@settings(max_examples=200)
@given(MESSAGES)
def test_an_understood_message_is_understood_by_one_command(text):
    """No message that needs no signature to be read is accepted by two commands."""
    for parser in PARSERS:
        assert len(parser.accepting(fold(text))) <= 1


@given(st.text(), st.text())
def test_folding_looks_at_each_character_by_itself(one, other):
    """What a character folds to depends on no other but for blanks, so that a text twice as long is twice the work."""

    def bare(text):
        return fold(text).replace(" ", "").replace("\n", "")

    assert bare(one + other) == bare(one) + bare(other)


LONGEST_FOLDING = 18
"""Characters that one folds to at most (U+FDFA, an Arabic ligature)."""


def test_folding_never_makes_much_of_one_character():
    """No character of Unicode folds to more than eighteen, so that what is read stays in proportion to what was sent."""
    assert (
        max(len(fold("x" + chr(code) + "x")) for code in range(0, 0x110000, 1 if "FUZZ_EXAMPLES" in os.environ else 7))
        <= LONGEST_FOLDING + 2
    )


HOSTILE = {
    "marks in reverse order": "\u0301\u0323",
    "a letter under many marks": "e\u0302\u0323",
    "blanks": " \u00a0",
    "line breaks": "\n",
    "lines of one letter": "a\n",
    "lines after a command": "DC\n",
    "digits": "0",
    "grouped digits": "0 ",
    "digits on lines": "0\n",
    "ones": "1 1 1",
    "dates": "1 1 1911 ",
    "keywords": "DC ",
    "choices": "THE CT SINH ",
    "pages": "TRANG 1 ",
    "accents": "CO DAU ",
    "residue": "DAAUSS",
    "printed blanks": "DAU CACH ",
    "phrases": "GUI TOI ",
    "composing": "SOAN TIN ",
    "words": "A ",
    "ligatures that expand": "ﷺ",
    "characters outside the table": "\U0001f600가",
    "lone surrogates": "\ud800",
}
"""What is repeated to make a long message."""


@pytest.mark.parametrize("name", TREES)
def test_no_hostile_message_makes_much_work(name):
    """At the longest that is read, after nothing, each keyword, and a keyword with a number that lacks a digit."""
    commands = {command.name: command for command in (*SYNTAX.document.commands, *kinds.COMMANDS)}
    keyword = commands[name.split(" ")[-1]].keyword
    for piece in HOSTILE.values():
        for before in ("", keyword, f"{keyword} ", f"{keyword} 00108501234"):
            text = fold((before + piece * TEXT_MAX)[:TEXT_MAX])
            assert work(TREES[name], text) < WORK_MAX


@settings(max_examples=100)
@given(st.sampled_from(sorted(TREES)), st.lists(FRAGMENTS, min_size=20, max_size=200).map("".join))
def test_no_message_that_is_sought_makes_much_work(name, text):
    """Hypothesis looks for the message of the most comparisons."""
    comparisons = work(TREES[name], fold(text[:TEXT_MAX]))
    target(comparisons)

    assert comparisons < WORK_MAX


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=list(HOSTILE))
def test_a_message_is_tried_a_bounded_number_of_times(piece, monkeypatch):
    """Once whole, and once for each of its first lines: whatever its length, as many searches."""
    searches = []
    first = kinds.PARSER._forms[0]
    monkeypatch.setattr(kinds.PARSER, "_forms", (first,))
    monkeypatch.setattr(type(first), "read", lambda _, folded: searches.append(folded))

    kinds.PARSER.read("DC\n" + (piece * TEXT_MAX)[: TEXT_MAX - 3])

    assert len(searches) <= COMMAND_LINES_MAX + 1

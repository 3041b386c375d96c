"""Whatever strangers text, reading it neither fails nor takes long."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syntax import REFERENCE, Misread, Read, load
from syntax.fold import fold
from syntax.parser import TEXT_MAX

SYNTAX = load(REFERENCE)
FRAGMENTS = st.sampled_from(
    [
        "DC",
        "dc ",
        "đc",
        "HD",
        "DAU",
        "CO DAU",
        "SOAN ",
        "TIN ",
        " GUI 5505",
        "GUI",
        "5505",
        "dấu cách",
        "<dấu cách>",
        "\n",
        " ",
        "0",
        "O",
        "l",
        "001085012345",
        "001 085",
        "_",
        "˽",
        "\u200b",
        "\u0301",
        "\u0323",
        "\ud800",
        "\U0001f600",
        "ﷺ",
        "ΐ",
        "İ",
        "\x00",
        "Ｄ",
        "ﬁ",
        "가",
    ]
)


@settings(max_examples=300)
@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=60).map("".join))
def test_any_message_is_read_or_misread(text):
    """Pieces of the language in any order, among arbitrary Unicode, give a reading, and the same one when asked again."""
    reading = SYNTAX.read(text)

    assert isinstance(reading, Read | Misread)
    assert SYNTAX.read(text) == reading
    assert isinstance(reading, Misread) or reading.citizen_id is None or re.fullmatch("[0-9]{12}", reading.citizen_id)


@settings(max_examples=100)
@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=30).map("".join))
def test_an_understood_message_is_understood_by_one_command(text):
    """No message that needs no signature to be read is accepted by two commands."""
    assert len(SYNTAX.accepting(text)) <= 1


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
    "keywords": "DC ",
    "printed blanks": "DAU CACH ",
    "phrases": "GUI TOI ",
    "composing": "SOAN TIN ",
    "ligatures that expand": "ﷺ",
    "characters outside the table": "\U0001f600가",
    "lone surrogates": "\ud800",
}


def cost(function, text):
    """Nanoseconds of CPU, the least of three."""
    times = []
    for _ in range(3):
        start = time.process_time_ns()
        function(text)
        times.append(time.process_time_ns() - start)
    return min(times)


CLOCK_FLOOR = 50_000
"""Nanoseconds: below this the clock and the caches say more than the code."""


@pytest.mark.parametrize("hostile", HOSTILE)
def test_folding_takes_linear_time(hostile):
    """Sixteen times the length takes about sixteen times as long, up to 100,000 characters; quadratic time takes 256 times."""
    piece = HOSTILE[hostile]
    short, long = (piece * (size // len(piece)) for size in (6_250, 100_000))

    assert cost(fold, long) < 64 * max(cost(fold, short), CLOCK_FLOOR)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("before", ["", "DC ", "DC 00108501234"])
def test_reading_takes_linear_time(hostile, before):
    """The same of a whole reading, up to the longest message that is read."""
    piece = HOSTILE[hostile]
    short, long = (before + piece * ((size - len(before)) // len(piece)) for size in (TEXT_MAX // 16, TEXT_MAX))

    assert cost(SYNTAX.read, long) < 64 * max(cost(SYNTAX.read, short), CLOCK_FLOOR)

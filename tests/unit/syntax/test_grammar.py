"""The trees that messages are matched with, and the regular expressions made of them."""

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntax import grammar
from syntax.fold import fold
from syntax.grammar import Capture, Chain, Either, Literal, One, Repeat
from syntax.model import REPEATS_MAX, CitizenId, FreeText
from tests.unit.syntax.kinds import COMMANDS, SHORT_CODES
from tests.unit.syntax.work import WORK_MAX, Work, work

TREES = {command.name: grammar.of_command(command, SHORT_CODES) for command in COMMANDS}


def nodes(node):
    """A tree and all below it."""
    yield node
    inner = {Chain: "parts", Either: "options"}.get(type(node))
    for below in getattr(node, inner) if inner else [node.node] if isinstance(node, (Repeat, Capture)) else ():
        yield from nodes(below)


def takes(node, text):
    """What the captures of a tree take of a text, or None."""
    match = re.fullmatch(grammar.pattern(node), text)
    return match and match.groupdict()


@pytest.mark.parametrize(
    ("node", "pattern"),
    [
        (One("AB"), "[AB]"),
        (One("A"), "A"),
        (One("\n", negated=True), "[^\\\n]"),
        (Literal("A B."), "A B\\."),
        (Either((Literal("A"), Literal("BC"))), "(?:A|BC)"),
        (Repeat(Literal("A"), 0, 1), "A?"),
        (Repeat(Literal("AB"), 2, 2), "(?:AB){2}"),
        (Repeat(One("AB"), 0, 3, lazy=True), "[AB]{0,3}?"),
        (Capture("p", Chain((Literal("A"), One("BC")))), "(?P<p>A[BC])"),
    ],
)
def test_patterns(node, pattern):
    """Each node has one way to be written."""
    assert grammar.pattern(node) == pattern


@pytest.mark.parametrize("name", TREES)
def test_every_repetition_is_bounded_and_repeats_something(name):
    """So no message is searched for longer than a command can be."""
    for node in nodes(TREES[name]):
        if isinstance(node, Repeat):
            assert 0 <= node.least <= node.most <= 100
            assert not re.fullmatch(grammar.pattern(node.node), "")


@pytest.mark.parametrize("name", TREES)
def test_a_text_that_may_hold_blanks_is_the_last_value(name):
    """Nothing that takes digits or words of any form stands behind it."""
    captured = [node for node in nodes(TREES[name]) if isinstance(node, Capture)]
    phrases = [node for node in captured if any(isinstance(below, Repeat) and below.lazy for below in nodes(node))]

    assert len(phrases) <= 1
    for phrase in phrases:
        behind = captured[captured.index(phrase) + 1 :]
        assert all(not takes(node, "AN") and not takes(node, "012345678") for node in behind)


PIECES = st.sampled_from(
    [
        "SD",
        "NHIEU",
        "CM",
        "NS",
        "BH",
        "THE",
        "TEN",
        "BI DANH",
        "HO",
        "MUC",
        "XEM",
        "DU",
        "TG",
        "SINH",
        "CT",
        "TRANG",
        "TR",
        "DAU",
        "CO",
        "DAU CACH",
        "GUI",
        "TOI",
        "5505",
        "8079",
        "SOAN",
        "TIN",
        "AN",
        "001085012345",
        "012345678",
        "1 2 1985",
        "01021985",
        "2",
        "O",
        "L",
        " ",
        " ",
        " ",
        "\n",
        "S",
        "W",
        "D",
        "Ж",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_the_tree_and_its_pattern_take_the_same(text):
    """What is counted below is the search that runs; and no capture is left of a way that it went back on."""
    for tree in TREES.values():
        match = re.fullmatch(grammar.pattern(tree), text)
        assert Work(text).matches(tree) == (match is not None)
        if match:
            spans = [span for span in (match.span(group) for group in range(1, match.re.groups + 1)) if span[0] >= 0]
            assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


WORK_PIECES = [
    "0 ",
    "1",
    "012 ",
    "A ",
    "001085012345 ",
    "012345678",
    "1 2 1985 ",
    "THE ",
    "SINH",
    "TR ",
    "TRANG 1 ",
    "DAU ",
    "DAU CACH ",
    "GUI ",
    "CO ",
    "AN ",
    "\n",
    "THANG ",
    "S",
    "AW",
]


@pytest.mark.parametrize("name", TREES)
def test_no_message_makes_much_work(name):
    """Long messages of few pieces, the hardest for a search that goes back, cost a bounded number of comparisons."""
    command = next(command for command in COMMANDS if command.name == name)
    draw = random.Random(name)
    for _ in range(150):
        pieces = draw.sample(WORK_PIECES, draw.choice((1, 2, 3, 6)))
        text = fold(f"{draw.choice((command.keyword, *command.aliases))} {''.join(draw.choices(pieces, k=200))}")
        assert work(TREES[name], text) < WORK_MAX, text[:80]


def test_the_count_tells_a_tree_that_goes_back_too_much():
    """Three texts with blanks side by side: eight times the work for twice the length."""
    word = Chain((One(" ", negated=True), Repeat(One("\n", negated=True), 0, 100, lazy=True)))
    bad = Chain((word, Literal(" "), word, Literal(" "), word, Literal("!")))

    assert work(bad, "A " * 16) > 6 * work(bad, "A " * 8)
    assert work(bad, "A " * 60) > WORK_MAX


def test_a_repeated_parameter_has_a_capture_for_each_value():
    """Filled from the first."""
    assert grammar.captures(2, CitizenId()) == ("p2_0",)
    assert len(grammar.captures(0, CitizenId(repeated=True))) == REPEATS_MAX
    taken = takes(TREES["old_ids"], "CM NHIEU 012345678 271 100 110 TRANG 2")
    assert [taken[f"p0_{index}"] for index in range(3)] == ["012345678", "271 100 110", None]
    assert taken["p1_0"] == "2"


def test_a_repeated_parameter_stands_so_often_and_no_more():
    """`REPEATS_MAX` times."""
    assert takes(TREES["old_ids"], "CM NHIEU" + " 012345678" * REPEATS_MAX)
    assert not takes(TREES["old_ids"], "CM NHIEU" + " 012345678" * (REPEATS_MAX + 1))


@pytest.mark.parametrize(
    ("name", "text", "taken"),
    [
        ("name", "TEN NGUYEN VAN AN", "NGUYEN VAN AN"),
        ("name", "TEN NGUYEN VAN AN DAU", "NGUYEN VAN AN"),
        ("name", "TEN DAU", None),
        ("name", "TEN GUI 5505", None),
        ("name", "TEN TRANG 2", None),
        ("name", "TEN AN TRANG 2 CO DAU GUI 8079", "AN"),
        ("name", "TEN ANDAU", "ANDAU"),
        ("name", "TEN\nAN", "AN"),
        ("word_then_date", "HO G1 01021985", "G1"),
        ("word_then_date", "HO 01021985", "01021985"),
    ],
)
def test_where_a_text_ends(name, text, taken):
    """Before what the command knows, at a blank; and a text that may be left out gives way to what is known."""
    assert takes(TREES[name], text)["p0_0"] == taken


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", "TENAN"),
        ("card", "BH THE"),
        ("card", "BH THE AN\nBINH"),
        ("word_then_date", "HO NGUYEN VAN AN"),
        ("names", "BI DANH A B C D E F"),
        ("citizen_id", "SD 00108501234"),
        ("citizen_id", "SD 001085012345 6"),
        ("citizen_id", "SD 001085012345 GUI 1414"),
        ("citizen_id", "SD 001085012345 5505"),
        ("birth", "NS 1 2 85"),
        ("birth", "NS 1985 2 1"),
        ("birth", "NS 32 1 1985"),
        ("birth", "NS 1 13 1985"),
        ("birth", "NS 1 2 1885"),
    ],
)
def test_what_no_command_takes(name, text):
    """Texts without their blank or of several lines, too many or too few digits, other numbers, days of two-digit years."""
    assert takes(TREES[name], text) is None


@pytest.mark.parametrize(
    "text",
    [
        "SOAN SD",
        "SOAN TIN SD",
        "SOANTINNHAN SD",
        "SOAN TIN THEO CU PHAP SD",
        "NHAN CU PHAP SD",
        "NHAN TIN SD",
        "NHAN SD",
        "SOANJ TIN SD",
        "NHAWNS TIN SD",
    ],
)
@pytest.mark.parametrize(
    "sent", ["", " GUI 5505", " GUI8079", " GUWIR TOWIS SOOS 5505", " GOI VE TONG DAI 5505", "GUI DEN DAU SO 8079"]
)
def test_what_printed_guides_put_around_a_command(text, sent):
    """Before and behind it, with every short code of the file."""
    assert takes(TREES["citizen_id"], f"{text} 001085012345{sent}")["p0_0"] == "001085012345"


def test_the_longest_text():
    """To its limit, and not one more."""
    command = next(command for command in COMMANDS if command.name == "name")
    limit = command.parameters[0].length_max

    assert isinstance(command.parameters[0], FreeText)
    assert takes(TREES["name"], "TEN " + "A" * limit)
    assert takes(TREES["name"], "TEN " + "A" * (limit + 1)) is None

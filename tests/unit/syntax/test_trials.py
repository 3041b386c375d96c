"""The messages of a file are read, and must read as it says."""

import datetime as dt

import pytest

from syntax.model import Accents, Choice, CitizenId, Date, Example, FreeText, HelpCommand, Option, Page, RecordCommand
from syntax.trials import WITNESSES_MAX, try_examples, witnesses

NUMBER = "001085012345"
BASIC = {"title": "x", "usage": "x"}


def test_examples_read_as_written(reference):
    """Command, values, accents and nearest command all count."""
    right = (
        Example(("dc", "SOẠN DC gửi 5505"), reads="own_record"),
        Example(("dc 001 085 012345",), reads="own_record", values={"citizen_id": NUMBER}),
        Example(("dc dau",), reads="own_record", accented=True),
        Example(("mục thẻ tr 3",), reads="items", values={"choice": "card", "page": 3}),
        Example(("mục thẻ, sinh",), reads="items", values={"choice": ["card", "birth"]}),
        Example(("?",), nearest="own_record"),
    )

    assert list(try_examples(right, reference)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Example(("dc", "x"), reads="own_record"),
        Example(("dc",), reads="own_record", values={"citizen_id": NUMBER}),
        Example((f"dc {NUMBER}",), reads="own_record"),
        Example((f"dc {NUMBER}",), reads="own_record", values={"number": NUMBER}),
        Example(("dc",), reads="own_record", accented=True),
        Example(("dc dau",), reads="own_record"),
        Example(("dc",), reads="help"),
        Example(("dc",), nearest="own_record"),
        Example(("?",), nearest="help"),
        Example(("mục thẻ sinh",), reads="items", values={"choice": ["birth", "card"]}),
        Example(("mục thẻ tr 3",), reads="items", values={"choice": "card"}),
    ],
)
def test_an_example_that_reads_otherwise_is_told(reference, wrong):
    """With what it reads, at its own line."""
    problems = list(try_examples((wrong,), reference))

    assert [problem.place[:3] for problem in problems] == [("examples", 0, "texts")]
    assert "đọc ra" in problems[0].what


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (Example(("dc",)), "đúng một trong hai khóa"),
        (Example(("dc",), reads="own_record", nearest="own_record"), "đúng một trong hai khóa"),
        (Example(("dc",), reads="own"), "không có lệnh “own”"),
        (Example(("dc",), nearest="own"), "không có lệnh “own”"),
        (Example(("dc",), reads="own_record", values={"x": {"y": 1}}), "giá trị trong values"),
        (Example(("dc",), reads="own_record", values={"x": [[1]]}), "giá trị trong values"),
        (Example(("dc",), reads="own_record", values={"x": 1.5}), "giá trị trong values"),
        (Example(("dc",), reads="own_record", values={"x": 16**5000}), "giá trị trong values"),
        (Example(("dc",), reads="own_record", values={"x": dt.time(1)}), "giá trị trong values"),
    ],
)
def test_an_example_says_one_thing(reference, wrong, what):
    """Either what is read or what is nearest; of commands and values that can be."""
    (problem,) = try_examples((wrong,), reference)

    assert what in problem.what


def test_witnesses_are_read_as_their_command(reference):
    """Every message that a command's words make means that command."""
    for command in reference.document.commands:
        made = list(witnesses(command))
        assert len(made) > 3
        assert {reference.read(text).command for text in made} == {command.name}


def test_witnesses_hold_what_must_stand():
    """A required value of each kind, with and without what is optional; no more than the limit for each spelling."""
    command = RecordCommand(
        **BASIC,
        name="c",
        keyword="K",
        view="v",
        parameters=(
            CitizenId(),
            Date(optional=True),
            FreeText(equals="full_name"),
            Choice((Option(("A", "B"), "v"),), optional=True),
            Page(("TR",)),
            Accents(("D",)),
        ),
    )
    made = list(witnesses(command))

    assert len(made) == 2 * 3 * 2 * 2
    assert all(text.startswith(f"K {NUMBER}") for text in made)
    many = Choice(tuple(Option((f"A{n}B",), "v") for n in range(40)))
    three = tuple(Choice(many.options, name=f"c{n}") for n in range(3))
    assert (
        len(list(witnesses(RecordCommand(**BASIC, name="c", keyword="K", view="v", parameters=three))))
        == 2 * WITNESSES_MAX
    )


def test_a_command_without_parameters_has_its_words():
    """With blanks and without."""
    command = HelpCommand(**BASIC, name="h", keyword="A B", text="x", aliases=("C",))

    assert list(witnesses(command)) == ["A B", "AB", "C", "C"]


def test_the_examples_of_the_file_are_tried(findings):
    """A file whose examples fail does not load."""
    (finding,) = findings('nearest = "own_record"', 'nearest = "help"')[:1]

    assert "không hiểu, gần nhất là own_record" in finding.what

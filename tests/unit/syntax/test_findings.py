"""A problem is placed in the source of its file."""

import itertools
import tomllib
from pathlib import Path

import pytest

from syntax.findings import PROBLEMS_MAX, SHOWN_MAX, Finding, Problem, SyntaxFileError, line_of, place_in

SOURCE = '''\
version = "1"   # line 1

[texts]
busy = "x"

[views.basic]
fields = [
  "one",
  "two",
]

[[commands]]
name = "first"
[[commands.parameters]]
kind = "a"
[[commands.parameters]]
kind = "b"
[[commands]]
name = "second"   # line 19
[[commands.parameters]]
kind = "c"

[examples."a b"]
"text of example" = 1

[[inline]]
parameters = [
  { kind = "x", options = [
    { words = ["A", "B"], view = "v" },   # line 29
    { words = [
      "C"], view = "w" },
  ] },
  { kind = "y" }, { kind = """z
   = [ { # no comment
  """ },
  # { kind = "none" },
  { kind = 'q"', 'quoted key' = true },
]
after = 1   # line 39
'''


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        (("version",), "", 1),
        (("texts", "busy"), "", 4),
        (("texts", "absent"), "", 3),
        (("views", "basic", "fields"), "", 7),
        (("views", "basic", "fields", 1), "two", 9),
        (("views", "basic", "fields"), "absent", 7),
        (("commands", 0, "name"), "", 13),
        (("commands", 1, "name"), "", 19),
        (("commands", 1, "keyword"), "", 18),
        (("commands", 0, "parameters", 1, "kind"), "", 17),
        (("commands", 1, "parameters", 0, "kind"), "", 21),
        (("examples", "a b", "text of example"), "", 24),
        (("inline", 0, "parameters"), "", 27),
        (("inline", 0, "parameters", 0), "", 28),
        (("inline", 0, "parameters", 0, "options", 0, "view"), "", 29),
        (("inline", 0, "parameters", 0, "options", 0, "words", 1), "", 29),
        (("inline", 0, "parameters", 0, "options", 1, "words"), "", 30),
        (("inline", 0, "parameters", 0, "options", 1, "words", 0), "", 31),
        (("inline", 0, "parameters", 0, "options", 1, "view"), "", 31),
        (("inline", 0, "parameters", 0), "C", 31),
        (("inline", 0, "parameters", 1, "kind"), "", 33),
        (("inline", 0, "parameters", 2, "kind"), "", 33),
        (("inline", 0, "parameters", 3), "", 37),
        (("inline", 0, "parameters", 3, "quoted key"), "", 37),
        (("inline", 0, "parameters", 9), "", 27),
        (("inline", 0, "after"), "", 39),
        (("views",), "", 6),
        (("absent",), "", None),
        ((), "", None),
    ],
)
def test_line_of(place, value, line):
    """The deepest part of the place that stands in the source, and below it the value."""
    assert line_of(SOURCE, place, value) == line


def test_the_source_is_toml():
    """What the scan is tried on is what TOML's reader takes."""
    assert len(tomllib.loads(SOURCE)["inline"][0]["parameters"]) == 4


def test_findings_come_once_in_the_order_of_lines():
    """Those without a line first; a repeated one is not repeated."""
    late, early, lost = (Problem(place, "what", "mend") for place in (("texts", "busy"), ("version",), ("absent",)))

    placed = place_in(Path("dir/c06.toml"), SOURCE.encode(), [late, early, lost, late])

    assert placed == [Finding("c06.toml", line, "what", "mend") for line in (None, 1, 4)]


def test_problems_without_end_are_told_as_far_as_one_reads():
    """Nobody mends more than a hundred in one go, nor reads a value of a thousand characters."""
    problems = (Problem(("texts", "busy"), f"{number} {'x' * 1000}", "mend") for number in itertools.count())

    placed = place_in(Path("c06.toml"), SOURCE.encode(), problems)

    assert len(placed) == PROBLEMS_MAX
    assert {len(finding.what) for finding in placed} == {SHOWN_MAX}


@pytest.mark.parametrize(
    "source", ["[[", "[a", "a = [", "a = {", "a = {b =", "a =", '"', "a = [" * 5000, "x.y.z", "=\n=", "\0"]
)
def test_places_of_what_is_no_toml(source):
    """A scan of anything ends and raises nothing."""
    assert line_of(source, ("nowhere",)) is None


def test_an_error_is_its_findings():
    """One a line, with the line where it is known."""
    error = SyntaxFileError([Finding("a", None, "w", "m"), Finding("b", 3, "w", "m")])

    assert str(error) == "a: w → m\nb:3: w → m"


def test_a_file_name_cannot_disturb_what_is_printed():
    """Neither a line break nor a mark that turns the line around."""
    finding = Finding("a\n\u202eb.toml", 3, "what", "mend")
    assert str(finding) == "a??b.toml:3: what → mend"

"""A problem is placed in the source of its file."""

from pathlib import Path

import pytest

from syntax.findings import Finding, Problem, SyntaxFileError, line_of, place_in

SOURCE = """\
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
"""


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
        (("absent",), "", None),
        ((), "", None),
    ],
)
def test_line_of(place, value, line):
    """The deepest part of the place that stands in the source, and below it the value."""
    assert line_of(SOURCE, place, value) == line


def test_findings_come_once_in_the_order_of_lines():
    """Those without a line first; a repeated one is not repeated."""
    late, early, lost = (Problem(place, "what", "mend") for place in (("texts", "busy"), ("version",), ("absent",)))

    placed = place_in(Path("dir/c06.toml"), SOURCE.encode(), [late, early, lost, late])

    assert placed == [Finding("c06.toml", line, "what", "mend") for line in (None, 1, 4)]


def test_an_error_is_its_findings():
    """One a line, with the line where it is known."""
    error = SyntaxFileError([Finding("a", None, "w", "m"), Finding("b", 3, "w", "m")])

    assert str(error) == "a: w → m\nb:3: w → m"

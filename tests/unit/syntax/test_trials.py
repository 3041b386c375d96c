"""A file is tried with messages before it speaks."""

from syntax import View
from syntax.model import Accents, CitizenId, Example, HelpCommand, RecordCommand
from syntax.parser import Parser
from syntax.trials import try_commands, try_examples

VIEWS = {"basic": View("basic", ("sex",))}
OWN = RecordCommand(
    "own", "DC", "basic", "DC", parameters=(CitizenId(optional=True), Accents(("DẤU",))), aliases=("DÂN CƯ",)
)


def tried(*commands):
    return [problem.what for problem in try_commands(commands, Parser(commands, VIEWS, ("5505",)))]


def test_commands_that_share_no_message_pass():
    """No witness is found where there is none."""
    assert tried(OWN, HelpCommand("help", "DC HD", "?", "DC HD")) == []


def test_an_ambiguity_is_shown_by_a_message():
    """The witness is a message that both commands accept; each command names the other."""
    found = tried(OWN, HelpCommand("marks", "DANCU DAU", "?", "?"))

    assert "tin “DÂNCƯDẤU” vừa là lệnh “own” vừa là lệnh “marks”" in found
    assert "tin “DANCU DAU” vừa là lệnh “marks” vừa là lệnh “own”" in found


def test_a_required_number_stands_in_every_witness():
    """A command that needs a number is not confused with one that takes none."""
    needs = RecordCommand("needs", "DC", "basic", "DC", parameters=(CitizenId(),))

    assert tried(needs, HelpCommand("help", "DC", "?", "?")) == []
    assert tried(needs, OWN) != []


def test_examples_read_as_written():
    """Command, number, accents and nearest command all count."""
    parser = Parser((OWN,), VIEWS, ("5505",))
    number = "001085012345"
    right = (
        Example(("dc", "DÂN CƯ"), reads="own"),
        Example(("dc 001 085 012345",), reads="own", citizen_id=number),
        Example(("dc dau",), reads="own", accented=True),
        Example(("?",), nearest="own"),
    )
    wrong = (
        Example(("dc", "x"), reads="own"),
        Example(("dc",), reads="own", citizen_id=number),
        Example((f"dc {number}",), reads="own"),
        Example(("dc",), reads="own", accented=True),
        Example(("dc",), nearest="own"),
        Example(("?",), nearest="help"),
    )

    assert list(try_examples(right, parser)) == []
    assert [problem.place[1] for problem in try_examples(wrong, parser)] == list(range(6))


def test_an_example_says_one_thing():
    """Either what is read or what is nearest, not both and not neither."""
    parser = Parser((OWN,), VIEWS, ("5505",))

    for example in (Example(("dc",)), Example(("dc",), reads="own", nearest="own")):
        (problem,) = try_examples((example,), parser)
        assert "đúng một trong hai khóa" in problem.what

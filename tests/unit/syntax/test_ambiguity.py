"""No message means two things: proved of the reference, and disproved by a message where it does not hold."""

import pytest

from syntax import REFERENCE, load
from syntax.ambiguity import changed_meanings, prove
from syntax.automata import Effort
from syntax.language import Syntax
from syntax.model import Accents, Choice, CitizenId, Date, FreeText, HelpCommand, OldId, Option, Page, RecordCommand
from syntax.trials import witnesses

REFERENCE_SYNTAX = load(REFERENCE)
ID = CitizenId(optional=True)
DAU = Accents(("DẤU",))


def record(name, keyword, *parameters, **more):
    return RecordCommand(name=name, keyword=keyword, title="x", usage="x", view="basic", parameters=parameters, **more)


def syntax_of(*commands, version="1"):
    import msgspec

    document = msgspec.structs.replace(REFERENCE_SYNTAX.document, commands=commands, version=version)
    return Syntax(document, REFERENCE_SYNTAX.catalogue, "0" * 64)


def proved(*commands):
    return [problem.what for problem in prove(syntax_of(*commands))]


def test_the_reference_is_unambiguous():
    """With a tenth of the effort that is allowed."""
    effort = Effort()

    assert list(prove(REFERENCE_SYNTAX, effort)) == []
    assert effort.steps < 200_000


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (record("a", "DC", DAU), record("b", "DC DAU"), "DC DAU"),
        (record("a", "DC"), record("b", "D C"), "DC"),
        (record("a", "DC"), record("b", "X", aliases=("ĐDC",)), "DDC"),
        (record("a", "CA"), record("b", "CAS"), "CAS"),
        (record("a", "CA"), record("b", "CAB"), None),
        (record("a", "DC", ID), record("b", "DC", OldId()), None),
        (record("a", "DC", ID), record("b", "DC", Date()), None),
        (record("a", "DC", OldId()), record("b", "DC", FreeText(equals="full_name")), "DC 111111111"),
        (record("a", "DC", Date()), record("b", "DC", FreeText(equals="full_name", length_max=8)), "DC 11111911"),
        (record("a", "DC", Date()), record("b", "DC", FreeText(equals="full_name", length_max=5)), None),
        (record("a", "DC", FreeText(equals="full_name")), record("b", "DC TB"), "DC TB"),
        (record("a", "DC", FreeText(equals="full_name")), record("b", "DCTB"), None),
        (record("a", "K", Page(("TR",))), record("b", "K TR", CitizenId()), None),
        (record("a", "K", Page(("TR",))), record("b", "K TR", Page(("1",))), "K TR 11"),
        (record("a", "K", Page(("TR",))), record("b", "K", Choice((Option(("TR1",), "basic"),))), "K TR1"),
        (record("a", "DC", DAU), record("b", "DC GUI", FreeText(equals="full_name")), "DC GUI 5505"),
        (record("a", "DC"), record("b", "SOAN DC"), "SOAN DC"),
        (record("a", "DC"), record("b", "SOANTINDC"), "SOANTINDC"),
        (record("a", "DC", DAU), record("b", "DC DẤU CÁCH DẤU"), "DC DAU CACH DAU"),
        (record("a", "DC", DAU), record("b", "DC DẤU CÁCH", CitizenId()), None),
        (record("a", "DC", Date()), record("b", "DC 3102", FreeText(equals="full_name", length_max=4)), None),
    ],
)
def test_two_commands(one, other, message):
    """A message of both is found if there is one that is read; a day or a number that cannot be is none."""
    told = [what for what in proved(one, other) if "vừa là lệnh" in what]

    assert told == ([] if message is None else [f"tin “{message}” vừa là lệnh “a” vừa là lệnh “b”"])
    if message:
        assert set(syntax_of(one, other).accepting(message)) == {"a", "b"}


def test_same_keyword_in_other_letters_is_one():
    """What folding makes equal is told as ambiguous, too."""
    assert any("vừa là lệnh" in what for what in proved(record("a", "DC"), record("b", "đc")))


@pytest.mark.parametrize(
    ("commands", "unreachable"),
    [
        ((record("a", "DC", DAU), record("b", "DC DẤU")), ["b"]),
        ((record("a", "DC DẤU"), record("b", "DC", DAU)), []),
        ((record("a", "DC", ID, DAU), record("b", "DC", DAU)), ["b"]),
        ((record("a", "DC"), record("b", "DC HD"), record("c", "DC", aliases=("DC HD",))), ["c"]),
        ((record("a", "DC"), record("b", "DC HD"), record("c", "DC", aliases=("DC HE",))), []),
        ((record("a", "DC", FreeText(equals="full_name")), record("b", "DC", CitizenId())), []),  # DC001085012345
    ],
)
def test_unreachable_commands(commands, unreachable):
    """Those whose every message an earlier one takes, or several earlier ones together."""
    told = [what for what in proved(*commands) if "không bao giờ được dùng" in what]

    assert [what.split("“")[1].split("”")[0] for what in told] == unreachable


def option(word, view="birth"):
    return Option((word,), view)


@pytest.mark.parametrize(
    ("options", "repeated", "word"),
    [
        ((option("SINH"), option("THE", "card")), True, None),
        ((option("KHAI SINH"), option("KHAI", "card"), option("SINH", "card")), True, "KHAI SINH"),
        ((option("KHAI SINH"), option("KHAI", "card"), option("SINH", "card")), False, None),
        ((option("KHAI SINH"), option("KHAI"), option("SINH")), True, None),
        ((option("CA"), option("CAS", "card")), False, "CAS"),
        ((option("NOI"), option("O", "card")), True, "NOIO"),
        ((option("CA"), option("CAS")), False, None),
    ],
)
def test_options(options, repeated, word):
    """Words of one option that are words of another, or of two others where several may be typed."""
    problems = list(prove(syntax_of(record("a", "K", Choice(options, repeated=repeated)))))
    told = [problem.what for problem in problems if "vừa là lựa chọn" in problem.what]

    assert {problem.severity for problem in problems} <= {"error" if word and " " in word else "warning"}
    assert [what.split("“")[1].split("”")[0] for what in told][:1] == ([word] if word else [])


@pytest.mark.parametrize(
    ("parameters", "unread"),
    [
        ((ID, OldId(optional=True), Page(("TR",)), DAU), []),
        ((FreeText(equals="full_name"), ID, Page(("TR",)), DAU), []),
        ((FreeText(equals="full_name"), FreeText(equals="other_name", name="o")), []),
        ((Choice((option("A"),), repeated=True), Choice((option("A"),), name="o", optional=True)), ["o"]),
        ((Choice((option("A"),), repeated=True), Choice((option("A"),), name="o")), []),
        ((Accents(("A",)), Accents(("A",), name="o")), []),
        ((FreeText(equals="full_name", repeated=True), Page(("TR",))), []),
    ],
)
def test_unread_parameters(parameters, unread):
    """Those whose words another parameter takes."""
    told = [what for what in proved(record("a", "K", *parameters)) if "không đọc được" in what]

    assert [what.split("“")[1].split("”")[0] for what in told] == unread


def test_a_file_too_intricate_to_prove_is_refused():
    """Not proved is told as such."""
    (problem,) = prove(REFERENCE_SYNTAX, Effort(1000))

    assert "quá nhiều từ và tham số để chứng minh" in problem.what
    assert problem.place == ("commands",)


def test_what_the_proof_passes_no_message_breaks():
    """All messages that the words of the reference make are accepted by their command alone."""
    for command in REFERENCE_SYNTAX.document.commands:
        for message in witnesses(command):
            from syntax.fold import fold

            assert REFERENCE_SYNTAX.accepting(fold(message)) == [command.name]


def test_a_changed_meaning_is_shown():
    """A message that one version reads as one command and the next as another."""
    help_command = HelpCommand(name="help", keyword="HD", title="x", usage="x", text="x")
    old = syntax_of(record("own", "DC"), help_command)
    new = syntax_of(record("own", "XEM"), record("all", "DC"), help_command, version="2")

    assert list(changed_meanings(old, new)) == [("DC", "own", "all")]
    assert list(changed_meanings(old, old)) == []
    assert list(changed_meanings(old, new, Effort(10))) == []

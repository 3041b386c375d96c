"""How long answers can be, and are."""

import pytest

from syntax import REFERENCE, load
from syntax.compose import capacity, spelled
from syntax.lengths import Measured, lengths

SHORT = {"full_name": "Trần An", "sex": "Nữ", "marital_status": "Độc thân", "relation_to_head": "Chủ hộ"}


@pytest.fixture(scope="module")
def told(reference):
    return {(length.command, length.view): length for length in lengths("c06.toml", reference, [SHORT, {}])}


def test_each_command_and_each_view_that_can_be_asked_for(told):
    """A command whose choice must be made has not its own view; several choices together have one."""
    items = [("items", view) for view in ("birth", "residence", "card", "family", "birth+residence+card+family")]

    assert list(told) == [("own_record", "basic"), *items, ("full_record", "all")]


def test_the_worst_case_is_that_of_the_longest_values(told, reference):
    """Counted by hand: label, colon, blank, longest value and line break of each field, and the foot."""
    fields = reference.catalogue.fields
    for (_, view), length in told.items():
        codes = dict.fromkeys(code for part in view.split("+") for code in reference.document.views[part].fields)
        for worst, accented in ((length.unaccented, False), (length.accented, True)):
            labels = (spelled(fields[code].short_label, accented=accented) for code in codes)
            characters = sum(len(label) + 3 for label in labels) + sum(fields[code].length_max for code in codes)
            characters += len("Sai? Gọi 19000368")
            assert capacity(worst.segments, accented=accented) >= characters
            assert worst.segments == 1 or capacity(worst.segments - 1, accented=accented) < characters


def test_pages_hold_what_the_budget_does_not(told):
    """A reply within the budget has one page."""
    assert (told["own_record", "basic"].accented.segments, told["own_record", "basic"].accented.pages) == (5, 1)
    assert told["full_record", "all"].unaccented.pages == 3
    assert not any(length.unaccented.cut or length.accented.cut for length in told.values())


def test_a_population_is_measured(told):
    """Shortest, median, longest, and the share of those over one segment."""
    assert told["items", "family"].unaccented.measured == Measured(2, 1, 1.0, 1, 0.0)
    assert told["own_record", "basic"].accented.measured == Measured(2, 1, 1.0, 1, 0.0)


def test_the_share_over_one_segment(reference):
    """Of three answers one is long."""
    records = [SHORT, {"marital_status": "x" * 200}, {"marital_status": "x" * 60}]
    (family,) = [length for length in lengths("f", reference, records) if length.view == "family"]

    assert family.unaccented.measured == Measured(3, 1, 1.0, 2, pytest.approx(1 / 3))
    assert family.accented.measured == Measured(3, 1, 2.0, 4, pytest.approx(2 / 3))


def test_without_records_only_the_worst_case(reference):
    """There is nothing to measure."""
    assert {length.unaccented.measured for length in lengths("f", reference)} == {None}


def test_an_answer_without_pages_is_cut(sown):
    """It says so."""
    syntax = load(sown('view = "basic"', 'view = "all"'))
    (own,) = [length for length in lengths("f", syntax) if length.command == "own_record"]

    assert own.unaccented.cut
    assert REFERENCE.exists()

import csv
import re

import pytest

from simulator.population import NumberState, Population
from simulator.population.export import HEADER, export_lines, write_export
from syntax import REFERENCE, load

SYNTAX = load(REFERENCE)
ALIKE = re.compile(r"[A-Za-z0-9 '(),\-./:;!?&*+<=>%\"]*", re.ASCII)


@pytest.fixture(scope="module")
def population():
    return Population(citizens=600, seed=4)


@pytest.fixture(scope="module")
def lines(population, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "expected.tsv"
    write_export(path, population)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_a_line_for_each_number(population, lines):
    """All numbers of all citizens, in order, each with what the register says of it."""
    expected = [number for index in range(population.citizens) for number in population.numbers(index)]
    assert [(line["msisdn"], line["state"], line["citizen_id"] or None) for line in lines] == [
        (number.msisdn, number.state.value, number.citizen_id) for number in expected
    ]
    assert tuple(lines[0]) == HEADER


def test_every_number_asks_what_it_may(lines):
    """Keyword alone or with the own ID, in several ways of writing: upper-case letters, digits and blanks, 160 at most."""
    forms = set()
    for line in lines:
        assert re.fullmatch(r"[A-Z0-9 ]{1,160}", line["text"])
        reading = SYNTAX.read(line["text"])
        assert reading.kind == "record"
        assert not reading.accented
        if line["citizen_id"]:
            assert reading.conditions in {(), (("citizen_id", line["citizen_id"]),)}
        forms.add(re.sub(r"\d", "9", line["text"]))
    assert forms == {"DC", "DC 999999999999", "DC999999999999", "DC 999 999 999999"}


def test_those_who_may_know_are_told_their_record(population, lines):
    """The reply is the syntax's to this record: it holds the citizen's ID and their name without accents."""
    living = {
        citizen.citizen_id: citizen
        for block in population.blocks()
        for citizen in block
        if citizen.death_or_missing_date is None
    }
    answered = [line for line in lines if line["reply"] != SYNTAX.refusal]
    assert len(answered) > len(lines) * 0.8
    for line in answered:
        assert line["state"] == NumberState.AUTHENTICATED
        citizen = living[line["citizen_id"]]
        assert citizen.citizen_id in line["reply"]
        assert f"{citizen.date_of_birth:%d/%m/%Y}" in line["reply"]
        assert line["name"] == citizen.full_name


def test_all_others_are_refused(population, lines):
    """Every state but one, and the dead and missing whatever their number's state."""
    ended = {citizen.citizen_id for block in population.blocks() for citizen in block if citizen.death_or_missing_date}
    refused = [line for line in lines if line["reply"] == SYNTAX.refusal]
    assert {line["state"] for line in refused} == set(NumberState)
    for line in refused:
        assert line["state"] != NumberState.AUTHENTICATED or line["citizen_id"] in ended


def test_replies_are_written_alike_in_every_alphabet(lines):
    """Only characters that GSM 03.38, ASCII and Latin-1 write with the same octet; no line breaks."""
    assert all(ALIKE.fullmatch(line["reply"]) for line in lines)


def test_the_file_appears_as_a_whole(population, tmp_path):
    """A former file is replaced, and nothing unfinished is left beside it."""
    path = tmp_path / "expected.tsv"
    path.write_text("old")
    write_export(path, Population(citizens=1, seed=1))
    assert path.read_text(encoding="utf-8").startswith("msisdn\tstate\t")
    assert list(tmp_path.iterdir()) == [path]


def test_a_syntax_that_does_not_take_the_inquiries_is_told():
    """Expectations cannot be computed by a syntax without the keyword: an error, not a file of nonsense."""

    class Deaf:
        version = "deaf"
        refusal = ""

        def read(self, text):
            return SYNTAX.read("DC HD")

    with pytest.raises(ValueError, match="takes none"):
        list(export_lines(Population(citizens=1, seed=1), Deaf()))

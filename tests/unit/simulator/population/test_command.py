"""`./sms population`."""

import json

import pytest
from click.testing import CliRunner

from simulator.population import Population
from simulator.population.command import population
from simulator.population.export import HEADER, export_lines
from syntax import REFERENCE, load


@pytest.fixture
def call():
    def run(*arguments):
        return CliRunner().invoke(population, [str(argument) for argument in arguments], prog_name="./sms population")

    return run


@pytest.mark.parametrize("path", [(), ("make",), ("stats",), ("expect",)], ids=" ".join)
def test_help(call, path):
    """With examples of itself."""
    shown = call(*path, "--help")
    assert shown.exit_code == 0
    assert not path or f"./sms population {path[0]}" in shown.stdout


def test_the_replies_that_are_expected(call, tmp_path):
    """On standard output or in a file, the same."""
    wanted = "\n".join(map("\t".join, [HEADER, *export_lines(Population(20, 3), load(REFERENCE))])) + "\n"
    assert call("expect", "--citizens", 20, "--seed", 3).stdout == wanted
    assert call("expect", "--citizens", 20, "--seed", 3, "--output", tmp_path / "a.tsv").exit_code == 0
    assert (tmp_path / "a.tsv").read_text("utf-8") == wanted


def test_a_file_that_cannot_be_written(call, tmp_path):
    shown = call("expect", "--citizens", 2, "--output", tmp_path / "none" / "a.tsv")
    assert shown.exit_code == 2
    assert "No such file or directory" in shown.stderr


def test_statistics(call):
    """As tables, or as JSON."""
    assert "Nguyễn" in call("stats", "--citizens", 500).stdout
    found = json.loads(call("stats", "--citizens", 500, "--count", 100, "--json").stdout)
    assert (found["citizens"], found["counted"]) == (500, 100)


def test_a_database_that_is_not_there(call, tmp_path):
    """What was wrong, and that nothing has changed."""
    shown = call("make", "--dsn", f"postgresql:///x?host={tmp_path}")
    assert shown.exit_code == 2
    assert "The database is as it was" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_made_counted_kept_and_replaced(call, postgres_dsn):
    """The same again is at once there; another needs to be told to take its place."""
    made = call("make", "--dsn", postgres_dsn, "--citizens", 30)
    assert made.exit_code == 0, made.stderr
    assert "30 citizens of seed 1 in" in made.stdout
    assert "stand there already" in call("make", "--dsn", postgres_dsn, "--citizens", 30).stdout
    other = call("make", "--dsn", postgres_dsn, "--citizens", 40)
    assert other.exit_code == 2
    assert "holds 30 citizens of seed 1; --replace" in other.stderr
    assert (
        "--dsn: " in call("make", "--dsn", "").stderr or "The database is as it was" in call("make", "--dsn", "").stderr
    )
    assert "40 citizens of seed 1 in" in call("make", "--dsn", postgres_dsn, "--citizens", 40, "--replace").stdout

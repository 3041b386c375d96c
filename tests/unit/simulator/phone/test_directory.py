"""Finding citizens."""

import pytest

from simulator.phone.directory import CITIZENS_MAX, FOUND_MAX, Directory, Entry, make_directory
from simulator.population import Population


def entry(name, msisdn, state="authenticated"):
    return Entry(msisdn, name, state, "001085012345", departed=False)


PEOPLE = Directory(
    [
        entry("Nguyễn Thị Minh Khai", "84912345678"),
        entry("Đỗ Văn Ánh", "84987654321", "disowned"),
        entry("Lê Văn Khải", "84321234567"),
    ]
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Nguyễn Thị Minh Khai", "Đỗ Văn Ánh", "Lê Văn Khải"]),
        ("khai", ["Nguyễn Thị Minh Khai", "Lê Văn Khải"]),
        ("KHẢI", ["Nguyễn Thị Minh Khai", "Lê Văn Khải"]),
        ("van kh", ["Lê Văn Khải"]),
        ("do anh", ["Đỗ Văn Ánh"]),
        ("Đỗ".encode().decode(), ["Đỗ Văn Ánh"]),
        ("hai", []),
        ("0912", ["Nguyễn Thị Minh Khai"]),
        ("8491", ["Nguyễn Thị Minh Khai"]),
        ("+84 912 345", ["Nguyễn Thị Minh Khai"]),
        ("098.765", ["Đỗ Văn Ánh"]),
        ("0", ["Nguyễn Thị Minh Khai", "Đỗ Văn Ánh", "Lê Văn Khải"]),
        ("1", []),
        ("+", []),
    ],
)
def test_find(query, found):
    """Digits find beginnings of numbers; words find names of which some word begins so, accents or not."""
    assert [one.name for one in PEOPLE.find(query)] == found


def test_state_and_limit():
    """A state narrows the search, a limit ends it."""
    assert [one.name for one in PEOPLE.find(state="disowned")] == ["Đỗ Văn Ánh"]
    assert len(PEOPLE.find(limit=2)) == 2
    assert PEOPLE.find(state="no such") == []


def test_answers_are_bounded():
    """No answer is longer than one reads."""
    many = Directory(entry(f"A {number}", "84912345678") for number in range(FOUND_MAX + 5))
    assert len(many.find(limit=9999)) == FOUND_MAX


def test_directory_of_the_population():
    """Each number of each citizen has its line, with the state of the register and whether the citizen is gone."""
    population = Population(citizens=200, seed=3)
    directory = make_directory(200, 3)
    for index in range(200):
        citizen = population.citizen(index)
        for number in population.numbers(index):
            (found,) = directory.find(number.msisdn)
            assert (found.name, found.citizen_id, found.state) == (citizen.full_name, citizen.citizen_id, number.state)
            assert found.departed == (citizen.death_or_missing_date is not None)


def test_directory_is_bounded(monkeypatch):
    """Of a large population the first citizens are listed."""
    monkeypatch.setattr("simulator.phone.directory.CITIZENS_MAX", 3)
    names = {one.name for one in make_directory(1000, 1).find(limit=100)}
    assert 1 <= len(names) <= 3 < CITIZENS_MAX


def test_repr_shows_no_person():
    """An entry's repr has neither name nor number."""
    shown = repr(entry("Nguyễn", "84912345678"))
    assert "Nguyễn" not in shown
    assert "849" not in shown

import tomllib
import unicodedata
from collections import Counter
from datetime import date

import pytest
from msgspec.structs import asdict, fields

from simulator.population import Citizen
from simulator.population.identity import Identity
from simulator.population.numbers import NumberState
from simulator.population.record import AS_OF, _card_expiry, draw_life
from syntax import FIELDS

CATALOGUE = tomllib.loads(FIELDS.read_text(encoding="utf-8"))["fields"]


def test_a_record_has_the_fields_of_the_catalogue():
    """The same codes in the same order: a view that discloses a field finds it here."""
    assert [field.name for field in fields(Citizen)] == list(CATALOGUE)


def test_values_are_of_the_kind_and_length_that_the_catalogue_says(people):
    """Dates are dates, texts are texts in NFC without line breaks or tabs, none longer than expected."""
    for citizen, _ in people:
        for code, value in asdict(citizen).items():
            field = CATALOGUE[code]
            if value is None:
                continue
            assert isinstance(value, date if field["kind"] == "date" else str)
            if isinstance(value, str):
                assert 0 < len(value) <= field["length_max"]
                assert unicodedata.is_normalized("NFC", value)
                assert value == " ".join(value.split())


def test_a_record_agrees_with_its_citizen_id(people):
    """Sex, year and the province of birth registration are those that the ID says."""
    for citizen, _ in people:
        assert citizen.sex == ("Nam", "Nữ")[int(citizen.citizen_id[3]) % 2]
        assert f"{citizen.date_of_birth:%y}" == citizen.citizen_id[4:6]
    hanoians = [citizen for citizen, _ in people if citizen.citizen_id.startswith("001")]
    assert all(citizen.birth_registration_place.endswith(", Hà Nội") for citizen in hanoians)


def test_about_two_of_a_hundred_are_dead_or_missing(people):
    """Within the years of the register, and the old more than the young."""
    ended = [citizen for citizen, _ in people if citizen.death_or_missing_date]
    assert len(ended) / len(people) == pytest.approx(0.02, abs=0.007)
    assert all(date(2018, 4, 24) <= citizen.death_or_missing_date <= AS_OF for citizen in ended)

    def share(citizens):
        return sum(bool(citizen.death_or_missing_date) for citizen in citizens) / len(citizens)

    assert share([one for one, _ in people if one.date_of_birth.year < 1950]) > 4 * share(
        [one for one, _ in people if one.date_of_birth.year > 1990]
    )


def test_the_youngest_may_have_a_number_on_the_last_day():
    """One born on the last day of the last year is 14 on the day before the records' date, and no later."""
    identity = Identity("001211000000", "001", female=False, born=2011)
    assert draw_life(lambda: 1 - 2**-53, identity).of_age == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("born", "issued", "expiry"),
    [
        (date(2000, 5, 6), date(2022, 5, 6), date(2025, 5, 6)),
        (date(2000, 5, 6), date(2023, 5, 5), date(2025, 5, 6)),
        (date(2000, 5, 6), date(2023, 5, 6), date(2040, 5, 6)),
        (date(1984, 2, 29), date(2021, 6, 1), date(2024, 2, 28)),
        (date(1964, 1, 1), date(2021, 12, 31), date(2024, 1, 1)),
        (date(1964, 1, 1), date(2022, 1, 1), None),
        (date(1930, 1, 1), date(2022, 1, 1), None),
    ],
)
def test_a_card_is_valid_until_the_age_of_renewal(born, issued, expiry):
    """25, 40 or 60; the next of them where it was issued within two years before; for good after the last."""
    assert _card_expiry(born, issued) == expiry


def test_cards_are_issued_to_the_living_of_age(people):
    """From the first chip card on, by whoever issued them at the time."""
    for citizen, _ in people:
        issued = citizen.card_issue_date
        assert issued <= (citizen.death_or_missing_date or AS_OF)
        assert (citizen.card_issue_place == "Bộ Công an") == (issued >= date(2024, 7, 1))


def test_the_old_have_an_old_number(people):
    """Nine digits for those who were of age while such cards were issued, none for the young."""
    for citizen, _ in people:
        if citizen.date_of_birth.year > 2001:
            assert citizen.old_id_number is None
        else:
            assert len(citizen.old_id_number) == 9
            assert citizen.old_id_number.isdigit()


def test_who_is_away_lives_where_they_stay(people):
    """One who has a temporary residence lives there and has declared to be absent; others live at home."""
    away = [citizen for citizen, _ in people if citizen.temporary_residence]
    assert 0.06 < len(away) / len(people) < 0.12
    for citizen, _ in people:
        assert citizen.current_residence == (citizen.temporary_residence or citizen.permanent_residence)
        assert bool(citizen.absence_declaration) == bool(citizen.temporary_residence)


def test_contact_names_the_authenticated_numbers_as_people_write_them(people):
    """0 and nine digits; a number that is not authenticated is not among them."""
    for citizen, numbers in people:
        owned = [f"0{number.msisdn[2:]}" for number in numbers if number.state is NumberState.AUTHENTICATED]
        assert citizen.contact == (", ".join(owned) or None)


def test_what_people_believe_and_bleed(people):
    """Most have no religion, O+ is the commonest blood group, few use another name."""
    assert Counter(citizen.religion for citizen, _ in people).most_common(1)[0][0] == "Không"
    assert Counter(citizen.blood_type for citizen, _ in people).most_common(1)[0][0] == "O+"
    assert 0 < sum(bool(citizen.other_name) for citizen, _ in people) < 0.05 * len(people)


def test_a_citizen_does_not_show_themselves(people):
    """What a log would write of a record names nobody."""
    assert repr(people[0][0]) == "<Citizen>"

from collections import Counter
from random import Random

import pytest

from simulator.population.identity import BORN_FIRST, BORN_LAST, Identities, identities_max, relative_id
from simulator.population.places import provinces

IDENTITIES = list(map(Identities(5), range(6_000)))


def test_an_id_says_what_the_identity_says():
    """Province, century with sex, year; 12 digits, no more."""
    for identity in IDENTITIES:
        assert len(identity.citizen_id) == 12
        assert identity.citizen_id.isascii()
        assert identity.citizen_id.isdigit()
        assert identity.citizen_id[:3] == identity.province
        century = {19: "01", 20: "23"}[identity.born // 100]
        assert identity.citizen_id[3] == century[identity.female]
        assert identity.citizen_id[4:6] == f"{identity.born % 100:02}"


def test_no_id_comes_twice():
    """Not near the start, and not anywhere on the whole line of IDs."""
    assert len({identity.citizen_id for identity in IDENTITIES}) == len(IDENTITIES)
    identities = Identities(5)
    step = identities_max() // 5_000
    assert len({identities(index).citizen_id for index in range(0, identities_max(), step)}) >= 5_000


def test_an_id_for_every_citizen_of_vietnam():
    """There is room for the whole country, several times."""
    assert identities_max() > 500_000_000


def test_people_are_where_and_as_old_as_people_are():
    """Sài Gòn has about nine of a hundred, women are about half, all ages from 14 to 99 occur, the old being fewer."""
    count = len(IDENTITIES)
    assert Counter(identity.province for identity in IDENTITIES)["079"] / count == pytest.approx(0.093, abs=0.015)
    assert sum(identity.female for identity in IDENTITIES) / count == pytest.approx(0.5, abs=0.03)
    assert {identity.province for identity in IDENTITIES} == set(provinces())
    years = Counter(identity.born // 10 for identity in IDENTITIES)
    assert years[198] > years[196] > years[194] > 0
    assert all(BORN_FIRST <= identity.born <= BORN_LAST for identity in IDENTITIES)


def test_women_outlive_men():
    """Of the oldest, women are the most."""
    oldest = [identity.female for identity in IDENTITIES if identity.born < 1950]
    assert sum(oldest) > 0.55 * len(oldest)


def test_a_relatives_id_is_no_citizens():
    """Serials of relatives are others than those of citizens of the same province, sex and year."""
    draw = Random(1).random
    relatives = {relative_id(draw, "079", female=True, born=1985) for _ in range(2_000)}
    multiplier_inverse = pow(618_033, -1, 1_000_000)
    assert all(one.startswith("079185") for one in relatives)
    assert all(int(one[6:]) * multiplier_inverse % 1_000_000 >= 900_000 for one in relatives)
    assert all(int(one.citizen_id[6:]) * multiplier_inverse % 1_000_000 < 900_000 for one in IDENTITIES)


def test_children_of_this_century_have_its_digits():
    """2 for a boy, 3 for a girl born in the 2000s."""
    assert relative_id(lambda: 0.0, "001", female=False, born=2024)[:6] == "001224"
    assert relative_id(lambda: 0.0, "001", female=True, born=2005)[:6] == "001305"

import unicodedata
from collections import Counter
from random import Random

import pytest

from simulator.population.cultures import ethnicities
from simulator.population.places import provinces


def everybody():
    """Each group with the share of the whole population that it is drawn with."""
    shares = Counter()
    total = sum(province.people for province in provinces().values())
    for code, choice in ethnicities().items():
        bounds = [0, *choice._bounds, choice._total]
        for group, low, high in zip(choice._values, bounds, bounds[1:], strict=False):
            shares[group] += (high - low) / choice._total * provinces()[code].people / total
    return shares


def culture_of(name):
    return next(group.culture for group in everybody() if group.name == name)


def test_all_54_groups_live_somewhere():
    """Every group of the list has a code, a name and a home, the smallest included."""
    groups = everybody()
    assert sorted(group.code for group in groups) == [f"{code:02}" for code in range(1, 55)]
    assert len({group.name for group in groups}) == 54
    assert min(groups.values()) > 0


def test_the_shares_of_the_groups_are_about_those_of_the_census():
    """The Kinh are some 85 of a hundred, Tày and Thái some two each."""
    shares = {group.name: share for group, share in everybody().items()}
    assert shares["Kinh"] == pytest.approx(0.855, abs=0.02)
    assert shares["Tày"] == pytest.approx(0.019, abs=0.004)
    assert shares["Thái"] == pytest.approx(0.019, abs=0.004)


def test_no_province_is_without_kinh():
    """Where the minorities are counted as more than the province holds, some Kinh remain."""
    assert all(choice._values[0].name == "Kinh" for choice in ethnicities().values())


@pytest.mark.parametrize(("born", "low", "high"), [(1940, 0.85, 1.0), (1975, 0.8, 0.98), (2000, 0.3, 0.55)])
def test_women_are_called_thi_less_from_era_to_era(born, low, high):
    """Thị stands in nearly every woman's name of the old generation and in less than half of the young ones'."""
    draw = Random(1).random
    kinh = culture_of("Kinh")
    names = [kinh.name(draw, "Nguyễn", female=True, born=born).split() for _ in range(1_000)]
    assert low < sum("Thị" in name for name in names) / 1_000 < high


def test_nguyen_is_the_commonest_family_name():
    """Rather more than a third of the Kinh."""
    draw = Random(1).random
    kinh = culture_of("Kinh")
    families = Counter(kinh.family.pick(draw) for _ in range(2_000))
    assert 0.33 < families["Nguyễn"] / 2_000 < 0.44


def test_the_parents_of_the_oldest_are_named_as_the_oldest():
    """A year before the first era is no error."""
    assert culture_of("Kinh").name(lambda: 0.0, "Lê", female=False, born=1880) == "Lê Văn Bình"


def test_an_ede_name_ends_with_the_clan():
    """Y and H' mark the sex, the clan comes last."""
    ede = culture_of("Ê-đê")
    draw = Random(2).random
    assert ede.name(draw, "Niê", female=False, born=1980).startswith("Y ")
    name = ede.name(draw, "Niê", female=True, born=1980)
    assert name.startswith("H' ")
    assert name.endswith(" Niê")


def test_names_are_composed_letters():
    """NFC, letters, blanks and an apostrophe only: nothing that a reply would have to replace."""
    draw = Random(4).random
    for culture in {id(group.culture): group.culture for group in everybody()}.values():
        for female in (False, True):
            name = culture.name(draw, culture.family.pick(draw), female=female, born=1970)
            assert unicodedata.is_normalized("NFC", name)
            assert all(letter.isalpha() or letter in " '" for letter in name)

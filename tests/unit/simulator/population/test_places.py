import unicodedata
from random import Random

from simulator.population.places import _DATA, HOMEBOUND, places, provinces

UNITS = (_DATA / "units.tsv").read_text(encoding="utf-8")


def test_the_units_are_those_of_the_reform():
    """34 provinces and 3,321 communes since 1/7/2025 (QĐ 19/2025/QĐ-TTg); 63 provinces before."""
    lines = UNITS.splitlines()
    assert sum(not line.startswith("\t") for line in lines) == 34
    assert sum(line.startswith("\t") and not line.startswith("\t\t") for line in lines) == 3_321
    assert len(provinces()) == 63


def test_the_units_are_small_and_normalised():
    """The file is below 400 kB and in NFC, so that names compare by bytes."""
    assert len(UNITS.encode()) < 400_000
    assert unicodedata.is_normalized("NFC", UNITS)


def test_every_former_province_has_birthplaces_that_became_communes():
    """Nobody's province of birth is without communes, and each of these has a successor."""
    units = places()
    assert {code for code in provinces() if units._born[code]} == set(provinces())
    former = {place.address for place in units._born["001"] if place.became.code == "00004"}
    assert "Phường Trúc Bạch, Quận Ba Đình, Hà Nội" in former
    assert units._born["001"][0].became.address == "Phường Ba Đình, Hà Nội"


def test_an_island_district_without_communes_is_a_birthplace_of_its_own():
    """Where there was no commune the address begins with the district."""
    assert "Huyện Bạch Long Vĩ, Hải Phòng" in {place.address for place in places()._born["031"]}


def test_most_live_where_they_were_born():
    """Four of five stay; those who go, go to the provinces that people move to."""
    draw = Random(1).random
    units = places()
    born = units.birthplace(draw, "038")
    homes = [units.home(draw, born) for _ in range(1_000)]
    stayed = sum(home.commune == born.became for home in homes)
    assert abs(stayed / 1_000 - HOMEBOUND) < 0.05
    moved = [home.commune.province for home in homes if home.commune != born.became]
    assert moved.count("79") + moved.count("01") > len(moved) / 2


def test_a_residence_is_written_as_in_its_region():
    """Streets in a phường, thôn in the North and the Centre, ấp in the South; the commune's own address follows."""
    draw = Random(3).random
    units = places()
    for _ in range(500):
        home = units.away(draw)
        door, _, commune = home.address.partition(", ")
        assert commune == home.commune.address
        if commune.startswith("Phường"):
            assert door.startswith("Số ")
        else:
            assert door.split()[0] == ("Ấp" if int(home.commune.province) >= 70 else "Thôn")

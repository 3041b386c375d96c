"""How people are named: family, middle and given name by culture, sex and era, and the 54 ethnic groups by province.

The frequencies stand in `cultures.toml` and `ethnicities.tsv`. What a culture does not say is as with the Kinh.
"""

import tomllib
from bisect import bisect_right
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from simulator.population.draws import Draw, Weighted, weights
from simulator.population.places import provinces, table

_MINORITY_SHARE_MAX: Final = 0.95
"""No province is without Kinh."""


class _OwnNames:
    """Middle and given names of one sex, by era."""

    def __init__(self, eras: dict[str, dict[str, str]]) -> None:
        self._first_years = sorted(map(int, eras))
        self._names = [
            Weighted(
                (f"{middle} {given}", middle_weight * given_weight)
                for middle, middle_weight in weights(eras[str(year)]["middle"])
                for given, given_weight in weights(eras[str(year)]["given"])
            )
            for year in self._first_years
        ]

    def pick(self, draw: Draw, born: int) -> str:
        """Those born before the first era are named as in it."""
        return self._names[max(0, bisect_right(self._first_years, born) - 1)].pick(draw)


class Culture:
    """A way of naming people, from a table of `cultures.toml`."""

    def __init__(self, own: dict[str, Any], common: dict[str, Any]) -> None:
        description = common | own
        self.family: Final = Weighted(weights(description["family"]))
        self.religion: Final = Weighted(weights(description["religion"]))
        self._family_last = bool(description.get("family_last", False))
        self._male, self._female = _OwnNames(description["male"]), _OwnNames(description["female"])

    def name(self, draw: Draw, family: str, *, female: bool, born: int) -> str:
        """The full name of one born in the year `born` into this family."""
        own = (self._female if female else self._male).pick(draw, born)
        return f"{own} {family}" if self._family_last else f"{family} {own}"


class Ethnicity(NamedTuple):
    """One of the 54 groups (list of the statistics office, 1979)."""

    code: str
    name: str
    culture: Culture


@cache
def ethnicities() -> dict[str, Weighted[Ethnicity]]:
    """Who lives in each of the 63 provinces: the minorities spread evenly over their home provinces, the rest Kinh."""
    tables = tomllib.loads((files("simulator.population") / "cultures.toml").read_text(encoding="utf-8"))
    cultures = {name: Culture(own, tables["kinh"]) for name, own in tables.items()}
    (kinh, *_), *minorities = (
        (Ethnicity(code, name, cultures[culture]), int(people), homes.split())
        for code, people, name, culture, homes in table("ethnicities.tsv")
    )
    living: dict[str, list[tuple[Ethnicity, float]]] = defaultdict(list)
    for ethnicity, people, homes in minorities:
        for home in homes:
            living[home].append((ethnicity, people / len(homes)))
    return {code: _with_kinh(living[code], kinh, province.people) for code, province in provinces().items()}


def _with_kinh(minorities: list[tuple[Ethnicity, float]], kinh: Ethnicity, people: int) -> Weighted[Ethnicity]:
    counted = sum(weight for _, weight in minorities)
    total = max(people, counted / _MINORITY_SHARE_MAX)
    return Weighted([(kinh, total - counted), *minorities])

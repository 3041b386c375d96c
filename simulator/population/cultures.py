"""How people are named: family, middle and given name by culture, sex and era, and the 54 ethnic groups by province.

The frequencies stand in `cultures.toml` and `ethnicities.tsv`. What a culture does not say is as with the Kinh.
"""

import tomllib
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from simulator.population.draws import Draw, Weighted, weighted_words
from simulator.population.places import provinces, table

_MINORITY_SHARE_MAX: Final = 0.95
"""No province is without Kinh."""


class _Era(NamedTuple):
    first_year: int
    middle: Weighted[str]
    given: Weighted[str]


class Culture:
    """A way of naming people, from a table of `cultures.toml`."""

    def __init__(self, own: dict[str, Any], common: dict[str, Any]) -> None:
        description = common | own
        self.family: Final = weighted_words(description["family"])
        self.religion: Final = weighted_words(description["religion"])
        self._family_last = bool(description.get("family_last", False))
        self._eras = {False: self._by_era(description["male"]), True: self._by_era(description["female"])}

    @staticmethod
    def _by_era(tables: dict[str, dict[str, str]]) -> tuple[_Era, ...]:
        """The newest era first."""
        eras = (
            _Era(int(year), weighted_words(names["middle"]), weighted_words(names["given"]))
            for year, names in tables.items()
        )
        return tuple(sorted(eras, key=lambda era: -era.first_year))

    def name(self, draw: Draw, family: str, *, female: bool, born: int) -> str:
        """The full name of one born in the year `born` into this family."""
        eras = self._eras[female]
        era = next((era for era in eras if era.first_year <= born), eras[-1])
        own = f"{era.middle.pick(draw)} {era.given.pick(draw)}"
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

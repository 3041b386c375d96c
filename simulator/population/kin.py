"""A citizen's relatives and household, as far as a record tells of them: parents, spouse, at most two children.

They are not citizens of the population (a record must not depend on another citizen), but they could be: family names
pass from father to child, ages fit, and their IDs say sex, year and province as everybody's do.
"""

from typing import Final, NamedTuple

from simulator.population.cultures import Culture
from simulator.population.draws import Draw, between
from simulator.population.identity import BORN_FIRST, Identity, relative_id

AS_OF_YEAR: Final = 2026
"""The records stand as at the first day of this year."""

CHILDREN_MAX: Final = 2
"""More would not fit the 300 characters that the catalogue of fields allows relatives."""

_MARRIAGE_AGE: Final = {False: 20, True: 18}
"""Years, by `female` (Luật Hôn nhân và gia đình 2014, Điều 8)."""

_LEAVES_HOME_AGE: Final = 35
"""Until then the unmarried live with their parents."""

_HUSBAND_HEAD: Final = 0.7
"""Share of the wives whose husband heads the household."""

SINGLE: Final = "Chưa kết hôn"
MARRIED: Final = "Đã kết hôn"
DIVORCED: Final = "Đã ly hôn"
WIDOWED: Final = "Góa"

_GIRLS: Final = 0.48
"""Share of girls among children."""

_NATIONALITY: Final = "Việt Nam"


class Relative(NamedTuple):
    """Somebody whom a record names."""

    role: str
    """Cha, Mẹ, Vợ, Chồng, Con."""
    person: str
    """Name, and citizen ID in brackets: none of those born before IDs reach back."""


class Family(NamedTuple):
    """What a record says of a citizen's relatives and household."""

    marital_status: str
    relatives: str
    relation_to_head: str
    household: str


def _marital_status(draw: Draw, *, age: int, female: bool) -> str:
    years = age - _MARRIAGE_AGE[female]
    # Half are married some seven years after they may, nineteen of twenty in the end.
    if years < 0 or draw() > min(0.95, 0.08 + years * 0.065):
        return SINGLE
    ended = draw()
    if age > 50 and ended < (age - 50) * (0.014 if female else 0.005):
        return WIDOWED
    return DIVORCED if ended > 0.96 else MARRIED


class _Kin:
    """Draws relatives who share a citizen's culture and province."""

    __slots__ = ("_culture", "_draw", "_province")

    def __init__(self, draw: Draw, culture: Culture, province: str) -> None:
        self._draw, self._culture, self._province = draw, culture, province

    def relative(self, role: str, family: str, born: int, *, female: bool) -> Relative:
        draw = self._draw
        name = self._culture.name(draw, family, female=female, born=born)
        if born < BORN_FIRST:
            return Relative(role, name)
        return Relative(role, f"{name} ({relative_id(draw, self._province, female=female, born=born)})")

    def family_name(self) -> str:
        """Of one who marries in."""
        return self._culture.family.pick(self._draw)


def draw_family(draw: Draw, identity: Identity, culture: Culture, name: str, family_name: str) -> Family:
    """The family of a citizen with this full name and family name."""
    citizen_id, province, female, born = identity
    kin = _Kin(draw, culture, province)
    age = AS_OF_YEAR - 1 - born
    status = _marital_status(draw, age=age, female=female)
    father = kin.relative("Cha", family_name, born - between(draw, 22, 38), female=False)
    mother = kin.relative("Mẹ", kin.family_name(), born - between(draw, 19, 36), female=True)
    spouse_family = kin.family_name()
    own_household = []
    if status == MARRIED:
        younger = between(draw, -2, 5)
        spouse_born = min(born - younger if female else born + younger, AS_OF_YEAR - _MARRIAGE_AGE[not female] - 1)
        own_household.append(kin.relative("Chồng" if female else "Vợ", spouse_family, spouse_born, female=not female))
    if status != SINGLE:
        for _ in range(between(draw, 0, CHILDREN_MAX)):
            child_born = born + between(draw, _MARRIAGE_AGE[female] + 1, 36)
            if child_born < AS_OF_YEAR:
                child_family = spouse_family if female else family_name
                own_household.append(kin.relative("Con", child_family, child_born, female=draw() < _GIRLS))
    if status == SINGLE and age < _LEAVES_HOME_AGE:
        relation, head, *others = "Con", father.person, mother
    elif female and status == MARRIED and draw() < _HUSBAND_HEAD:
        relation, head, *others = "Vợ", own_household[0].person, *own_household[1:]
    else:
        relation, head, *others = "Chủ hộ", f"{name} ({citizen_id})", *own_household
    household = f"Chủ hộ: {head}"
    if others:
        household += f"; Thành viên: {', '.join([other.person for other in others])}"
    relatives = "; ".join([f"{role}: {person}, {_NATIONALITY}" for role, person in (father, mother, *own_household)])
    return Family(status, relatives, relation, household)

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

_NATIONALITY: Final = "Việt Nam"


class Relative(NamedTuple):
    """Somebody whom a record names."""

    role: str
    """Cha, Mẹ, Vợ, Chồng, Con."""
    name: str
    citizen_id: str | None
    """None of those born before IDs reach back."""

    def __str__(self) -> str:
        return f"{self.name} ({self.citizen_id})" if self.citizen_id else self.name


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

    def __init__(self, draw: Draw, culture: Culture, province: str) -> None:
        self._draw, self._culture, self._province = draw, culture, province

    def relative(self, role: str, family: str, born: int, *, female: bool) -> Relative:
        draw = self._draw
        name = self._culture.name(draw, family, female=female, born=born)
        known = born >= BORN_FIRST
        return Relative(role, name, relative_id(draw, self._province, female=female, born=born) if known else None)

    def stranger(self, role: str, born: int, *, female: bool) -> tuple[Relative, str]:
        """One who brings their own family name, and that name."""
        family = self._culture.family.pick(self._draw)
        return self.relative(role, family, born, female=female), family


def draw_family(draw: Draw, identity: Identity, culture: Culture, name: str, family_name: str) -> Family:
    """The family of a citizen with this full name and family name."""
    _, province, female, born = identity
    kin = _Kin(draw, culture, province)
    age = AS_OF_YEAR - 1 - born
    status = _marital_status(draw, age=age, female=female)
    father = kin.relative("Cha", family_name, born - between(draw, 22, 38), female=False)
    mother, _ = kin.stranger("Mẹ", born - between(draw, 19, 36), female=True)
    spouse: list[Relative] = []
    children_family = family_name
    if status == MARRIED:
        younger = between(draw, -2, 5)
        spouse_born = min(born - younger if female else born + younger, AS_OF_YEAR - _MARRIAGE_AGE[not female] - 1)
        partner, partner_family = kin.stranger("Chồng" if female else "Vợ", spouse_born, female=not female)
        spouse.append(partner)
        children_family = partner_family if female else family_name
    children: list[Relative] = []
    if status != SINGLE:
        for _ in range(between(draw, 0, CHILDREN_MAX)):
            child_born = born + between(draw, _MARRIAGE_AGE[female] + 1, 36)
            if child_born < AS_OF_YEAR:
                children.append(kin.relative("Con", children_family, child_born, female=draw() < 0.49))
    relatives = [father, mother, *spouse, *children]
    myself = Relative("", name, identity.citizen_id)
    if status == SINGLE and age < _LEAVES_HOME_AGE:
        relation, head, others = "Con", father, [mother]
    elif female and spouse and draw() < _HUSBAND_HEAD:
        relation, head, others = "Vợ", spouse[0], children
    else:
        relation, head, others = "Chủ hộ", myself, spouse + children
    household = f"Chủ hộ: {head}"
    if others:
        household += f"; Thành viên: {', '.join(map(str, others))}"
    told = "; ".join(f"{relative.role}: {relative}, {_NATIONALITY}" for relative in relatives)
    return Family(status, told, relation, household)

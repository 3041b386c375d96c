"""Who citizen number i is: sex, year and province of birth, and the 12-digit citizen ID that says the same.

All IDs that citizens may have lie on one line: for each province, sex and year a cell as long as such people are
frequent. A permutation of that line gives citizen i its place. So frequencies are exact, no ID comes twice, and nothing
is stored. An ID has no check digit: 3 digits of the province of birth registration, 1 of century and sex, 2 of the year,
6 random.
"""

from bisect import bisect_right
from functools import cache
from itertools import accumulate, product
from typing import Final, NamedTuple

from simulator.population.draws import Draw, between
from simulator.population.permutation import Permutation
from simulator.population.places import provinces

BORN_FIRST: Final = 1926
BORN_LAST: Final = 2011
"""Years. A citizen has a number of their own from the age of 14, when the identity card becomes compulsory."""

_SERIALS: Final = 1_000_000
_CITIZEN_SERIALS: Final = 900_000
"""Of the serials of a province, sex and year, this many at most are citizens'; the others are left to relatives who
only stand in somebody's record, so that no relative has a citizen's ID by chance."""

_SCATTER: Final = 618_033
"""Multiplier that scatters neighbouring serials; coprime to `_SERIALS`, so no two meet."""

_BAND_YEARS: Final = 5
_BANDS: Final = (
    (0.08, 0.72), (0.25, 0.68), (0.55, 0.65), (0.8, 0.62), (1.4, 0.58), (2.6, 0.56), (3.9, 0.55), (4.8, 0.53),
    (5.5, 0.52), (6.2, 0.51), (6.8, 0.50), (7.7, 0.50), (8.5, 0.50), (8.6, 0.49), (7.2, 0.48), (7.0, 0.48), (7.6, 0.47),
    (7.6, 0.47),
)  # fmt: skip
"""People (millions) and share of women of those born 1926-1930, 1931-1935 …, as at the start of 2026."""


class Identity(NamedTuple):
    """What a citizen ID says, and the ID."""

    citizen_id: str
    province: str
    """Three digits: where the birth was registered."""
    female: bool
    born: int
    """Year."""


class _Cell(NamedTuple):
    """All IDs of one province, sex and year."""

    province: str
    female: bool
    born: int


class _Line(NamedTuple):
    cells: tuple[_Cell, ...]
    starts: tuple[int, ...]
    length: int


@cache
def _line() -> _Line:
    cells, weights = [], []
    for province, female, born in product(provinces().values(), (False, True), range(BORN_FIRST, BORN_LAST + 1)):
        people, women = _BANDS[(born - BORN_FIRST) // _BAND_YEARS]
        weights.append(province.people * people * (women if female else 1 - women))
        cells.append(_Cell(province.code, female, born))
    scale = _CITIZEN_SERIALS / max(weights)
    ends = tuple(accumulate(int(weight * scale) for weight in weights))
    return _Line(tuple(cells), (0, *ends[:-1]), ends[-1])


def identities_max() -> int:
    """How many citizens there can be."""
    return _line().length


def _citizen_id(province: str, female: bool, born: int, serial: int) -> str:
    """The 12 digits; `born` is a year of 1900 … 2399."""
    return f"{province}{born // 100 * 2 - 38 + female}{born % 100:02}{serial * _SCATTER % _SERIALS:06}"


def relative_id(draw: Draw, province: str, *, female: bool, born: int) -> str:
    """The ID of somebody who is not a citizen of the population."""
    return _citizen_id(province, female, born, between(draw, _CITIZEN_SERIALS, _SERIALS - 1))


class Identities:
    """The identities of one seed: a pure function of the index."""

    def __init__(self, key: int) -> None:
        self._line = _line()
        self._slot = Permutation(self._line.length, key)

    def __call__(self, index: int) -> Identity:
        """The identity of citizen number `index` of 0 … `identities_max()` - 1."""
        cells, starts, _ = self._line
        slot = self._slot(index)
        position = bisect_right(starts, slot) - 1
        province, female, born = cells[position]
        return Identity(_citizen_id(province, female, born, slot - starts[position]), province, female, born)

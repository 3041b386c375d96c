"""The mobile numbers of the population, and what the subscriber register knows of them.

A citizen has one to three. Nine tenths are authenticated; the others are in the states in which a number must not
answer, and most of those still name the citizen: a gateway that looks at the ID alone and not at the state is caught.
"""

import enum
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import msgspec

from simulator.population.draws import Draw, Weighted, day_between
from simulator.population.permutation import Permutation

NUMBERS_PER_CITIZEN_MAX: Final = 3

_PREFIXES: Final = (
    *(32, 33, 34, 35, 36, 37, 38, 39, 86, 96, 97, 98),  # Viettel
    *(81, 82, 83, 84, 85, 88, 91, 94),  # Vinaphone
    *(70, 76, 77, 78, 79, 89, 90, 93),  # Mobifone
    *(52, 56, 58, 92),  # Vietnamobile
    *(59, 99),  # Gmobile
    *(55, 87),  # Wintel, iTel
)
"""After the country code 84. Drawn alike, because a hundred million citizens need nearly all of their numbers; numbers are
portable, so the prefix does not tell the operator anyway."""

_SUBSCRIBERS_PER_PREFIX: Final = 10_000_000
"""Seven digits follow the prefix."""

MSISDNS: Final = len(_PREFIXES) * _SUBSCRIBERS_PER_PREFIX
"""How many numbers there can be."""

_PREFIX_PLACES: Final = {str(prefix): place for place, prefix in enumerate(_PREFIXES)}

_MSISDN_DIGITS: Final = 11
"""84, prefix, seven digits."""

BOUND_FIRST: Final = date(2018, 4, 24)
"""From here on, subscribers' particulars had to be complete (NĐ 49/2017/NĐ-CP): no binding is older."""

_COUNT: Final = Weighted([(1, 65), (2, 27), (3, 8)])


class NumberState(enum.StrEnum):
    """What the subscriber register says of a number."""

    AUTHENTICATED = "authenticated"
    UNVERIFIED = "unverified"
    DISOWNED = "disowned"
    LOCKED_ONE_WAY = "locked_one_way"
    LOCKED_TWO_WAY = "locked_two_way"
    RECYCLED = "recycled"


_STATE: Final = Weighted((state, 45 if state is NumberState.AUTHENTICATED else 1) for state in NumberState)
"""Nine tenths authenticated, the other five states alike."""


class Number(msgspec.Struct, frozen=True, gc=False):
    """A mobile number as the subscriber register has it."""

    msisdn: str
    """E.164 without plus: 84 and nine digits."""
    state: NumberState
    citizen_id: str | None
    """To whom it is or was bound; of a recycled number, to nobody."""
    bound_on: date
    """Since when the number is in this state."""

    def __repr__(self) -> str:
        return f"<Number {self.state}>"


class Msisdns:
    """The numbers of one seed: none twice."""

    def __init__(self, key: int) -> None:
        self._place = Permutation(MSISDNS, key)

    def of(self, index: int) -> Iterator[str]:
        """The numbers that are kept for citizen number `index`: `NUMBERS_PER_CITIZEN_MAX`, nobody else's."""
        first = index * NUMBERS_PER_CITIZEN_MAX
        for place in range(first, first + NUMBERS_PER_CITIZEN_MAX):
            prefix, subscriber = divmod(self._place(place), _SUBSCRIBERS_PER_PREFIX)
            yield f"84{_PREFIXES[prefix]}{subscriber:07}"

    def owner(self, msisdn: str) -> tuple[int, int] | None:
        """For which citizen a number is kept, by index, and as which of theirs (0 …); None for what is no mobile number.

        Whether there is such a citizen, and whether they have so many numbers, it does not say.
        """
        prefix = _PREFIX_PLACES.get(msisdn[2:4])
        if prefix is None or len(msisdn) != _MSISDN_DIGITS or not msisdn.startswith("84") or not _is_digits(msisdn):
            return None
        return divmod(self._place.inverse(prefix * _SUBSCRIBERS_PER_PREFIX + int(msisdn[4:])), NUMBERS_PER_CITIZEN_MAX)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def draw_numbers(draw: Draw, msisdns: Iterable[str], citizen_id: str, days: tuple[date, date]) -> tuple[Number, ...]:
    """The numbers of one citizen, the first of `msisdns`, bound on days of first … last."""
    numbers = []
    for _, msisdn in zip(range(_COUNT.pick(draw)), msisdns, strict=False):
        state = _STATE.pick(draw)
        owner = None if state is NumberState.RECYCLED else citizen_id
        numbers.append(Number(msisdn, state, owner, day_between(draw, *days)))
    return tuple(numbers)

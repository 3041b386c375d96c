"""The mobile numbers of the population, and what the subscriber register knows of them.

A citizen has one to three. Nine tenths are authenticated; the others are in the states in which a number must not
answer, and most of those still name the citizen: a gateway that looks at the ID alone and not at the state is caught.
"""

import enum
from datetime import date
from typing import Final

import msgspec

from simulator.population.draws import Draw, Weighted, day_between
from simulator.population.permutation import Permutation

NUMBERS_PER_CITIZEN_MAX: Final = 3

_PREFIXES: Final = tuple(
    "32 33 34 35 36 37 38 39 86 96 97 98 81 82 83 84 85 88 91 94 70 76 77 78 79 89 90 93 52 56 58 92 59 99 55 87".split()
)
"""After the country code 84: Viettel, Vinaphone, Mobifone, Vietnamobile, Gmobile, Wintel, iTel. Drawn alike, because a
hundred million citizens need nearly all of them; the prefix does not tell the operator anyway."""

_SUBSCRIBERS_PER_PREFIX: Final = 10_000_000
"""Seven digits follow the prefix."""

MSISDNS: Final = len(_PREFIXES) * _SUBSCRIBERS_PER_PREFIX
"""How many numbers there can be."""

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
    """Since when the state of things is as it is."""


class Msisdns:
    """The numbers of one seed: number `index` of 0 … `MSISDNS` - 1, none twice."""

    def __init__(self, key: bytes) -> None:
        self._place = Permutation(MSISDNS, key)

    def __call__(self, index: int) -> str:
        prefix, subscriber = divmod(self._place(index), _SUBSCRIBERS_PER_PREFIX)
        return f"84{_PREFIXES[prefix]}{subscriber:07}"


def draw_numbers(
    draw: Draw, msisdns: Msisdns, index: int, citizen_id: str, first: date, last: date
) -> tuple[Number, ...]:
    """The numbers of citizen number `index`, bound on days of first … last."""
    numbers = []
    for position in range(_COUNT.pick(draw)):
        state = _STATE.pick(draw)
        owner = None if state is NumberState.RECYCLED else citizen_id
        msisdn = msisdns(index * NUMBERS_PER_CITIZEN_MAX + position)
        numbers.append(Number(msisdn, state, owner, day_between(draw, first, last)))
    return tuple(numbers)

"""The synthetic population: N citizens of seed S, each a pure function of S and its index.

Nothing is kept: any part of it can be made anywhere, in any order, and the first citizens of a large population are
those of a small one. What the citizens' records say stands in `record`, their numbers in `numbers`.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from simulator.population.draws import Draw
from simulator.population.identity import Identities, Identity, identities_max
from simulator.population.numbers import (
    BOUND_FIRST,
    MSISDNS,
    NUMBERS_PER_CITIZEN_MAX,
    Msisdns,
    Number,
    draw_numbers,
)
from simulator.population.record import AS_OF, Citizen, Life, draw_citizen, draw_life

CITIZENS_MAX: Final = min(MSISDNS // NUMBERS_PER_CITIZEN_MAX, identities_max())
"""120 million: more would need more mobile numbers than Vietnam has."""

SEED_MAX: Final = 2**63 - 1
"""A seed is kept as a bigint beside the records made from it."""

VERSION: Final = 1
"""Raised whenever the same N and S give other records or numbers, so that what was stored before is made anew."""

BLOCK: Final = 1_000
"""Citizens. A block is a megabyte: worth a COPY, and made in a tenth of a second."""

_INDEX_BITS: Final = 32
"""An index fits in; the seed stands above it."""


class Population:
    """The citizens 0 … `citizens` - 1 of `seed`."""

    def __init__(self, citizens: int, seed: int) -> None:
        """Nothing is drawn yet.

        Raises:
            ValueError: `citizens` is not of 1 … `CITIZENS_MAX`, or `seed` not of 0 … `SEED_MAX`.
        """
        if not 1 <= citizens <= CITIZENS_MAX:
            raise ValueError(f"a population has 1 … {CITIZENS_MAX} citizens, not {citizens}")
        if not 0 <= seed <= SEED_MAX:
            raise ValueError(f"a seed is a whole number of 0 … {SEED_MAX}, not {seed}")
        self.citizens: Final = citizens
        self.seed: Final = seed
        self._identities = Identities(2 * seed)
        self._msisdns = Msisdns(2 * seed + 1)

    def citizen(self, index: int) -> Citizen:
        """The record of citizen number `index`.

        Raises:
            IndexError: there is no such citizen.
        """
        return self.subscriber(index)[0]

    def numbers(self, index: int) -> tuple[Number, ...]:
        """The one to three mobile numbers of citizen number `index`.

        Raises:
            IndexError: there is no such citizen.
        """
        return self._begin(index)[-1]

    def find(self, msisdn: str) -> Number | None:
        """What the register knows of a number; None where no citizen has it. As cheap for a hundred million as for one."""
        owner = self._msisdns.owner(msisdn)
        if owner is None or owner[0] >= self.citizens:
            return None
        index, which = owner
        numbers = self.numbers(index)
        return numbers[which] if which < len(numbers) else None

    def subscriber(self, index: int) -> tuple[Citizen, tuple[Number, ...]]:
        """Record and numbers of citizen number `index`, for little more than the record alone.

        Raises:
            IndexError: there is no such citizen.
        """
        draw, identity, life, numbers = self._begin(index)
        return draw_citizen(draw, identity, life, numbers), numbers

    def blocks(self, size: int = BLOCK) -> Iterator[list[Citizen]]:
        """All records in order, `size` at a time."""
        for start in range(0, self.citizens, size):
            yield [self.citizen(index) for index in range(start, min(start + size, self.citizens))]

    def _begin(self, index: int) -> tuple[Draw, Identity, Life, tuple[Number, ...]]:
        """What record and numbers share; the record's own draws come after."""
        if not 0 <= index < self.citizens:
            raise IndexError(f"citizen {index} of {self.citizens}")
        draw = Random(self.seed << _INDEX_BITS | index).random  # noqa: S311 - a seeded population is no secret
        identity = self._identities(index)
        life = draw_life(draw, identity)
        bound_first = min(max(BOUND_FIRST, life.of_age), AS_OF)
        days = (bound_first, life.ended or AS_OF)
        numbers = draw_numbers(draw, self._msisdns.of(index), identity.citizen_id, days)
        return draw, identity, life, numbers

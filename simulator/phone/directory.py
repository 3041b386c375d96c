"""Finds citizens whose phone one may play: by number, by name without accents, by state.

The list is what the synthetic population says of its first citizens, a line for each of their numbers. It takes about
a second to make, so it is made on the first question, beside the event loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from simulator.population import Population
from sms_service.sms import nfc, unaccent

CITIZENS_MAX: Final = 10_000
"""Citizens listed, however many there are: enough to find every case, and a search still takes milliseconds."""
QUERY_MAX: Final = 100
"""Characters of a query: longer than any name."""
FOUND_MAX: Final = 100
"""Lines of an answer: more than one reads."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One number of a citizen, as the chooser shows it."""

    msisdn: str
    name: str
    state: str
    """As the subscriber register knows it."""
    citizen_id: str
    departed: bool
    """The citizen is dead or missing, so the service tells nothing of them."""

    def __repr__(self) -> str:
        return f"<Entry {self.state}>"


class _Line(NamedTuple):
    words: str
    """The name folded, a blank before each word."""
    entry: Entry


class Directory:
    """An immutable list that is searched from its beginning."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._lines = [_Line(f" {_fold(entry.name)}", entry) for entry in entries]

    def find(self, query: str = "", *, state: str = "", limit: int = 20) -> list[Entry]:
        """Entries that match, in the population's order.

        Args:
            query: digits find numbers that begin so, written 0…, 84… or +84…; anything else finds names in which, for each
                word of the query, some word begins so. Empty finds everyone.
            state: the subscriber state that a number must be in; empty for any.
            limit: how many at most.
        """
        digits = _digits(query)
        words = [] if digits else [f" {word}" for word in _fold(query[:QUERY_MAX]).split()]

        def matches() -> Iterator[Entry]:
            for folded, entry in self._lines:
                if state and entry.state != state:
                    continue
                if entry.msisdn.startswith(digits) and all(word in folded for word in words):
                    yield entry

        return list(islice(matches(), min(limit, FOUND_MAX)))


def make_directory(citizens: int, seed: int) -> Directory:
    """The directory of the synthetic population of that size and seed."""
    population = Population(citizens=citizens, seed=seed)

    def entries() -> Iterator[Entry]:
        for index in range(min(citizens, CITIZENS_MAX)):
            citizen = population.citizen(index)
            departed = citizen.death_or_missing_date is not None
            for number in population.numbers(index):
                yield Entry(number.msisdn, citizen.full_name, number.state, citizen.citizen_id, departed)

    return Directory(entries())


def _fold(name: str) -> str:
    return " ".join(unaccent(nfc(name)).lower().split())


def _digits(query: str) -> str:
    """The beginning of a number in the form 84…, or nothing if the query is a name."""
    digits = "".join(query.split()).replace(".", "").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return ""
    return f"84{digits[1:]}" if digits.startswith("0") else digits

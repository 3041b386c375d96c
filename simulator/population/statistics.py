"""What a population is like, counted: age, sex, states of numbers, provinces, ethnic groups, names; from the derivation alone.

A sample tells as much as the whole: citizens are drawn independently of their index, so the first thousands are a fair one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from simulator.population.kin import AS_OF_YEAR
from simulator.population.places import provinces
from simulator.population.population import Population

SAMPLE: Final = 20_000
"""Citizens who are counted unless told: a second's work; a share of a tenth is off by less than half a percent."""

TOP: Final = 12
"""Most frequent values that are told of what has many."""

_AGE_YEARS: Final = 10


class Statistics(msgspec.Struct, frozen=True):
    """Counts by value; shares follow by division. Ordered as they are best read."""

    citizens: int
    counted: int
    numbers: int
    departed: int
    """Dead or missing."""
    sex: dict[str, int]
    age: dict[str, int]
    """By decade, `20-29`."""
    born_in: dict[str, int]
    """Province of the 63, the most frequent."""
    lives_in: dict[str, int]
    """Province of the 34, the most frequent."""
    ethnicity: dict[str, int]
    religion: dict[str, int]
    family_name: dict[str, int]
    given_name: dict[str, int]
    marital_status: dict[str, int]
    number_state: dict[str, int]
    numbers_a_citizen: dict[str, int]


def statistics(
    population: Population, counted: int = SAMPLE, progress: Callable[[int], None] = lambda _: None
) -> Statistics:
    """Count the first `counted` citizens; `progress` is told how far it is."""
    counted = min(counted, population.citizens)
    counts: dict[str, Counter[str]] = {name: Counter() for name in Statistics.__struct_fields__}
    names = {province.code: province.name for province in provinces().values()}
    numbers = departed = 0
    for index in range(counted):
        citizen, held = population.subscriber(index)
        age = AS_OF_YEAR - 1 - citizen.date_of_birth.year
        decade = age // _AGE_YEARS * _AGE_YEARS
        numbers += len(held)
        departed += citizen.death_or_missing_date is not None
        words = citizen.full_name.split()
        for name, value in (
            ("sex", citizen.sex),
            ("age", f"{decade}-{decade + _AGE_YEARS - 1}"),
            ("born_in", names[citizen.citizen_id[:3]]),
            ("lives_in", citizen.current_residence.rpartition(", ")[2]),
            ("ethnicity", citizen.ethnicity),
            ("religion", citizen.religion),
            ("family_name", words[0]),
            ("given_name", words[-1]),
            ("marital_status", citizen.marital_status),
            ("numbers_a_citizen", str(len(held))),
        ):
            counts[name][value] += 1
        counts["number_state"].update(number.state.value for number in held)
        if index % 1000 == 0:
            progress(index)
    return Statistics(
        citizens=population.citizens,
        counted=counted,
        numbers=numbers,
        departed=departed,
        age=dict(sorted(counts["age"].items())),
        numbers_a_citizen=dict(sorted(counts["numbers_a_citizen"].items())),
        **{
            name: dict(counts[name].most_common(TOP))
            for name in (
                "sex", "born_in", "lives_in", "ethnicity", "religion", "family_name", "given_name", "marital_status", "number_state",
            )
        },
    )  # fmt: skip

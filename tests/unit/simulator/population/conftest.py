"""A population that every test of this package may look at."""

import pytest

from simulator.population import Citizen, Number, Population


@pytest.fixture(scope="session")
def people() -> list[tuple[Citizen, tuple[Number, ...]]]:
    population = Population(citizens=4_000, seed=7)
    return [population.subscriber(index) for index in range(population.citizens)]

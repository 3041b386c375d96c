"""A synthetic population of Vietnam: citizens' records and mobile numbers, seeded, streamed, no real person's."""

from simulator.population.numbers import Number, NumberState
from simulator.population.population import CITIZENS_MAX, SEED_MAX, Population
from simulator.population.record import Citizen

__all__ = ["CITIZENS_MAX", "SEED_MAX", "Citizen", "Number", "NumberState", "Population"]

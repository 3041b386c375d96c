import os
import subprocess
import sys
import time
from hashlib import sha256

import msgspec
import pytest

from simulator.population import CITIZENS_MAX, SEED_MAX, Population
from simulator.population.population import VERSION

GOLDEN = {1: "adc2f1da2ff1522d4d99a4517a36cd1fccb3e5e3ffc645ed735c35534dac19e3"}
DIGEST = """
from hashlib import sha256
import msgspec
from simulator.population import Population
people = list(map(Population(citizens=300, seed=1).subscriber, range(300)))
print(sha256(msgspec.json.encode(people)).hexdigest())
"""


def test_a_version_stands_for_its_records():
    """Seed 1 gives what it always gave. If this fails, raise VERSION, so that nobody keeps records of the old kind."""
    population = Population(citizens=300, seed=1)
    people = [population.subscriber(index) for index in range(population.citizens)]
    assert sha256(msgspec.json.encode(people)).hexdigest() == GOLDEN[VERSION]


def test_the_population_does_not_depend_on_the_process():
    """Another process with another hash seed draws the same citizens."""
    environment = os.environ | {"PYTHONHASHSEED": "12345"}
    output = subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, check=True, text=True)
    assert output.stdout.strip() == GOLDEN[VERSION]


def test_a_citizen_depends_on_seed_and_index_alone():
    """In any order, from a larger population too, before and after others."""
    small, large = Population(citizens=10, seed=3), Population(citizens=CITIZENS_MAX, seed=3)
    backwards = {index: small.subscriber(index) for index in reversed(range(10))}
    assert backwards == {index: large.subscriber(index) for index in range(10)}
    assert large.citizen(CITIZENS_MAX - 1) == large.citizen(CITIZENS_MAX - 1)


def test_seeds_give_different_people():
    """Nobody of one seed is in another, neighbours and far ones alike."""
    populations = [Population(citizens=200, seed=seed) for seed in (1, 2, SEED_MAX)]
    ids = [{citizen.citizen_id for block in population.blocks() for citizen in block} for population in populations]
    assert not ids[0] & ids[1]
    assert not ids[1] & ids[2]


def test_record_and_numbers_are_the_same_asked_alone():
    """`citizen` and `numbers` are the two halves of `subscriber`."""
    population = Population(citizens=50, seed=9)
    for index in range(50):
        assert population.subscriber(index) == (population.citizen(index), population.numbers(index))


@pytest.mark.parametrize(("citizens", "sizes"), [(7, [3, 3, 1]), (6, [3, 3]), (2, [2])])
def test_blocks_hold_everybody_in_order(citizens, sizes):
    """Full blocks first, the rest last."""
    population = Population(citizens=citizens, seed=1)
    blocks = list(population.blocks(3))
    assert [len(block) for block in blocks] == sizes
    assert [citizen for block in blocks for citizen in block] == [
        population.citizen(index) for index in range(citizens)
    ]


@pytest.mark.parametrize("index", [-1, 5])
def test_there_are_no_others(index):
    """An index outside the population is an error, for records and numbers."""
    population = Population(citizens=5, seed=1)
    with pytest.raises(IndexError):
        population.citizen(index)
    with pytest.raises(IndexError):
        population.numbers(index)


@pytest.mark.parametrize(("citizens", "seed"), [(0, 1), (CITIZENS_MAX + 1, 1), (5, -1), (5, SEED_MAX + 1)])
def test_an_impossible_population_is_refused(citizens, seed):
    """The message names the limits."""
    with pytest.raises(ValueError, match=r"1 … |0 … "):
        Population(citizens=citizens, seed=seed)


def test_drawing_is_fast_enough_to_stream():
    """A citizen takes well under a millisecond; the figure is printed."""
    population = Population(citizens=2_000, seed=1)
    population.citizen(0)
    begun = time.process_time()
    for index in range(2_000):
        population.citizen(index)
    microseconds = (time.process_time() - begun) / 2_000 * 1e6
    print(f"{microseconds:.0f} µs a citizen")
    assert microseconds < 500

"""Citizens as COPY takes them, whoever draws which."""

import subprocess
import sys

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from simulator.population import Population
from simulator.population.copying import blocks, copy_text
from simulator.population.population import BLOCK

CITIZEN = Population(citizens=10, seed=1).citizen(3)


@given(st.text())
def test_a_line_is_one_line_of_as_many_values(name):
    """Whatever a value holds: PostgreSQL reads it back as it was, and no part of it as a separator or as nothing."""
    (line, end) = copy_text([msgspec.structs.replace(CITIZEN, full_name=name)]).decode().split("\n")
    values = line.split("\t")
    assert end == ""
    assert len(values) == len(CITIZEN.__struct_fields__)
    unescaped = values[0].replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r")
    assert unescaped.replace("\0", "\\") == name.replace("\0", "\\")
    assert values[0] != "\\N"


def test_nothing_is_nothing():
    """No value is PostgreSQL's NULL, a day is written as it reads one."""
    values = copy_text([CITIZEN]).decode().rstrip("\n").split("\t")
    told = dict(zip(CITIZEN.__struct_fields__, values, strict=True))
    assert told["other"] == "\\N"
    assert told["date_of_birth"] == CITIZEN.date_of_birth.isoformat()


def test_blocks_divided_are_the_whole():
    """Each block is somebody's, none is two's."""
    population = Population(citizens=3 * BLOCK + 10, seed=2)
    whole = list(blocks(population))
    assert [block.count(b"\n") for block in whole] == [BLOCK, BLOCK, BLOCK, 10]
    assert [*blocks(population, 0, 2), *blocks(population, 1, 2)] == [whole[0], whole[2], whole[1], whole[3]]


def test_a_process_writes_its_blocks():
    """What is drawn elsewhere is the same."""
    command = [sys.executable, "-m", "simulator.population.copying", "--citizens", "1500", "--seed", "2"]
    shown = subprocess.run([*command, "--first", "1", "--step", "2"], capture_output=True, check=True)
    assert shown.stdout == b"".join(blocks(Population(1500, 2), 1, 2))

"""Citizens as PostgreSQL's COPY takes them: text, a line a citizen, tab-separated (PostgreSQL's manual, COPY, "Text Format").

`python -m simulator.population.copying` writes every so-many-th block of a population to its standard output: several of them, each with
another first block, make a population on as many processors.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

import click
from msgspec.structs import astuple, fields

from simulator.population.population import BLOCK, CITIZENS_MAX, SEED_MAX, Population
from simulator.population.record import Citizen

COLUMNS: Final = tuple(field.name for field in fields(Citizen))
"""In the order of the lines."""

_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(citizens: Iterable[Citizen]) -> bytes:
    """The lines of these citizens."""
    return "".join(["\t".join(map(_value, astuple(citizen))) + "\n" for citizen in citizens]).encode()


def _value(value: object) -> str:
    if value is None:
        return _NULL
    text = str(value)
    return text.translate(_ESCAPES) if "\\" in text or "\t" in text or "\n" in text or "\r" in text else text


def blocks(population: Population, first: int = 0, step: int = 1) -> Iterable[bytes]:
    """The lines of the blocks `first`, `first + step`, … of `BLOCK` citizens each."""
    for start in range(first * BLOCK, population.citizens, step * BLOCK):
        until = min(start + BLOCK, population.citizens)
        yield copy_text(population.citizen(index) for index in range(start, until))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--citizens", type=click.IntRange(1, CITIZENS_MAX), required=True)
@click.option("--seed", type=click.IntRange(0, SEED_MAX), required=True)
@click.option("--first", type=click.IntRange(0), default=0, help="Block that is written first.")
@click.option("--step", type=click.IntRange(1), default=1, help="Blocks from one that is written to the next.")
def main(citizens: int, seed: int, first: int, step: int) -> None:
    """Write the lines of every step-th block of a population."""
    write = sys.stdout.buffer.write
    for block in blocks(Population(citizens, seed), first, step):
        write(block)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(prog_name="python -m simulator.population.copying")

"""The file that says what a gateway must answer to every number of the population.

A header and a line a number, tab-separated: msisdn state citizen_id name text reply. `text` is an inquiry that the
number could send; `reply` is the answer expected to it, computed from the population through the syntax and asked of
nobody: the record, or the refusal where the number is not authenticated or the citizen is dead or missing.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec.structs import asdict

from simulator.population.numbers import NumberState
from simulator.population.population import Population
from syntax import REFERENCE, Read, Syntax, load

HEADER: Final = ("msisdn", "state", "citizen_id", "name", "text", "reply")


def write_export(path: Path, population: Population) -> None:
    """Write the file for the reference syntax. It appears as a whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write("\t".join(HEADER) + "\n")
            file.writelines("\t".join(line) + "\n" for line in export_lines(population, load(REFERENCE)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def export_lines(population: Population, syntax: Syntax) -> Iterator[tuple[str, str, str, str, str, str]]:
    """The values of each line, citizen by citizen; a recycled number has an empty citizen_id."""
    for index in range(population.citizens):
        citizen, numbers = population.subscriber(index)
        record = asdict(citizen)
        for number in numbers:
            text = _inquiry(number.msisdn, citizen.citizen_id)
            reply = syntax.refusal
            if number.state is NumberState.AUTHENTICATED and citizen.death_or_missing_date is None:
                reading = _understood(syntax, text)
                reply = syntax.reply_record(reading, record).text.replace("\n", " ")
            yield number.msisdn, number.state, number.citizen_id or "", citizen.full_name, text, reply


def _inquiry(msisdn: str, citizen_id: str) -> str:
    """Half of the people send the keyword alone, the others their ID in one of the ways in which people write it."""
    match int(msisdn) % 8:
        case 0 | 1:
            return f"DC {citizen_id}"
        case 2:
            return f"DC{citizen_id}"
        case 3:
            return f"DC {citizen_id[:3]} {citizen_id[3:6]} {citizen_id[6:]}"
        case _:
            return "DC"


def _understood(syntax: Syntax, text: str) -> Read:
    reading = syntax.read(text)
    if not isinstance(reading, Read) or reading.kind != "record":
        raise ValueError(f"syntax {syntax.version} takes none of the population's inquiries")
    return reading

"""`python -m simulator`: the commands that `./sms` sends here."""

from __future__ import annotations

import click

from simulator.bench import bench
from simulator.capture.command import capture
from simulator.demo import demo
from simulator.echo import main as echo
from simulator.load.command import load
from simulator.population.command import population
from simulator.smsc.__main__ import main as smsc
from simulator.text import text


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def main() -> None:
    """What stands in for the outside world: SMSC, subscriber register, population, phones."""


main.add_command(demo)
main.add_command(text)
main.add_command(bench)
main.add_command(load)
main.add_command(capture)
main.add_command(population)
main.add_command(smsc, "smsc")
main.add_command(echo, "echo")

if __name__ == "__main__":
    main(prog_name="./sms")

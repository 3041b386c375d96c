"""How a run goes, on a terminal and without one."""

import io

from rich.console import Console

from simulator.load.progress import Meter
from tests.unit.simulator.load.fake_engine import WRONG
from tests.unit.simulator.load.outcomes import PLAN, gathered


def shown(*, terminal, name="", **how):
    console = Console(file=io.StringIO(), width=150, force_terminal=terminal, force_interactive=terminal)
    with Meter(console, PLAN, name) as meter:
        for done in (0, 100, 500, 1000):
            meter.preparing(done, 1000)
        for row in gathered(**how).rows:
            meter.second(row)
    return console.file.getvalue()


def test_plain_lines():
    """Now and then a whole line, and no control character."""
    said = shown(terminal=False, wrongs=[WRONG])
    assert said.splitlines() == [
        "load: preparing: 0 of 1,000 senders",
        "load: preparing: 500 of 1,000 senders",
        "load: preparing: 1,000 of 1,000 senders",
        "load:    1 s  warm-up: 100/s sent, 100/s replied, 0 open, 1 WRONG",
        "load:    5 s  sending: 100/s sent, 100/s replied, p50 84 p99 114 ms, 0 open, 1 WRONG",
    ]


def test_a_bar():
    """On a terminal one line that changes."""
    said = shown(terminal=True, name="trial 3")
    assert "\r" in said or "\x1b[" in said
    assert "trial 3" in said

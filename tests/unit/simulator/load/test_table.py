"""The outcome on the terminal."""

import io

from rich.console import Console

from simulator.load.table import print_outcome
from tests.unit.simulator.load.outcomes import bad_outcome, outcome


def printed(found, width=120):
    console = Console(file=io.StringIO(), width=width)
    print_outcome(console, found)
    return console.file.getvalue()


def test_passed():
    said = printed(outcome())
    for words in (
        "PASSED",
        "600 inquiries",
        "100.0/s intended",
        "100.0 replies a second",
        "whole reply",
        "84.0",
        "right",
        "✓",
    ):
        assert words in said
    assert "✗" not in said


def test_bad():
    """Why it says nothing, what was wrong, what was done, what was demanded."""
    said = printed(bad_outcome())
    for words in (
        "VOID", "it lagged", "other_person at 0.5 s, inquiry 7 (typed): segment 1 of 2", "and 25 more", "pause gateway-1: no such",
        "✗ must be p99<1ms from 3 s to 5 s", "✗ fails if wrong>0: 30",
    ):  # fmt: skip
        assert words in said


def test_narrow():
    """Nothing breaks on a narrow terminal."""
    assert "PASSED" in printed(outcome(), width=40)

"""Log events have stable names, and the table of them is whole."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "deploy" / "LOGS.md").read_text("utf-8")
LOGGED = re.compile(r'log\(?\.?(info|warning|error|debug|exception)\(\s*"([a-z_]+)"')


def logged():
    """Event and level of every line that the gateway can log."""
    found = set()
    for path in (ROOT / "sms_service").rglob("*.py"):
        found |= {(event, level) for level, event in LOGGED.findall(path.read_text("utf-8"))}
    return found


def test_every_event_is_in_the_table_under_its_level():
    """And nothing is in the table that cannot be logged."""
    told = set(re.findall(r"^\| `(\w+)` \| (\w+) \| \S", TABLE, re.MULTILINE))
    assert len(told) > 30
    assert told == logged()

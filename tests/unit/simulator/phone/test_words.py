"""The page's words: both languages have the same, and all that the page and the server ask for."""

import re

import msgspec
import pytest

from simulator.phone.trails import State
from simulator.phone.web import STATIC
from simulator.smsc.accounts import Account
from simulator.smsc.center import Center
from simulator.smsc.faults import PROFILES, Faults
from simulator.smsc.magic import Case
from sms_service.model import Stage

LANGUAGES = ("vi", "en")


def words(language):
    """The entries of a dictionary."""
    return dict(re.findall(r'^  "([^"]+)":\s+"(.*)",$', (STATIC / f"{language}.js").read_text("utf-8"), re.MULTILINE))


def test_both_have_the_same_keys_and_values():
    """Each key once, and the same values to fill in."""
    vi, en = map(words, LANGUAGES)
    assert list(vi) == list(en)
    assert len(vi) > 150
    for language in LANGUAGES:
        text = (STATIC / f"{language}.js").read_text("utf-8")
        assert text.count('":') == len(vi)
    for key, sentence in vi.items():
        assert set(re.findall(r"\{\w+\}", sentence)) == set(re.findall(r"\{\w+\}", en[key])), key


def test_every_word_that_is_asked_for_is_there():
    """By the page itself, where it names a key in full."""
    asked = set(re.findall(r'data-t(?:-label|-placeholder)?="([\w.]+)"', (STATIC / "index.html").read_text("utf-8")))
    for script in STATIC.glob("*.js"):
        asked |= set(
            re.findall(
                r'"((?:page|gateway|phone|chooser|guide|details|journey|wire|faults|error)\.\w+)"',
                script.read_text("utf-8"),
            )
        )
    assert len(asked) > 100
    assert asked - set(words("vi")) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_that_comes_from_the_server_is_told(language):
    """Profiles, faults, counts, cases, stages, what became of a message."""
    center = Center([Account("gateway", "secret")], lambda _: None)
    names = [
        *(f"profile.{name}" for name in PROFILES),
        *(f"fault.{name}" for name in Faults.__struct_fields__),
        *(f"count.{name}" for name in msgspec.structs.asdict(center.fault_counts())),
        *(f"case.{case.name.lower()}" for case in Case),
        *(f"stage.{stage}" for stage in Stage),
        *(f"tick.{state}" for state in State.__args__),
    ]
    assert set(names) - set(words(language)) == set()

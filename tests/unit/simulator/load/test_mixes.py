"""The mix as the command takes it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.mixes import BadMix, kinds, mix, shown
from simulator.load.plan import MIXES, Mix


def test_by_name():
    assert {name: mix(name) for name in MIXES} == MIXES


def test_by_weights():
    assert mix("keyword=90, typed=7.5") == Mix(keyword=90, typed=7.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("typycal", "expected plain, typical, hostile"),
        ("keyword=1,typd=2", "did you mean typed?"),
        ("keyword=1,keyword=2", "twice"),
        ("keyword=-1", "weight of 0 or more"),
        ("keyword=", "weight of 0 or more"),
        ("keyword=0", "above 0"),
    ],
)
def test_errors(text, said):
    with pytest.raises(BadMix) as error:
        mix(text)
    assert said in str(error.value)


@given(st.dictionaries(st.sampled_from(kinds()), st.integers(0, 100), min_size=1))
def test_shown_is_read_back(weights):
    """What is shown of a mix makes the same mix."""
    if any(weights.values()):
        chosen = Mix(**weights)
        assert mix(shown(chosen)) == chosen


@given(st.text() | st.text("keyword=,1. ", max_size=30))
def test_any_text(text):
    with contextlib.suppress(BadMix):
        mix(text)

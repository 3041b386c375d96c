"""The examples beside the reference: enough of them, each with its reason, none of two minds."""

from collections import Counter

import pytest

from syntax import REFERENCE
from syntax.model import ExampleFile
from syntax.shape import shape

FILES = {
    kind: {
        path.name: shape(path.read_bytes(), ExampleFile).examples
        for path in sorted(REFERENCE.parent.glob(f"examples/{kind}/*.toml"))
    }
    for kind in ("good", "bad")
}
EXAMPLES = [example for files in FILES.values() for examples in files.values() for example in examples]


@pytest.mark.parametrize(("kind", "least"), [("good", 400), ("bad", 200)])
def test_there_are_many(kind, least):
    """Of different messages."""
    assert len({text for examples in FILES[kind].values() for example in examples for text in example.texts}) >= least


def test_each_says_why():
    """And what must come of it: a reading in the good ones, the nearest command in the bad ones."""
    assert all(example.because for example in EXAMPLES)
    assert all(example.reads for examples in FILES["good"].values() for example in examples)
    assert all(example.nearest for examples in FILES["bad"].values() for example in examples)


def test_every_command_is_read_and_explained(reference):
    """By many messages each."""
    read, near = (
        Counter(key for example in EXAMPLES if (key := getattr(example, attribute)) for _ in example.texts)
        for attribute in ("reads", "nearest")
    )

    assert min(read[name] for name in reference.fees) >= 100
    assert min(near[name] for name in reference.fees) >= 20


def test_no_example_contradicts_another():
    """A message that stands in two places is said to mean the same in both."""
    meanings = {}
    for example in EXAMPLES:
        for text in example.texts:
            meaning = (example.reads, example.nearest, str(example.values), example.accented)
            assert meanings.setdefault(text, meaning) == meaning, text

"""The reference syntax, and faults sown into copies of it."""

from pathlib import Path

import pytest

from syntax import FIELDS, REFERENCE, SyntaxFileError, load


@pytest.fixture(scope="session")
def reference():
    return load(REFERENCE)


@pytest.fixture(scope="session")
def rich():
    """A syntax with every kind of command and parameter."""
    return load(Path(__file__).with_name("rich.toml"))


@pytest.fixture
def sown(tmp_path):
    """Writes a copy of the reference (or of the catalogue) with one passage replaced, and gives its path."""

    def sow(old, new, *, source=REFERENCE):
        text = source.read_text("utf-8")
        assert old in text, "the passage to replace has gone from the file"
        if source == REFERENCE:
            text = text.replace('example_folder = "examples"\n', "")
        path = tmp_path / source.name
        path.write_text(text.replace(old, new, 1), "utf-8")
        return path

    return sow


@pytest.fixture
def findings(sown):
    """The findings of a copy with one passage replaced."""

    def find(old, new, *, source=REFERENCE):
        path = sown(old, new, source=source)
        with pytest.raises(SyntaxFileError) as raised:
            load(REFERENCE, path) if source == FIELDS else load(path)
        return raised.value.findings

    return find

"""The language's book says every key that a syntax file may have, and what it shows can be typed."""

import re
import shlex
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from sms_service.cli import commands
from syntax import REFERENCE, model

README = REFERENCE.with_name("README.md").read_text("utf-8")
OFFICIALS = README.partition("## For developers")[0]
STRUCTS = [
    model.Words,
    model.Document,
    model.Texts,
    model.ViewDeclaration,
    model.RecordCommand,
    model.HelpCommand,
    model.CitizenId,
    model.OldId,
    model.Date,
    model.FreeText,
    model.Choice,
    model.Option,
    model.Page,
    model.Accents,
    model.Guide,
    model.Example,
    model.Field,
]
COMMANDS = re.findall(r"^    \./sms (syntax .+)$", README, re.MULTILINE)


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_key_is_explained(struct):
    """A key that the loader takes is one that the official can look up."""
    told = {word for span in re.findall(r"`([^`]+)`", OFFICIALS) for word in re.findall(r"\w+", span)}
    assert not {field.encode_name for field in msgspec.structs.fields(struct)} - told


def test_kinds_and_limits():
    """Every kind of parameter, and the limits that an author can run into."""
    for parameter in msgspec.inspect.type_info(model.Parameter).types:
        assert f"`{parameter.cls.__struct_config__.tag}`" in OFFICIALS
    assert f"1 đến {model.SEGMENTS_LIMIT} " in OFFICIALS
    assert f"0 đến {model.FEE_MAX:,}".replace(",", ".") in OFFICIALS
    assert f"tối đa {model.PARAMETERS_MAX}" in OFFICIALS
    assert f"tối đa {model.WORDS_MAX}" in OFFICIALS
    assert f"tối đa {model.CHOICES_MAX}" in OFFICIALS
    assert f"tới {model.REPEATS_MAX} lần" in OFFICIALS
    assert f"1 đến {model.TEXT_LENGTH_MAX}," in OFFICIALS


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_work(line, tmp_path, monkeypatch):
    """What the book says to type does what it says, in a folder as the reader has it by then."""
    (tmp_path / "syntax").symlink_to(REFERENCE.parent)
    draft = REFERENCE.read_text("utf-8").replace('version = "2026.1"', 'version = "2026.2"')
    loose = draft.replace('example_folder = "examples"\n', "")
    (tmp_path / "cu-phap").mkdir()
    (tmp_path / "cu-phap" / "2026.toml").write_text(loose, "utf-8")
    later = loose.replace('"2026.2"', '"2027.1"').replace("2026-01-01", "2027-01-01\ngrace_until = 2027-03-31", 1)
    (tmp_path / "cu-phap" / "2027.toml").write_text(later, "utf-8")
    (tmp_path / "nhap.toml").write_text(loose, "utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = [str(Path(word).name) if word.endswith("nhap.toml") else word for word in shlex.split(line)]
    result = CliRunner().invoke(commands, arguments, prog_name="sms-service")
    assert result.exit_code == 0, result.output


def test_there_are_commands_to_try():
    assert len(COMMANDS) >= 6

"""The package's surface and its purity."""

import ast
from pathlib import Path

from sms_service import smpp

PACKAGE = Path(smpp.__file__).parent
PURE = {"collections.abc", "enum", "math", "struct", "textwrap", "typing", "msgspec"}


def imports_of(module):
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_no_input_no_output_no_clock():
    """The protocol imports what computes and nothing that waits, reads, writes or knows the time."""
    for module in PACKAGE.glob("*.py"):
        foreign = {name for name in imports_of(module) if not name.startswith("sms_service.smpp")} - PURE
        assert foreign <= ({"smpplib", "smpplib.command_codes"} if module.stem == "consts" else set()), module.name


def test_everything_public_is_there():
    """What the package says it offers, it offers; every PDU is among it."""
    assert len(set(smpp.__all__)) == len(smpp.__all__)
    assert {cls.__name__ for cls in smpp.PDU_CLASSES} <= set(smpp.__all__)
    assert all(hasattr(smpp, name) for name in smpp.__all__)

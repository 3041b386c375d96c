"""SQL from its files: Python holds none.

A file is a row of blocks, each `-- name: NAME`, comments that say what it is for, and one statement.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def read_queries(name: str) -> dict[str, str]:
    """The statements of the file `name` beside this module, by name, without their comments."""
    _, *parts = _NAME.split(Path(__file__).with_name(name).read_text("utf-8"))
    return {key: _without_comments(text) for key, text in zip(parts[::2], parts[1::2], strict=True)}


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()

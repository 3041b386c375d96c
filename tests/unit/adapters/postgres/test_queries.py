"""SQL from its files."""

from pathlib import Path

import pytest

from sms_service.adapters.postgres import queries

FOLDER = Path(queries.__file__).parent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.name)
def test_every_statement_has_a_name_and_a_line_of_intent(path):
    """Whoever reads the file learns what each statement is for."""
    blocks = path.read_text("utf-8").split("-- name: ")
    assert blocks[0] == ""
    for block in blocks[1:]:
        name, intent, *_ = block.splitlines()
        assert name.isidentifier()
        assert intent.startswith("-- ")
    read = queries.read_queries(path.name)
    assert len(read) == len(blocks) - 1
    assert all(statement and not statement.startswith("--") for statement in read.values())

"""The line of a key, in all the ways in which TOML lets it be written."""

import pytest

from sms_service.settings.places import line_of

TEXT = '''\
instance = "a"
limits.batch = 5
"quoted" = 1
[journal]   # a comment
dsn = "x"
  connections = 3
[population]
query = """
SELECT 1
dsn = 'not a key'
[journal]
"""
dsn = "y"
[[smsc]]
name = "first"
[smsc.extra]
port = 1
[[ smsc ]]
name = "second"
options = { port = 2, "window" = 3 }
[ops . deep]
listen = 1
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("instance", 1),
        ("limits.batch", 2),
        ("limits", 2),
        ("quoted", 3),
        ("journal", 4),
        ("journal.dsn", 5),
        ("journal.connections", 6),
        ("journal.missing", 4),
        ("population.dsn", 13),
        ("population.query", 8),
        ("smsc[0].name", 15),
        ("smsc[0].extra.port", 17),
        ("smsc[1].name", 19),
        ("smsc[1].options.window", 20),
        ("smsc[1].missing", 18),
        ("smsc[2].name", 1),
        ("smsc", 14),
        ("ops.deep.listen", 22),
        ("nowhere", 1),
        ("", 1),
    ],
)
def test_line_of(key, line):
    """The deepest table or key on the way, or the first one under it; the first line when there is neither."""
    assert line_of(TEXT, key) == line


def test_names_are_compared_whole():
    """A key whose name begins like another is not on the way to it."""
    assert line_of("inst = 1\ninstance = 2\n", "instance") == 2
    assert line_of("[smsc]\n[smsc_old]\nname = 1\n", "smsc_old.name") == 3

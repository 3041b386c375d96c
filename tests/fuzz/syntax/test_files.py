"""Whatever a syntax file holds, it loads or is refused with findings; nothing else is raised, and it takes seconds at most."""

import os
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syntax import FIELDS, REFERENCE, Read, SyntaxFileError, load
from syntax.lint import lint
from syntax.load import FILE_OCTETS_MAX

TEXT = REFERENCE.read_text("utf-8").replace('example_folder = "examples"\n', "")
LINES = TEXT.splitlines()
CATALOGUE_LINES = FIELDS.read_text("utf-8").splitlines()
VALUES = sorted(set(re.findall(r'"[^"\n]*"|\b\d{4}-\d\d-\d\d\b|\b\d+\b|\btrue\b|\[[^\[\]\n]*\]|\{[^{}\n]*\}', TEXT)))
STRANGE = [
    '""', '"\\u0000"', '"\\n"', '"{"', '"{usage}"', '"{next}"', '"{short_code}{page}{pages}"', "[]", "{}", "[[]]", "[{}]", "0", "-1",
    "1e400", "nan", "true", "0xffffffffffffffffffffffffff", "9" * 5000, "2026-01-01T00:00:00", "2026-01-01T00:00:00Z", "07:32:00",
    "0001-01-01", "9999-12-31", '"' + "A" * 1001 + '"', '"' + "A " * 29 + '"', "'''", '"""', '"../.."', '"/"', '"a\\u0000b"', '"À"', '"Ж"',
    '"\\U0001F600"', '"0"', '"A0"', '{ accented = "x", unaccented = "y" }', "{ a = { b = [1, 2.5] } }", '["x", 1, []]', "#", "=", "]", "}",
]  # fmt: skip
SMALL = st.integers(0, 10**6)
EDITS = st.one_of(
    st.tuples(st.just("delete"), SMALL),
    st.tuples(st.just("double"), SMALL),
    st.tuples(st.just("move"), SMALL, SMALL),
    st.tuples(st.just("value"), SMALL, SMALL, st.sampled_from(VALUES) | st.sampled_from(STRANGE)),
    st.tuples(st.just("line"), SMALL, st.sampled_from(LINES) | st.sampled_from(CATALOGUE_LINES) | st.text(max_size=40)),
    st.tuples(st.just("cut"), SMALL, SMALL),
)
VALUE = re.compile(r'"[^"\n]*"|\b\d[\d-]*\b|\btrue\b|\[[^\[\]\n]*\]|\{[^{}\n]*\}')


def edited(lines, edits):
    """Copies of lines with each edit made in turn."""
    lines = list(lines)
    for edit in edits:
        at = edit[1] % len(lines)
        if edit[0] == "delete" and len(lines) > 1:
            del lines[at]
        elif edit[0] == "double":
            lines.insert(at, lines[at])
        elif edit[0] == "move":
            lines.insert(edit[2] % len(lines), lines.pop(at))
        elif edit[0] == "value" and (values := list(VALUE.finditer(lines[at]))):
            start, end = values[edit[2] % len(values)].span()
            lines[at] = lines[at][:start] + edit[3] + lines[at][end:]
        elif edit[0] == "line":
            lines[at] = edit[2]
        elif edit[0] == "cut":
            lines[at] = lines[at][: edit[2] % (len(lines[at]) + 1)]
    return "\n".join(lines)


def try_load(path):
    """Loads or is refused with findings that say something; the linter agrees on which."""
    syntax = refused = None
    try:
        syntax = load(path)
    except SyntaxFileError as error:
        refused = error
    assert lint(path).errors == (syntax is None)
    if syntax is None:
        assert refused.findings
        assert all(finding.what and finding.mend and finding.why for finding in refused.findings)
        return
    for text in ("DC", "DC TB TRANG 2 DAU", "DC MUC THE", "HD", "?", ""):
        reading = syntax.read(text)
        if not isinstance(reading, Read):
            assert syntax.misread(reading)
        elif reading.kind == "record":
            assert syntax.reply_record(reading, {"full_name": "Trần An", "sex": "Nữ"}).text
        elif reading.kind == "help":
            assert syntax.help(reading) is not None


FUZZ = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FUZZ
@given(st.lists(EDITS, min_size=1, max_size=4))
def test_an_edited_file_loads_or_is_refused(tmp_path, edits):
    """Lines deleted, doubled, moved, cut and replaced, values exchanged for others and for strange ones."""
    path = tmp_path / "c06.toml"
    path.write_bytes(edited(LINES, edits).encode("utf-8", "surrogatepass"))

    try_load(path)


@FUZZ
@given(st.lists(EDITS, min_size=1, max_size=4))
def test_an_edited_catalogue_loads_or_is_refused(tmp_path, edits):
    """The same of the catalogue beside the file."""
    (tmp_path / "fields.toml").write_bytes(edited(CATALOGUE_LINES, edits).encode("utf-8", "surrogatepass"))
    path = tmp_path / "c06.toml"
    path.write_text(TEXT, "utf-8")

    try_load(path)


@FUZZ
@given(st.binary(max_size=200) | st.text(alphabet="[]{}=.,\"'\\#\n \ra1-:_", max_size=80).map(str.encode))
def test_any_octets_are_refused(tmp_path, octets):
    """None of them is a syntax."""
    path = tmp_path / "c06.toml"
    path.write_bytes(octets)

    with pytest.raises(SyntaxFileError):
        load(path)


def repeated(piece, octets=FILE_OCTETS_MAX):
    """As many pieces, numbered, as a file may hold."""
    pieces, size, number = [], 0, 0
    while size + len(made := piece.replace("{n}", str(number)).encode()) <= octets:
        pieces.append(made)
        size += len(made)
        number += 1
    return b"".join(pieces)


ROOM = FILE_OCTETS_MAX - len(TEXT.encode()) - 2000
COMMAND = (
    '[[commands]]\nname = "c{n}"\nkeyword = "KEY {n} ABCDEFGH"\nanswers = "record"\nview = "basic"\ntitle = "x"\nusage = "x"\n'
    'parameters = [{ kind = "text", equals = "full_name", length_max = 100 }, { kind = "citizen_id", optional = true }]\n'
)
WORDS = ", ".join(f'"W{number:02} X"' for number in range(18))
OPTIONS = ", ".join(f'{{ words = [{WORDS}], view = "basic" }}' for _ in range(40))
ALIASES = ", ".join(f'"A{letter} BCDE FGHI {{n}}"' for letter in "ABCDEFGHIJKLMNOPQRST")
HOSTILE = {
    "nothing but headers": repeated("[a{n}]\n"),
    "nothing but tables": repeated("[[examples]]\n"),
    "nothing but keys": repeated("a{n} = 1\n"),
    "keys under a long header": b"[a" + b".a" * 190 + b"]\n" + repeated("k{n} = 1\n", FILE_OCTETS_MAX - 500),
    "long headers": repeated("[a{n}" + ".b" * 190 + "]\n"),
    "dotted keys": repeated("a{n}" + ".b" * 190 + " = 1\n"),
    "nested lists": b"a = " + b"[" * (FILE_OCTETS_MAX - 4),
    "nested tables": b"a = " + repeated("{a=", FILE_OCTETS_MAX - 4),
    "a list of lists": b"examples = [" + b"[]," * 80_000 + b"]",
    "a list of tables": b"commands = [" + b"{}," * 80_000 + b"]",
    "quotes": b'"' * FILE_OCTETS_MAX,
    "backslashes": b'a = "' + b"\\" * (FILE_OCTETS_MAX - 5),
    "a long text": b'authority = "' + b"x" * (FILE_OCTETS_MAX - 20) + b'"',
    "marks in hostile order": b'authority = "' + "\u0301\u0323".encode() * 60_000 + b'"',
    "views": TEXT.replace(
        "[views.basic]", repeated('[views.v{n}]\nfields = ["x", "y"]\n', ROOM).decode() + "[views.basic]"
    ).encode(),
    "fields of a view": TEXT.replace('["full_name"', "[" + '"sex",' * (ROOM // 6) + '"full_name"', 1).encode(),
    "commands": TEXT.replace("[guide]", repeated(COMMAND, ROOM).decode() + "[guide]", 1).encode(),
    "commands, as many as may be": TEXT.replace(
        "[guide]", "".join(COMMAND.replace("{n}", str(n)) for n in range(46)) + "[guide]", 1
    ).encode(),
    "commands of one meaning": TEXT.replace(
        "[guide]", "".join(COMMAND.replace("KEY {n}", "KEY").replace("{n}", str(n)) for n in range(46)) + "[guide]", 1
    ).encode(),
    "commands of many names": TEXT.replace(
        "[guide]",
        "".join(COMMAND.replace("answers", f"aliases = [{ALIASES}]\nanswers").replace("{n}", str(n)) for n in range(6))
        + "[guide]",
        1,
    ).encode(),
    "options": TEXT.replace("{ words = [", f"{OPTIONS}, {{ words = [", 1).encode(),
    "options, as many as may be": TEXT.replace(
        "{ words = [",
        ", ".join(
            f'{{ words = [{", ".join(f"{chr(34)}O{n:02} P{m:02} Q{chr(34)}" for m in range(13))}], view = "all" }}'
            for n in range(17)
        )
        + ", { words = [",
        1,
    ).encode(),
    "examples": TEXT.encode() + repeated('\n[[examples]]\ntexts = ["?"]\nnearest = "own_record"\n', ROOM),
    "texts of an example": (
        TEXT + '\n[[examples]]\nnearest = "own_record"\ntexts = [' + '"x",' * (ROOM // 4) + "]\n"
    ).encode(),
    "long texts of an example": (
        TEXT
        + '\n[[examples]]\nnearest = "own_record"\ntexts = ['
        + ('"' + "DC 0" * 300 + '",') * (ROOM // 1210)
        + "]\n"
    ).encode(),
}

QUICK = (
    "nothing but headers",
    "nested lists",
    "nested tables",
    "a list of tables",
    "quotes",
    "marks in hostile order",
    "examples",
)
"""Those that take a second at most; the others take a minute together."""


@pytest.mark.parametrize(
    "hostile",
    [
        hostile
        if hostile in QUICK
        else pytest.param(
            hostile,
            marks=pytest.mark.skipif("FUZZ_EXAMPLES" not in os.environ, reason="takes long; ./sms fuzz tries it"),
        )
        for hostile in HOSTILE
    ],
)
def test_a_hostile_file_is_gone_through(tmp_path, hostile, capsys):
    """Of the largest size, and with as many parts of each kind as there may be: told in seconds of CPU time, which are
    printed, not asserted. What is quadratic in them takes minutes, and shows.
    """
    path = tmp_path / "c06.toml"
    path.write_bytes(HOSTILE[hostile][:FILE_OCTETS_MAX])

    start = time.process_time()
    try_load(path)

    if hostile not in QUICK:
        with capsys.disabled():
            print(f"  {hostile}: {time.process_time() - start:.2f} s")

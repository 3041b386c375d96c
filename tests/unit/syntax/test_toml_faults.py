"""A slip that makes a file no TOML is told as the slip that it is, at its line, with what to write."""

import tomllib

import pytest

from syntax import REFERENCE, SyntaxFileError, load
from syntax.model import Document
from syntax.shape import shape

SLIPS = {
    "quote left open": ('version = "2026.1"', 'version = "2026.1', "thiếu một dấu nháy", "hai dấu nháy"),
    "quote not opened": ('version = "2026.1"', 'version = 2026.1"', "thiếu một dấu nháy", "hai dấu nháy"),
    "quote left open in a list": ('"CƯ TRÚ", "CT"', '"CƯ TRÚ, "CT"', "thiếu một dấu nháy", "hai dấu nháy"),
    "curly quotes": ('version = "2026.1"', "version = “2026.1”", "dấu nháy “ là nháy cong", "nháy thẳng"),
    "no quotes": ('version = "2026.1"', "version = bản mới", "chữ “bản mới” không có dấu nháy", "nháy kép"),
    "a day as people write it": ("2026-01-01", "01/01/2026", "ngày “01/01/2026”", "viết 2026-01-01"),
    "a day with dashes": ("2026-01-01", "1-2-2026", "ngày “1-2-2026”", "viết 2026-02-01"),
    "no such day": ("2026-01-01", "2026-02-30", "không có ngày này trong lịch", "2026-01-31"),
    "list left open": ('["5505"]', '["5505"', "danh sách không có ngoặc đóng", "]"),
    "no comma in a list": ('"CƯ TRÚ", "CT"', '"CƯ TRÚ" "CT"', "thiếu dấu phẩy", "dấu phẩy"),
    "no comma in a table": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "citizen_id" optional = true },',
        "thiếu dấu phẩy",
        "dấu phẩy",
    ),
    "table left open": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "citizen_id", optional = true',
        "bảng không có ngoặc đóng",
        "}",
    ),
    "no sign": ('version = "2026.1"', 'version "2026.1"', "không có dấu =", "khóa = giá trị"),
    "colon": ("segments_max = 5", "segments_max : 5", "không có dấu =", "khóa = giá trị"),
    "key twice": ('version = "2026.1"', 'version = "2026.1"\nversion = "2"', "đã ghi ở trên", "bỏ một"),
    "section twice": ("[views.basic]", '[views.basic]\nfields = ["sex"]\n[views.basic]', "đã mở ở trên", "gộp"),
    "section left open": ("[views.basic]", "[views.basic", "tên phần không có ngoặc đóng", "[tên]"),
    "number with dots": ("segments_max = 5", "segments_max = 1.000.000", "số “1.000.000”", "1000000"),
    "number from zero": ("segments_max = 5", "segments_max = 05", "bắt đầu bằng 0", "bỏ số 0"),
    "no value": ("segments_max = 5", "segments_max =", "sau dấu = không có gì", "viết giá trị"),
    "True": ("segments_max = 5", "segments_max = 5\nsuspended = True", "“True”", "viết true"),
    "có": ("segments_max = 5", "segments_max = 5\nsuspended = có", "“có”", "viết true"),
    "không": ("segments_max = 5", "segments_max = 5\nsuspended = không", "“không”", "viết false"),
    "words behind a value": ("segments_max = 5", "segments_max = 5 tin", "chữ thừa", "dấu #"),
    "note without its sign": ("segments_max = 5", "Đây là ghi chú\nsegments_max = 5", "không phải “khóa", "dấu #"),
    "backslash": ('version = "2026.1"', 'version = "2026\\d"', "dấu \\", "hai dấu"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips(slip):
    """At the line where the hand slipped."""
    old, new, what, mend = SLIPS[slip]
    text = REFERENCE.read_text("utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1 + new.count("\n")
    if slip == "note without its sign":
        line -= 1
    (problem,) = shape(text.replace(old, new, 1).encode(), Document)
    assert what in problem.what
    assert mend in problem.mend
    assert problem.line == line


def test_what_is_right_is_not_told():
    """The line above may be looked at, but only where the reader's own line shows nothing; what is inside quotes is no slip."""
    source = 'a = "có “nháy” và 01/01/2026"  # “ghi chú”\nb = \'"\'\nc = x\n'
    (problem,) = shape(source.encode(), Document)
    assert (problem.line, "“x”" in problem.what) == (3, True)


@pytest.mark.parametrize("source", ['a = "', "a = '''", "[", "a", "=", "a = [\n\n#\n", "\x00", "a = {", '"', "a.b.c"])
def test_shortest_faults(source):
    """Wherever the reader stops, something is said and the line is one of the file."""
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(source)
    (problem,) = shape(source.encode(), Document)
    assert problem.what
    assert problem.mend
    assert 1 <= (problem.line or 1) <= source.count("\n") + 1


def test_a_long_line_is_not_looked_at():
    """A quote left open is sought for from each of its characters: a hostile file must not keep whoever reloads."""
    (problem,) = shape(b'a = "' + b'\\"' * 100_000, Document)
    assert "thiếu dấu nháy đóng" in problem.what


def test_what_a_file_says_is_shown_printable(tmp_path):
    """It may hold what moves the cursor."""
    path = tmp_path / "a.toml"
    path.write_bytes(b'"\\u001b]0;x\\u0007" = 1\n')
    with pytest.raises(SyntaxFileError) as raised:
        load(path)
    assert "\x1b" not in str(raised.value)

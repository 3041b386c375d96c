"""Keys and types that are not the grammar's are named in the words of the file's author."""

import pytest

from syntax import SyntaxFileError, load
from syntax.findings import line_of
from syntax.model import Catalogue, Document
from syntax.shape import shape

FAULTS = {
    "unknown key at the top": ("segments_max = 5", "segments_max = 5\nsegment_max = 5", "có khóa lạ “segment_max”"),
    "unknown key in a command": ('view = "basic"', 'view = "basic"\nveiw = "basic"', "có khóa lạ “veiw”"),
    "unknown key in a view": ("[views.basic]\n", "[views.basic]\nfeilds = []\n", "có khóa lạ “feilds”"),
    "missing key at the top": ('version = "2026.1"\n', "", "thiếu khóa “version”"),
    "missing key in a command": ('keyword = "DC"\n', "", "thiếu khóa “keyword”"),
    "wrong type": ('keyword = "DC"', "keyword = 5505", "cần chữ trong dấu nháy kép, không phải số nguyên"),
    "a date that is a text": ("2026-01-01", '"hôm nay"', "ngày không đúng"),
    "a date that is none": ("2026-01-01", "2026-02-30", "không có ngày này trong lịch"),
    "unknown way to answer": ('answers = "record"', 'answers = "recrod"', "không có lựa chọn “recrod”"),
    "unknown parameter": ('kind = "citizen_id"', 'kind = "citizen"', "không có lựa chọn “citizen”"),
    "short code of letters": ('["5505"]', '["55O5"]', "“55O5” là giá trị không hợp lệ: cần đầu số gồm 3 đến 8 chữ số"),
    "budget beyond any phone": ("segments_max = 5", "segments_max = 11", "số quá lớn: nhiều nhất là 10"),
    "empty text": ('cut = "(Tin dài, đã lược bớt các mục cuối.)"', 'cut = " "', "lời văn để trống"),
    "empty view": (
        '["full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"]',
        "[]",
        "danh sách để trống",
    ),
    "name that metrics cannot show": ('name = "help"', 'name = "Hướng dẫn"', "giá trị không hợp lệ"),
    "view's name that audit cannot show": ("[views.basic]", '[views."Cơ bản"]', "giá trị không hợp lệ"),
    "unknown table": ("[views.basic]\nfields", "[other]\nfields", "có phần lạ “other”"),
    "not TOML": ('version = "2026.1"', 'version = "2026.1', "thiếu một dấu nháy"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_finds(findings, fault):
    """A fault of shape sown into the reference is told."""
    old, new, what = FAULTS[fault]

    assert any(what in finding.what for finding in findings(old, new))


@pytest.mark.parametrize(
    ("old", "new", "line_of"),
    [
        ('name = "help"', 'name = "Help"', 'name = "Help"'),
        ('view = "basic"', 'view = "basic"\nveiw = "basic"', 'veiw = "basic"'),
        ("[views.basic]\n", "[views.basic]\nfeilds = []\n", "feilds = []"),
        ('because = "Xem hướng dẫn"', "because = 1", "because = 1"),
        ('keyword = "DC"\n', "", "[[commands]]"),
        (
            '{ kind = "citizen_id", optional = true },',
            '{ kind = "citizen_id", optional = 1 },',
            '  { kind = "citizen_id", optional = 1 },',
        ),
        ('view = "birth" }', "view = 1 }", '    { words = ["SINH", "KHAI SINH"], view = 1 },'),
        ('"HỘ KHẨU"], view', '"HỘ KHẨU"], veiw', '    { words = ["CƯ TRÚ", "CT", "HỘ KHẨU"], veiw = "residence" },'),
        ('["CƯ TRÚ", "CT"', '["CƯ TRÚ", 7', '    { words = ["CƯ TRÚ", 7, "HỘ KHẨU"], view = "residence" },'),
        ('{ kind = "page", words', '{ kind = "pages", words', '  { kind = "pages", words = ["TRANG", "TR"] },'),
        ("Viết hoa hay viết thường,", '", 3, "', '  "", 3, " có dấu hay không dấu đều được.",'),
        ('contact = "', 'contacts = "', None),
        ('version = "2026.1"', 'version = "2026.1', 'version = "2026.1'),
    ],
)
def test_names_the_line(sown, findings, old, new, line_of):
    """The line is that of the key, or of the table that lacks it."""
    finding = findings(old, new)[0]

    lines = sown(old, new).read_text("utf-8").splitlines()
    assert lines[finding.line - 1] == line_of if line_of else lines[finding.line - 1].startswith("contacts")


def test_faults_of_several_parts_come_together(findings):
    """Not only the first."""
    found = findings(
        'answers = "record"\nview = "basic"',
        'answers = "record"\nview = 1\n[[commands]]\nname = "x"\nanswers = "help"\n[[commands]]\nname = "y"\nanswers = "text"',
    )

    assert {(finding.line - found[0].line, finding.what) for finding in found} == {
        (0, "thiếu khóa “usage”"),
        (5, "cần chữ trong dấu nháy kép, không phải số nguyên"),
        (6, "thiếu khóa “keyword”"),
        (6, "thiếu khóa “text”"),
        (6, "thiếu khóa “title”"),
        (6, "thiếu khóa “usage”"),
        (11, "không có lựa chọn “text”"),
    }


def test_sections_of_the_wrong_type_are_told(findings):
    """A list where tables belong does not stop the search."""
    (finding,) = findings("[views.basic]\nfields", "[[old]]\nx = 1\n[other.basic]\nfields")[:1]

    assert "có khóa lạ “old”" in finding.what


def test_a_list_in_place_of_a_table_is_told():
    """At the line where it begins."""
    (problem,) = [p for p in shape(b"[[laws]]\nname = 1\n[fields]\n", Catalogue) if p.place == ("laws",)]

    assert problem.what == "cần bảng có các khóa, không phải danh sách trong ngoặc vuông"
    assert line_of("[[laws]]\nname = 1\n[fields]\n", problem.place) == 1


def test_a_slip_of_the_pen_is_guessed(findings):
    """The key that was meant is named, if one is near that is not there yet."""
    found = findings('keyword = "DC"', 'keywrd = "DC"')

    assert [finding.mend for finding in found if "lạ" in finding.what] == ["sửa thành “keyword”, hoặc xóa khóa này"]


HOSTILE = {
    "nested lists": b"a = " + b"[" * 50_000,
    "nested closed lists": b"a = " + b"[" * 50_000 + b"]" * 50_000,
    "nested tables": b"a = " + b"{a=" * 50_000,
    "a key of many parts": b"a" + b".a" * 50_000 + b" = 1",
    "a header of many parts": b"[a" + b".a" * 50_000 + b"]\n" + b"b = 1\n",
    "a long number": b"a = " + b"9" * 50_000,
    "a long number of sixteen digits": b"segments_max = 0x" + b"f" * 50_000,
    "a byte order mark": b"\xef\xbb\xbfa = 1",
    "a zero": b'a = "\0"',
    "no end": b'a = "',
    "nothing": b"",
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_files_are_refused(hostile):
    """Depth, length and numbers beyond what Python reads are told, not raised."""
    problems = shape(HOSTILE[hostile], Document)

    assert all(problem.what and problem.mend and problem.why for problem in problems)
    assert problems


def test_a_file_that_is_no_text_is_refused(tmp_path):
    """Octets that are not UTF-8 are told as such."""
    path = tmp_path / "c06.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(SyntaxFileError, match="không phải chữ UTF-8"):
        load(path)


def test_a_file_typed_with_separate_accents_means_the_same(sown):
    """The file is composed (NFC) before it is read."""
    path = sown("tồn tại", "to\u0302\u0300n ta\u0323i")

    assert load(path).refusal == "So dien thoai hoac cong dan khong ton tai."

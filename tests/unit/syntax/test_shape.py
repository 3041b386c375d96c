"""Keys and types that are not the grammar's are named in the words of the file's author."""

import pytest

from syntax import SyntaxFileError, load

FAULTS = {
    "unknown key at the top": ("segments_max = 5", "segments_max = 5\nsegment_max = 5", "có khóa lạ “segment_max”"),
    "unknown key in a command": ('view = "basic"', 'view = "basic"\nveiw = "basic"', "có khóa lạ “veiw”"),
    "unknown key in a view": ("[views.basic]\n", "[views.basic]\nfeilds = []\n", "có khóa lạ “feilds”"),
    "missing key at the top": ('version = "2026.1"\n', "", "thiếu khóa “version”"),
    "missing key in a command": ('keyword = "DC"\n', "", "thiếu khóa “keyword”"),
    "wrong type": ('keyword = "DC"', "keyword = 5505", "cần str, không phải int"),
    "a date that is a text": ("2026-01-01", '"hôm nay"', "Invalid"),
    "a date that is none": ("2026-01-01", "2026-02-30", "không đúng cách viết TOML"),
    "unknown way to answer": ('answers = "record"', 'answers = "recrod"', "không có lựa chọn 'recrod'"),
    "unknown parameter": ('kind = "citizen_id"', 'kind = "citizen"', "không có lựa chọn 'citizen'"),
    "short code of letters": ('["5505"]', '["55O5"]', "giá trị không hợp lệ"),
    "budget beyond any phone": ("segments_max = 5", "segments_max = 11", "giá trị không hợp lệ: cần `int` <= 10"),
    "empty text": ('cut = "(Tin dài, đã lược bớt các mục cuối.)"', 'cut = " "', "lời văn để trống"),
    "empty view": (
        '["full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"]',
        "[]",
        "giá trị không hợp lệ: cần `array` of length >= 1",
    ),
    "name that metrics cannot show": ('name = "help"', 'name = "Hướng dẫn"', "giá trị không hợp lệ"),
    "view's name that audit cannot show": ("[views.basic]", '[views."Cơ bản"]', "giá trị không hợp lệ"),
    "unknown table": ("[views.basic]\nfields", "[other]\nfields", "có khóa lạ “other”"),
    "not TOML": ('version = "2026.1"', 'version = "2026.1', "không đúng cách viết TOML"),
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
        ('{ kind = "citizen_id", optional = true },', '{ kind = "citizen_id", optional = 1 },', "parameters = ["),
    ],
)
def test_names_the_line(sown, findings, old, new, line_of):
    """The line is that of the key, or of the table that lacks it."""
    (finding,) = findings(old, new)

    lines = sown(old, new).read_text("utf-8").splitlines()
    assert lines[finding.line - 1] == line_of


def test_faults_of_several_parts_come_together(findings):
    """Not only the first."""
    found = findings(
        'answers = "record"\nview = "basic"',
        'answers = "record"\nview = 1\n[[commands]]\nname = "x"\nanswers = "help"\n[[commands]]\nname = "y"\nanswers = "text"',
    )

    assert len(found) == 3


def test_sections_of_the_wrong_type_are_told(findings):
    """A list where tables belong does not stop the search."""
    (finding,) = findings("[views.basic]\nfields", "[[views]]\nfields")

    assert "cần object, không phải array" in finding.what


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

"""Versions that follow one another: loaded together or refused together, and what the linter says of their days."""

import pytest

from syntax import REFERENCE, SyntaxFileError, load_versions
from syntax.lint import lint

TEXT = REFERENCE.read_text("utf-8").replace('example_folder = "examples"\n', "")


@pytest.fixture
def version(tmp_path):
    """Writes a version of the reference: its name, first day, and passages replaced."""

    def write(name, begins, *replaced, until=None, grace=None):
        days = f"effective_from = {begins}\n"
        days += f"effective_until = {until}\n" * bool(until) + f"grace_until = {grace}\n" * bool(grace)
        text = TEXT.replace('version = "2026.1"', f'version = "{name}"').replace("effective_from = 2026-01-01\n", days)
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / f"{name}.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def told(*paths):
    return {(f.file, f.severity, f.what) for f in lint(paths).findings}


def line(path, finding):
    return path.read_text("utf-8").splitlines()[finding.line - 1]


def test_several_versions_load(version, tmp_path):
    """From files, from a folder, in any order; a catalogue in the folder is no version, and a file given twice is one."""
    later, earlier = version("b", "2027-01-01"), version("a", "2026-01-01")
    (tmp_path / "notes.txt").write_text("no syntax", "utf-8")
    (tmp_path / "fields.toml").write_bytes(REFERENCE.with_name("fields.toml").read_bytes())

    for paths in ([later, earlier], tmp_path, str(tmp_path), [tmp_path, later]):
        assert [syntax.version for syntax in load_versions(paths).all] == ["a", "b"]
    assert told(tmp_path) == set()


def test_a_folder_with_other_things_in_it(version, tmp_path):
    """What editors and other systems leave, hidden, is no version; one whose ending is in capitals is."""
    version("a", "2026-01-01")
    version("b", "2027-01-01").rename(tmp_path / "B.TOML")
    (tmp_path / ".#a.toml").symlink_to("user@host.4711")
    (tmp_path / "._a.toml").write_bytes(b"\x00\x05\x16\x07")
    (tmp_path / "a.toml~").write_text("old", "utf-8")

    assert [syntax.version for syntax in load_versions(tmp_path).all] == ["a", "b"]
    assert told(tmp_path) == set()


def test_a_bad_file_among_good_ones_refuses_all(version):
    """With the findings of every bad one."""
    paths = [
        version("a", "2026-01-01"),
        version("b", "2027-01-01", ('keyword = "DC TB"', "")),
        version("c", "2028-01-01", ('"sex", "nat', '"sexx", "nat')),
    ]

    with pytest.raises(SyntaxFileError) as raised:
        load_versions(paths)

    assert [(f.file, f.what) for f in raised.value.findings] == [
        ("b.toml", "thiếu khóa “keyword”"),
        ("c.toml", "không có mục “sexx”"),
    ]
    assert {(f.file, f.what) for f in raised.value.findings} <= {(file, what) for file, _, what in told(*paths)}


def test_one_version_stands_once(version, tmp_path):
    """Two files of one version, or of one first day, cannot both be in force; the lines are named."""
    version("a", "2026-01-01")
    (tmp_path / "b.toml").write_bytes((tmp_path / "a.toml").read_bytes())

    with pytest.raises(SyntaxFileError) as raised:
        load_versions(tmp_path)

    assert [(f.file, f.what) for f in raised.value.findings] == [
        ("b.toml", "phiên bản “a” đã có ở a.toml"),
        ("b.toml", "ngày bắt đầu 01/01/2026 trùng với a.toml"),
    ]
    assert line(tmp_path / "b.toml", raised.value.findings[0]) == 'version = "a"'
    assert line(tmp_path / "b.toml", raised.value.findings[1]) == "effective_from = 2026-01-01"
    assert lint(tmp_path).errors


def test_one_time_zone(version):
    """Days that follow one another are days of one calendar."""
    paths = version("a", "2026-01-01"), version("b", "2027-01-01", ("Asia/Ho_Chi_Minh", "Asia/Tokyo"))

    with pytest.raises(SyntaxFileError, match=r"b.toml:\d+: múi giờ Asia/Tokyo khác với a.toml"):
        load_versions(paths)


def test_an_empty_folder_is_refused(tmp_path):
    """No version is none."""
    with pytest.raises(SyntaxFileError, match="không có tệp cú pháp nào"):
        load_versions(tmp_path)
    with pytest.raises(SyntaxFileError, match="không có tệp cú pháp nào"):
        load_versions([])


@pytest.mark.parametrize(
    ("old", "new", "told_of"),
    [
        (
            {"until": "2026-12-30"},
            {},
            (
                "b.toml",
                "ngày 31/12/2026 không phiên bản nào có hiệu lực",
                "effective_from",
            ),
        ),
        (
            {"until": "2026-11-30"},
            {},
            (
                "b.toml",
                "từ 01/12/2026 đến 31/12/2026 không phiên bản nào có hiệu lực",
                "effective_from",
            ),
        ),
        (
            {"until": "2027-01-31"},
            {},
            (
                "a.toml",
                "từ 01/01/2027 đến 31/01/2027 có hai phiên bản cùng hiệu lực, cả b.toml",
                "effective_until",
            ),
        ),
        (
            {"until": "2027-01-31"},
            {"grace": "2027-01-15"},
            (
                "b.toml",
                "hạn dùng cú pháp cũ (15/01/2027) hết trước khi a.toml hết hiệu lực (31/01/2027)",
                "grace_until",
            ),
        ),
        (
            {"grace": "2026-03-01"},
            {},
            (
                "a.toml",
                "không có phiên bản nào trước phiên bản này",
                "grace_until",
            ),
        ),
        (
            {"grace": "2027-03-01"},
            {},
            (
                "a.toml",
                "hạn dùng cú pháp cũ kéo dài quá ngày bắt đầu của b.toml (01/01/2027)",
                "grace_until",
            ),
        ),
    ],
)
def test_days(version, old, new, told_of):
    """Gaps, overlaps, and periods of grace that do not fit, at the line of the day; they load all the same."""
    file, what, at = told_of
    paths = version("a", "2026-01-01", **old), version("b", "2027-01-01", **new)

    (finding,) = [finding for finding in lint(paths).findings if finding.what == what]

    assert (finding.file, finding.severity) == (file, "warning")
    assert line(paths[file == "b.toml"], finding).startswith(at)
    assert finding.why
    assert finding.mend
    assert len(load_versions(paths).all) == 2


def test_days_that_fit(version):
    """One ends the day before the next begins, and is answered for a while after."""
    paths = version("a", "2026-01-01", until="2026-12-31"), version("b", "2027-01-01", grace="2027-03-31")

    assert told(*paths) == set()


def test_a_changed_meaning(version):
    """A message that means another command now is shown, at the command that takes it."""
    swap = ('keyword = "DC TB"', 'keyword = "DC TC"'), ('"DC TẤT CẢ"', '"DC HET"'), ("DC TAT CA", "DC HET")
    paths = (
        version("a", "2026-01-01"),
        version(
            "b",
            "2027-01-01",
            *swap,
            ("DC TB", "DC TC"),
            ('aliases = ["DC HƯỚNG DẪN"', 'aliases = ["DC TB"'),
            ('"DC TC", "dc toàn bộ"', '"dc toàn bộ"'),
        ),
    )

    (finding,) = [finding for finding in lint(paths).findings if "nay là lệnh" in finding.what]

    assert finding.what == "tin “DCTB” ở phiên bản a là lệnh “full_record”, nay là lệnh “help”"
    assert (finding.file, finding.severity) == ("b.toml", "warning")
    assert "DC HD" in line(paths[1], finding)


def test_an_option_that_asks_for_something_else(version):
    """The same command, another view."""
    swap = (
        ('"KHAI SINH"], view = "birth"', '"KHAI SINH"], view = "family"'),
        ('"GĐ"], view = "family"', '"GĐ"], view = "birth"'),
    )
    paths = version("a", "2026-01-01"), version("b", "2027-01-01", *swap, ('choice = ["birth"]', 'choice = ["family"]'))

    (finding,) = [finding for finding in lint(paths).findings if "nay hỏi nhóm" in finding.what]

    assert finding.what == "tin “DC MỤC SINH” ở phiên bản a hỏi nhóm “birth”, nay hỏi nhóm “family”"
    assert line(paths[1], finding).startswith("parameters")


def test_a_command_that_is_gone(version):
    """By its name; a note."""
    gone = ('name = "full_record"', 'name = "everything"'), ('reads = "full_record"', 'reads = "everything"')
    paths = version("a", "2026-01-01"), version("b", "2027-01-01", *gone)

    assert ("b.toml", "note", "lệnh “full_record” của phiên bản a không còn") in told(*paths)

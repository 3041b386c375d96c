"""A file loads whole or not at all, and says why not."""

import os

import pytest

from syntax import REFERENCE, SyntaxFileError, load
from syntax.load import FILE_OCTETS_MAX


def test_the_reference_loads():
    """The shipped syntax has no findings, its example files included."""
    assert load(str(REFERENCE)).version == "2026.1"


def test_a_missing_file_is_named(tmp_path):
    """The finding names the file and has no line."""
    with pytest.raises(SyntaxFileError) as raised:
        load(tmp_path / "none.toml")

    (finding,) = raised.value.findings
    assert (finding.file, finding.line) == ("none.toml", None)
    assert "không có tệp này" in finding.what


def test_a_file_too_large_is_not_read_to_its_end(tmp_path):
    """A wrong path, say to a disk image, is refused by its size."""
    path = tmp_path / "big.toml"
    path.write_bytes(b"#" * (FILE_OCTETS_MAX + 1))

    with pytest.raises(SyntaxFileError, match="tệp lớn hơn 250000 byte"):
        load(path)


def test_what_is_no_file_is_not_waited_for(tmp_path):
    """A pipe has no end until somebody writes to it."""
    os.mkfifo(tmp_path / "pipe.toml")

    with pytest.raises(SyntaxFileError, match="đây không phải là tệp"):
        load(tmp_path / "pipe.toml")


def test_a_catalogue_that_is_a_link_to_nowhere_is_refused(tmp_path):
    """The shipped one is not taken for it in silence."""
    (tmp_path / "fields.toml").symlink_to("gone.toml")
    path = tmp_path / "a.toml"
    path.write_bytes(REFERENCE.read_bytes().replace(b'example_folder = "examples"\n', b""))

    with pytest.raises(SyntaxFileError, match=r"fields\.toml: không có tệp này"):
        load(path)


def test_a_file_of_the_largest_size_is_read(tmp_path):
    """The limit itself is allowed."""
    path = tmp_path / "big.toml"
    source = REFERENCE.read_bytes().replace(b'example_folder = "examples"\n', b"")
    path.write_bytes(source + b"#" * (FILE_OCTETS_MAX - len(source)))

    assert load(path).version == "2026.1"


def test_every_finding_is_told_at_once(findings):
    """Faults of one stage come together, in the order of their lines, each with how to mend it."""
    found = findings(
        'fields = ["full_name", "date_of_birth"',
        'fields = ["full_nam", "religion", "date_of_birth", "date_of_birth"',
    )

    assert [finding.what.split("“")[1].split("”")[0] for finding in found] == ["full_nam", "religion", "date_of_birth"]
    assert all(finding.mend for finding in found)


def test_an_error_shows_file_line_fault_and_remedy(sown):
    """The text of the error is its findings, one a line."""
    path = sown('"full_name", ', '"full_nam", ')
    line = (
        path.read_text("utf-8")
        .splitlines()
        .index('fields = ["full_nam", "date_of_birth", "sex", "citizen_id", "permanent_residence"]')
    )

    with pytest.raises(SyntaxFileError) as raised:
        load(path)

    assert (
        str(raised.value)
        == f"c06.toml:{line + 1}: không có mục “full_nam” → sửa thành “full_name”, hoặc dùng một mã khác có ở fields.toml"
    )


def test_a_file_whose_examples_fail_does_not_load(findings):
    """An example that reads otherwise is named with what it reads."""
    found = findings('reads = "own_record"\naccented = true', 'reads = "own_record"')

    assert [finding.what for finding in found] == [
        "ví dụ “DC DAU” đọc ra “own_record, có dấu”, không phải “own_record”",
        "ví dụ “dc có dấu” đọc ra “own_record, có dấu”, không phải “own_record”",
    ]
    assert all(finding.line for finding in found)


def test_example_files_are_tried(sown, tmp_path):
    """A failing example in the folder is found in its own file, by its line."""
    path = sown("segments_max = 5", 'segments_max = 5\nexample_folder = "tried"')
    good = tmp_path / "tried" / "good"
    good.mkdir(parents=True)
    (good / "one.toml").write_text('[[examples]]\ntexts = [\n  "dc",\n  "hd",\n]\nreads = "own_record"\n', "utf-8")

    with pytest.raises(SyntaxFileError) as raised:
        load(path)

    (finding,) = raised.value.findings
    assert (finding.file, finding.line) == ("one.toml", 4)
    assert "ví dụ “hd” đọc ra “help”, không phải “own_record”" in finding.what


def test_an_example_folder_without_files_is_a_fault(findings):
    """A path that leads nowhere must not pass for tried."""
    (finding,) = findings("segments_max = 5", 'segments_max = 5\nexample_folder = "nowhere"')

    assert "không thấy tệp ví dụ nào" in finding.what


def test_example_files_have_the_shape_of_examples(sown, tmp_path):
    """A key that is not an example's is refused there, too."""
    path = sown("segments_max = 5", 'segments_max = 5\nexample_folder = "tried"')
    bad = tmp_path / "tried" / "bad"
    bad.mkdir(parents=True)
    (bad / "one.toml").write_text('[[examples]]\ntexts = ["x"]\nnearst = "help"\n', "utf-8")

    with pytest.raises(SyntaxFileError) as raised:
        load(path)

    (finding,) = raised.value.findings
    assert (finding.file, finding.line, finding.what) == ("one.toml", 3, "có khóa lạ “nearst”")

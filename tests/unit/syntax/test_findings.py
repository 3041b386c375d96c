"""Findings as they are told: causes first, and of many like ones the first few."""

from syntax.findings import EXAMPLES_TOLD, Finding, Problem, SyntaxFileError, folded, place_in


def failed(number, command="help"):
    return Finding("a.toml", number, f"ví dụ {number}", "sửa", example_of=command)


def test_failed_examples_stand_behind_what_made_them_fail(tmp_path):
    """Whatever their lines."""
    path = tmp_path / "a.toml"
    example = Problem((), "ví dụ", "sửa", line=2, example_of="help")
    cause = Problem((), "từ khóa", "sửa", line=40)
    assert [finding.what for finding in place_in(path, b"", [example, cause])] == ["từ khóa", "ví dụ"]


def test_the_first_failed_examples_of_a_command_and_how_many_more():
    """Of each command; everything else is told whole."""
    others = [Finding("a.toml", number, f"lỗi {number}", "sửa") for number in range(20)]
    many = [failed(number) for number in range(EXAMPLES_TOLD + 7)]
    few = [failed(number, "items") for number in range(EXAMPLES_TOLD)]
    told = list(folded([*others, *many, *few]))
    assert told[:-1] == [*others, *many[:EXAMPLES_TOLD], *few]
    assert told[-1].what == "và 7 ví dụ nữa của lệnh “help” không đọc ra như đã viết"
    assert len(str(SyntaxFileError([*others, *many, *few])).splitlines()) == len(told)

"""What TOML's reader says of a file that is none, in the words of the file's author: the slip that the line shows, not the rule it broke.

The reader names the place where it could not go on, which is often the line below the slip. So the line that it names and the last
line with something on it before are looked at for the slips that hands make: other quotes, a quote that is missing, a day or a
yes written as people do, a comma or bracket left out. Where none is seen, the reader's own words are told, translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from syntax.findings import Problem

UNREADABLE: Final = "cả tệp không đọc được"

_LINE: Final = re.compile(r" ?\(at (?:line (?P<line>\d+), column \d+|end of document)\)")

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
"""A string that is closed on its line."""

LINE_MAX: Final = 1000
"""Characters of a line that is looked at for slips: a quote left open is sought for from each of them, which takes quadratic time."""

_SIGNS: Final = "“”„‟«»‘’"
"""Quotes that programs for letters put in place of straight ones."""

_SAID: Final = (
    (r"Cannot overwrite a value|Duplicate inline table key .*", "khóa này đã ghi ở trên", "bỏ một trong hai dòng"),
    (
        r"Cannot declare .* twice|Cannot redefine namespace .*|Cannot mutate immutable namespace .*",
        "phần này đã mở ở trên",
        "gộp hai phần làm một; phần được lặp lại thì viết hai ngoặc: [[tên]]",
    ),
    (r"Unclosed array", "danh sách không có ngoặc đóng", "viết thêm ] ở cuối danh sách, dấu phẩy giữa các phần"),
    (r"Unclosed inline table", "bảng không có ngoặc đóng", "viết thêm } ở cuối bảng, dấu phẩy giữa các khóa"),
    (r"Unescaped '\\' in a string", "dấu \\ không đứng một mình trong nháy kép được", "bỏ dấu ấy, hoặc viết hai dấu \\\\"),
    (r"Invalid date or datetime", "không có ngày này trong lịch", "sửa ngày; ngày viết dạng 2026-01-31, không có nháy"),
    (r"Unterminated string|Illegal character .*|Expected .*['\"]$", "thiếu dấu nháy đóng", 'viết thêm dấu " ở cuối giá trị'),
    (r"Expected '=' after a key.*", "sau khóa không có dấu =", "viết dạng: khóa = giá trị"),
    (r"Expected ']+' at the end.*", "tên phần không có ngoặc đóng", "viết dạng [tên] hoặc [[tên]]"),
    (r"Invalid value", "giá trị không đúng cách viết", 'chữ thì đặt trong nháy kép: "…"'),
    (r"Expected newline or end of document.*", "sau giá trị còn chữ thừa", "mỗi dòng một khóa; ghi chú thì đứng sau dấu #"),
    (r"Invalid (?:initial character for a key part|statement)", "dòng này không phải “khóa = giá trị”", "ghi chú thì đặt dấu # ở đầu dòng"),
)  # fmt: skip
"""What the reader says, what that means, and what to do, where the line itself shows no slip."""


def toml_fault(text: str, message: str) -> Problem:
    """The problem behind a `TOMLDecodeError` with this message over this text."""
    at = _LINE.search(message)
    lines = text.split("\n")
    number = int(at["line"]) if at and at["line"] else len(lines)
    said = _LINE.sub("", message)
    doubled = _doubled(said)
    if not doubled:
        for candidate in _suspects(lines, number):
            line = lines[candidate - 1]
            for slip in _SLIPS if len(line) <= LINE_MAX else ():
                if told := slip(line):
                    what, mend = told
                    return Problem((), what, mend, why=UNREADABLE, line=candidate)
    for pattern, what, mend in _SAID:
        if re.fullmatch(pattern, said, re.DOTALL):
            return Problem((), what, mend, why=UNREADABLE, line=number or None)
    mend = "sửa dòng này hoặc dòng ngay trên nó: hay gặp nhất là thiếu dấu nháy, dấu phẩy hoặc ngoặc"
    return Problem((), f"không đúng cách viết TOML: {said}", mend, why=UNREADABLE, line=number or None)


def _doubled(said: str) -> bool:
    """Whether the fault is a name given twice, which no single line shows."""
    return any(re.fullmatch(pattern, said, re.DOTALL) for pattern, _, _ in _SAID[:2])


def _suspects(lines: list[str], number: int) -> Iterator[int]:
    """The line that the reader names, and the last one before it that is not blank or a note."""
    if 1 <= number <= len(lines):
        yield number
    for before in range(min(number, len(lines) + 1) - 1, 0, -1):
        if (line := lines[before - 1].strip()) and not line.startswith("#"):
            yield before
            return


def _value(line: str) -> str | None:
    """What stands behind the key's sign, without closed strings' contents and a note; None where the line has no key."""
    if line.lstrip().startswith("#"):
        return None
    bare = _QUOTED.sub('""', line).split("#", 1)[0]
    key, sign, value = bare.partition("=")
    return value.strip() if sign and re.fullmatch(r'\s*[\w".-]+\s*', key) else None


def _other_quotes(line: str) -> tuple[str, str] | None:
    bare = _QUOTED.sub('""', line)
    found = next((sign for sign in bare if sign in _SIGNS), None)
    if found is None or line.lstrip().startswith("#"):
        return None
    return f"dấu nháy {found} là nháy cong", 'thay bằng nháy thẳng "; tắt việc tự đổi nháy của trình soạn thảo'


def _day(line: str) -> tuple[str, str] | None:
    value = _value(line)
    if value and (match := re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b", value)):
        day, month, year = match.groups()
        return f"ngày “{match[0]}” không viết như vậy được", f"viết {year}-{int(month):02}-{int(day):02}, không có nháy"
    return None


def _yes_or_no(line: str) -> tuple[str, str] | None:
    value = _value(line)
    if value and value.casefold() in _YES_OR_NO and value not in ("true", "false"):
        return f"“{value}” không viết như vậy được", f"viết {_YES_OR_NO[value.casefold()]}, chữ thường, không có nháy"
    return None


_YES_OR_NO: Final = {
    **dict.fromkeys(("true", "có", "co", "đúng", "yes", "on"), "true"),
    **dict.fromkeys(("false", "không", "khong", "sai", "no", "off"), "false"),
}


def _open_quote(line: str) -> tuple[str, str] | None:
    if line.lstrip().startswith("#") or '"""' in line or "'''" in line:
        return None
    rest = _QUOTED.sub("", line).split("#", 1)[0]
    if rest.count('"') == 1:
        return 'thiếu một dấu nháy "', 'mỗi giá trị bằng chữ nằm giữa hai dấu nháy trên cùng một dòng: khóa = "chữ"'
    return None


def _no_comma(line: str) -> tuple[str, str] | None:
    if line.lstrip().startswith("#"):
        return None
    if re.search(r'""\s*""|\}\s*\{|["\]\w]\s+[\w-]+\s*=[^=]*\}', _QUOTED.sub('""', line)):
        return "thiếu dấu phẩy giữa hai phần", 'viết dấu phẩy vào giữa: ["A", "B"], { a = 1, b = 2 }'
    return None


def _open_list(line: str) -> tuple[str, str] | None:
    value = _value(line)
    if value and value.startswith("[") and value.count("[") > value.count("]") and value[-1] not in "[,{":
        return "danh sách không có ngoặc đóng", "viết thêm ] ở cuối danh sách"
    return None


def _no_quotes(line: str) -> tuple[str, str] | None:
    value = _value(line)
    if value and re.match(r"[^\W\d]", value) and value not in ("true", "false", "inf", "nan"):
        return f"chữ “{value[:_SHOWN_MAX]}” không có dấu nháy", 'đặt chữ trong nháy kép: khóa = "chữ"'
    return None


_SHOWN_MAX: Final = 40
"""Characters of a value that are quoted."""


def _no_value(line: str) -> tuple[str, str] | None:
    return ("sau dấu = không có gì", "viết giá trị, hoặc xóa dòng này") if _value(line) == "" else None


def _number_grouped(line: str) -> tuple[str, str] | None:
    value = _value(line)
    if value and re.fullmatch(r"\d{1,3}(?:[.,\s]\d{3})+", value):
        return f"số “{value}” không viết như vậy được", f"viết liền các chữ số: {re.sub(r'[^0-9]', '', value)}"
    if value and re.fullmatch(r"0\d+", value):
        return f"số “{value}” bắt đầu bằng 0", "bỏ số 0 ở đầu; nếu là dãy chữ số thì đặt trong nháy kép"
    return None


_SLIPS: Final[tuple[Callable[[str], tuple[str, str] | None], ...]] = (
    _other_quotes,
    _day,
    _yes_or_no,
    _number_grouped,
    _open_quote,
    _no_comma,
    _open_list,
    _no_value,
    _no_quotes,
)
"""From the surest to the most doubtful."""

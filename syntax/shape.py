"""From the bytes of a TOML file to its structs, or to problems in the words of its author.

`msgspec` stops at the first fault and leaves out which element of a list it stands in. So when a whole file does not
convert, its tables are converted one by one: each then names its own fault.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from syntax.findings import Place, Problem
from syntax.model import Command, Example, Field, Law, ViewDeclaration

T = TypeVar("T")

_PARTS: Final[dict[str, Any]] = {
    "commands": Command,
    "examples": Example,
    "fields": Field,
    "laws": Law,
    "views": ViewDeclaration,
}
"""Tables that stand several times in a file, and what each one is."""

_AT: Final = re.compile(r" - at (?:`key` in )?`\$(?P<path>.*)`$")
_STEP: Final = re.compile(r"\[(?P<index>\d+)\]|(?P<key>[\w-]+)")

_KNOWN_FAULTS: Final = (
    (r"Object contains unknown field `(?P<key>.*)`", "có khóa lạ “{key}”", "xóa khóa này hoặc sửa lại tên khóa"),
    (r"Object missing required field `(?P<key>.*)`", "thiếu khóa “{key}”", "viết thêm khóa này"),
    (r"Expected `(?P<want>.*)`, got `(?P<got>.*)`", "cần {want}, không phải {got}", "viết lại giá trị theo kiểu đó"),
    (r"Expected `str` matching regex '\\\\S'", "lời văn để trống", "viết lời văn"),
    (r"Expected (?P<want>.*)", "giá trị không hợp lệ: cần {want}", "viết lại giá trị cho đúng"),
    (r"Invalid (?:enum )?value (?P<value>.*)", "không có lựa chọn {value}", "chọn một lựa chọn nêu ở README.md"),
)
"""The faults that msgspec names, and how they are told to the author of the file."""


def shape(source: bytes, type_: type[T]) -> T | list[Problem]:
    """The document, or why not."""
    try:
        raw = tomllib.loads(unicodedata.normalize("NFC", source.decode()))
    except UnicodeDecodeError:
        return [Problem((), "tệp không phải chữ UTF-8", "lưu lại tệp với bảng mã UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return [Problem((), f"không đúng cách viết TOML: {error}", "sửa dòng được nêu; README.md có mẫu")]
    try:
        return msgspec.convert(raw, type_)
    except msgspec.ValidationError as error:
        return list(_problems_of_parts(raw)) or [_problem((), error)]


def _problems_of_parts(raw: dict[str, Any]) -> Iterator[Problem]:
    for section, part_type in _PARTS.items():
        parts = raw.get(section)
        places = parts.items() if isinstance(parts, dict) else enumerate(parts) if isinstance(parts, list) else ()
        for key, part in places:
            try:
                msgspec.convert(part, part_type)
            except msgspec.ValidationError as error:
                yield _problem((section, key), error)


def _problem(place: Place, error: msgspec.ValidationError) -> Problem:
    message = str(error)
    if at := _AT.search(message):
        steps = _STEP.finditer(at["path"])
        place = (*place, *(int(step["index"]) if step["index"] else step["key"] for step in steps))
        message = message[: at.start()]
    for fault, what, mend in _KNOWN_FAULTS:
        if match := re.fullmatch(fault, message):
            named = match.groupdict()
            key = (named["key"],) if "key" in named else ()
            return Problem((*place, *key), what.format(**named), mend)
    return Problem(place, message, "sửa lại theo mẫu ở README.md")

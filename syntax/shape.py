"""From the bytes of a TOML file to its structs, or to problems in the words of its author.

`msgspec` stops at the first fault and leaves out which element of a list it stands in. So where a value does not convert,
its parts are converted one by one, down to those that do not and have no parts: each then names its own fault.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import types
import typing
import unicodedata
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec
from rapidfuzz import process

from syntax.findings import PROBLEMS_MAX, Place, Problem
from syntax.toml_faults import UNREADABLE, toml_fault

T = TypeVar("T")

DOTS_MAX: Final = 200
"""Dots on a line that holds a key: TOML's reader takes quadratic time for a key of many parts."""

MARKS_MAX: Final = 20
"""Marks on one letter: Python takes quadratic time to compose (NFC) those in hostile order."""

_LIKE: Final = 70
"""Likeness, of 100, from which a name counts as a slip of another's pen."""

_KEY_SHOWN_MAX: Final = 60

_AT: Final = re.compile(r" - at (?:`key` in )?`\$(?P<path>.*)`$")
_NUMBERS: Final = re.compile(r"Exceeds the limit|integer string conversion")

_KNOWN_FAULTS: Final = (
    (r"Expected `(?P<want>.*)`, got `(?P<got>.*)`", "cần {want}, không phải {got}", "viết lại giá trị theo kiểu đó"),
    (r"Expected `str` matching regex '\\\\S'", "lời văn để trống", "viết lời văn"),
    (r"Expected `str` of length <= (?P<most>\d+)", "dài quá {most} ký tự", "viết ngắn lại"),
    (r"Expected `array` of length <= (?P<most>\d+)", "có quá {most} phần", "bớt đi"),
    (r"Expected `array` of length >= 1", "danh sách để trống", "ghi ít nhất một phần"),
    (r"Expected `int` <= (?P<most>\d+)", "số quá lớn: nhiều nhất là {most}", "ghi số nhỏ hơn"),
    (r"Expected `int` >= (?P<least>\d+)", "số quá nhỏ: ít nhất là {least}", "ghi số lớn hơn"),
    (r"Expected (?P<want>.*)", "giá trị không hợp lệ: cần {want}", "viết lại giá trị cho đúng"),
    (r"Invalid RFC3339 encoded date", "ngày không đúng", "viết dạng 2026-01-31, không có dấu nháy"),
    (r"Integer value out of range", "số quá lớn", "ghi số nhỏ hơn"),
)
"""The faults that msgspec names, and how they are told to the author of the file."""

_TOO_LONG: Final = "tệp như vậy đọc rất lâu, và không ai viết tay như vậy"
_MISSING: Final = "phần này bắt buộc phải có"
_VALUE: Final = "máy chỉ hiểu giá trị đúng kiểu, đúng giới hạn"

_PATTERN: Final = "Expected `str` matching regex"
_OPTION: Final = re.compile(r"Invalid (?:enum )?value '(?P<value>.*)'", re.DOTALL)

_KINDS: Final = {
    "str": "chữ trong dấu nháy kép",
    "int": "số nguyên",
    "float": "số",
    "bool": "true hoặc false",
    "date": "ngày dạng 2026-01-31",
    "datetime": "ngày kèm giờ",
    "array": "danh sách trong ngoặc vuông",
    "object": "bảng có các khóa",
}
"""What msgspec calls the types of values, and what the author of the file does."""


def shape(source: bytes, type_: type[T]) -> T | list[Problem]:
    """The document, or why not. Takes linear time, and raises nothing."""
    raw = _parsed(source)
    if isinstance(raw, Problem):
        return [raw]
    try:
        return msgspec.convert(raw, type_)
    except (msgspec.ValidationError, RecursionError):
        return list(itertools.islice(_problems(raw, type_, ()), PROBLEMS_MAX))


def _parsed(source: bytes) -> dict[str, Any] | Problem:
    try:
        text = source.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return Problem((), "tệp không phải chữ UTF-8", "lưu lại tệp với bảng mã UTF-8", why=UNREADABLE, line=1)
    if slow := _slow(text):
        return slow
    try:
        return tomllib.loads(unicodedata.normalize("NFC", text))
    except tomllib.TOMLDecodeError as error:
        return toml_fault(text, str(error))
    except ValueError:  # what int() says of a number of thousands of digits
        return Problem((), "có con số dài quá", "viết lại con số", why=_TOO_LONG)
    except RecursionError:
        return Problem((), "ngoặc lồng nhau quá sâu", "bớt ngoặc", why=_TOO_LONG)


def _slow(text: str) -> Problem | None:
    """A line that would take quadratic time."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > DOTS_MAX:
            return Problem((), f"dòng có quá {DOTS_MAX} dấu chấm", "viết lại dòng này", why=_TOO_LONG, line=number)
        if not line.isascii() and _marks(line) > MARKS_MAX:
            return Problem((), f"có quá {MARKS_MAX} dấu trên một chữ", "viết lại dòng này", why=_TOO_LONG, line=number)
    return None


def _marks(text: str) -> int:
    """The most marks that follow one another."""
    most = run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        most = max(most, run)
    return most


def _problems(raw: object, type_: Any, place: Place) -> Iterator[Problem]:
    """What is wrong with a value that should be of a type: its parts' faults, or else its own."""
    try:
        msgspec.convert(raw, type_)
    except RecursionError:
        yield Problem(place, "ngoặc lồng nhau quá sâu", "bớt ngoặc", why=_TOO_LONG)
    except msgspec.ValidationError as error:
        problems = _within(raw, type_, place)
        first = next(problems, None)
        if first is None:
            yield _problem(raw, type_, place, error)
        else:
            yield first
            yield from problems


def _within(raw: object, type_: Any, place: Place) -> Iterator[Problem]:
    type_ = _chosen(raw, type_)
    arguments = typing.get_args(type_)
    if isinstance(raw, dict) and isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        yield from _within_table(raw, type_, place)
    elif isinstance(raw, dict) and typing.get_origin(type_) is dict:
        for key, value in raw.items():
            yield from _problems(key, arguments[0], (*place, key))
            yield from _problems(value, arguments[1], (*place, key))
    elif isinstance(raw, list) and typing.get_origin(type_) is tuple:
        for index, value in enumerate(raw):
            yield from _problems(value, arguments[0], (*place, index))


def _within_table(raw: dict[str, object], type_: type[msgspec.Struct], place: Place) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
    tag = type_.__struct_config__.tag_field
    for key, value in raw.items():
        if key not in fields and key != tag:
            near = process.extractOne(
                key[:_KEY_SHOWN_MAX], [name for name in fields if name not in raw], score_cutoff=_LIKE
            )
            mend = f"sửa thành “{near[0]}”, hoặc xóa khóa này" if near else "xóa khóa này hoặc sửa lại tên khóa"
            why = "khóa viết sai mà bỏ qua thì điều muốn khai báo không có hiệu lực"
            called = "phần" if isinstance(value, dict) and not place else "khóa"
            mend = mend.replace("khóa", called)
            yield Problem((*place, key), f"có {called} lạ “{key[:_KEY_SHOWN_MAX]}”", mend, why=why)
    for name, field in fields.items():
        if name in raw:
            yield from _problems(raw[name], field.type, (*place, name))
        elif field.required:
            yield Problem(place, f"thiếu khóa “{name}”", "viết thêm khóa này", why=_MISSING)


def _chosen(raw: object, type_: Any) -> Any:
    """The type without its limits; of several types, the one that the value tries to be."""
    while typing.get_origin(type_) is typing.Annotated:
        type_ = typing.get_args(type_)[0]
    if typing.get_origin(type_) not in (typing.Union, types.UnionType) or not isinstance(raw, dict):
        return type_
    structs = [
        option for option in typing.get_args(type_) if isinstance(option, type) and issubclass(option, msgspec.Struct)
    ]
    for struct in structs:
        config = struct.__struct_config__
        if config.tag is None or raw.get(config.tag_field) == config.tag:
            return struct
    return type_


def _problem(raw: object, type_: Any, place: Place, error: msgspec.ValidationError) -> Problem:
    message = str(error)
    if at := _AT.search(message):
        place = (*place, *(step for step in re.findall(r"[\w-]+", at["path"])))
        message = message[: at.start()]
    if missing := re.fullmatch(r"Object missing required field `(.*)`", message):
        return Problem(place, f"thiếu khóa “{missing[1]}”", "viết thêm khóa này", why=_MISSING)
    if isinstance(raw, float) and message.startswith("Expected `int`"):
        what, mend = (
            f"số {raw:g} có dấu chấm; ở đây cần số nguyên",
            "viết liền các chữ số, ví dụ 1000 chứ không phải 1.000",
        )
        return Problem(place, what, mend, why=_VALUE)
    if message.startswith(_PATTERN) and (allowed := _description(type_)):
        what = f"“{str(raw)[:_KEY_SHOWN_MAX]}” là giá trị không hợp lệ: cần {allowed}"
        return Problem(place, what, "viết lại cho đúng", why=_VALUE)
    if match := _OPTION.fullmatch(message):
        return _no_option(match["value"], type_, place)
    for fault, what, mend in _KNOWN_FAULTS:
        if match := re.fullmatch(fault, message, re.DOTALL):
            named = {
                key: _named(value) if key in ("want", "got") else value for key, value in match.groupdict().items()
            }
            return Problem(place, what.format(**named), mend, why=_VALUE)
    return Problem(place, message, "sửa lại theo mẫu ở README.md", why=_VALUE)


def _no_option(value: str, type_: Any, place: Place) -> Problem:
    """A word that is none of those that may stand here; the likeliest of them is named first."""
    options = _options(type_)
    near = process.extractOne(value[:_KEY_SHOWN_MAX], options, score_cutoff=_LIKE)
    listed = ", ".join(f"“{option}”" for option in options)
    mend = f"sửa thành “{near[0]}” (các lựa chọn: {listed})" if near else f"chọn một trong: {listed}"
    return Problem(place, f"không có lựa chọn “{value[:_KEY_SHOWN_MAX]}”", mend, why=_VALUE)


def _description(type_: Any) -> str:
    """What a pattern of the model allows, in its own words."""
    for part in typing.get_args(type_):
        if isinstance(part, msgspec.Meta):
            if part.description:
                return part.description
        elif described := _description(part):
            return described
    return ""


def _options(type_: Any) -> list[str]:
    """The words of a `Literal`, or the tags of a union of structs."""
    if typing.get_origin(type_) is typing.Literal:
        return [str(option) for option in typing.get_args(type_)]
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return [str(type_.__struct_config__.tag)]
    return [option for part in typing.get_args(type_) for option in _options(part)]


def _named(kinds: str) -> str:
    return " hoặc ".join(_KINDS.get(kind, kind) for kind in kinds.split(" | ") if kind != "null")

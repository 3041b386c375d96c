"""The messages of a syntax file: its examples, which must read as written, and those that its own words make."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from syntax.findings import Problem
from syntax.language import Syntax
from syntax.model import Accents, Choice, CitizenId, Command, Date, Example, FreeText, OldId, Page, Parameter
from syntax.parser import Misread, Read, spellings
from syntax.values import Value

SAMPLES: Final[dict[type[Parameter], str]] = {
    CitizenId: "001085012345",
    OldId: "012345678",
    Date: "30/04/1985",
    FreeText: "AN 1",
}
"""A value of each kind that takes one."""

WITNESSES_MAX: Final = 2000
"""Messages for each spelling of a command: many choices of many words would make millions."""


INTEGER_MAX: Final = 10**18
"""No parameter is read as a larger number; Python refuses to write the largest in digits."""


def try_examples(examples: Iterable[Example], syntax: Syntax) -> Iterator[Problem]:
    """Each text of each example reads as its example says."""
    for index, example in enumerate(examples):
        place = ("examples", index)
        if (example.reads is None) == (example.nearest is None):
            what = "ví dụ phải có đúng một trong hai khóa reads và nearest"
            why = "reads là lệnh phải hiểu ra; nearest là lệnh gần nhất khi không hiểu"
            yield Problem(place, what, "thêm hoặc bỏ bớt một khóa", why=why)
            continue
        named = example.reads or example.nearest or ""
        if named not in syntax.fees:
            key = "reads" if example.reads else "nearest"
            why = "ví dụ nói về một lệnh của tệp này"
            yield Problem((*place, key), f"không có lệnh “{named}”", "ghi tên (name) của một lệnh", why=why)
            continue
        if not all(map(_plain, example.values.values())):
            what = "giá trị trong values phải là chữ, số, ngày, hoặc danh sách của những thứ ấy"
            yield Problem((*place, "values"), what, "viết lại values", why="tham số chỉ đọc ra những giá trị như vậy")
            continue
        expected = _described(example.reads, example.values, example.nearest, accented=example.accented)
        for number, text in enumerate(example.texts):
            read = _reading_described(syntax.read(text))
            if read != expected:
                what = f"ví dụ “{text}” đọc ra {read}, không phải {expected}"
                why = "ví dụ là lời cam kết với người dân"
                yield Problem((*place, "texts", number), what, "sửa ví dụ hoặc sửa lệnh", why=why, example_of=named)


def witnesses(command: Command) -> Iterator[str]:
    """Messages that must mean this command: each spelling with each choice of parameters, with and without blanks."""
    choices = [_choices(parameter) for parameter in command.parameters]
    for spelling in spellings(command):
        for chosen in itertools.islice(itertools.product(*choices), WITNESSES_MAX):
            words = [spelling, *filter(None, chosen)]
            yield " ".join(words)
            if not any(isinstance(parameter, (FreeText, Date)) for parameter in command.parameters):
                yield "".join(words).replace(" ", "")


def _choices(parameter: Parameter) -> tuple[str, ...]:
    match parameter:
        case Page(words=words):
            return ("", *(f"{word} 2" for word in words))
        case Accents(words=words):
            return ("", *words)
        case Choice(options=options):
            written = tuple(word for option in options for word in option.words)
        case _:
            written = (SAMPLES[type(parameter)],)
    return ("", *written) if parameter.optional else written


def _reading_described(reading: Read | Misread) -> str:
    if isinstance(reading, Read):
        values: dict[str, Any] = {}
        for name, value in reading.values:
            values[name] = (*values.get(name, ()), value)
        return _described(reading.command, values, None, accented=reading.accented)
    return _described(None, {}, reading.nearest, accented=False)


def _described(command: str | None, values: Mapping[str, Any], nearest: str | None, *, accented: bool) -> str:
    if command is None:
        return f"“không hiểu, gần nhất là {nearest}”"
    written = "".join(f", {name} {_written(value)}" for name, value in sorted(values.items()))
    return f"“{command}{written}{', có dấu' if accented else ''}”"


def _plain(value: object) -> bool:
    """Whether a parameter could be read as this: one value, or several of them."""
    if isinstance(value, list):
        return all(isinstance(one, (str, int, dt.date)) and _plain(one) for one in value)
    return isinstance(value, (str, dt.date)) or (isinstance(value, int) and abs(value) <= INTEGER_MAX)


def _written(value: Value | tuple[Value, ...] | list[Value]) -> str:
    if isinstance(value, (tuple, list)):
        return " ".join(map(_written, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)

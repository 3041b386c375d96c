"""What a syntax file is tried with before it may speak for the department: the messages of its examples, and its own words."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from syntax.findings import Problem
from syntax.fold import fold
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
"""Messages tried for each spelling of a command: many choices of many words would make millions. What these do not show,
`ambiguity` proves."""


def try_commands(commands: Iterable[Command], syntax: Syntax) -> Iterator[Problem]:
    """Each command is reached by its own words, and no other command is."""
    for index, command in enumerate(commands):
        for witness in witnesses(command):
            others = [name for name in syntax.accepting(fold(witness)) if name != command.name]
            if others:
                yield Problem(
                    ("commands", index, "keyword"),
                    f"tin “{witness}” vừa là lệnh “{command.name}” vừa là lệnh “{others[0]}”",
                    "đổi từ khóa, tên gọi khác hoặc tham số của một trong hai lệnh",
                )


def try_examples(examples: Iterable[Example], syntax: Syntax) -> Iterator[Problem]:
    """Each text of each example reads as its example says."""
    for index, example in enumerate(examples):
        place = ("examples", index)
        if (example.reads is None) == (example.nearest is None):
            yield Problem(place, "ví dụ phải có đúng một trong hai khóa reads và nearest", "thêm hoặc bỏ bớt một khóa")
            continue
        expected = _described(example.reads, example.values, example.nearest, accented=example.accented)
        for text in example.texts:
            read = _reading_described(syntax.read(text))
            if read != expected:
                what = f"ví dụ “{text}” đọc ra {read}, không phải {expected}"
                yield Problem((*place, "texts"), what, "sửa ví dụ hoặc sửa lệnh", text)


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


def _written(value: Value | tuple[Value, ...] | list[Value]) -> str:
    if isinstance(value, (tuple, list)):
        return " ".join(map(_written, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)

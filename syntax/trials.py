"""What a syntax file is tried with before it may speak for the department: messages.

Whether two commands accept the same message is best shown by such a message, so the compiled parser is asked: first
with every way to write every command, then with the examples that the file brings along.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from syntax.findings import Problem
from syntax.model import CitizenId, Command, Example, Parameter
from syntax.parser import Parser, Read, Reading, spellings

_SAMPLE_CITIZEN_ID: Final = "001085012345"


def try_commands(commands: Iterable[Command], parser: Parser) -> Iterator[Problem]:
    """Each command is reached by its own words, and no other command is."""
    for index, command in enumerate(commands):
        for witness in _witnesses(command):
            others = [name for name in parser.accepting(witness) if name != command.name]
            if others:
                yield Problem(
                    ("commands", index, "keyword"),
                    f"tin “{witness}” vừa là lệnh “{command.name}” vừa là lệnh “{others[0]}”",
                    "đổi từ khóa, tên gọi khác hoặc tham số của một trong hai lệnh",
                )


def try_examples(examples: Iterable[Example], parser: Parser) -> Iterator[Problem]:
    """Each text of each example reads as its example says."""
    for index, example in enumerate(examples):
        place = ("examples", index)
        if (example.reads is None) == (example.nearest is None):
            yield Problem(place, "ví dụ phải có đúng một trong hai khóa reads và nearest", "thêm hoặc bỏ bớt một khóa")
            continue
        expected = _described(example.reads, example.citizen_id, example.nearest, accented=example.accented)
        for text in example.texts:
            read = _reading_described(parser.read(text))
            if read != expected:
                what = f"ví dụ “{text}” đọc ra {read}, không phải {expected}"
                yield Problem((*place, "texts"), what, "sửa ví dụ hoặc sửa lệnh", text)


def _witnesses(command: Command) -> Iterator[str]:
    """Messages that must mean this command: each spelling with each choice of parameters, with and without blanks."""
    choices = [_choices(parameter) for parameter in command.parameters]
    for spelling in spellings(command):
        for chosen in itertools.product(*choices):
            words = [spelling, *filter(None, chosen)]
            yield " ".join(words)
            yield "".join(words).replace(" ", "")


def _choices(parameter: Parameter) -> tuple[str, ...]:
    if isinstance(parameter, CitizenId):
        return ("", _SAMPLE_CITIZEN_ID) if parameter.optional else (_SAMPLE_CITIZEN_ID,)
    return ("", *parameter.words)


def _reading_described(reading: Reading) -> str:
    if isinstance(reading, Read):
        return _described(reading.command, reading.citizen_id, None, accented=reading.accented)
    return _described(None, None, reading.nearest, accented=False)


def _described(command: str | None, citizen_id: str | None, nearest: str | None, *, accented: bool) -> str:
    if command is None:
        return f"“không hiểu, gần nhất là {nearest}”"
    return f"“{command}{f' {citizen_id}' if citizen_id else ''}{' có dấu' if accented else ''}”"

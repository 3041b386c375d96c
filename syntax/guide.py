"""What the citizens' guide says (circular, Điều 10): a syntax, told to those who text.

Everything comes from the file: commands from their keywords, parameters and views, what is answered from the labels of
the catalogue, the example from reading a message and composing its reply for the file's own made-up citizen. A command
that the file keeps out of the guide is left out; one that is suspended is marked. `guide_page` sets it as a page to hang up,
`guide_text` as plain text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from syntax.compose import render, spelled
from syntax.fold import fold
from syntax.language import Syntax
from syntax.model import Accents, Choice, Command, Narrowing, Option, Page, Parameter, RecordCommand, Text
from syntax.parser import Read
from syntax.values import read_date
from syntax.writing import write_date

_DATE: Final = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")

ALL_ABOVE: Final = "Tất cả các mục kể trên"
TOLD_AGAIN_MAX: Final = 8
"""Fields that are listed again though all were listed before: a longer list would hide what a command adds."""


class Piece(Struct, frozen=True):
    """A part of a message: words to be typed; or, with a field, the name of its value, which is to be typed instead."""

    text: str
    field: str = ""


Pieces = tuple[Piece, ...]


class Form(Struct, frozen=True):
    """A message, and the labels of the fields that answer it."""

    pieces: Pieces
    gets: tuple[str, ...]


class Block(Struct, frozen=True):
    """A command: what it is for and how to ask."""

    title: str
    forms: tuple[Form, ...]
    several: str
    """A message that asks for two choices at once; empty where that cannot be."""
    fee: str
    """Empty where the guide says it once for all commands."""
    suspended: bool


class Addition(Struct, frozen=True):
    """What may be written behind a command."""

    pieces: Pieces
    meaning: str
    commands: tuple[str, ...]
    """The keywords that it may follow; empty where it may follow all."""


class Exchange(Struct, frozen=True):
    """A message of the made-up citizen and the reply to it, as it would be sent."""

    message: str
    reply: str


class Notice(Struct, frozen=True):
    """The guide, ready to be set."""

    authority: str
    superior: str
    """The body above the authority; empty where the file names none."""
    title: str
    introduction: str
    short_codes: tuple[str, ...]
    suspended: str
    """What is said while everything is suspended; else empty."""
    blocks: tuple[Block, ...]
    additions: tuple[Addition, ...]
    exchanges: tuple[Exchange, ...]
    fee: str
    notes: tuple[str, ...]
    contact: str
    validity: tuple[str, ...]


def notice(syntax: Syntax) -> Notice:
    """The guide to a syntax."""
    document = syntax.document
    commands = [command for command in document.commands if command.in_guide]
    fees = {command.fee for command in commands}
    authority, _, superior = _filled(document.authority, syntax).rpartition(", ")
    return Notice(
        authority=authority or superior,
        superior=superior if authority else "",
        title=_filled(document.guide.title, syntax),
        introduction=_filled(document.guide.introduction, syntax),
        short_codes=document.short_codes,
        suspended=_filled(document.texts.suspended, syntax) if document.suspended else "",
        blocks=tuple(_blocks(commands, syntax, say_fee=len(fees) > 1)),
        additions=tuple(_additions(commands, syntax)),
        exchanges=tuple(_exchanges(commands, syntax)),
        fee=f"{_fee(*fees)}." if len(fees) == 1 else "",
        notes=tuple(_filled(note, syntax) for note in document.guide.notes),
        contact=_filled(document.guide.contact, syntax),
        validity=tuple(_validity(syntax)),
    )


def _filled(text: Text, syntax: Syntax) -> str:
    return render(spelled(text, accented=True).replace("{short_code}", syntax.short_codes[0]), accented=True)


def _fee(dong: int) -> str:
    return f"Phí mỗi lần được trả lời: {dong:,} đồng".replace(",", ".") if dong else "Không thu phí tra cứu"


def _validity(syntax: Syntax) -> Iterator[str]:
    until = f" đến hết ngày {write_date(syntax.effective_until)}" if syntax.effective_until else ""
    yield f"Có hiệu lực từ ngày {write_date(syntax.effective_from)}{until}"
    if syntax.grace_until:
        yield f"Tin soạn theo cách cũ còn được trả lời đến hết ngày {write_date(syntax.grace_until)}"
    yield f"Phiên bản {syntax.version}"


# ---- commands ------------------------------------------------------------------------------------------------------


def _blocks(commands: list[Command], syntax: Syntax, *, say_fee: bool) -> Iterator[Block]:
    told: dict[str, None] = {}
    for command in commands:
        forms = []
        for pieces, fields in _forms(command, syntax):
            forms.append(Form(pieces, tuple(_gets(fields, told, syntax))))
        told |= {field: None for _, fields in _forms(command, syntax) for field in fields}
        yield Block(
            title=_filled(command.title, syntax),
            forms=tuple(forms),
            several=_several(command),
            fee=_fee(command.fee) if say_fee else "",
            suspended=command.suspended or syntax.document.suspended,
        )


def _gets(fields: tuple[str, ...], told: Mapping[str, None], syntax: Syntax) -> Iterator[str]:
    """Labels; of a form that answers with all that the commands before it do, only what it adds."""
    if len(told) >= TOLD_AGAIN_MAX and told.keys() < set(fields):
        yield ALL_ABOVE
        fields = tuple(field for field in fields if field not in told)
    for field in fields:
        yield syntax.catalogue.fields[field].label


def _forms(command: Command, syntax: Syntax) -> Iterator[tuple[Pieces, tuple[str, ...]]]:
    """The command by itself, unless a choice must be made, and one form for each option; each with its fields."""
    choices = [parameter for parameter in command.parameters if isinstance(parameter, Choice)]
    if all(choice.optional for choice in choices):
        yield _form(command, {}, syntax)
    for index, choice in enumerate(choices):
        others = {
            place: other.options[0] for place, other in enumerate(choices) if place != index and not other.optional
        }
        for option in choice.options:
            yield _form(command, others | {index: option}, syntax)


def _form(command: Command, chosen: Mapping[int, Option], syntax: Syntax) -> tuple[Pieces, tuple[str, ...]]:
    """The command with these options of its choices, by the choice's position, and what else must be typed."""
    pieces = [Piece(fold(command.keyword))]
    views: list[str] = []
    choices = 0
    for parameter in command.parameters:
        if isinstance(parameter, Choice):
            if option := chosen.get(choices):
                pieces.append(Piece(fold(option.words[0])))
                views.append(option.view)
            choices += 1
        elif isinstance(parameter, Narrowing) and not parameter.optional:
            pieces.append(_stand_in(parameter, syntax))
    if not isinstance(command, RecordCommand):
        return tuple(pieces), ()
    fields = dict.fromkeys(field for view in views or [command.view] for field in syntax.views[view].fields)
    return tuple(pieces), tuple(fields)


def _several(command: Command) -> str:
    """Two options in one message, where the command takes nothing else that must be typed."""
    needed = [p for p in command.parameters if isinstance(p, Choice | Narrowing) and not p.optional]
    repeated = [p for p in command.parameters if isinstance(p, Choice) and p.repeated and len(p.options) > 1]
    if not repeated or any(parameter is not repeated[0] for parameter in needed):
        return ""
    return " ".join([fold(command.keyword), *(fold(option.words[0]) for option in repeated[0].options[:2])])


def _stand_in(parameter: Narrowing, syntax: Syntax) -> Piece:
    label = spelled(syntax.catalogue.fields[parameter.equals].short_label, accented=True)
    return Piece(label[:1].lower() + label[1:], parameter.equals)


# ---- what may be added ---------------------------------------------------------------------------------------------


def _additions(commands: list[Command], syntax: Syntax) -> Iterator[Addition]:
    """What is the same behind several commands is said once."""
    takers: dict[tuple[Pieces, str], list[str]] = {}
    for command in commands:
        for parameter in command.parameters:
            if addition := _addition(parameter, command, syntax):
                takers.setdefault(addition, []).append(fold(command.keyword))
    for (pieces, meaning), keywords in takers.items():
        yield Addition(pieces, meaning, tuple(keywords) if len(keywords) < len(commands) else ())


def _addition(parameter: Parameter, command: Command, syntax: Syntax) -> tuple[Pieces, str] | None:
    match parameter:
        case Accents(words=words) if not command.accented:
            return (Piece(fold(words[0])),), "tin trả lời có dấu"
        case Page(words=words):
            return (Piece(f"{fold(words[0])} 2"),), "xem trang 2 của tin trả lời dài"
        case Choice() | Accents():
            return None
        case narrowing if narrowing.optional:
            return (_stand_in(narrowing, syntax),), "chỉ trả lời khi đúng là của người nhắn"
    return None


# ---- the example ---------------------------------------------------------------------------------------------------


def _exchanges(commands: list[Command], syntax: Syntax) -> Iterator[Exchange]:
    """The first command that the made-up citizen's record answers; then the same with accents, where that can be asked."""
    if syntax.document.suspended:
        return
    catalogue = syntax.catalogue.fields
    record: dict[str, object] = {
        code: day if code in catalogue and catalogue[code].kind == "date" and (day := _day(value)) else value
        for code, value in syntax.document.guide.sample.items()
    }
    for command in commands:
        pieces, _ = next(_forms(command, syntax))
        message = " ".join(syntax.document.guide.sample.get(piece.field, piece.text) for piece in pieces)
        if (reply := _answer(message, command, record, syntax)) is None:
            continue
        yield Exchange(message, reply)
        for parameter in command.parameters:
            if isinstance(parameter, Accents) and not command.accented:
                accented = f"{message} {fold(parameter.words[0])}"
                if (reply := _answer(accented, command, record, syntax)) is not None:
                    yield Exchange(accented, reply)
        return


def _answer(message: str, command: Command, record: Mapping[str, object], syntax: Syntax) -> str | None:
    reading = syntax.read(message)
    if not isinstance(reading, Read) or reading.command != command.name or reading.kind != "record":
        return None
    if not syntax.admits(reading, record) or not any(record.get(code) for code in reading.view.fields):
        return None
    return syntax.reply_record(reading, record).text


def _day(value: str) -> dt.date | None:
    """dd/mm/yyyy as a date; None where the file has other words, such as a year alone."""
    return read_date(fold(value)) if _DATE.fullmatch(value) else None

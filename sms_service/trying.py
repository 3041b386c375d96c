"""One message tried against the syntax: how it is folded, read and answered, as `sms-service syntax try` shows it.

The answer is what a gateway would send to one citizen, whose record is an argument: nothing is asked of any store. A typed value
that is not the citizen's own, or a citizen who is dead or missing, is refused, as it would be in earnest; what the reply would
have been is kept beside it. `told` says it all in Vietnamese, for those who keep the syntax file.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from msgspec import Struct

from sms_service.sms import Alphabet, encode_cheapest, segment_count
from sms_service.sms.alphabets import DATA_CODING_UCS2
from syntax import InForce, Misread, Read, Retired, Syntax
from syntax.compose import render, spelled
from syntax.fold import fold
from syntax.model import Command
from syntax.unaccent import SHARED, VIETNAMESE
from syntax.values import equal
from syntax.writing import write_date

DEPARTED: Final = "death_or_missing_date"
"""The field whose value makes every inquiry refused (Luật Căn cước 2023, Điều 9.24)."""

PLAIN: Final = SHARED.union(VIETNAMESE, map(chr, range(0x20, 0x7F))) - {"\n"}
"""Characters that look like what they are; all others are shown by name."""

_CONTROLS: Final = {"\n": "xuống dòng", "\r": "về đầu dòng", "\t": "tab", "\0": "NUL"}
"""What Unicode has no name for and people do send."""


class Sent(Struct, frozen=True):
    """A reply as it would leave. `fields`: what the audit entry lists, in its order."""

    text: str
    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    fields: tuple[str, ...] = ()
    page: int = 1
    pages: int = 1


class Attempt(Struct, frozen=True):
    """What becomes of a message; the keys of `--json`."""

    message: str
    shown: str
    """The message with each character that is not plain written by its name."""
    folded: str
    day: dt.date
    version: str
    """Of the syntax that read it and answers."""
    digest: str
    grace: bool
    """The version before the one in force read it."""
    reading: Literal["read", "misread", "retired", "suspended"]
    command: str
    """What was read; of a message that was not understood, the nearest; empty while no version is in force."""
    title: str
    usage: str
    view: str
    fields: tuple[str, ...]
    values: tuple[tuple[str, Any], ...]
    page: int
    accented: bool
    citizen: str
    """Whose record answers; empty where none is needed."""
    refused: tuple[str, ...]
    """Why a real inquiry would be refused: codes of fields whose typed value is not the citizen's, or `DEPARTED`."""
    reply: Sent
    if_own: Sent | None = None
    """Where it is refused: the reply, were it not."""


class Someone(Struct, frozen=True):
    """The citizen who texts."""

    name: str
    """What the record is called: where it comes from."""
    record: Mapping[str, Any]


def attempt(text: str, in_force: InForce, day: dt.date, someone: Someone) -> Attempt:
    """Read a message as on a day and answer it to a citizen.

    Args:
        text: the message.
        in_force: what speaks on that day.
        day: the day, to be shown.
        someone: whose record answers.
    """
    syntax, reading = in_force.read(text)
    commands = {command.name: command for command in syntax.document.commands}
    name = reading.nearest if isinstance(reading, Misread) else reading.command
    command = commands.get(name)
    read = reading if isinstance(reading, Read) else None
    asks = read is not None and read.kind == "record"
    refused = tuple(_refused(read, someone.record)) if read and asks else ()
    answer = _answer(syntax, reading, someone.record)
    return Attempt(
        message=text,
        shown=shown(text),
        folded=fold(text),
        day=day,
        version=syntax.version,
        digest=syntax.digest,
        grace=syntax is in_force.grace,
        reading=_kind(reading),
        command=name,
        title=render(command.title, accented=True) if command else "",
        usage=_usage(syntax, command) if command else "",
        view=read.view.code if read and asks else "",
        fields=read.view.fields if read and asks else (),
        values=read.values if read else (),
        page=read.page if read else 1,
        accented=read.accented if read else False,
        citizen=someone.name if asks else "",
        refused=refused,
        reply=sent(syntax.refusal) if refused else answer,
        if_own=answer if refused else None,
    )


def sent(text: str, fields: tuple[str, ...] = (), page: int = 1, pages: int = 1) -> Sent:
    """A text under the cheapest encoding, cut into segments with 8-bit headers, as the demo's gateway sends it."""
    ucs2 = encode_cheapest(text, Alphabet.GSM7).data_coding == DATA_CODING_UCS2
    return Sent(text, "UCS-2" if ucs2 else "GSM-7", segment_count(text, Alphabet.GSM7), fields, page, pages)


def shown(text: str) -> str:
    """A text in which nothing is invisible and nothing looks like another character."""
    return "".join(character if character in PLAIN else _named(character) for character in text)


def _named(character: str) -> str:
    return f"‹U+{ord(character):04X} {_CONTROLS.get(character) or unicodedata.name(character, '')}".rstrip() + "›"


def _kind(reading: Read | Misread | Retired) -> Literal["read", "misread", "retired", "suspended"]:
    match reading:
        case Misread():
            return "misread"
        case Retired():
            return "retired"
        case _:
            return "suspended" if reading.kind == "suspended" else "read"


def _usage(syntax: Syntax, command: Command) -> str:
    return render(spelled(command.usage, accented=True).replace("{short_code}", syntax.short_codes[0]), accented=True)


def _refused(reading: Read, record: Mapping[str, Any]) -> Iterator[str]:
    yield from (field for field, value in reading.conditions if not equal(value, record.get(field)))
    if record.get(DEPARTED) is not None:
        yield DEPARTED


def _answer(syntax: Syntax, reading: Read | Misread | Retired, record: Mapping[str, Any]) -> Sent:
    match reading:
        case Misread():
            return sent(syntax.misread(reading))
        case Retired():
            return sent(syntax.retired(reading))
        case Read(kind="suspended"):
            return sent(syntax.suspended)
        case Read(kind="help"):
            return sent(syntax.help(reading))
        case _:
            reply = syntax.reply_record(reading, record)
            return sent(reply.text, reply.fields, reply.page, reply.pages)


# ---- told to a person ----------------------------------------------------------------------------------------------


def told(tried: Attempt, syntax: Syntax) -> Iterator[str]:
    """Lines in Vietnamese. `syntax` is any whose catalogue names the fields."""
    labels = {code: field.label for code, field in syntax.catalogue.fields.items()}
    yield f"Tin nhắn đến:     {tried.shown}"
    yield f"Chuẩn hóa thành:  {shown(tried.folded)}"
    grace = ", bản trước, còn trong thời gian chuyển tiếp" if tried.grace else ""
    yield f"Phiên bản:        {tried.version} (mã {tried.digest[:16]}){grace}, thử như vào ngày {write_date(tried.day)}"
    yield from _reading_told(tried)
    if tried.citizen:
        yield f"Người nhắn:       {tried.citizen}"
    if tried.refused:
        yield ""
        for code in tried.refused:
            if code == DEPARTED:
                yield "CHÚ Ý: công dân này đã chết hoặc mất tích, nên tin nhắn bị từ chối."
            else:
                yield f"CHÚ Ý: “{labels[code]}” ghi trong tin không phải của người nhắn, nên tin nhắn bị từ chối."
    whole = tried.if_own or tried.reply
    if tried.view and tried.page > whole.pages:
        yield ""
        yield f"CHÚ Ý: câu trả lời chỉ có {whole.pages} trang; hỏi trang {tried.page} thì nhận trang {whole.page}."
    yield ""
    yield from _sent_told("Trả lời", tried.reply)
    if tried.if_own is not None:
        yield ""
        yield from _sent_told("Nếu không bị từ chối thì trả lời", tried.if_own)


def _reading_told(tried: Attempt) -> Iterator[str]:
    command = f"{tried.command} (“{tried.title}”)"
    match tried.reading:
        case "misread":
            yield f"Đọc:              KHÔNG HIỂU. Lệnh gần nhất: {command}"
            yield f"Cách dùng:        {tried.usage}"
        case "retired":
            yield f"Đọc:              cú pháp của phiên bản đã hết hiệu lực. Lệnh dùng hiện nay: {command}"
            yield f"Cách dùng:        {tried.usage}"
        case "suspended" if not tried.command:
            yield "Đọc:              không đọc: ngày này không có phiên bản nào đang có hiệu lực"
        case kind:
            yield f"Đọc:              lệnh {command}" + (", ĐANG TẠM NGỪNG" if kind == "suspended" else "")
            for name, value in tried.values:
                yield f"  {name}: {write_date(value)}"
            if tried.view:
                yield f"  nhóm mục: {tried.view} ({', '.join(tried.fields)})"
                yield f"  trang: {tried.page}"
            yield f"  có dấu: {'có' if tried.accented else 'không'}"


def _sent_told(heading: str, reply: Sent) -> Iterator[str]:
    page = f", trang {reply.page}/{reply.pages}" if reply.pages > 1 else ""
    yield f"{heading} ({reply.encoding}, {reply.segments} tin nhắn đơn, {len(reply.text)} ký tự{page}):"
    yield from (f"  | {line}" for line in reply.text.split("\n"))
    yield f"Mục ghi vào nhật ký kiểm tra: {', '.join(reply.fields) or 'không có'}"

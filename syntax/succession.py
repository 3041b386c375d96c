"""How versions follow one another: days without any, days with two, and messages whose meaning changes from one to the next."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from syntax.ambiguity import changed_meanings, shown
from syntax.findings import Problem
from syntax.language import Syntax
from syntax.load import written
from syntax.parser import Read
from syntax.trials import witnesses

MESSAGES_MAX: Final = 5_000
"""Messages of a version that are read in the next one."""

_DAY: Final = dt.timedelta(days=1)


def advise_versions(loaded: Sequence[tuple[Path, Syntax]]) -> Iterator[tuple[Path, Problem]]:
    """What is wrong between versions, with the file that should be mended."""
    ordered = sorted(loaded, key=lambda pair: pair[1].effective_from)
    if len(ordered) > 1 and ordered[0][1].grace_until is not None:
        what, why = "không có phiên bản nào trước phiên bản này", "grace_until là hạn dùng của phiên bản trước"
        yield (
            ordered[0][0],
            _warning(("grace_until",), what, "bỏ grace_until, hoặc đặt tệp của phiên bản trước vào cùng thư mục", why),
        )
    for (old_path, old), (path, new) in itertools.pairwise(ordered):
        yield from _days(old_path, old, path, new)
        for problem in _meanings(old, new):
            yield path, problem
    if ordered and (last := ordered[-1][1].effective_until) is not None:
        what, why = (
            f"từ ngày {written(_after(last))} không còn phiên bản nào có hiệu lực",
            "từ ngày ấy mọi tin nhận lời báo tạm ngừng",
        )
        mend = "soạn phiên bản sau trước ngày ấy, hoặc bỏ effective_until"
        yield ordered[-1][0], Problem(("effective_until",), what, mend, why=why, severity="note")


def _days(old_path: Path, old: Syntax, path: Path, new: Syntax) -> Iterator[tuple[Path, Problem]]:
    begins, until, grace = new.effective_from, old.effective_until, new.grace_until
    if until is not None and _after(until) < begins:
        first, last = _after(until), begins - _DAY
        days = f"ngày {written(first)}" if first == last else f"từ {written(first)} đến {written(last)}"
        what, why = f"{days} không phiên bản nào có hiệu lực", "những ngày ấy mọi tin nhận lời báo tạm ngừng"
        yield (
            path,
            _warning(("effective_from",), what, f"bắt đầu vào {written(first)}, hoặc kéo dài {old_path.name}", why),
        )
    if until is not None and until >= begins:
        what = f"từ {written(begins)} đến {written(until)} có hai phiên bản cùng hiệu lực, cả {path.name}"
        why = "phiên bản sau thay ngay phiên bản trước; muốn tin cũ vẫn được trả lời thì dùng grace_until của phiên bản sau"
        yield old_path, _warning(("effective_until",), what, f"cho hết hiệu lực vào {written(begins - _DAY)}", why)
        if grace is not None and grace < until:
            what = (
                f"hạn dùng cú pháp cũ ({written(grace)}) hết trước khi {old_path.name} hết hiệu lực ({written(until)})"
            )
            why = "công dân được hứa dùng cú pháp cũ đến ngày hết hiệu lực của nó"
            yield path, _warning(("grace_until",), what, "cho hai ngày khớp nhau", why)
    if old.grace_until is not None and old.grace_until >= begins:
        what = f"hạn dùng cú pháp cũ kéo dài quá ngày bắt đầu của {path.name} ({written(begins)})"
        why = "khi phiên bản sau bắt đầu, chỉ còn phiên bản ngay trước nó được dùng thêm"
        yield old_path, _warning(("grace_until",), what, f"cho hết hạn vào {written(begins - _DAY)}", why)


def _meanings(old: Syntax, new: Syntax) -> Iterator[Problem]:
    """Messages that mean another command now, or another view; and commands that are gone."""
    places = {command.name: ("commands", index) for index, command in enumerate(new.document.commands)}
    why = "người quen cách cũ nhận điều mình không hỏi, mà không được báo là cú pháp đã đổi"
    mend = "dùng từ khóa khác với phiên bản trước cho điều khác"
    for text, before, now in changed_meanings(old, new):
        what = f"tin “{shown(text)}” ở phiên bản {old.version} là lệnh “{before}”, nay là lệnh “{now}”"
        yield _warning((*places[now], "keyword"), what, mend, why)
    told: set[str] = set()
    messages = itertools.chain.from_iterable(map(witnesses, old.document.commands))
    for message in itertools.islice(messages, MESSAGES_MAX):
        before_reading, now_reading = old.read(message), new.read(message)
        if not isinstance(before_reading, Read) or not isinstance(now_reading, Read) or before_reading.command in told:
            continue
        if before_reading.command == now_reading.command and before_reading.view.code != now_reading.view.code:
            told.add(before_reading.command)
            asked, now_asked = before_reading.view.code, now_reading.view.code
            what = f"tin “{message}” ở phiên bản {old.version} hỏi nhóm “{asked}”, nay hỏi nhóm “{now_asked}”"
            yield _warning((*places[now_reading.command], "parameters"), what, mend, why)
    for command in old.document.commands:
        if command.name not in places:
            what = f"lệnh “{command.name}” của phiên bản {old.version} không còn"
            why_gone = "ai nhắn theo cách cũ được chỉ cách dùng của lệnh gần giống nhất"
            mend_gone = "giữ tên (name) của lệnh nếu nó chỉ đổi từ khóa"
            yield Problem(("commands",), what, mend_gone, why=why_gone, severity="note")


def _warning(place: tuple[str | int, ...], what: str, mend: str, why: str) -> Problem:
    return Problem(place, what, mend, why=why, severity="warning")


def _after(day: dt.date) -> dt.date:
    return day + _DAY if day < dt.date.max else day

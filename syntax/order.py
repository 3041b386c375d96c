"""Whether the parameters of one command, in their order, can be told apart by whoever reads a message.

A number may be grouped by blanks, dots and dashes, so of two that follow each other nobody can say where the first ends, once it may
be left out or repeated: "18/3/2093 04486" is a date and half an ID, or an ID alone. The proof between commands (`ambiguity`) does not
see this: both readings are of one command. A file may still want it, since whole numbers differ in their digits; so it is advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from syntax.findings import Place, Problem
from syntax.model import Accents, CitizenId, Date, OldId, Page, Parameter

_NUMBERS: Final = (CitizenId, OldId, Date)


def check_order(place: Place, parameters: Sequence[Parameter]) -> Iterator[Problem]:
    """What keeps the command at this place from being read."""
    for kind, name in ((Page, "page"), (Accents, "accents")):
        for index in [index for index, parameter in enumerate(parameters) if isinstance(parameter, kind)][1:]:
            what, why = f"lệnh có hai tham số kiểu {name}", "người nhắn ghi một lần, không biết là tham số nào"
            mend = "bỏ bớt một; muốn nhiều cách ghi thì thêm vào words"
            yield Problem((*place, "parameters", index), what, mend, why=why)


def advise_order(place: Place, names: Iterable[str], parameters: Sequence[Parameter]) -> Iterator[Problem]:
    """What may be read otherwise than it was meant, of a command with these keywords."""
    if parameters and isinstance(parameters[0], _NUMBERS):
        for name in names:
            if name[-1:].isdigit():
                what = f"“{name}” tận cùng bằng chữ số mà ngay sau là số"
                why = "viết liền thì chữ số của từ khóa lẫn vào số người nhắn ghi"
                yield Problem(
                    (*place, "keyword"), what, "chọn từ khóa tận cùng bằng chữ cái", why=why, severity="warning"
                )
    open_number = False
    for index, parameter in enumerate(parameters):
        if not isinstance(parameter, _NUMBERS):
            continue
        if open_number:
            what = "số hoặc ngày này đứng sau một số có thể bỏ trống hoặc lặp lại"
            mend = "bỏ optional và repeated ở số đứng trước, hoặc tách thành hai lệnh"
            why = "số ghi cách quãng thì không biết số trước hết ở đâu: “18/3/2093 04486” đọc được là một số 12 chữ số"
            yield Problem((*place, "parameters", index), what, mend, why=why, severity="warning")
        open_number = open_number or parameter.optional or parameter.repeated

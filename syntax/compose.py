"""From a reading and a record to the text of the reply, within the budget of the file.

One line a field, in the order of the view; a field without a value has no line. The reply leaves without accents,
in characters that every alphabet of the wire shares, unless accents were asked for. A reply longer than the budget
loses whole lines from its end, and says so. Plans are made once, at load; a reply is a join and one pass in C.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from syntax.model import Catalogue, Kind, Texts
from syntax.parser import View
from syntax.unaccent import unaccent

_GSM7_SINGLE: Final = 160
"""Characters of a message that is one segment: 140 octets of 7 bits (3GPP TS 23.038 s4, 23.040 s9.2.3.24)."""
_GSM7_PART: Final = 152
"""Characters a segment of a longer one, under the widest header in use (16-bit reference, 7 octets)."""
_UCS2_SINGLE: Final = 70
_UCS2_PART: Final = 66
"""UTF-16 units: (140 - 7) octets of two, rounded down."""

_CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

Value = str | dt.date | None


def capacity(segments: int, *, accented: bool) -> int:
    """Characters (accented: UTF-16 units) that surely fit so many segments, however the operator joins them."""
    single, part = (_UCS2_SINGLE, _UCS2_PART) if accented else (_GSM7_SINGLE, _GSM7_PART)
    return single if segments == 1 else segments * part


def measure(text: str, *, accented: bool) -> int:
    """The length of a text in the unit of `capacity`."""
    return len(text.encode("utf-16-le", "replace")) // 2 if accented else len(text)


def render(text: str, *, accented: bool) -> str:
    """A text as it leaves: NFC without control characters, or `unaccent`ed."""
    return _CONTROLS.sub(" ", unicodedata.normalize("NFC", text)) if accented else unaccent(text)


def fits(text: str, segments: int, *, accented: bool) -> bool:
    """Whether a text, once rendered, surely leaves in so many segments."""
    return measure(render(text, accented=accented), accented=accented) <= capacity(segments, accented=accented)


class Composer:
    """Writes the replies that hold a record, for the views of one syntax file."""

    def __init__(self, catalogue: Catalogue, views: Iterable[View], texts: Texts, segments_max: int) -> None:
        self._plans = {
            view.code: tuple(
                (code, f"{field.short_label}: ", _WRITERS[field.kind])
                for code in view.fields
                for field in (catalogue.fields[code],)
            )
            for view in views
        }
        self._unaccented = _Form(texts, segments_max, accented=False)
        self._accented = _Form(texts, segments_max, accented=True)

    def record(self, view: View, record: Mapping[str, object], *, accented: bool) -> str:
        """The fields of the view that the record holds; values are `str`, `datetime.date` or None, by field code."""
        lines = [
            label + write(value)
            for code, label, write in self._plans[view.code]
            if (value := record.get(code)) is not None and value != ""
        ]
        body = "\n".join(lines)
        if body.count("\n") >= len(lines):  # a value of several lines would pass for several fields
            body = "\n".join(line.replace("\n", " ") for line in lines)
        return (self._accented if accented else self._unaccented).finish(body)


class _Form:
    """What surrounds the fields, with or without accents, and the room left for them."""

    def __init__(self, texts: Texts, segments_max: int, *, accented: bool) -> None:
        self._accented = accented
        self._head = render(texts.head, accented=accented) + "\n" * bool(texts.head)
        self._foot = "\n" * bool(texts.foot) + render(texts.foot, accented=accented)
        self._cut = "\n" + render(texts.cut, accented=accented)
        self._room = capacity(segments_max, accented=accented) - self._measure(self._head + self._foot)

    def finish(self, body: str) -> str:
        body = render(body, accented=self._accented)
        if self._measure(body) > self._room:
            body = self._fit(body.split("\n")) + self._cut
        return f"{self._head}{body}{self._foot}"

    def _measure(self, text: str) -> int:
        return measure(text, accented=self._accented)

    def _fit(self, lines: Sequence[str]) -> str:
        """As many whole lines as leave room for the notice; of a first line too long for that, its beginning."""
        room = self._room - self._measure(self._cut)
        ends = accumulate(self._measure(line) + 1 for line in lines)  # with the line break that follows
        fitting = [line for line, end in zip(lines, ends, strict=True) if end <= room + 1]
        return "\n".join(fitting) or self._beginning(lines[0])

    def _beginning(self, line: str) -> str:
        """What fits of a value longer than its field's `length_max`; no surrogate pair is taken apart."""
        room = self._room - self._measure(self._cut)
        return line.encode("utf-16-le", "replace")[: 2 * room].decode("utf-16-le", "ignore")


def _write_text(value: object) -> str:
    return str(value)


def _write_date(value: object) -> str:
    """dd/mm/yyyy; of older people only the year may be known, which stands as text."""
    if isinstance(value, dt.date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    return str(value)


_WRITERS: Final[dict[Kind, Callable[[object], str]]] = {"text": _write_text, "date": _write_date}

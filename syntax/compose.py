"""From a reading and a record to the text of the reply, within the budget of the file.

One line a field, in the order of the view; a field without a value has no line. The reply leaves without accents, in
characters that every alphabet of the wire shares, unless accents were asked for. A reply longer than the budget is cut
between two fields: into pages, each of which says how to ask for the next, where the command has a parameter for that;
else what is left out is said to be. Plans are made once; a reply is a join and one pass in C.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from syntax.model import Catalogue, Text, Texts, Words
from syntax.parser import View
from syntax.unaccent import unaccent
from syntax.writing import WRITERS, Writer

_GSM7_SINGLE: Final = 160
"""Characters of a message that is one segment: 140 octets of 7 bits (3GPP TS 23.038 s4, 23.040 s9.2.3.24)."""
_GSM7_PART: Final = 152
"""Characters a segment of a longer one, under the widest header in use (16-bit reference, 7 octets)."""
_UCS2_SINGLE: Final = 70
_UCS2_PART: Final = 66
"""UTF-16 units: (140 - 7) octets of two, rounded down."""

PLANS_KEPT: Final = 512
"""Views put together from several choices that are remembered; each takes a few kilobytes."""

_CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_WIDE: Final = 99
"""A page number as wide as any (`grammar.PAGE_DIGITS`): what fits with it fits with each."""


class Reply(Struct, frozen=True):
    """What goes back. Its repr hides the text, which names a person."""

    text: str
    fields: tuple[str, ...]
    """The codes of the fields that it discloses, in their order. In a reply that is whole also those without a value: that
    there is none is said too."""
    page: int = 1
    pages: int = 1

    def __repr__(self) -> str:
        return f"<Reply {self.page}/{self.pages}>"


def capacity(segments: int, *, accented: bool) -> int:
    """Characters (accented: UTF-16 units) that surely fit so many segments, however the operator joins them."""
    single, part = (_UCS2_SINGLE, _UCS2_PART) if accented else (_GSM7_SINGLE, _GSM7_PART)
    return single if segments == 1 else segments * part


def measure(text: str, *, accented: bool) -> int:
    """The length of a text in the unit of `capacity`."""
    return len(text.encode("utf-16-le", "replace")) // 2 if accented else len(text)


def segments_of(length: int, *, accented: bool) -> int:
    """Segments that a text of this length takes at most."""
    single, part = (_UCS2_SINGLE, _UCS2_PART) if accented else (_GSM7_SINGLE, _GSM7_PART)
    return 1 if length <= single else -(-length // part)


def spelled(text: Text, *, accented: bool) -> str:
    """A text of the file in one of its spellings, not rendered yet."""
    if isinstance(text, Words):
        return text.accented if accented else text.unaccented
    return text


def render(text: str, *, accented: bool) -> str:
    """A text as it leaves: NFC without control characters, or `unaccent`ed."""
    return _CONTROLS.sub(" ", unicodedata.normalize("NFC", text)) if accented else unaccent(text)


def fits(text: str, segments: int, *, accented: bool) -> bool:
    """Whether a text, once rendered, surely leaves in so many segments."""
    return measure(render(text, accented=accented), accented=accented) <= capacity(segments, accented=accented)


class Composer:
    """Writes the replies that hold a record, for the views of one syntax file."""

    def __init__(self, catalogue: Catalogue, texts: Texts, segments_max: int, short_code: str) -> None:
        self._catalogue = catalogue
        self._plan = functools.lru_cache(PLANS_KEPT)(self._make_plan)
        self._unaccented = _Form(texts, segments_max, short_code, accented=False)
        self._accented = _Form(texts, segments_max, short_code, accented=True)

    def record(
        self, view: View, record: Mapping[str, object], *, accented: bool, page: int, ask: Callable[[int], str] | None
    ) -> Reply:
        """One page of the fields of the view that the record holds; of fewer pages, the last.

        Args:
            view: the fields, in their order.
            record: values by field code, `None`, empty or absent where there is none.
            accented: with accents.
            page: from 1.
            ask: the message that asks for a page of this answer; None where there are no pages.
        """
        plan = self._plan(view.fields, accented)
        lines = [
            label + write(value)
            for code, label, write in plan
            if (value := record.get(code)) is not None and value != ""
        ]
        body = "\n".join(lines)
        if body.count("\n") >= len(lines):  # a value of several lines would pass for several fields
            body = "\n".join(line.replace("\n", " ") for line in lines)
        form = self._accented if accented else self._unaccented
        body = render(body, accented=accented)
        if form.has_room(body):
            return Reply(form.surround(body), view.fields)
        codes = [code for code, _, _ in plan if record.get(code) not in (None, "")]
        return form.cut(body.split("\n"), codes, page, ask)

    def _make_plan(self, fields: tuple[str, ...], accented: bool) -> tuple[tuple[str, str, Writer], ...]:  # noqa: FBT001 - for the cache
        known = self._catalogue.fields
        return tuple(
            (code, f"{spelled(known[code].short_label, accented=accented)}: ", WRITERS[known[code].kind])
            for code in fields
        )


class _Form:
    """What surrounds the fields, with or without accents, and the room left for them."""

    def __init__(self, texts: Texts, segments_max: int, short_code: str, *, accented: bool) -> None:
        self._accented = accented

        def made(text: Text | None) -> str:
            filled = spelled(text, accented=accented).replace("{short_code}", short_code) if text else ""
            return render(filled, accented=accented) if "{" not in filled else filled

        head, foot = made(texts.head), made(texts.foot)
        self._head = head + "\n" * bool(head)
        self._foot = "\n" * bool(foot) + foot
        self._cut, self._more, self._last = made(texts.cut), made(texts.more), made(texts.last)
        self._room = capacity(segments_max, accented=accented) - self._measure(self._head + self._foot)

    def has_room(self, body: str) -> bool:
        return self._measure(body) <= self._room

    def surround(self, body: str) -> str:
        return f"{self._head}{body}{self._foot}"

    def cut(self, lines: Sequence[str], codes: Sequence[str], page: int, ask: Callable[[int], str] | None) -> Reply:
        """A reply that has not room for all lines, each of a field."""
        if ask is None:
            taken = self._fitting(lines, self._cut)
            body = self._joined(lines[:taken] or [self._beginning(lines[0], self._cut)], self._cut)
            return Reply(self.surround(body), tuple(codes[: max(taken, 1)]))
        starts = [0]
        last, more = self._fill(self._last, _WIDE, _WIDE, ""), self._fill(self._more, _WIDE, _WIDE, ask(_WIDE))
        while len(rest := lines[starts[-1] :]) > 1 and self._fitting(rest, last) < len(rest):
            starts.append(starts[-1] + max(self._fitting(rest, more), 1))
        pages = len(starts)
        page = min(page, pages)
        first, end = starts[page - 1], [*starts, len(lines)][page]
        notice = self._fill(self._more, page, pages, ask(page + 1)) if page < pages else self._fill(self._last, page, pages, "")
        shown = [self._beginning(line, notice) for line in lines[first:end]]
        return Reply(self.surround(self._joined(shown, notice)), tuple(codes[first:end]), page, pages)

    def _fill(self, text: str, page: int, pages: int, ask: str) -> str:
        filled = text.replace("{page}", str(page)).replace("{pages}", str(pages)).replace("{next}", ask)
        return render(filled, accented=self._accented)

    def _joined(self, lines: Sequence[str], notice: str) -> str:
        return "\n".join([*lines, notice])

    def _measure(self, text: str) -> int:
        return measure(text, accented=self._accented)

    def _fitting(self, lines: Sequence[str], notice: str) -> int:
        """How many whole lines leave room for the notice."""
        room = self._room - self._measure(notice)
        for count, line in enumerate(lines):
            room -= self._measure(line) + 1  # with the line break that follows
            if room < 0:
                return count
        return len(lines)

    def _beginning(self, line: str, notice: str) -> str:
        """What fits of a value longer than its field's `length_max`; no surrogate pair is taken apart."""
        room = self._room - self._measure(notice) - 1
        if self._measure(line) <= room:
            return line
        return line.encode("utf-16-le", "replace")[: 2 * room].decode("utf-16-le", "ignore")

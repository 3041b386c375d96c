"""From a reading and a record to the text of the reply, within the budget of the file.

One line a field, in the order of the view; a field without a value has no line. The reply leaves without accents, in
characters that every alphabet of the wire shares, unless accents were asked for. A reply longer than the budget is cut
between two fields: into pages, each of which says how to ask for the next, where the command has a parameter for that;
else what is left out is said to be. Plans are made once; a reply is a join and one pass in C.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from syntax.asking import PAGE
from syntax.grammar import PAGE_DIGITS
from syntax.model import Catalogue, Text, Texts, Words
from syntax.parser import View
from syntax.unaccent import unaccent
from syntax.writing import Writer, writer_of

_GSM7_SINGLE: Final = 160
"""Characters of a message that is one segment: 140 octets of 7 bits (3GPP TS 23.038 s4, 23.040 s9.2.3.24)."""
_GSM7_PART: Final = 152
"""Characters a segment of a longer one, under the widest header in use (16-bit reference, 7 octets)."""
_UCS2_SINGLE: Final = 70
_UCS2_PART: Final = 66
"""UTF-16 units: (140 - 7) octets of two, rounded down."""

PLANS_KEPT: Final = 512
"""Views put together from several choices that are remembered; each takes a few kilobytes."""

ROOM_MIN: Final = 20
"""Characters that a page must have for fields beside its notice; where the message that asks for the next page is longer
than leaves so many, the reply is cut instead."""

PAGES_MAX: Final = 10**PAGE_DIGITS - 1
"""The last page that a message can ask for; and as wide as any: what fits with it fits with each."""

_CUT_OFF: Final = "..."
"""Ends a value that did not fit."""

_BLANKS: Final = {*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029} | {
    *(0xA0, 0x1680, 0x202F, 0x205F, 0x3000),
    *range(0x2000, 0x200B),
}
"""Controls and separators of lines: a value must not look like two. And blanks of other widths, which can hide one."""
_INVISIBLE: Final = {0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF}
"""Marks that cost room and can turn the direction of the text."""
_SURROGATES: Final = range(0xD800, 0xE000)
"""Halves of characters; no alphabet has them."""
_MENDED: Final = {
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys(_INVISIBLE, ""),
    **dict.fromkeys(_SURROGATES, "?"),
}
_TO_MEND: Final = re.compile(f"[{re.escape(''.join(map(chr, [*_BLANKS, *_INVISIBLE])))}\ud800-\udfff]")


class Reply(Struct, frozen=True):
    """What goes back. Its repr hides the text, which names a person."""

    text: str
    fields: tuple[str, ...]
    """The codes of the fields that it discloses: those that have a line in this page, in their order."""
    page: int = 1
    pages: int = 1

    def __repr__(self) -> str:
        return f"<Reply {self.page}/{self.pages}>"


Ask = Callable[[], "str | None"]
"""The message that asks for a page of an answer, with `asking.PAGE` for its number; None where no message does."""


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
    """A text as it leaves: NFC without controls and invisible marks, or `unaccent`ed."""
    if not accented:
        return unaccent(text)
    if _TO_MEND.search(text):
        text = text.translate(_MENDED)
    return unicodedata.normalize("NFC", text)


def fits(text: str, segments: int, *, accented: bool) -> bool:
    """Whether a text, once rendered, surely leaves in so many segments."""
    return measure(render(text, accented=accented), accented=accented) <= capacity(segments, accented=accented)


class _Plan(Struct, frozen=True):
    """How the fields of a view are written."""

    steps: tuple[tuple[str, str, Writer], ...]
    """Code, label and what writes the value."""
    absent: Mapping[str, tuple[str, str]]
    """Code → what is written where it has no value, and the field that must have one."""


class Composer:
    """Writes the replies that hold a record, for the views of one syntax file, whose head, foot and notices leave room
    for a field (`checks`).
    """

    def __init__(self, catalogue: Catalogue, texts: Texts, segments_max: int, short_code: str) -> None:
        self._catalogue = catalogue
        self._plan = functools.lru_cache(PLANS_KEPT)(self._make_plan)
        self._forms = {
            (accented, ucs2): _Form(texts, segments_max, short_code, accented=accented, ucs2=ucs2)
            for accented, ucs2 in ((False, False), (False, True), (True, True))
        }

    def record(
        self,
        view: View,
        record: Mapping[str, object],
        *,
        accented: bool,
        page: int,
        ask: Ask | None,
        ucs2: bool = False,
    ) -> Reply:
        """One page of the fields of the view that the record holds; of fewer pages, the last.

        Args:
            view: the fields, in their order.
            record: values by field code, `None`, empty or absent where there is none.
            accented: with accents.
            page: from 1.
            ask: makes the message that asks for a page of this answer; None where there are no pages.
            ucs2: the way that it takes knows UCS-2 only, so that it costs as much as with accents.
        """
        plan = self._plan(view.fields, accented)
        form = self._forms[accented, accented or ucs2]
        codes: Sequence[str] = view.fields
        lines = [
            label + written
            for code, label, write in plan.steps
            if (value := record.get(code)) is not None and (written := write(value))
        ]
        if len(lines) < len(codes):
            codes, lines = _write(plan, record)
        body = render("\n".join(lines), accented=accented)
        if "  " in body or ": \n" in body or body[-2:] == ": " or body.count("\n") != len(lines) - 1:
            codes, lines = _write(plan, record, tidy=functools.partial(render, accented=accented))
            body = render("\n".join(lines), accented=accented)
        if not lines:
            return Reply(form.surround(form.empty), ())
        if form.has_room(body):
            return Reply(form.surround(body), tuple(codes))
        return form.cut(body.split("\n"), codes, page, ask)

    def _make_plan(self, fields: tuple[str, ...], accented: bool) -> _Plan:
        known = {code: self._catalogue.fields[code] for code in fields}
        return _Plan(
            tuple(
                (code, " ".join(spelled(field.short_label, accented=accented).split()) + ": ", writer_of(field))
                for code, field in known.items()
            ),
            {
                code: (spelled(field.absent.text, accented=accented), field.absent.beside)
                for code, field in known.items()
                if field.absent is not None
            },
        )


def _write(
    plan: _Plan, record: Mapping[str, object], *, tidy: Callable[[str], str] | None = None
) -> tuple[list[str], list[str]]:
    """The codes and the lines of the fields to be shown; `tidy`, what renders a value, puts single blanks in it, so that no
    value is empty to the eye or would pass for two fields.
    """
    codes: list[str] = []
    lines: list[str] = []
    for code, label, write in plan.steps:
        value = record.get(code)
        written = "" if value is None else write(value)
        if tidy is not None:
            written = " ".join(tidy(written).split())
        if not written and code in plan.absent:
            text, beside = plan.absent[code]
            written = text if record.get(beside) else ""
        if written:
            codes.append(code)
            lines.append(label + written)
    return codes, lines


class _Form:
    """What surrounds the fields, with or without accents, and the room left for them, in UCS-2 or else in 7 bits."""

    def __init__(self, texts: Texts, segments_max: int, short_code: str, *, accented: bool, ucs2: bool) -> None:
        self._accented = accented
        self._ucs2 = ucs2

        def made(text: Text | None) -> str:
            filled = spelled(text, accented=accented).replace("{short_code}", short_code) if text else ""
            return render(filled, accented=accented) if "{" not in filled else filled

        head, foot = made(texts.head), made(texts.foot)
        self._head = head + "\n" * bool(head)
        self._foot = "\n" * bool(foot) + foot
        self.empty = made(texts.empty)
        self._cut, self._more, self._last = made(texts.cut), made(texts.more), made(texts.last)
        self._room = capacity(segments_max, accented=ucs2) - self._measure(self._head + self._foot)

    def has_room(self, body: str) -> bool:
        return self._measure(body) <= self._room

    def surround(self, body: str) -> str:
        return f"{self._head}{body}{self._foot}"

    def cut(self, lines: Sequence[str], codes: Sequence[str], page: int, ask: Ask | None) -> Reply:
        """A reply that has not room for all lines, each of a field."""
        lengths = [self._measure(line) + 1 for line in lines]  # with the line break that follows
        if ask is not None and (form := ask()) is not None:
            starts = self._starts(lengths, form)
            pages = len(starts)
            page = min(page, pages)
            if 1 < pages <= PAGES_MAX:
                first, end = starts[page - 1], [*starts, len(lines)][page]
                notice = self._notice(page, pages, form)
                return Reply(self._page(lines[first:end], notice), tuple(codes[first:end]), page, pages)
        taken = max(_fitting(lengths, self._room_beside(self._cut)), 1)
        return Reply(self._page(lines[:taken], self._cut), tuple(codes[:taken]))

    def _starts(self, lengths: Sequence[int], form: str) -> list[int]:
        """The first line of each page; a single page where no pages can be offered."""
        starts = [0]
        more = self._room_beside(self._notice(PAGES_MAX - 1, PAGES_MAX, form))
        last = self._room_beside(self._notice(PAGES_MAX, PAGES_MAX, form))
        if min(more, last) >= ROOM_MIN:
            while len(rest := lengths[starts[-1] :]) > 1 and sum(rest) > last:
                starts.append(starts[-1] + max(_fitting(rest[:-1], more), 1))
        return starts

    def _page(self, lines: Sequence[str], notice: str) -> str:
        room = self._room_beside(notice)
        return self.surround("\n".join([*(self._beginning(line, room) for line in lines), notice]))

    def _notice(self, page: int, pages: int, form: str) -> str:
        notice = self._more if page < pages else self._last
        filled = notice.replace("{page}", str(page)).replace("{pages}", str(pages))
        return render(filled.replace("{next}", form.replace(PAGE, str(page + 1))), accented=self._accented)

    def _room_beside(self, notice: str) -> int:
        return self._room - self._measure(notice)

    def _measure(self, text: str) -> int:
        return measure(text, accented=self._ucs2)

    def _beginning(self, line: str, room: int) -> str:
        """What fits of a value longer than its field's `length_max`; no surrogate pair is taken apart."""
        room -= 1  # the line break that follows
        if self._measure(line) <= room:
            return line
        kept = line.encode("utf-16-le", "replace")[: 2 * max(room - len(_CUT_OFF), 0)].decode("utf-16-le", "ignore")
        return kept + _CUT_OFF


def _fitting(lengths: Sequence[int], room: int) -> int:
    """How many lines, from the first, have room."""
    return sum(1 for total in itertools.accumulate(lengths) if total <= room)

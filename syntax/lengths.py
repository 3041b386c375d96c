"""How long the answer of each command can be: at worst, by the longest values of the catalogue, and over a population.

A length is that of the whole answer in segments, head and foot included, as if no budget cut it; where the command has
pages, also in how many pages it comes. What is measured is what `compose` writes, not an estimate.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from syntax.compose import Composer, measure, segments_of
from syntax.language import Syntax
from syntax.model import REPEATS_MAX, Accents, Choice, Command, Page, RecordCommand
from syntax.parser import Read, View
from syntax.trials import SAMPLES

UNBOUNDED: Final = 10_000
"""Segments of a budget that cuts nothing."""

RECORDS_MAX: Final = 10_000
"""Records measured: more show nothing new."""


class Measured(Struct, frozen=True):
    """Segments of the answers to all records."""

    records: int
    minimum: int
    median: float
    maximum: int
    over_one: float
    """Share, from 0 to 1, of those that are longer than one segment."""


class Length(Struct, frozen=True):
    """An answer in one spelling."""

    segments: int
    """At worst, uncut."""
    pages: int
    """At worst; 1 where the command has no pages, or no message asks for them."""
    cut: bool
    """Beyond the budget and without pages: the last fields are left out."""
    measured: Measured | None


class ViewLength(Struct, frozen=True):
    """How long the answer of a command is, for one of the views that it can be asked for."""

    file: str
    command: str
    view: str
    """Its code; of several choices together the codes joined by +."""
    unaccented: Length
    accented: Length


def lengths(file: str, syntax: Syntax, records: Sequence[Mapping[str, object]] = ()) -> Iterator[ViewLength]:
    """Of each command that is answered by a record, for each view.

    Args:
        file: what the lines are labelled with.
        syntax: a version whose views name only fields of the catalogue.
        records: values by field code, as `Syntax.reply_record` takes them; the first `RECORDS_MAX` are measured.
    """
    document = syntax.document
    composer = Composer(syntax.catalogue, document.texts, UNBOUNDED, syntax.short_codes[0])
    for command in document.commands:
        if isinstance(command, RecordCommand):
            for view, chosen in views_of(command, syntax):
                unaccented, accented = (
                    _length(
                        _reading(command, view, chosen, syntax, accented=accented),
                        composer,
                        syntax,
                        records[:RECORDS_MAX],
                    )
                    for accented in (False, True)
                )
                yield ViewLength(file, command.name, view.code, unaccented, accented)


def views_of(command: RecordCommand, syntax: Syntax) -> Iterator[tuple[View, tuple[str, ...]]]:
    """The views that a command can be asked for, each with the codes chosen: its own, that of each option, and as many
    options together as may be typed, the longest.
    """
    choices = [parameter for parameter in command.parameters if isinstance(parameter, Choice)]
    if all(choice.optional for choice in choices):
        yield syntax.views[command.view], ()
    codes = list(dict.fromkeys(option.view for choice in choices for option in choice.options))
    for code in codes:
        yield syntax.views[code], (code,)
    most = sum(REPEATS_MAX if choice.repeated else 1 for choice in choices)
    if most > 1 and len(codes) > 1:
        known = syntax.catalogue.fields
        by_length = sorted(codes, key=lambda code: -sum(known[field].length_max for field in syntax.views[code].fields))
        chosen = tuple(code for code in codes if code in by_length[:most])
        fields = dict.fromkeys(field for code in chosen for field in syntax.views[code].fields)
        yield View("+".join(chosen), tuple(fields)), chosen


def _reading(command: Command, view: View, chosen: Sequence[str], syntax: Syntax, *, accented: bool) -> Read:
    """The reading of a message that asks for this view: where no message does, the reading alone."""
    parts = [command.keyword]
    left = list(chosen)
    for parameter in command.parameters:
        if isinstance(parameter, Choice):
            parts += [option.words[0] for code in left for option in parameter.options if option.view == code][
                : len(left)
            ]
            left = left if parameter.repeated else left[1:]
        elif isinstance(parameter, Accents):
            parts += [parameter.words[0]] if accented else []
        elif not isinstance(parameter, Page) and not parameter.optional:
            parts.append(SAMPLES[type(parameter)])
    reading = syntax.read(" ".join(parts))
    if isinstance(reading, Read) and (reading.command, reading.view, reading.accented) == (
        command.name,
        view,
        accented,
    ):
        return reading
    return Read(command.name, "record", view, accented=accented)


def _length(reading: Read, composer: Composer, syntax: Syntax, records: Sequence[Mapping[str, object]]) -> Length:
    known = syntax.catalogue.fields
    longest = {code: "x" * known[code].length_max for code in reading.view.fields}
    worst = _segments(composer, reading, longest)
    reply = syntax.reply_record(reading, longest)
    counts = [_segments(composer, reading, record) for record in records]
    measured = None
    if counts:
        over_one = sum(count > 1 for count in counts) / len(counts)
        measured = Measured(len(counts), min(counts), statistics.median(counts), max(counts), over_one)
    cut = worst > syntax.segments_max and reply.pages == 1
    return Length(worst, reply.pages, cut, measured)


def _segments(composer: Composer, reading: Read, record: Mapping[str, object]) -> int:
    text = composer.record(reading.view, record, accented=reading.accented, page=1, ask=None).text
    return segments_of(measure(text, accented=reading.accented), accented=reading.accented)

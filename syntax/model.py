"""What a syntax file and the catalogue of fields may say: their keys, types and plain limits.

A syntax file is data. It names commands, the fields that each discloses and the words in which the service speaks; it
runs nothing. These structs are its grammar: a key that is not here is refused, so that a slip of the pen never passes
for silence. What holds between the parts (a view that exists, a keyword used once) is in `checks`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

SEGMENTS_LIMIT: Final = 10
"""Segments of one reply at most, whatever a file says: older phones join no more."""

COMMANDS_MAX: Final = 50
"""Commands a file: each costs every unreadable message one match."""

WORD_LENGTH_MAX: Final = 60
"""Characters of a keyword: nobody types more by heart."""

LETTERS_MAX: Final = 2_500
"""Letters of all words of a file together, fifteen times those of the reference: each costs time in making the parser."""

WORDS_MAX: Final = 20
"""Aliases a command, or spellings a word."""

FREE_TEXTS_MAX: Final = 2
"""Texts of any form that one message may hold, repeated ones counted each time: where each ends is tried with each end of
the others, so the time to read grows with their number as a power.
"""

PARAMETERS_MAX: Final = 6
"""Parameters a command: nobody types more by heart."""

CHOICES_MAX: Final = 40
"""Options of one choice: more than the catalogue has items would be of no use."""

REPEATS_MAX: Final = 5
"""Times that a repeated parameter may stand in a message."""

LENGTH_LIMIT: Final = 1000
"""Characters of a field's longest value or of a text; more never fits `SEGMENTS_LIMIT` segments of UCS-2."""

TEXT_LENGTH_MAX: Final = 100
"""Characters of a parameter of kind text."""

SHORT_CODES_MAX: Final = 20
"""Numbers that one service answers under."""

EXAMPLES_MAX: Final = 5_000
"""Messages that one file gives as examples: each is read whenever the file is loaded."""

VIEWS_MAX: Final = 200
"""Views of one file."""

FIELDS_MAX: Final = 100
"""Fields of one view: more than any law lists."""

FEE_MAX: Final = 1_000_000
"""Đồng of one inquiry: a slip of the pen, if it is more."""

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]*\Z",
        max_length=60,
        description="chữ thường không dấu, chữ số và dấu _, bắt đầu bằng chữ, ví dụ own_record",
    ),
]
"""What a file calls its own parts by, and what metrics and audit entries show. (The description of a pattern is told to the author
whose value does not follow it.)
"""

Line = Annotated[str, Meta(pattern=r"\S", max_length=LENGTH_LIMIT)]
"""Words: not empty, not only blanks."""

Word = Annotated[str, Meta(pattern=r"\S", max_length=WORD_LENGTH_MAX)]
"""A keyword, or what a choice, a page or accents are asked for by: a word or a phrase."""

Kind = Literal["text", "date", "address"]
Protection = Literal["sensitive", "third_party"]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in two spellings, where the one without accents is not to be derived from the other."""

    accented: Line
    unaccented: Line


Text = Line | Words
"""A text that is sent. One string: written with accents, and sent without them where none are wanted."""


# ---- fields.toml ---------------------------------------------------------------------------------------------------


class Law(Struct, frozen=True, forbid_unknown_fields=True):
    """A law whose Điều 9 lists what the population database holds."""

    name: Line
    items: Annotated[int, Meta(ge=1, le=200)]


class Absent(Struct, frozen=True, forbid_unknown_fields=True):
    """What a missing value means: that there is none is worth saying, if there is what it would belong to."""

    text: Text
    beside: Name
    """The field that must have a value."""


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a citizen's record; its code is the key under which it stands."""

    label: Line
    short_label: Text
    items: dict[str, int]
    """Law → number of the item in its Điều 9."""
    kind: Kind
    length_max: Annotated[int, Meta(ge=1, le=LENGTH_LIMIT)]
    """Characters, as written in a reply."""
    protection: Protection | None = None
    written: dict[str, Line] = {}
    """Value as it is held → words for it; of a register that holds codes. Other values stand as their kind says."""
    absent: Absent | None = None
    """What is written where there is no value; nothing, if left out."""


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """`fields.toml`: every field that a view may name."""

    laws: dict[Name, Law]
    fields: dict[Name, Field]


# ---- what a command takes ------------------------------------------------------------------------------------------


class ViewDeclaration(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that a command discloses, in the order of the reply."""

    fields: Annotated[tuple[str, ...], Meta(min_length=1, max_length=FIELDS_MAX)]
    discloses: Annotated[tuple[str, ...], Meta(max_length=FIELDS_MAX)] = ()
    """Those of them that are protected: written out, so that none is disclosed by inattention."""


class _Narrowing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value that the sender types and that must equal their own record's, or the inquiry is refused. It never widens."""

    name: Name | None = None
    """What examples call it; its kind, if left out."""
    optional: bool = False
    repeated: bool = False
    """May stand up to `REPEATS_MAX` times; each must equal."""


class CitizenId(_Narrowing, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="citizen_id"):
    """A personal identification number of 12 digits (Luật Căn cước 2023, Điều 12)."""

    equals: str = "citizen_id"


class OldId(_Narrowing, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="old_id"):
    """The 9 digits of an identity card of the old kind (chứng minh nhân dân)."""

    equals: str = "old_id_number"


class Date(_Narrowing, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="date"):
    """A day: day, month, year."""

    equals: str = "date_of_birth"


class FreeText(_Narrowing, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="text"):
    """Words or a number of any form, compared as folded text."""

    equals: str
    length_max: Annotated[int, Meta(ge=1, le=TEXT_LENGTH_MAX)] = 60


Spellings = Annotated[tuple[Word, ...], Meta(min_length=1, max_length=WORDS_MAX)]


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the words that a choice knows, and the fields that it asks for."""

    words: Spellings
    view: str


class Choice(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="choice"):
    """Words of which each asks for a view of its own; without any, the command's view answers."""

    options: Annotated[tuple[Option, ...], Meta(min_length=1, max_length=CHOICES_MAX)]
    name: Name | None = None
    optional: bool = False
    repeated: bool = False
    """Up to `REPEATS_MAX` of them: their fields together, in the order asked for."""


class Page(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="page"):
    """A word and a number: which part of a reply too long for one message; always optional."""

    words: Spellings
    name: Name | None = None


class Accents(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="accents"):
    """A word that asks for the reply with accents; always optional."""

    words: Spellings
    name: Name | None = None


Parameter = CitizenId | OldId | Date | FreeText | Choice | Page | Accents
Narrowing = CitizenId | OldId | Date | FreeText


# ---- commands ------------------------------------------------------------------------------------------------------


class _Command(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every command has."""

    name: Name
    keyword: Word
    usage: Text
    """How to ask, in one or two sentences: what the sender of a message that is not understood is told."""
    title: Line
    """What it is for, in a few words: the guide's heading."""
    aliases: Annotated[tuple[Word, ...], Meta(max_length=WORDS_MAX)] = ()
    parameters: Annotated[tuple[Parameter, ...], Meta(max_length=PARAMETERS_MAX)] = ()
    fee: Annotated[int, Meta(ge=0, le=FEE_MAX)] = 0
    """Đồng that an answered inquiry costs."""
    accented: bool = False
    """Always answer with accents."""
    suspended: bool = False
    """Understood, and answered by the text of that name (circular, Điều 3.3)."""
    in_guide: bool = True


class RecordCommand(_Command, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="answers", tag="record"):
    """A command answered by the sender's own record, through a view."""

    view: str


class HelpCommand(_Command, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="answers", tag="help"):
    """A command answered by a text of the file."""

    text: Text


Command = RecordCommand | HelpCommand


# ---- the file ------------------------------------------------------------------------------------------------------


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """What the service says at each ending."""

    refusal: Text
    misread: Text
    """With {usage}: that of the nearest command."""
    busy: Text
    over_quota: Text
    suspended: Text
    retired: Text
    """To a message in a syntax that is no longer in force; with {usage}: that of the command which does it now."""
    cut: Text
    """Stands in a record's reply where fields were left out to keep the budget, and the command has no pages."""
    more: Text = "Trang {page}/{pages}. Xem tiếp: soạn {next} gửi {short_code}"
    """The same, where the command has pages: {next} is the message that asks for the next one."""
    last: Text = "Trang {page}/{pages}."
    """On the last of several pages."""
    empty: Text = "Chưa có thông tin về mục này."
    """In place of the fields, where the record has none of those asked for."""
    head: Text | None = None
    foot: Text | None = None
    """First and last line of each record's reply; the last one says where to call about a wrong record."""


class Guide(Struct, frozen=True, forbid_unknown_fields=True):
    """What the printed guide says beside the commands (circular, Điều 10)."""

    title: Line
    introduction: Line
    notes: tuple[Line, ...] = ()
    contact: Line = ""
    sample: dict[Name, Line] = {}
    """The record of a made-up citizen, by field code: what the guide's example answers with."""


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages and how all of them must be read; a file whose examples fail does not load."""

    texts: Annotated[tuple[str, ...], Meta(min_length=1)]
    because: str = ""
    reads: str | None = None
    """The command; left out where the messages must not be understood."""
    values: dict[str, Any] = {}
    """What each parameter must be read as, by its name: digits, a date, a number of a page; of a choice the view."""
    accented: bool = False
    nearest: str | None = None
    """The command whose usage answers messages that are not understood."""


class ExampleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of `examples/good` or `examples/bad`."""

    examples: tuple[Example, ...]


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole syntax file."""

    authority: Line
    version: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\Z",
            max_length=40,
            description="chữ không dấu, chữ số, dấu chấm, dấu gạch, ví dụ 2027.1",
        ),
    ]
    effective_from: dt.date
    short_codes: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[0-9]{3,8}\Z", description="đầu số gồm 3 đến 8 chữ số")], ...],
        Meta(min_length=1, max_length=SHORT_CODES_MAX),
    ]
    time_zone: Annotated[
        str, Meta(pattern=r"^[A-Za-z_]+/[A-Za-z_/]+\Z", description="tên múi giờ, ví dụ Asia/Ho_Chi_Minh")
    ]
    segments_max: Annotated[int, Meta(ge=1, le=SEGMENTS_LIMIT)]
    texts: Texts
    views: Annotated[dict[Name, ViewDeclaration], Meta(max_length=VIEWS_MAX)]
    commands: Annotated[tuple[Command, ...], Meta(min_length=1, max_length=COMMANDS_MAX)]
    guide: Guide
    effective_until: dt.date | None = None
    """The last day in force; None while no end is set."""
    grace_until: dt.date | None = None
    """The last day on which messages in the syntax of the version before this one are still answered."""
    suspended: bool = False
    """Every command is suspended."""
    examples: tuple[Example, ...] = ()
    example_folder: str | None = None
    """Beside the file: its `good/*.toml` and `bad/*.toml` hold further examples."""

"""What a syntax file and the catalogue of fields may say: their keys, types and plain limits.

A syntax file is data. It names commands, the fields that each discloses and the words in which the service speaks; it
runs nothing. These structs are its grammar: a key that is not here is refused, so that a slip of the pen never passes
for silence. What holds between the parts (a view that exists, a keyword used once) is in `checks`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

SEGMENTS_LIMIT: Final = 10
"""Segments of one reply at most, whatever a file says: older phones join no more."""

COMMANDS_MAX: Final = 50
"""Commands a file: each costs every unreadable message one match."""

WORDS_MAX: Final = 20
"""Aliases a command, or spellings a word."""

LENGTH_LIMIT: Final = 1000
"""Characters of a field's longest value or of a text; more never fits `SEGMENTS_LIMIT` segments of UCS-2."""

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""What a file calls its own parts by, and what metrics and audit entries show."""

Line = Annotated[str, Meta(pattern=r"\S", max_length=LENGTH_LIMIT)]
"""Words: not empty, not only blanks."""

Kind = Literal["text", "date"]
Protection = Literal["sensitive", "third_party"]


class Law(Struct, frozen=True, forbid_unknown_fields=True):
    """A law whose Điều 9 lists what the population database holds."""

    name: Line
    items: Annotated[int, Meta(ge=1, le=200)]


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a citizen's record; its code is the key under which it stands."""

    label: Line
    short_label: Line
    items: dict[str, int]
    """Law → number of the item in its Điều 9."""
    kind: Kind
    length_max: Annotated[int, Meta(ge=1, le=LENGTH_LIMIT)]
    """Characters, as written in a reply."""
    protection: Protection | None = None


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """`fields.toml`: every field that a view may name."""

    laws: dict[Name, Law]
    fields: dict[Name, Field]


class ViewDeclaration(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that a command discloses, in the order of the reply."""

    fields: Annotated[tuple[str, ...], Meta(min_length=1)]
    discloses: tuple[str, ...] = ()
    """Those of them that are protected: written out, so that none is disclosed by inattention."""


class CitizenId(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="citizen_id"):
    """A personal identification number of 12 digits. It narrows: the gateway answers only if it is the sender's own."""

    optional: bool = False


class Accents(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="accents"):
    """A word that asks for the reply with accents; always optional."""

    words: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=WORDS_MAX)]


Parameter = CitizenId | Accents
Parameters = Annotated[tuple[Parameter, ...], Meta(max_length=2)]
Aliases = Annotated[tuple[Line, ...], Meta(max_length=WORDS_MAX)]


class RecordCommand(Struct, frozen=True, forbid_unknown_fields=True, tag_field="answers", tag="record"):
    """A command answered by the sender's own record, through a view."""

    name: Name
    keyword: Line
    view: str
    usage: Line
    aliases: Aliases = ()
    parameters: Parameters = ()


class HelpCommand(Struct, frozen=True, forbid_unknown_fields=True, tag_field="answers", tag="help"):
    """A command answered by a text of the file."""

    name: Name
    keyword: Line
    text: Line
    usage: Line
    aliases: Aliases = ()
    parameters: Parameters = ()


Command = RecordCommand | HelpCommand


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """What the service says at each ending, with accents; sent without them."""

    refusal: Line
    misread: Line
    busy: Line
    over_quota: Line
    suspended: Line
    cut: Line
    """Stands in a record's reply where fields were left out to keep the budget."""
    head: str = ""
    foot: str = ""


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages and how all of them must be read; a file whose examples fail does not load."""

    texts: Annotated[tuple[str, ...], Meta(min_length=1)]
    because: str = ""
    reads: str | None = None
    """The command; left out where the messages must not be understood."""
    citizen_id: str | None = None
    accented: bool = False
    nearest: str | None = None
    """The command whose usage answers messages that are not understood."""


class ExampleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of `examples/good` or `examples/bad`."""

    examples: tuple[Example, ...]


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole syntax file."""

    authority: Line
    version: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=40)]
    effective_from: dt.date
    short_codes: Annotated[tuple[Annotated[str, Meta(pattern=r"^[0-9]{3,8}$")], ...], Meta(min_length=1)]
    time_zone: Annotated[str, Meta(pattern=r"^[A-Za-z_]+/[A-Za-z_/]+$")]
    segments_max: Annotated[int, Meta(ge=1, le=SEGMENTS_LIMIT)]
    texts: Texts
    views: dict[Name, ViewDeclaration]
    commands: Annotated[tuple[Command, ...], Meta(min_length=1, max_length=COMMANDS_MAX)]
    effective_until: dt.date | None = None
    """The last day in force; None while no end is set."""
    examples: tuple[Example, ...] = ()
    example_folder: str | None = None
    """Beside the file: its `good/*.toml` and `bad/*.toml` hold further examples."""

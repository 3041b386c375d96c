"""How a value of a record is written for a citizen, by what the catalogue says of its field.

Dates stand as dd/mm/yyyy; of older people only the year may be known, which comes as text. An address that comes as
text keeps its words as they are; only its blanks and commas are put right. One that comes in its parts, by the units of
before or after July 2025 (with a district or without), is written from the house to the province, as on an identity card.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from syntax.model import Field, Kind

ADDRESS_UNITS: Final = ("hamlet", "commune", "district", "province")
"""From the smallest to the largest; each may be missing. Before them `house` and `street`."""

ADDRESS_TEXT: Final = "text"
"""The part that holds a whole address as text, of use where there are no other parts."""

_PROVINCE_KIND: Final = re.compile(r"(?:tỉnh|thành phố|tp\.?)\s+", re.IGNORECASE)
"""Goes unsaid before a province's name, as on an identity card."""

_ISO_DATE: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?")

_COMMAS: Final = re.compile(r"(?!(?<=[0-9]),[0-9])[\s,]*,[\s,]*")
"""A comma and what surrounds it, unless it stands within a number."""

Writer = Callable[[object], str]

_decode = msgspec.json.Decoder().decode


def write_text(value: object) -> str:
    """As it stands; a truth value in words."""
    if value.__class__ is str:
        return value
    if isinstance(value, bool):
        return "Có" if value else "Không"
    return write_date(value) if isinstance(value, dt.date) else str(value)


def write_date(value: object) -> str:
    """dd/mm/yyyy, also of a date in ISO 8601 (of one without a day mm/yyyy); what is no date, as it stands."""
    if isinstance(value, dt.date):
        return "%02d/%02d/%04d" % (value.day, value.month, value.year)  # noqa: UP031 - half the time of an f-string
    text = str(value)
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
        return f"{day}/{month}/{year}" if day else f"{month}/{year}"
    return text


def write_address(value: object) -> str:
    """Text, or a mapping, or the JSON of one, as its parts with commas between them.

    A mapping may have `house`, `street`, and the `ADDRESS_UNITS`, each a text or a mapping with `name` and perhaps
    `type` (“Phường”); or else `text`. Other keys (codes, the set that they are of) are not looked at.
    """
    if isinstance(value, str):
        # Nearly every address is tidy, and finding that out must cost next to nothing.
        if " ," not in value and value.count(", ") == value.count(",") and value[:1] not in " ,{" and value[-1] != " ":
            return value
        return _write_json(value) if value[:1] == "{" else _tidy(value)
    if isinstance(value, Mapping):
        return _write_parts(value)
    return str(value)


def _write_json(text: str) -> str:
    try:
        decoded = _decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):  # the last: half of a character
        return text
    return _write_parts(decoded)


def _write_parts(parts: Mapping[str, object]) -> str:
    door = " ".join(filter(None, map(_write_unit, (parts.get("house"), parts.get("street")))))
    units = [_write_unit(parts.get(unit)) for unit in ADDRESS_UNITS]
    units[-1] = _PROVINCE_KIND.sub("", units[-1], count=1) if _PROVINCE_KIND.match(units[-1]) else units[-1]
    return ", ".join(filter(None, (door, *units))) or _tidy(_write_unit(parts.get(ADDRESS_TEXT)))


def _write_unit(unit: object) -> str:
    if isinstance(unit, Mapping):
        kind, name = _write_unit(unit.get("type")), _write_unit(unit.get("name"))
        return name if name.casefold().startswith(kind.casefold()) else f"{kind} {name}"
    return "" if unit is None else " ".join(str(unit).split())


def _tidy(text: str) -> str:
    """One blank after each comma, none before it, and no empty part; but numbers such as 12,5 stay."""
    return _COMMAS.sub(", ", " ".join(text.split())).strip(
        ", "
    )  # in this order: its time would grow with long blanks' square


WRITERS: Final[dict[Kind, Writer]] = {"text": write_text, "date": write_date, "address": write_address}


def writer_of(field: Field) -> Writer:
    """What writes the values of a field."""
    write, written = WRITERS[field.kind], field.written
    return (lambda value: written.get(str(value)) or write(value)) if written else write

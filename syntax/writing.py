"""How a value of a record is written for a citizen, by the kind of its field.

Dates stand as dd/mm/yyyy; of older people only the year may be known, which comes as text. An address comes as text, or
in its parts with the code sets of before and after July 2025 (a district or none), and is written from the house to the
province, as on an envelope.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from syntax.model import Kind

ADDRESS_PARTS: Final = ("house", "street", "hamlet", "commune", "district", "province")
"""From the smallest to the largest; each may be missing."""

Writer = Callable[[object], str]

_decode = msgspec.json.Decoder().decode


def write_text(value: object) -> str:
    """As it stands."""
    return str(value)


def write_date(value: object) -> str:
    """dd/mm/yyyy; what is no date, as it stands."""
    if isinstance(value, dt.date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    return str(value)


def write_address(value: object) -> str:
    """Text as it stands; a mapping, or the JSON of one, as its parts with commas between them."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = _decode(value)
        except msgspec.DecodeError:
            return str(value)
    if isinstance(value, Mapping):
        return ", ".join(str(value[part]).strip() for part in ADDRESS_PARTS if value.get(part))
    return str(value)


WRITERS: Final[dict[Kind, Writer]] = {"text": write_text, "date": write_date, "address": write_address}

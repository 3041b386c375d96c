"""The reply that a text is owed, computed from the population through the syntax and asked of nobody.

It is kept as it must arrive, octets and data_coding of each segment, so that a right reply is known by comparing and without being
read. Texts that many are owed (the refusal, the guide, a usage) are made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import asdict

from simulator.population.numbers import Number, NumberState
from simulator.population.record import Citizen
from sms_service.sms import Alphabet, LongMessages, split
from sms_service.sms.udh import UDH_8_OCTETS
from syntax import Misread, Read, Syntax


class Owed(msgspec.Struct, frozen=True, gc=False):
    """A reply as it must arrive. Its repr tells nothing."""

    text: str
    data_coding: int
    segments: tuple[bytes, ...]
    """Octets of each, without their headers."""
    short_code: str
    """From which it must come."""
    personal: bool
    """It tells of one citizen; otherwise it is a text that many are owed."""

    single: bytes | None
    """The octets of a reply of one segment."""

    def __repr__(self) -> str:
        return f"<Owed, {len(self.segments)} segments>"


class Person(msgspec.Struct, frozen=True, gc=False):
    """Whoever holds a number, as far as the register and the population know them."""

    citizen: Citizen | None
    """None of a number that the register does not know."""
    number: Number | None

    def __repr__(self) -> str:
        return "<Person>"

    @property
    def known(self) -> bool:
        """Whether they are told anything of themselves."""
        return (
            self.citizen is not None
            and self.number is not None
            and self.number.state is NumberState.AUTHENTICATED
            and self.citizen.death_or_missing_date is None
        )


class Replies:
    """Says what is owed.

    Args:
        syntax: in which the service speaks.
        alphabet: what data_coding 0 means.
    """

    def __init__(self, syntax: Syntax, alphabet: Alphabet) -> None:
        self._syntax: Final = syntax
        self._alphabet: Final = alphabet
        self._short_code: Final = syntax.short_codes[0]
        self._shared: dict[str, Owed] = {}

    def to(self, person: Person, text: str) -> Owed:
        """The reply that a person is owed to a text."""
        syntax = self._syntax
        reading = syntax.read(text)
        if isinstance(reading, Misread):
            return self._common(syntax.misread(reading))
        if reading.kind == "suspended":
            return self._common(syntax.suspended)
        if reading.kind == "help":
            return self._common(syntax.help(reading))
        if person.known and person.citizen is not None:
            record = asdict(person.citizen)
            if syntax.admits(reading, record):
                return self._disclosed(reading, record)
        return self._common(syntax.refusal)

    def _disclosed(self, reading: Read, record: Mapping[str, object]) -> Owed:
        reply = self._syntax.reply_record(reading, record, ucs2=self._alphabet is Alphabet.UCS2)
        return self._cut(reply.text, personal=True)

    def _common(self, text: str) -> Owed:
        owed = self._shared.get(text)
        if owed is None:
            owed = self._shared[text] = self._cut(text, personal=False)
        return owed

    def _cut(self, text: str, *, personal: bool) -> Owed:
        segments = split(text, reference=0, method=LongMessages.UDH, default=self._alphabet)
        header = UDH_8_OCTETS if len(segments) > 1 else 0
        return Owed(
            text=text,
            data_coding=segments[0].data_coding,
            segments=tuple([segment.short_message[header:] for segment in segments]),
            single=segments[0].short_message if len(segments) == 1 else None,
            short_code=self._short_code,
            personal=personal,
        )

"""A record as people and programs read it: one line, field by field, or a JSON object.

Contents of messages are shown on request only. A PDU that cannot be decoded is shown in hexadecimal with the reason, as far as
its fields can be read: its octets are what one looks for then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from simulator.capture.recording import Kind, Record
from simulator.dissect import Field, command_name, dissect, status_name
from sms_service.smpp import Role, UndecodablePdu, decode
from sms_service.smpp.consts import RESPONSE_BIT
from sms_service.sms import Alphabet

HEX_MAX_OCTETS: Final = 48
"""Octets that are shown of a field or of lost octets; --json has them all."""
ARROWS: Final = {Role.ESME: "ESME->SMSC", Role.SMSC: "SMSC->ESME"}
_MESSAGES: Final = frozenset({"short_message", "message_payload"})
"""Fields that hold a message."""
_CONTENTS: Final = _MESSAGES | {"value", "text"}
"""Those of them, and of what they consist of, whose values are its contents."""


class View:
    """One record, decoded when it is looked at.

    Args:
        record: of a recording.
        alphabet: what data_coding 0 means.
        texts: whether contents are shown.
    """

    def __init__(self, record: Record, alphabet: Alphabet, *, texts: bool) -> None:
        self.record: Final = record
        self._alphabet = alphabet
        self._texts = texts
        octets = record.octets
        self.is_pdu: Final = record.kind is Kind.PDU
        self.command: Final = (
            command_name(int.from_bytes(octets[4:8], "big")) if self.is_pdu else record.kind.name.lower()
        )
        self.is_response: Final = self.is_pdu and bool(int.from_bytes(octets[4:8], "big") & RESPONSE_BIT)
        self.status: Final = int.from_bytes(octets[8:12], "big") if self.is_pdu else 0
        self.sequence_number: Final = int.from_bytes(octets[12:16], "big")
        self.problem: Final = _problem(octets) if self.is_pdu else None

    @property
    def is_error(self) -> bool:
        """A command_status, what cannot be decoded or is no PDU, a connection that did not simply end."""
        record = self.record
        return bool(
            self.status or self.problem or record.kind is Kind.OCTETS or (record.kind is Kind.CLOSED and record.octets)
        )

    def line(self) -> str:
        """All in one line."""
        record = self.record
        head = f"{record.at_ns / 1e9:12.6f} {record.connection:4} {ARROWS[record.origin]}  {self.command:<22}"
        if record.kind is Kind.OPENED:
            return head.rstrip()
        if record.kind is Kind.CLOSED:
            return f"{head} {printable(record.octets.decode('utf-8', 'replace'))}".rstrip()
        if record.kind is Kind.OCTETS:
            return f"{head} {len(record.octets)} octets that are no PDU: {_hex(record.octets)}"
        status = status_name(self.status) if self.is_response or self.status else "-"
        line = f"{head} {self.sequence_number:10} {status:<20} {len(record.octets):5}  {self._about()}"
        if self.problem:
            line += f"  undecodable: {self.problem}: {_hex(record.octets)}"
        return line.rstrip()

    def verbose(self) -> str:
        """The line, and one for each field."""
        if not self.is_pdu:
            return self.line()
        lines = [self.line()]
        self._add_lines(lines, self._fields())
        return "\n".join(lines)

    def json(self) -> dict[str, Any]:
        """For programs. `octets` is missing where it would show the contents that are not asked for."""
        record = self.record
        shown: dict[str, Any] = {
            "at_ns": record.at_ns,
            "connection": record.connection,
            "origin": record.origin.name.lower(),
            "kind": record.kind.name.lower(),
        }
        if record.kind is Kind.CLOSED:
            shown["reason"] = record.octets.decode("utf-8", "replace")
        if self.is_pdu:
            shown |= {
                "command": self.command,
                "sequence_number": self.sequence_number,
                "command_status": self.status,
                "status": status_name(self.status),
                "length": len(record.octets),
                "problem": self.problem,
                "fields": [self._json_field(field) for field in self._fields()],
            }
        if record.kind is Kind.OCTETS or (self.is_pdu and (self._texts or self.problem)):
            shown["octets"] = record.octets.hex()
        return shown

    def _fields(self) -> list[Field]:
        return dissect(self.record.octets, self._alphabet)

    def _about(self) -> str:
        """Who sends to whom, who binds, which message; and the contents if they are asked for."""
        values = {field.name: field.value for field in self._fields()}
        about = []
        if "source_addr" in values:
            to = values.get("destination_addr", values.get("esme_addr"))
            if "number_of_dests" in values:
                to = f"{values['number_of_dests']} recipients"
            about.append(f"{values['source_addr']} -> {to}" if to is not None else values["source_addr"])
        about += [values[name] for name in ("system_id", "message_id") if values.get(name)]
        if self._texts:
            about += [f'"{values[name]}"' for name in _MESSAGES if values.get(name)]
        return printable("  ".join(about))

    def _add_lines(
        self, lines: list[str], fields: Iterable[Field], indent: str = "    ", *, message: bool = False
    ) -> None:
        for field in fields:
            inside = message or field.name in _MESSAGES
            hidden = self._hides(field, message=inside)
            value, octets = ("", b"") if field.fields else (field.value, self.record.octets[field.start : field.end])
            if hidden and octets:
                value, octets = "(contents: see --texts)", b""
            section = f"s{field.section}" if field.section else ""
            place = f"{field.start}-{field.end}"
            shown = f"{indent + field.name:<34} {place:<11} {printable(value):<32} {section:<9} {_hex(octets)}"
            lines.append(shown.rstrip())
            self._add_lines(lines, field.fields, indent + "  ", message=inside)

    def _json_field(self, field: Field, *, message: bool = False) -> dict[str, Any]:
        inside = message or field.name in _MESSAGES
        shown: dict[str, Any] = {"name": field.name, "start": field.start, "end": field.end}
        if not self._hides(field, message=inside):
            shown["value"] = field.value
        if field.section:
            shown["section"] = field.section
        if field.fields:
            shown["fields"] = [self._json_field(child, message=inside) for child in field.fields]
        return shown

    def _hides(self, field: Field, *, message: bool) -> bool:
        return message and field.name in _CONTENTS and not self._texts and self.problem is None


def printable(text: str) -> str:
    """The text with everything escaped that could move a terminal's cursor or worse."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _hex(octets: bytes) -> str:
    shown = octets[:HEX_MAX_OCTETS].hex()
    more = len(octets) - HEX_MAX_OCTETS
    return f"{shown} and {more} more" if more > 0 else shown


def _problem(frame: bytes) -> str | None:
    try:
        decode(frame)
    except UndecodablePdu as error:
        return str(error).partition(": ")[2]
    return None

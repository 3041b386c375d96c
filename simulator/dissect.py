"""What every octet of a PDU is: its fields in the order of the wire, with name, value, range and section (SMPP 3.4).

`decode` gives the values of a whole PDU or an error; this tells where each value stands, and of a PDU that cannot be decoded
how far it can be read and why no further. It walks the codec's own field tables, so both read the same. The leaves of the
result cover the frame without gap or overlap, whatever is in it; what makes no sense is one leaf named `unread`, whose
value is the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import Final

import msgspec

from simulator.sections import FIELD_SECTIONS, HEADER_SECTIONS, TAG_SECTIONS
from sms_service.smpp import CommandId, CommandStatus, DataCoding, EsmClass, MessageState, Npi, Tag, Ton
from sms_service.smpp.compiler import HEADER_OCTETS, field_table
from sms_service.smpp.consts import RESPONSE_BIT
from sms_service.smpp.fields import TEXT, CString, FieldKind, Integer, Repeated, SizedOctets
from sms_service.smpp.pdus import CLASS_OF
from sms_service.smpp.tlv import INTEGER_SIZES
from sms_service.sms import Alphabet
from sms_service.sms import decode as decode_text

UNREAD: Final = "unread"
"""Name of the leaf that holds what could not be read."""
COUNT_NAMES: Final = {
    "dest_addresses": "number_of_dests",
    "unsuccess_smes": "no_unsuccess",
    "short_message": "sm_length",
}
"""The fields that only count another one, which the field tables leave out."""
_TEXT_TAGS: Final = frozenset({Tag.ADDITIONAL_STATUS_INFO_TEXT, Tag.RECEIPTED_MESSAGE_ID})
"""Parameters that are C-Octet Strings."""
_ELEMENT_NAMES: Final = {
    0x00: "concatenation_8",
    0x01: "message_indication",
    0x04: "ports_8",
    0x05: "ports_16",
    0x08: "concatenation_16",
    0x24: "single_shift",
    0x25: "locking_shift",
}
"""Elements of a user data header (3GPP TS 23.040 section 9.2.3.24)."""


class Field(msgspec.Struct, frozen=True):
    """One field of a PDU; its repr shows no value, which may be a citizen's.

    Attributes:
        name: as the specification spells it.
        value: as text, control characters as they came.
        start: the first octet, counted from the beginning of the frame.
        end: one behind the last.
        section: of SMPP 3.4, None where that says nothing of it.
        fields: what it consists of; empty for a leaf.
    """

    name: str
    value: str
    start: int
    end: int
    section: str | None = None
    fields: tuple[Field, ...] = ()

    def __repr__(self) -> str:
        return f"<Field {self.name} {self.start}-{self.end}>"


def leaves(fields: list[Field] | tuple[Field, ...]) -> list[Field]:
    """The fields that consist of no others, in the order of the wire."""
    found: list[Field] = []
    for field in fields:
        if field.fields:
            found += leaves(field.fields)
        else:
            found.append(field)
    return found


def command_name(command_id: int) -> str:
    """As the specification spells it, or the number in hexadecimal."""
    return _COMMANDS.get(command_id) or f"0x{command_id:08X}"


def status_name(command_status: int) -> str:
    """As the specification spells it, or the number in hexadecimal."""
    return _STATUSES.get(command_status) or f"0x{command_status:08X}"


def dissect(frame: bytes, alphabet: Alphabet = Alphabet.GSM7) -> list[Field]:
    """All fields of a PDU, or of as much of one as there is.

    Args:
        frame: one PDU with its header. Anything is taken and nothing raises.
        alphabet: what data_coding 0 means.
    """
    return _Walk(frame, alphabet).run()


@cache
def _table(record: type[msgspec.Struct]) -> dict[str, FieldKind | Integer]:
    """Read from the annotations once: that takes longer than all the rest."""
    return field_table(record)


class _Unreadable(Exception):
    """The reader can go no further; the text is the reason."""


class _Walk:
    """One pass over a frame."""

    def __init__(self, frame: bytes, alphabet: Alphabet) -> None:
        self._data = frame
        self._text = frame.decode(TEXT)
        self._pos = 0
        self._alphabet = alphabet
        self._strict = True
        self._numbers: dict[str, int] = {}
        """The integers read so far: some say how a later field is to be read."""

    def run(self) -> list[Field]:
        fields: list[Field] = []
        try:
            for name, section in HEADER_SECTIONS.items():
                self._integer(fields, name, 4, section)
            command_id = self._numbers["command_id"]
            self._strict = not command_id & RESPONSE_BIT
            record = CLASS_OF.get(command_id)
            if record is None:
                self._fail_unless_at_end("unknown command")
            elif self._strict or self._pos < len(self._data):
                self._body(fields, record)
                while self._pos < len(self._data):
                    self._tlv(fields)
        except _Unreadable as reason:
            if self._pos < len(self._data) or self._pos < HEADER_OCTETS:
                fields.append(Field(UNREAD, str(reason), self._pos, len(self._data)))
        return fields

    def _fail_unless_at_end(self, reason: str) -> None:
        if self._pos < len(self._data):
            raise _Unreadable(reason)

    def _body(self, into: list[Field], record: type[msgspec.Struct]) -> None:
        for name, kind in _table(record).items():
            self._field(into, name, kind)

    def _field(self, into: list[Field], name: str, kind: FieldKind | Integer) -> None:
        section = FIELD_SECTIONS.get(name)
        match kind:
            case Integer(size=size):
                self._integer(into, name, size, section)
            case CString(size=size):
                self._c_string(into, name, size, section)
            case SizedOctets(max_octets=most):
                length = self._integer(into, COUNT_NAMES[name], 1, FIELD_SECTIONS[COUNT_NAMES[name]])
                if length > most:
                    raise _Unreadable(f"{name}: at most {most} octets are allowed")
                self._message(into, name, self._ahead(length, name), section)
            case Repeated():
                self._repeated(into, name, kind, section)
            case _:
                raise AssertionError(f"the field tables have a kind that is not known here: {kind!r}")

    def _ahead(self, octets: int, name: str) -> int:
        """Where a run of octets ends."""
        end = self._pos + octets
        if end > len(self._data):
            raise _Unreadable(f"{name}: {octets} octets are meant and {len(self._data) - self._pos} follow")
        return end

    def _leaf(self, into: list[Field], name: str, value: str, end: int, section: str | None) -> None:
        into.append(Field(name, value, self._pos, end, section))
        self._pos = end

    def _integer(self, into: list[Field], name: str, size: int, section: str | None) -> int:
        end = self._ahead(size, name)
        number = int.from_bytes(self._data[self._pos : end], "big")
        self._numbers[name] = number
        value = _VALUES[name](number) if name in _VALUES else str(number)
        if name == "command_length" and number != len(self._data):
            value = f"{number} (there are {len(self._data)} octets)"
        self._leaf(into, name, value, end, section)
        return number

    def _c_string(self, into: list[Field], name: str, size: int, section: str | None) -> None:
        stop = self._text.find("\0", self._pos, self._pos + size if self._strict else len(self._text))
        if stop < 0:
            raise _Unreadable(f"{name}: no NUL ends it" + (f" within {size} octets" if self._strict else ""))
        self._leaf(into, name, self._text[self._pos : stop], stop + 1, section)

    def _repeated(self, into: list[Field], name: str, kind: Repeated, section: str | None) -> None:
        count_name = COUNT_NAMES[name]
        count = self._integer(into, count_name, 1, FIELD_SECTIONS[count_name])
        records = dict(kind.items)
        for number in range(1, count + 1):
            start, inner = self._pos, list[Field]()
            try:
                record = records.get(None)
                if record is None:
                    record = records.get(self._integer(inner, "dest_flag", 1, FIELD_SECTIONS["dest_flag"]))
                    if record is None:
                        raise _Unreadable(f"{name}: dest_flag is neither 1 nor 2")
                self._body(inner, record)
            finally:
                if inner:
                    into.append(Field(f"{name}[{number}]", "", start, self._pos, section, tuple(inner)))
        if count > kind.max_items:
            raise _Unreadable(f"{name}: at most {kind.max_items} are allowed")

    def _message(self, into: list[Field], name: str, end: int, section: str | None) -> None:
        """A message's octets: its text, and before it a user data header where esm_class says so."""
        start, data = self._pos, self._data
        headed = self._numbers.get("esm_class", 0) & EsmClass.UDHI and end > start and start + 1 + data[start] <= end
        if not headed:
            self._leaf(into, name, self._read_text(start, end), end, section)
            return
        inner: list[Field] = []
        self._udh(inner)
        self._leaf(inner, "text", self._read_text(self._pos, end), end, None)
        into.append(Field(name, inner[-1].value, start, end, section, tuple(inner)))

    def _read_text(self, start: int, end: int) -> str:
        return decode_text(self._data[start:end], self._numbers.get("data_coding", 0), self._alphabet)

    def _udh(self, into: list[Field]) -> None:
        """3GPP TS 23.040 section 9.2.3.24. Elements that do not fit are one `unread` leaf in it; the text behind stands."""
        start, inner = self._pos, list[Field]()
        end = start + 1 + self._data[start]
        self._leaf(inner, "udh_length", str(end - start - 1), start + 1, None)
        while self._pos < end:
            behind = self._pos + 2 + self._data[self._pos + 1] if self._pos + 2 <= end else end + 1
            if behind > end:
                self._leaf(inner, UNREAD, "the element runs past the header", end, None)
                break
            self._element(inner, behind)
        into.append(Field("udh", "", start, end, None, tuple(inner)))

    def _element(self, into: list[Field], end: int) -> None:
        start, inner = self._pos, list[Field]()
        identifier, element = self._data[start], self._data[start + 2 : end]
        self._leaf(inner, "iei", f"0x{identifier:02X}", start + 1, None)
        self._leaf(inner, "iel", str(end - start - 2), start + 2, None)
        value = _concatenation(identifier, element) or element.hex()
        self._leaf(inner, "element", value, end, None)
        name = _ELEMENT_NAMES.get(identifier, f"element_0x{identifier:02X}")
        into.append(Field(name, value, start, end, None, tuple(inner)))

    def _tlv(self, into: list[Field]) -> None:
        start, inner = self._pos, list[Field]()
        name, section, value = "tlv", "3.2.4.1", ""
        try:
            self._ahead(4, "an optional parameter")
            tag = int.from_bytes(self._data[start : start + 2], "big")
            name, section = _TAGS.get(tag, f"tlv_0x{tag:04X}"), TAG_SECTIONS.get(tag, section)
            self._leaf(inner, "tag", f"0x{tag:04X}", start + 2, "5.3.1")
            length = int.from_bytes(self._data[start + 2 : start + 4], "big")
            self._leaf(inner, "length", str(length), start + 4, "5.3.1")
            end = self._ahead(length, name)
            if tag == Tag.MESSAGE_PAYLOAD:
                self._message(inner, "value", end, section)
            else:
                self._leaf(inner, "value", _tlv_value(tag, self._data[self._pos : end]), end, section)
            value = inner[-1].value
        finally:
            if inner:
                into.append(Field(name, value, start, self._pos, section, tuple(inner)))


def _concatenation(identifier: int, element: bytes) -> str | None:
    """3GPP TS 23.040 sections 9.2.3.24.1 and 9.2.3.24.8."""
    if (identifier, len(element)) not in {(0x00, 3), (0x08, 4)}:
        return None
    reference = int.from_bytes(element[:-2], "big")
    return f"reference {reference}, segment {element[-1]} of {element[-2]}"


def _tlv_value(tag: int, octets: bytes) -> str:
    if tag in _TEXT_TAGS:
        return octets.removesuffix(b"\0").decode(TEXT)
    if tag in INTEGER_SIZES and len(octets) == INTEGER_SIZES[tag]:
        number = int.from_bytes(octets, "big")
        return _VALUES["message_state"](number) if tag == Tag.MESSAGE_STATE else str(number)
    return octets.hex()


def _named(enumeration: type[IntEnum]) -> Callable[[int], str]:
    names = {int(member): member.name for member in enumeration}
    return lambda number: f"{number} ({names[number]})" if number in names else str(number)


def _esm_class(number: int) -> str:
    names = "|".join(flag.name or "" for flag in EsmClass if number & flag)
    return f"0x{number:02X} ({names})" if names else f"0x{number:02X}"


def _status(number: int) -> str:
    name = status_name(number)
    return f"{name} (0x{number:08X})" if name.startswith("ESME") else name


def _command(number: int) -> str:
    name = command_name(number)
    return name if name.startswith("0x") else f"{name} (0x{number:08X})"


_COMMANDS: Final[dict[int, str]] = {int(command): command.name.lower() for command in CommandId}
_STATUSES: Final[dict[int, str]] = {int(status): status.name for status in CommandStatus}
_TAGS: Final[dict[int, str]] = {int(tag): tag.name.lower() for tag in Tag}
_VALUES: Final[dict[str, Callable[[int], str]]] = {
    "command_id": _command,
    "command_status": _status,
    "error_status_code": _status,
    "interface_version": lambda number: f"0x{number:02X}",
    "esm_class": _esm_class,
    "data_coding": _named(DataCoding),
    "message_state": _named(MessageState),
    **{name: _named(Ton) for name in FIELD_SECTIONS if name.endswith("_ton")},
    **{name: _named(Npi) for name in FIELD_SECTIONS if name.endswith("_npi")},
}
"""How the numbers are shown that have names."""

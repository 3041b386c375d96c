"""The kinds of field that SMPP bodies are made of (§3.1), each of which says how it is read and written.

A PDU class states its body as annotations (`source_addr: Annotated[str, CString(21, ...)]`), and `compiler` walks
them once, at import, joining what each kind says here into one straight function per PDU. A kind gives Python source
and not a function because twenty calls a PDU would cost more than the decoding: joined, a deliver_sm takes a third of
the time.

Names that the source may use: while reading `data`, the same octets as `text`, and `pos`; and those of `HELPERS`.
Reading past the end needs no check of its own: indexing and unpacking raise, and the codec takes that as a body cut
short.
"""

from typing import Any, Final, Protocol

import msgspec

from sms_service.smpp.consts import CommandStatus
from sms_service.smpp.errors import LocalProtocolError

TEXT: Final = "latin-1"
"""C-Octet Strings are ASCII by the specification; decoded as Latin-1 no octet is refused and none is lost."""

INTEGER_FORMATS: Final = {1: "B", 2: "H", 4: "L"}
"""`struct` letters of the unsigned big-endian integers, by size in octets."""

SHORT_MESSAGE_MAX_OCTETS: Final = 254
"""What short_message holds (§5.2.22); a longer text goes into the message_payload TLV."""


class FieldError(Exception):
    """A field that cannot be read; `command_status` is what the specification has for it. Never leaves the package."""

    def __init__(self, command_status: int, field: str) -> None:
        super().__init__(field)
        self.command_status = command_status
        self.field = field


class FieldKind(Protocol):
    """How one field travels."""

    def read(self, field: str, *, strict: bool) -> str:
        """Statements that set the variable `field` from `data` at `pos` and move `pos` behind it.

        `strict` is for requests: what exceeds the specification's sizes is refused with the field's own status. In a response
        it is taken, because the answer matters more than its form.
        """

    def write(self, field: str) -> str:
        """An expression of type bytes for `pdu.field`."""


class CString(msgspec.Struct, frozen=True):
    """A C-Octet String: text, then one NUL. `size` is the specification's maximum in octets, the NUL included.

    With `fixed` it is either empty or exactly `size` long, as times are (§7.1.1).
    """

    size: int
    status: int = CommandStatus.ESME_RINVPARLEN
    fixed: bool = False

    def read(self, field: str, *, strict: bool) -> str:
        limit = f", pos + {self.size}" if strict else ""
        return f"""
if data[pos]:
    stop = text.find(NUL, pos{limit})
    if stop < 0:
        raise FieldError({self.status:d}, {field!r})
    {field} = text[pos:stop]
    pos = stop + 1
else:
    {field} = ""
    pos += 1"""

    def write(self, field: str) -> str:
        return f"c_string(pdu.{field}, {self.size}, {self.fixed}, {field!r}) if pdu.{field} else EMPTY"


class Integer(msgspec.Struct, frozen=True):
    """An unsigned integer of 1, 2 or 4 octets, most significant first. Neighbours are read and written in one go by `compiler`."""

    size: int

    @property
    def format(self) -> str:
        return INTEGER_FORMATS[self.size]


class SizedOctets(msgspec.Struct, frozen=True):
    """Octets preceded by their number in one octet: sm_length and short_message."""

    max_octets: int = SHORT_MESSAGE_MAX_OCTETS
    status: int = CommandStatus.ESME_RINVMSGLEN

    def read(self, field: str, *, strict: bool) -> str:
        del strict  # a length that lies about the body is never harmless
        return f"""
stop = pos + 1 + data[pos]
{field} = data[pos + 1:stop]
if stop > len(data) or len({field}) > {self.max_octets}:
    raise FieldError({self.status:d}, {field!r})
pos = stop"""

    def write(self, field: str) -> str:
        return f"sized_octets(pdu.{field}, {self.max_octets}, {field!r})"


class Repeated(msgspec.Struct, frozen=True):
    """Items preceded by their number in one octet. Where items differ in kind, a flag octet says which class the next one is of."""

    items: tuple[tuple[int | None, type[msgspec.Struct]], ...]
    max_items: int
    status: int

    def read(self, field: str, *, strict: bool) -> str:
        del strict
        return f"{field}, pos = read_{field}(data, text, pos)"

    def write(self, field: str) -> str:
        return f"write_{field}(pdu.{field})"


def c_string(text: str, size: int, fixed: bool, field: str) -> bytes:
    """`text` and its NUL.

    Raises:
        LocalProtocolError: it is too long, not of the length that is asked for, not Latin-1, or holds a NUL itself.
    """
    try:
        octets = text.encode(TEXT)
    except UnicodeEncodeError:
        raise LocalProtocolError(f"{field} has characters outside Latin-1") from None
    length = len(octets) + 1
    if length > size or (fixed and length != size):
        raise LocalProtocolError(f"{field} is {length - 1} octets long where {size - 1} are meant")
    if 0 in octets:
        raise LocalProtocolError(f"{field} holds a NUL")
    return octets + b"\0"


def sized_octets(octets: bytes, max_octets: int, field: str) -> bytes:
    """The number of octets, then the octets. Raises LocalProtocolError when there are too many."""
    if len(octets) > max_octets:
        raise LocalProtocolError(f"{field} is {len(octets)} octets long, more than {max_octets}")
    return _OCTET[len(octets)] + octets


_OCTET: Final = tuple(bytes((value,)) for value in range(256))

HELPERS: Final[dict[str, Any]] = {
    "FieldError": FieldError,
    "NUL": "\0",
    "EMPTY": b"\0",
    "c_string": c_string,
    "sized_octets": sized_octets,
}
"""What the source that kinds give refers to."""

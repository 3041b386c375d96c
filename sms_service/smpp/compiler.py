"""Makes two functions of a record's annotations: one that reads it from octets, one that writes it.

This happens once a class, at import. The source that the field kinds give is joined, neighbouring integers become one
`struct` call, and the result is compiled, as `dataclasses` and `namedtuple` do with the methods that they make.
Nothing that comes from a peer takes part in it.
"""

from collections.abc import Callable, Iterator
from struct import Struct
from textwrap import indent
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from sms_service.smpp.consts import CommandStatus
from sms_service.smpp.errors import LocalProtocolError
from sms_service.smpp.fields import HELPERS, TEXT, FieldError, FieldKind, Integer, Repeated
from sms_service.smpp.pdus import Pdu
from sms_service.smpp.tlv import read_tlvs, write_tlvs

Record = msgspec.Struct
Decoder = Callable[[bytes, int, int], Pdu]
Encoder = Callable[[Pdu], bytes]

HEADER_OCTETS: Final = 16
"""command_length, command_id, command_status, sequence_number, of four octets each (§3.2.1)."""


class _Source(NamedTuple):
    """What reads and writes a run of fields, and the objects that it refers to."""

    fields: tuple[str, ...]
    read: str
    write: str
    names: dict[str, Any]


def field_table(record: type[Record]) -> dict[str, FieldKind | Integer]:
    """The body of a record, in the order of the wire: name and kind of each field."""
    hints = get_type_hints(record, include_extras=True)
    return {name: get_args(hint)[1] for name, hint in hints.items() if get_origin(hint) is Annotated}


def compile_decoder(pdu: type[Pdu], *, strict: bool) -> Decoder:
    """`decoder(frame, command_status, sequence_number)`, which makes a PDU of a whole frame.

    It raises FieldError for what it can name, and IndexError or struct.error where the body ends too early.
    """
    sources = list(_sources(pdu, strict=strict))
    arguments = ", ".join(field for source in sources for field in source.fields)
    body = "\n".join(source.read for source in sources)
    source = (
        "def decoder(data, command_status, sequence_number):\n"
        f"    text = data.decode({TEXT!r})\n"
        f"    pos = {HEADER_OCTETS}\n"
        f"{indent(body, '    ')}\n"
        "    tlvs = () if pos == len(data) else read_tlvs(data, pos)\n"
        f"    return record({arguments}{', ' if arguments else ''}"
        "sequence_number=sequence_number, command_status=command_status, tlvs=tlvs)\n"
    )
    function: Decoder = _define("decoder", source, sources, record=pdu, read_tlvs=read_tlvs)
    return function


def compile_encoder(pdu: type[Pdu]) -> Encoder:
    """`encoder(pdu)`, which gives the body. It raises LocalProtocolError, or struct.error for an integer that does not fit."""
    sources = list(_sources(pdu, strict=True))
    parts = "".join(f"{source.write}, " for source in sources)
    source = f"def encoder(pdu):\n    return b''.join(({parts}write_tlvs(pdu.tlvs) if pdu.tlvs else b'',))\n"
    function: Encoder = _define("encoder", source, sources, write_tlvs=write_tlvs)
    return function


def _sources(record: type[Record], *, strict: bool) -> Iterator[_Source]:
    run: dict[str, Integer] = {}
    for field, kind in field_table(record).items():
        if isinstance(kind, Integer):
            run[field] = kind
            continue
        if run:
            yield _integers(run)
            run = {}
        names = _repeated(field, kind, strict=strict) if isinstance(kind, Repeated) else {}
        yield _Source((field,), kind.read(field, strict=strict), kind.write(field), names)
    if run:
        yield _integers(run)


def _integers(run: dict[str, Integer]) -> _Source:
    """Neighbouring integers as one `struct`."""
    fields = tuple(run)
    layout = Struct(">" + "".join(kind.format for kind in run.values()))
    unpack, pack = f"unpack_{fields[0]}", f"pack_{fields[0]}"
    read = f"{', '.join(fields)}, = {unpack}(data, pos)\npos += {layout.size}"
    write = f"{pack}({', '.join(f'pdu.{field}' for field in fields)})"
    return _Source(fields, read, write, {unpack: layout.unpack_from, pack: layout.pack})


def _repeated(field: str, kind: Repeated, *, strict: bool) -> dict[str, Any]:
    """The functions that read and write a counted list of records."""
    readers = {flag: _item_reader(item, strict=strict) for flag, item in kind.items}
    writers = {item: (b"" if flag is None else bytes((flag,)), _item_writer(item)) for flag, item in kind.items}
    plain_reader = readers.get(None)

    def read(data: bytes, text: str, pos: int) -> tuple[tuple[Record, ...], int]:
        items = []
        count, pos = data[pos], pos + 1
        for _ in range(count):
            reader = plain_reader
            if reader is None:
                reader, pos = readers.get(data[pos]), pos + 1
                if reader is None:
                    raise FieldError(kind.status, field)
            item, pos = reader(data, text, pos)
            items.append(item)
        if count > kind.max_items:
            raise FieldError(CommandStatus.ESME_RINVNUMDESTS, field)
        return tuple(items), pos

    def write(items: tuple[Record, ...]) -> bytes:
        if len(items) > kind.max_items:
            raise LocalProtocolError(f"{field} has {len(items)} items, more than {kind.max_items}")
        parts = [bytes((len(items),))]
        for item in items:
            flag, writer = writers[type(item)]
            parts += (flag, writer(item))
        return b"".join(parts)

    return {f"read_{field}": read, f"write_{field}": write}


def _item_reader(record: type[Record], *, strict: bool) -> Callable[[bytes, str, int], tuple[Record, int]]:
    sources = list(_sources(record, strict=strict))
    arguments = ", ".join(field for source in sources for field in source.fields)
    body = indent("\n".join(source.read for source in sources), "    ")
    source = f"def reader(data, text, pos):\n{body}\n    return record({arguments}), pos\n"
    function: Callable[[bytes, str, int], tuple[Record, int]] = _define("reader", source, sources, record=record)
    return function


def _item_writer(record: type[Record]) -> Callable[[Record], bytes]:
    sources = list(_sources(record, strict=True))
    parts = "".join(f"{source.write}, " for source in sources)
    function: Callable[[Record], bytes] = _define(
        "writer", f"def writer(pdu):\n    return b''.join(({parts}))\n", sources
    )
    return function


def _define(name: str, source: str, sources: list[_Source], **names: object) -> Any:
    namespace = {**HELPERS, **names}
    for part in sources:
        namespace.update(part.names)
    exec(compile(source, f"<{name} made from a field table>", "exec"), namespace)  # noqa: S102 - our own tables only
    return namespace[name]

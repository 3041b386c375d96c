r"""The file of a recording: a line of JSON that says what it is, then records one after the other.

    {"format": "smpp-recording", "version": 1, "started": …, "listen": …, "to": …, "secrets": …, "personal_data": …}\n
    record: length      4 octets   of what follows in this record, 14 at least
            at          8 octets   nanoseconds since the start
            connection  4 octets   number, from 1, in the order in which they came
            origin      1 octet    0: the ESME, 1: the SMSC
            kind        1 octet    0: connection opened, 1: a PDU, 2: octets that are no PDU, 3: connection closed
            octets      the rest   the PDU whole; of a closed connection the reason as UTF-8, if there is one

Integers are big-endian. Records stand in the order in which things happened. A file that was cut anywhere is read up to the
cut; a reader refuses a version that it does not know.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final

import msgspec

from sms_service.smpp import MAX_PDU_OCTETS, Role

FORMAT: Final = "smpp-recording"
VERSION: Final = 1
HEADER_MAX_OCTETS: Final = 4096
"""Octets of the first line: more than its fields can need, so a file of another kind is not read whole to find its end."""
OCTETS_MAX: Final = MAX_PDU_OCTETS
"""Octets of the content of a record: a PDU's greatest length. Longer runs of what is no PDU take several records."""

_LENGTH: Final = Struct(">L")
_HEAD: Final = Struct(">QLBB")


class NotARecording(Exception):
    """The file is none, or of a version that is not known. The text says which."""


class Full(Exception):
    """The next record would exceed the size that the recording may have."""


class Kind(IntEnum):
    """What a record tells."""

    OPENED = 0
    PDU = 1
    OCTETS = 2
    CLOSED = 3


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the first line says.

    Attributes:
        started: date and time, ISO 8601 with its zone.
        listen: where the ESMEs connected to, HOST:PORT.
        to: the SMSC, HOST:PORT.
        secrets: whether passwords are in it.
        personal_data: whether addresses and contents are in it as they were.
    """

    format: str = FORMAT
    version: int = VERSION
    started: str
    listen: str
    to: str
    secrets: bool
    personal_data: bool


class Record(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened; its repr does not show the octets."""

    at_ns: int
    connection: int
    origin: Role
    kind: Kind
    octets: bytes = b""

    def __repr__(self) -> str:
        return f"<Record {self.kind.name} of {self.origin.name}, {len(self.octets)} octets>"


def create(path: Path) -> BinaryIO:
    """A new file that only its owner reads.

    Raises:
        OSError: it cannot be made, or is there already (FileExistsError).
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class Writer:
    """Writes a recording. Raises OSError where the file system does."""

    def __init__(self, file: BinaryIO, header: Header, max_octets: int) -> None:
        self._file = file
        self._max_octets = max_octets
        line = msgspec.json.encode(header) + b"\n"
        self.octets = len(line)
        """Of the file so far."""
        file.write(line)

    def write(self, record: Record) -> None:
        """Append a record.

        Raises:
            Full: it would be one too many; nothing was written.
        """
        data = pack(record)
        if self.octets + len(data) > self._max_octets:
            raise Full
        self._file.write(data)
        self.octets += len(data)

    def flush(self) -> None:
        """Give everything to the operating system: what comes after may be cut, what was before is there."""
        self._file.flush()


def pack(record: Record) -> bytes:
    """A record as it stands in the file."""
    head = _HEAD.pack(record.at_ns, record.connection, record.origin, record.kind)
    return _LENGTH.pack(len(head) + len(record.octets)) + head + record.octets


class Reader:
    """Reads a recording, once, record by record.

    Raises:
        NotARecording: see there.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.header: Final = _read_header(file)
        self.problem: str | None = None
        """After the last record: why there are no more, where that is not the file's regular end."""
        self._file = file

    def __iter__(self) -> Iterator[Record]:
        at = self._file.tell()
        while octets := self._file.read(_LENGTH.size):
            if len(octets) < _LENGTH.size:
                self.problem = f"the file was cut at its octet {at}, inside a record"
                return
            (length,) = _LENGTH.unpack(octets)
            if not _HEAD.size <= length <= _HEAD.size + OCTETS_MAX:
                self.problem = f"octet {at} is not the beginning of a record: the file is damaged from there"
                return
            data = self._file.read(length)
            if len(data) < length:
                self.problem = f"the file was cut at its octet {at}, inside a record"
                return
            at_ns, connection, origin, kind = _HEAD.unpack_from(data)
            try:
                record = Record(at_ns, connection, Role(origin), Kind(kind), data[_HEAD.size :])
            except ValueError:
                self.problem = f"octet {at} is not the beginning of a record: the file is damaged from there"
                return
            yield record
            at += _LENGTH.size + length


def _read_header(file: BinaryIO) -> Header:
    line = file.readline(HEADER_MAX_OCTETS)
    try:
        kind = msgspec.json.decode(line)
        if not isinstance(kind, dict) or kind.get("format") != FORMAT:
            raise NotARecording("this is no recording of SMPP")
        if kind.get("version") != VERSION:
            raise NotARecording(f"this recording is of version {kind.get('version')}; known is version {VERSION}")
        return msgspec.convert(kind, Header)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise NotARecording(f"this is no recording of SMPP: its first line cannot be read ({error})") from None

"""Leaves out of a PDU what a recording shall not have: passwords, and on request whatever may be of a person.

Rule: nothing changes its length, so a redacted PDU is a PDU of the same form; what is not known to be harmless is replaced.
With personal data left out stay the numbers of fixed meaning, message ids, names of systems and services, and of a user data
header the elements that 3GPP TS 23.040 gives a fixed size and no text. Equal addresses become equal placeholders, different
ones different: numbers counted from 1, with leading zeros, which nobody has.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from simulator.dissect import UNREAD, Field, dissect
from sms_service.smpp import CommandId, DataCoding, Tag
from sms_service.smpp.tlv import INTEGER_SIZES

SECRET_FILLER: Final = b"*"
TEXT_FILLER: Final = b"x"
UCS2_FILLER: Final = "x".encode("utf-16-be")
PLACEHOLDERS_MAX: Final = 1_000_000
"""Addresses that are told apart, some 150 MB of memory; all later ones share one placeholder, of nines."""

_WITH_PASSWORD: Final = frozenset(
    {CommandId.BIND_RECEIVER, CommandId.BIND_TRANSMITTER, CommandId.BIND_TRANSCEIVER, CommandId.OUTBIND}
)
_COMMAND_IDS: Final = tuple(command.to_bytes(4, "big") for command in _WITH_PASSWORD)
_ADDRESSES: Final = frozenset({"source_addr", "destination_addr", "esme_addr", "address_range", "dl_name"})
_HARMLESS_TAGS: Final[dict[int, int | None]] = {
    **INTEGER_SIZES,
    Tag.NETWORK_ERROR_CODE: 3,
    Tag.USSD_SERVICE_OP: 1,
    Tag.ITS_SESSION_INFO: 2,
    Tag.ALERT_ON_MESSAGE_DELIVERY: 0,
    Tag.RECEIPTED_MESSAGE_ID: None,
}
"""Parameters that stay, and the octets that they must have; None: any number."""
_HARMLESS_ELEMENTS: Final = frozenset({(0x00, 3), (0x01, 2), (0x04, 2), (0x05, 4), (0x08, 4), (0x24, 1), (0x25, 1)})
"""Elements of a user data header that stay, and their octets: segments, indications, ports, language shifts."""


class Redaction:
    """What is left out; one for a recording, which remembers whose placeholder is whose."""

    def __init__(self, *, secrets: bool, personal_data: bool) -> None:
        self.secrets: Final = secrets
        self.personal_data: Final = personal_data
        self._placeholders: dict[bytes, bytes] = {}
        self._given: Counter[int] = Counter()

    def pdu(self, frame: bytes) -> bytes:
        """A PDU, or the beginning of one, without what is to be left out; of the same length."""
        command_id = int.from_bytes(frame[4:8], "big")
        hide_secrets = not self.secrets and command_id in _WITH_PASSWORD
        if not hide_secrets and self.personal_data:
            return frame
        out = bytearray(frame)
        fields = dissect(frame)
        if hide_secrets:
            for field in fields:
                if field.name == "password":
                    _fill(out, field.start, field.end - 1, SECRET_FILLER)
                elif field.name == UNREAD:
                    _fill(out, field.start, field.end, SECRET_FILLER)
        if not self.personal_data:
            self._hide_personal_data(out, fields)
        return bytes(out)

    def _hide_personal_data(self, out: bytearray, fields: list[Field]) -> None:
        ucs2 = any(field.name == "data_coding" and out[field.start] == DataCoding.UCS2 for field in fields)
        filler = UCS2_FILLER if ucs2 else TEXT_FILLER
        for field in fields:
            if field.name in _ADDRESSES:
                out[field.start : field.end - 1] = self._placeholder(bytes(out[field.start : field.end - 1]))
            elif field.name == "short_message":
                _hide_message(out, field, filler)
            elif field.name == UNREAD:
                _fill(out, field.start, field.end, TEXT_FILLER)
            elif field.fields and field.fields[0].name == "tag":
                _hide_parameter(out, field, filler)
            elif field.fields:
                self._hide_personal_data(out, list(field.fields))

    def _placeholder(self, address: bytes) -> bytes:
        known = self._placeholders.get(address)
        if known is not None:
            return known
        length = len(address)
        if not length or len(self._placeholders) >= PLACEHOLDERS_MAX:
            return b"9" * length
        self._given[length] += 1
        placeholder = b"%0*d" % (length, self._given[length])
        if len(placeholder) > length:
            placeholder = b"9" * length
        self._placeholders[address] = placeholder
        return placeholder


class StreamRedaction:
    """For the octets of one direction that are no PDUs, where nobody knows what they are.

    Without personal data all are replaced. A password could stand behind a bind that lies among them: from the first octets that
    look like a bind's or outbind's command_id all is replaced, however the octets are cut.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._tail = b""
        self._hiding = False

    def __call__(self, octets: bytes) -> bytes:
        """The next octets, without what is to be left out; as many."""
        if not self._redaction.personal_data:
            return TEXT_FILLER * len(octets)
        if self._redaction.secrets:
            return octets
        if self._hiding:
            return SECRET_FILLER * len(octets)
        seen = self._tail + octets
        found = [at + len(command_id) for command_id in _COMMAND_IDS if (at := seen.find(command_id)) >= 0]
        if not found:
            self._tail = seen[-3:]  # what may be the beginning of a command_id
            return octets
        self._hiding = True
        kept = min(found) - len(self._tail)
        return octets[:kept] + SECRET_FILLER * (len(octets) - kept)


def _fill(out: bytearray, start: int, end: int, filler: bytes) -> None:
    length = end - start
    out[start:end] = (filler * (length // len(filler) + 1))[:length]


def _hide_message(out: bytearray, message: Field, filler: bytes) -> None:
    """A message's octets; of its header what is harmless stays."""
    if not message.fields:
        _fill(out, message.start, message.end, filler)
        return
    udh, text = message.fields
    _fill(out, text.start, text.end, filler)
    for element in udh.fields[1:]:
        if element.name == UNREAD:
            _fill(out, element.start, element.end, TEXT_FILLER)
            continue
        content = element.fields[2]
        if (out[element.start], content.end - content.start) not in _HARMLESS_ELEMENTS:
            _fill(out, content.start, content.end, TEXT_FILLER)


def _hide_parameter(out: bytearray, tlv: Field, filler: bytes) -> None:
    if len(tlv.fields) < 3:
        return  # its value is unread, and that is a field of its own
    value = tlv.fields[2]
    tag = int.from_bytes(out[tlv.start : tlv.start + 2], "big")
    if tag == Tag.MESSAGE_PAYLOAD:
        _hide_message(out, value, filler)
    elif tag not in _HARMLESS_TAGS or _HARMLESS_TAGS[tag] not in {None, value.end - value.start}:
        _fill(out, value.start, value.end, TEXT_FILLER)

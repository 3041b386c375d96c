"""Optional parameters: tag, length, value, at the end of any body (§3.2.4, §5.3).

Every TLV is kept as it came, in order, known or not, repeated or not: a peer's extension is no error. What is one is
a TLV that runs past the end of its PDU. Values are octets; the functions below read and make those whose type is a
number or a string.
"""

from struct import Struct
from typing import Final

import msgspec

from sms_service.smpp.consts import CommandStatus, Tag
from sms_service.smpp.errors import LocalProtocolError
from sms_service.smpp.fields import TEXT, FieldError

VALUE_MAX_OCTETS: Final = 0xFFFF
"""The length field has two octets."""

INTEGER_MAX_OCTETS: Final = 4
"""The widest number that SMPP 3.4 defines (qos_time_to_live)."""

_HEAD: Final = Struct(">HH")

INTEGER_SIZES: Final[dict[int, int]] = {
    Tag.DEST_ADDR_SUBUNIT: 1,
    Tag.DEST_NETWORK_TYPE: 1,
    Tag.DEST_BEARER_TYPE: 1,
    Tag.DEST_TELEMATICS_ID: 2,
    Tag.SOURCE_ADDR_SUBUNIT: 1,
    Tag.SOURCE_NETWORK_TYPE: 1,
    Tag.SOURCE_BEARER_TYPE: 1,
    Tag.SOURCE_TELEMATICS_ID: 1,
    Tag.QOS_TIME_TO_LIVE: 4,
    Tag.PAYLOAD_TYPE: 1,
    Tag.MS_MSG_WAIT_FACILITIES: 1,
    Tag.PRIVACY_INDICATOR: 1,
    Tag.USER_MESSAGE_REFERENCE: 2,
    Tag.USER_RESPONSE_CODE: 1,
    Tag.SOURCE_PORT: 2,
    Tag.DESTINATION_PORT: 2,
    Tag.SAR_MSG_REF_NUM: 2,
    Tag.LANGUAGE_INDICATOR: 1,
    Tag.SAR_TOTAL_SEGMENTS: 1,
    Tag.SAR_SEGMENT_SEQNUM: 1,
    Tag.SC_INTERFACE_VERSION: 1,
    Tag.CALLBACK_NUM_PRES_IND: 1,
    Tag.NUMBER_OF_MESSAGES: 1,
    Tag.DPF_RESULT: 1,
    Tag.SET_DPF: 1,
    Tag.MS_AVAILABILITY_STATUS: 1,
    Tag.DELIVERY_FAILURE_REASON: 1,
    Tag.MORE_MESSAGES_TO_SEND: 1,
    Tag.MESSAGE_STATE: 1,
    Tag.DISPLAY_TIME: 1,
    Tag.SMS_SIGNAL: 2,
    Tag.MS_VALIDITY: 1,
    Tag.ITS_REPLY_TYPE: 1,
}
"""Octets of the parameters that are numbers (§5.3.2)."""


class Tlv(msgspec.Struct, frozen=True, gc=False):
    """One optional parameter. Its repr shows no value, which may be a citizen's text."""

    tag: int
    value: bytes = b""

    def __repr__(self) -> str:
        return f"Tlv(0x{self.tag:04X}, {len(self.value)} octets)"


def int_tlv(tag: int, number: int) -> Tlv:
    """A parameter that is a number, in as many octets as the specification gives it.

    Raises:
        LocalProtocolError: the tag is none of a number, or the number is too large for it.
    """
    size = INTEGER_SIZES.get(tag)
    if size is None:
        raise LocalProtocolError(f"TLV 0x{tag:04X} is no number")
    try:
        return Tlv(tag, number.to_bytes(size, "big"))
    except OverflowError:
        raise LocalProtocolError(f"TLV 0x{tag:04X} has {size} octets and the number does not fit") from None


def text_tlv(tag: int, text: str) -> Tlv:
    """A parameter that is a C-Octet String (receipted_message_id, additional_status_info_text). Raises LocalProtocolError."""
    if "\0" in text or not text.isascii():
        raise LocalProtocolError(f"TLV 0x{tag:04X} must be ASCII without NUL")
    return Tlv(tag, text.encode(TEXT) + b"\0")


def find_tlv(tlvs: tuple[Tlv, ...], tag: int) -> bytes | None:
    """The value of the first parameter with this tag, or None."""
    for tlv in tlvs:
        if tlv.tag == tag:
            return tlv.value
    return None


def find_int(tlvs: tuple[Tlv, ...], tag: int) -> int | None:
    """The same as a number; peers do not all keep to the specified width, so any of 1 to 4 octets is read, and else None."""
    value = find_tlv(tlvs, tag)
    if value is None or not 1 <= len(value) <= INTEGER_MAX_OCTETS:
        return None
    return int.from_bytes(value, "big")


def find_text(tlvs: tuple[Tlv, ...], tag: int) -> str | None:
    """The same as text, up to the NUL if there is one: peers forget it."""
    value = find_tlv(tlvs, tag)
    return None if value is None else value.partition(b"\0")[0].decode(TEXT)


def read_tlvs(data: bytes, pos: int) -> tuple[Tlv, ...]:
    """All parameters from `pos` to the end. Raises FieldError when they do not end exactly there."""
    tlvs = []
    end = len(data)
    while pos < end:
        if pos + _HEAD.size > end:
            raise FieldError(CommandStatus.ESME_RINVOPTPARSTREAM, "tlvs")
        tag, length = _HEAD.unpack_from(data, pos)
        pos += _HEAD.size
        if pos + length > end:
            raise FieldError(CommandStatus.ESME_RINVOPTPARSTREAM, "tlvs")
        tlvs.append(Tlv(tag, data[pos : pos + length]))
        pos += length
    return tuple(tlvs)


def write_tlvs(tlvs: tuple[Tlv, ...]) -> bytes:
    """The parameters as they travel. Raises LocalProtocolError when a tag or a value does not fit."""
    for tlv in tlvs:
        if len(tlv.value) > VALUE_MAX_OCTETS or not 0 <= tlv.tag <= VALUE_MAX_OCTETS:
            raise LocalProtocolError(f"a TLV of {len(tlv.value)} octets with tag {tlv.tag} does not fit")
    return b"".join([_HEAD.pack(tlv.tag, len(tlv.value)) + tlv.value for tlv in tlvs])

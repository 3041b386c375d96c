"""Whole PDUs, to and from octets: the header here, the bodies by functions made from the field tables.

Decoding is tolerant where a peer's habits differ (any status, any TLV, a response without its body) and strict where
lengths contradict each other. `decode` raises one error only, so that whoever holds the stream can answer and go on.
"""

import struct
from collections.abc import Iterable
from struct import Struct
from typing import Final

from sms_service.smpp.compiler import HEADER_OCTETS, compile_decoder, compile_encoder
from sms_service.smpp.consts import RESPONSE_BIT, CommandId, CommandStatus
from sms_service.smpp.errors import LocalProtocolError, UndecodablePdu
from sms_service.smpp.fields import FieldError, c_string
from sms_service.smpp.pdus import CLASS_OF, MESSAGE_ID_OCTETS, PDU_CLASSES, Pdu

_HEADER: Final = Struct(">LLLL")
_EMPTY_MESSAGE_ID: Final = Struct(">LLLLx")
_DECODERS: Final = {
    cls.command_id: compile_decoder(cls, strict=not cls.command_id & RESPONSE_BIT) for cls in PDU_CLASSES
}
_ENCODERS: Final = {cls: compile_encoder(cls) for cls in PDU_CLASSES}


def decode(frame: bytes) -> Pdu:
    """The PDU in one whole frame, header included.

    A response without a body is read as one with an empty body, and so is an error response whose body cannot be read: its status is
    what matters.

    Raises:
        UndecodablePdu: with the command_status that answers it. The frame was whole: the stream goes on behind it.
    """
    try:
        command_length, command_id, command_status, sequence_number = _HEADER.unpack_from(frame)
    except struct.error:
        raise UndecodablePdu(0, 0, CommandStatus.ESME_RINVCMDLEN, "shorter than a header") from None
    decoder = _DECODERS.get(command_id)
    if decoder is None:
        raise UndecodablePdu(command_id, sequence_number, CommandStatus.ESME_RINVCMDID, "unknown command")
    if command_length != len(frame):
        raise UndecodablePdu(command_id, sequence_number, CommandStatus.ESME_RINVCMDLEN, "not command_length octets")
    try:
        return decoder(frame, command_status, sequence_number)
    except FieldError as error:
        status, problem = error.command_status, error.field
    except (IndexError, struct.error):
        status, problem = CommandStatus.ESME_RINVCMDLEN, "the body ends too early"
    if command_id & RESPONSE_BIT and (command_status or command_length == HEADER_OCTETS):
        return CLASS_OF[command_id](sequence_number=sequence_number, command_status=command_status)
    raise UndecodablePdu(command_id, sequence_number, status, problem)


def bare_response(frame: bytes) -> Pdu | None:
    """What the header of a response says when its body cannot be read; None for anything else.

    The header is what answers the request: to take a confirmation for none would send a citizen the same message again.
    """
    _, command_id, command_status, sequence_number = _HEADER.unpack_from(frame)
    if not command_id & RESPONSE_BIT or command_id not in CLASS_OF:
        return None
    return CLASS_OF[command_id](sequence_number=sequence_number, command_status=command_status)


def encode(pdu: Pdu, sequence_number: int | None = None) -> bytes:
    """The PDU as it travels; a `sequence_number` given here stands in for the PDU's own.

    Raises:
        LocalProtocolError: a value does not fit its field.
    """
    if sequence_number is None:
        sequence_number = pdu.sequence_number
    command_status = pdu.command_status
    try:
        body = b"" if command_status and not pdu.error_has_body else _ENCODERS[type(pdu)](pdu)
        return _HEADER.pack(HEADER_OCTETS + len(body), pdu.command_id, command_status, sequence_number) + body
    except struct.error:
        raise LocalProtocolError(f"an integer of {type(pdu).__name__} does not fit its field") from None


def encode_deliver_sm_resps(sequence_numbers: Iterable[int], command_status: int) -> bytes:
    """The octets that `encode(DeliverSmResp(...))` gives for each, in a tenth of the time (§4.6.2: the body is one NUL).

    Raises:
        LocalProtocolError: a number does not fit its field.
    """
    pack, length, command_id = _EMPTY_MESSAGE_ID.pack, _EMPTY_MESSAGE_ID.size, int(CommandId.DELIVER_SM_RESP)
    try:
        return b"".join([pack(length, command_id, command_status, number) for number in sequence_numbers])
    except struct.error:
        raise LocalProtocolError("an integer of DeliverSmResp does not fit its field") from None


def encode_submit_sm_resps(answers: Iterable[tuple[int, str]]) -> bytes:
    """The octets that `encode(SubmitSmResp(...))` gives for each sequence number and message_id, in half of the time.

    Raises:
        LocalProtocolError: a value does not fit its field.
    """
    pack, command_id = _HEADER.pack, int(CommandId.SUBMIT_SM_RESP)
    octets: list[bytes] = []
    try:
        for number, message_id in answers:
            body = c_string(message_id, MESSAGE_ID_OCTETS, False, "message_id")
            octets += (pack(HEADER_OCTETS + len(body), command_id, 0, number), body)
    except struct.error:
        raise LocalProtocolError("an integer of SubmitSmResp does not fit its field") from None
    return b"".join(octets)

"""Every PDU of SMPP 3.4 (§4) as a record, whose annotations are the table of its body.

The order of the annotations is the order on the wire, and the only place where it is written: `compiler` makes the
codec of a class from them. Fields are spelled as in the specification; those that merely count another field
(sm_length, number_of_dests, no_unsuccess) are derived and have none of their own. What a field means is for those who
read it: here nothing is interpreted, so esm_class, message_payload and the like come as they were sent.

A PDU holds people's numbers and texts and, in a bind, a password. Its repr shows none of them.
"""

from typing import Annotated, ClassVar, Final, TypeAlias

import msgspec

from sms_service.smpp.consts import INTERFACE_VERSION, CommandId, CommandStatus
from sms_service.smpp.fields import CString, Integer, Repeated, SizedOctets
from sms_service.smpp.tlv import Tlv

ADDRESS_OCTETS: Final = 21
"""Of an address of a message, its NUL included (§4.4.1)."""

Octet: TypeAlias = Annotated[int, Integer(1)]
ServiceType: TypeAlias = Annotated[str, CString(6, CommandStatus.ESME_RINVSERTYP)]
SourceAddr: TypeAlias = Annotated[str, CString(ADDRESS_OCTETS, CommandStatus.ESME_RINVSRCADR)]
DestinationAddr: TypeAlias = Annotated[str, CString(ADDRESS_OCTETS, CommandStatus.ESME_RINVDSTADR)]
LongSourceAddr: TypeAlias = Annotated[str, CString(65, CommandStatus.ESME_RINVSRCADR)]
LongDestinationAddr: TypeAlias = Annotated[str, CString(65, CommandStatus.ESME_RINVDSTADR)]
MESSAGE_ID_OCTETS: Final = 65
"""Of a message_id, its NUL included (§5.2.23)."""
MessageId: TypeAlias = Annotated[str, CString(MESSAGE_ID_OCTETS, CommandStatus.ESME_RINVMSGID)]
ScheduleDeliveryTime: TypeAlias = Annotated[str, CString(17, CommandStatus.ESME_RINVSCHED, fixed=True)]
ValidityPeriod: TypeAlias = Annotated[str, CString(17, CommandStatus.ESME_RINVEXPIRY, fixed=True)]
FinalDate: TypeAlias = Annotated[str, CString(17, fixed=True)]
ShortMessage: TypeAlias = Annotated[bytes, SizedOctets()]
SystemId: TypeAlias = Annotated[str, CString(16, CommandStatus.ESME_RINVSYSID)]
Password: TypeAlias = Annotated[str, CString(9, CommandStatus.ESME_RINVPASWD)]
SystemType: TypeAlias = Annotated[str, CString(13, CommandStatus.ESME_RINVSYSTYP)]
AddressRange: TypeAlias = Annotated[str, CString(41)]


class Pdu(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all PDUs have: the header (§3.2.1), without command_length, and the optional parameters.

    `command_status` is 0 in requests; `sequence_number` is 0 until a session gives one.
    """

    command_id: ClassVar[CommandId]
    error_has_body: ClassVar[bool] = True
    """False for responses of which §4 says that the body is not returned when command_status is not 0."""

    sequence_number: int = 0
    command_status: int = 0
    tlvs: tuple[Tlv, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} sequence_number={self.sequence_number} command_status=0x{self.command_status:08X}>"
        )


class _Bind(Pdu, frozen=True, gc=False):
    """§4.1.1, §4.1.3, §4.1.5: who asks to be let in, and for which addresses."""

    system_id: SystemId = ""
    password: Password = ""
    system_type: SystemType = ""
    interface_version: Octet = INTERFACE_VERSION
    addr_ton: Octet = 0
    addr_npi: Octet = 0
    address_range: AddressRange = ""


class _BindResp(Pdu, frozen=True, gc=False):
    """§4.1.2, §4.1.4, §4.1.6: the SMSC's own name; its version may come as the TLV sc_interface_version."""

    error_has_body: ClassVar[bool] = False

    system_id: SystemId = ""


class BindTransmitter(_Bind, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER


class BindTransmitterResp(_BindResp, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER_RESP


class BindReceiver(_Bind, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER


class BindReceiverResp(_BindResp, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER_RESP


class BindTransceiver(_Bind, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER


class BindTransceiverResp(_BindResp, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER_RESP


class Outbind(Pdu, frozen=True, gc=False):
    """§4.1.7: the SMSC asks the ESME to bind as a receiver. It has no response."""

    command_id: ClassVar[CommandId] = CommandId.OUTBIND

    system_id: SystemId = ""
    password: Password = ""


class Unbind(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.UNBIND


class UnbindResp(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.UNBIND_RESP


class GenericNack(Pdu, frozen=True, gc=False):
    """§4.3: an answer to what could not be understood. `sequence_number` is 0 when not even that could be read."""

    command_id: ClassVar[CommandId] = CommandId.GENERIC_NACK


class _Message(Pdu, frozen=True, gc=False):
    """§4.4.1, §4.6.1: a short message, in either direction."""

    service_type: ServiceType = ""
    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: SourceAddr = ""
    dest_addr_ton: Octet = 0
    dest_addr_npi: Octet = 0
    destination_addr: DestinationAddr = ""
    esm_class: Octet = 0
    protocol_id: Octet = 0
    priority_flag: Octet = 0
    schedule_delivery_time: ScheduleDeliveryTime = ""
    validity_period: ValidityPeriod = ""
    registered_delivery: Octet = 0
    replace_if_present_flag: Octet = 0
    data_coding: Octet = 0
    sm_default_msg_id: Octet = 0
    short_message: ShortMessage = b""


class SubmitSm(_Message, frozen=True, gc=False):
    """§4.4.1: the ESME hands a message to the SMSC (MT)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM


class SubmitSmResp(Pdu, frozen=True, gc=False):
    """§4.4.2: the SMSC's own id of the message that it took."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM_RESP
    error_has_body: ClassVar[bool] = False

    message_id: MessageId = ""


class DeliverSm(_Message, frozen=True, gc=False):
    """§4.6.1: the SMSC hands a message or a receipt to the ESME (MO). Fields that the specification leaves unused here are kept."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM


class DeliverSmResp(Pdu, frozen=True, gc=False):
    """§4.6.2: message_id is unused and empty."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM_RESP

    message_id: MessageId = ""


class SmeAddress(msgspec.Struct, frozen=True, gc=False):
    """§4.5.1.1: one recipient of a submit_multi."""

    dest_addr_ton: Octet = 0
    dest_addr_npi: Octet = 0
    destination_addr: DestinationAddr = ""

    def __repr__(self) -> str:
        return "<SmeAddress>"


class DistributionList(msgspec.Struct, frozen=True, gc=False):
    """§4.5.1.2: a list of recipients that the SMSC knows by name."""

    dl_name: Annotated[str, CString(21, CommandStatus.ESME_RINVDLNAME)] = ""


class UnsuccessSme(msgspec.Struct, frozen=True, gc=False):
    """§4.5.2.1: a recipient for whom submit_multi failed, and the status that says why."""

    dest_addr_ton: Octet = 0
    dest_addr_npi: Octet = 0
    destination_addr: DestinationAddr = ""
    error_status_code: Annotated[int, Integer(4)] = 0

    def __repr__(self) -> str:
        return f"<UnsuccessSme error_status_code=0x{self.error_status_code:08X}>"


DestAddresses: TypeAlias = Annotated[
    tuple[SmeAddress | DistributionList, ...],
    Repeated(((1, SmeAddress), (2, DistributionList)), 254, CommandStatus.ESME_RINVDESTFLAG),
]
UnsuccessSmes: TypeAlias = Annotated[
    tuple[UnsuccessSme, ...], Repeated(((None, UnsuccessSme),), 255, CommandStatus.ESME_RINVNUMDESTS)
]


class SubmitMulti(Pdu, frozen=True, gc=False):
    """§4.5.1: one message to as many as 254 recipients."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI

    service_type: ServiceType = ""
    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: SourceAddr = ""
    dest_addresses: DestAddresses = ()
    esm_class: Octet = 0
    protocol_id: Octet = 0
    priority_flag: Octet = 0
    schedule_delivery_time: ScheduleDeliveryTime = ""
    validity_period: ValidityPeriod = ""
    registered_delivery: Octet = 0
    replace_if_present_flag: Octet = 0
    data_coding: Octet = 0
    sm_default_msg_id: Octet = 0
    short_message: ShortMessage = b""


class SubmitMultiResp(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI_RESP

    message_id: MessageId = ""
    unsuccess_smes: UnsuccessSmes = ()


class DataSm(Pdu, frozen=True, gc=False):
    """§4.7.1: a message in either direction whose text is in the TLV message_payload."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM

    service_type: ServiceType = ""
    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: LongSourceAddr = ""
    dest_addr_ton: Octet = 0
    dest_addr_npi: Octet = 0
    destination_addr: LongDestinationAddr = ""
    esm_class: Octet = 0
    registered_delivery: Octet = 0
    data_coding: Octet = 0


class DataSmResp(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.DATA_SM_RESP

    message_id: MessageId = ""


class QuerySm(Pdu, frozen=True, gc=False):
    """§4.8.1: what became of a message?"""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM

    message_id: MessageId = ""
    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: SourceAddr = ""


class QuerySmResp(Pdu, frozen=True, gc=False):
    """§4.8.2: `message_state` is a `MessageState`, `final_date` empty while it is not final."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM_RESP

    message_id: MessageId = ""
    final_date: FinalDate = ""
    message_state: Octet = 0
    error_code: Octet = 0


class CancelSm(Pdu, frozen=True, gc=False):
    """§4.9.1: by message_id, or all from one address to another."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM

    service_type: ServiceType = ""
    message_id: MessageId = ""
    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: SourceAddr = ""
    dest_addr_ton: Octet = 0
    dest_addr_npi: Octet = 0
    destination_addr: DestinationAddr = ""


class CancelSmResp(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM_RESP


class ReplaceSm(Pdu, frozen=True, gc=False):
    """§4.10.1: another text for a message that has not left yet."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM

    message_id: MessageId = ""
    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: SourceAddr = ""
    schedule_delivery_time: ScheduleDeliveryTime = ""
    validity_period: ValidityPeriod = ""
    registered_delivery: Octet = 0
    sm_default_msg_id: Octet = 0
    short_message: ShortMessage = b""


class ReplaceSmResp(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM_RESP


class EnquireLink(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK


class EnquireLinkResp(Pdu, frozen=True, gc=False):
    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK_RESP


class AlertNotification(Pdu, frozen=True, gc=False):
    """§4.12.1: a subscriber can be reached again. It has no response."""

    command_id: ClassVar[CommandId] = CommandId.ALERT_NOTIFICATION

    source_addr_ton: Octet = 0
    source_addr_npi: Octet = 0
    source_addr: LongSourceAddr = ""
    esme_addr_ton: Octet = 0
    esme_addr_npi: Octet = 0
    esme_addr: Annotated[str, CString(65)] = ""


PDU_CLASSES: Final[tuple[type[Pdu], ...]] = (
    GenericNack,
    BindReceiver,
    BindReceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    BindTransceiver,
    BindTransceiverResp,
    Outbind,
    Unbind,
    UnbindResp,
    EnquireLink,
    EnquireLinkResp,
    SubmitSm,
    SubmitSmResp,
    SubmitMulti,
    SubmitMultiResp,
    DeliverSm,
    DeliverSmResp,
    DataSm,
    DataSmResp,
    QuerySm,
    QuerySmResp,
    CancelSm,
    CancelSmResp,
    ReplaceSm,
    ReplaceSmResp,
    AlertNotification,
)

CLASS_OF: Final[dict[int, type[Pdu]]] = {cls.command_id: cls for cls in PDU_CLASSES}
"""The class of each command_id."""

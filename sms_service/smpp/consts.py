"""The numbers of SMPP 3.4, as types: commands (§5.1.2.1), statuses (§5.1.3), TLV tags (§5.3.2), field values.

Every value comes from smpplib's tables, and this is the only module that knows them: elsewhere a number has a name
and a type. The values were compared with the specification one by one and agree with it; smpplib's table of commands
by session state does not (it lets a receiver query and cancel), so the states are in `state` and not here.
"""

from enum import IntEnum, IntFlag
from typing import Final

from smpplib import consts as _consts
from smpplib.command_codes import commands as _commands

_TAGS: Final = _consts.OPTIONAL_PARAMS

RESPONSE_BIT: Final = 0x80000000
"""Set in the command_id of every response (§5.1.2)."""

INTERFACE_VERSION: Final[int] = _consts.SMPP_VERSION_34
"""What we announce in interface_version: SMPP 3.4 (§5.2.4)."""


class Role(IntEnum):
    """Which end of a session one is. SMPP 5.0 calls the SMSC a message centre (MC); here it is the SMSC everywhere."""

    ESME = 0
    SMSC = 1


class CommandId(IntEnum):
    """Every command of SMPP 3.4 (§5.1.2.1); a response is its request with `RESPONSE_BIT`."""

    GENERIC_NACK = _commands["generic_nack"]
    BIND_RECEIVER = _commands["bind_receiver"]
    BIND_RECEIVER_RESP = _commands["bind_receiver_resp"]
    BIND_TRANSMITTER = _commands["bind_transmitter"]
    BIND_TRANSMITTER_RESP = _commands["bind_transmitter_resp"]
    QUERY_SM = _commands["query_sm"]
    QUERY_SM_RESP = _commands["query_sm_resp"]
    SUBMIT_SM = _commands["submit_sm"]
    SUBMIT_SM_RESP = _commands["submit_sm_resp"]
    DELIVER_SM = _commands["deliver_sm"]
    DELIVER_SM_RESP = _commands["deliver_sm_resp"]
    UNBIND = _commands["unbind"]
    UNBIND_RESP = _commands["unbind_resp"]
    REPLACE_SM = _commands["replace_sm"]
    REPLACE_SM_RESP = _commands["replace_sm_resp"]
    CANCEL_SM = _commands["cancel_sm"]
    CANCEL_SM_RESP = _commands["cancel_sm_resp"]
    BIND_TRANSCEIVER = _commands["bind_transceiver"]
    BIND_TRANSCEIVER_RESP = _commands["bind_transceiver_resp"]
    OUTBIND = _commands["outbind"]
    ENQUIRE_LINK = _commands["enquire_link"]
    ENQUIRE_LINK_RESP = _commands["enquire_link_resp"]
    SUBMIT_MULTI = _commands["submit_multi"]
    SUBMIT_MULTI_RESP = _commands["submit_multi_resp"]
    ALERT_NOTIFICATION = _commands["alert_notification"]
    DATA_SM = _commands["data_sm"]
    DATA_SM_RESP = _commands["data_sm_resp"]


class CommandStatus(IntEnum):
    """The statuses that SMPP 3.4 defines (§5.1.3). A PDU's command_status is an int: operators define more of their own."""

    ESME_ROK = _consts.SMPP_ESME_ROK
    ESME_RINVMSGLEN = _consts.SMPP_ESME_RINVMSGLEN
    ESME_RINVCMDLEN = _consts.SMPP_ESME_RINVCMDLEN
    ESME_RINVCMDID = _consts.SMPP_ESME_RINVCMDID
    ESME_RINVBNDSTS = _consts.SMPP_ESME_RINVBNDSTS
    ESME_RALYBND = _consts.SMPP_ESME_RALYBND
    ESME_RINVPRTFLG = _consts.SMPP_ESME_RINVPRTFLG
    ESME_RINVREGDLVFLG = _consts.SMPP_ESME_RINVREGDLVFLG
    ESME_RSYSERR = _consts.SMPP_ESME_RSYSERR
    ESME_RINVSRCADR = _consts.SMPP_ESME_RINVSRCADR
    ESME_RINVDSTADR = _consts.SMPP_ESME_RINVDSTADR
    ESME_RINVMSGID = _consts.SMPP_ESME_RINVMSGID
    ESME_RBINDFAIL = _consts.SMPP_ESME_RBINDFAIL
    ESME_RINVPASWD = _consts.SMPP_ESME_RINVPASWD
    ESME_RINVSYSID = _consts.SMPP_ESME_RINVSYSID
    ESME_RCANCELFAIL = _consts.SMPP_ESME_RCANCELFAIL
    ESME_RREPLACEFAIL = _consts.SMPP_ESME_RREPLACEFAIL
    ESME_RMSGQFUL = _consts.SMPP_ESME_RMSGQFUL
    ESME_RINVSERTYP = _consts.SMPP_ESME_RINVSERTYP
    ESME_RINVNUMDESTS = _consts.SMPP_ESME_RINVNUMDESTS
    ESME_RINVDLNAME = _consts.SMPP_ESME_RINVDLNAME
    ESME_RINVDESTFLAG = _consts.SMPP_ESME_RINVDESTFLAG
    ESME_RINVSUBREP = _consts.SMPP_ESME_RINVSUBREP
    ESME_RINVESMCLASS = _consts.SMPP_ESME_RINVESMCLASS
    ESME_RCNTSUBDL = _consts.SMPP_ESME_RCNTSUBDL
    ESME_RSUBMITFAIL = _consts.SMPP_ESME_RSUBMITFAIL
    ESME_RINVSRCTON = _consts.SMPP_ESME_RINVSRCTON
    ESME_RINVSRCNPI = _consts.SMPP_ESME_RINVSRCNPI
    ESME_RINVDSTTON = _consts.SMPP_ESME_RINVDSTTON
    ESME_RINVDSTNPI = _consts.SMPP_ESME_RINVDSTNPI
    ESME_RINVSYSTYP = _consts.SMPP_ESME_RINVSYSTYP
    ESME_RINVREPFLAG = _consts.SMPP_ESME_RINVREPFLAG
    ESME_RINVNUMMSGS = _consts.SMPP_ESME_RINVNUMMSGS
    ESME_RTHROTTLED = _consts.SMPP_ESME_RTHROTTLED
    ESME_RINVSCHED = _consts.SMPP_ESME_RINVSCHED
    ESME_RINVEXPIRY = _consts.SMPP_ESME_RINVEXPIRY
    ESME_RINVDFTMSGID = _consts.SMPP_ESME_RINVDFTMSGID
    ESME_RX_T_APPN = _consts.SMPP_ESME_RX_T_APPN
    ESME_RX_P_APPN = _consts.SMPP_ESME_RX_P_APPN
    ESME_RX_R_APPN = _consts.SMPP_ESME_RX_R_APPN
    ESME_RQUERYFAIL = _consts.SMPP_ESME_RQUERYFAIL
    ESME_RINVOPTPARSTREAM = _consts.SMPP_ESME_RINVOPTPARSTREAM
    ESME_ROPTPARNOTALLWD = _consts.SMPP_ESME_ROPTPARNOTALLWD
    ESME_RINVPARLEN = _consts.SMPP_ESME_RINVPARLEN
    ESME_RMISSINGOPTPARAM = _consts.SMPP_ESME_RMISSINGOPTPARAM
    ESME_RINVOPTPARAMVAL = _consts.SMPP_ESME_RINVOPTPARAMVAL
    ESME_RDELIVERYFAILURE = _consts.SMPP_ESME_RDELIVERYFAILURE
    ESME_RUNKNOWNERR = _consts.SMPP_ESME_RUNKNOWNERR


class Tag(IntEnum):
    """The optional parameters that SMPP 3.4 defines (§5.3.2). A TLV's tag is an int: 0x1400 to 0x3FFF are the vendors'."""

    DEST_ADDR_SUBUNIT = _TAGS["dest_addr_subunit"]
    DEST_NETWORK_TYPE = _TAGS["dest_network_type"]
    DEST_BEARER_TYPE = _TAGS["dest_bearer_type"]
    DEST_TELEMATICS_ID = _TAGS["dest_telematics_id"]
    SOURCE_ADDR_SUBUNIT = _TAGS["source_addr_subunit"]
    SOURCE_NETWORK_TYPE = _TAGS["source_network_type"]
    SOURCE_BEARER_TYPE = _TAGS["source_bearer_type"]
    SOURCE_TELEMATICS_ID = _TAGS["source_telematics_id"]
    QOS_TIME_TO_LIVE = _TAGS["qos_time_to_live"]
    PAYLOAD_TYPE = _TAGS["payload_type"]
    ADDITIONAL_STATUS_INFO_TEXT = _TAGS["additional_status_info_text"]
    RECEIPTED_MESSAGE_ID = _TAGS["receipted_message_id"]
    MS_MSG_WAIT_FACILITIES = _TAGS["ms_msg_wait_facilities"]
    PRIVACY_INDICATOR = _TAGS["privacy_indicator"]
    SOURCE_SUBADDRESS = _TAGS["source_subaddress"]
    DEST_SUBADDRESS = _TAGS["dest_subaddress"]
    USER_MESSAGE_REFERENCE = _TAGS["user_message_reference"]
    USER_RESPONSE_CODE = _TAGS["user_response_code"]
    SOURCE_PORT = _TAGS["source_port"]
    DESTINATION_PORT = _TAGS["destination_port"]
    SAR_MSG_REF_NUM = _TAGS["sar_msg_ref_num"]
    LANGUAGE_INDICATOR = _TAGS["language_indicator"]
    SAR_TOTAL_SEGMENTS = _TAGS["sar_total_segments"]
    SAR_SEGMENT_SEQNUM = _TAGS["sar_segment_seqnum"]
    SC_INTERFACE_VERSION = _TAGS["sc_interface_version"]
    CALLBACK_NUM_PRES_IND = _TAGS["callback_num_pres_ind"]
    CALLBACK_NUM_ATAG = _TAGS["callback_num_atag"]
    NUMBER_OF_MESSAGES = _TAGS["number_of_messages"]
    CALLBACK_NUM = _TAGS["callback_num"]
    DPF_RESULT = _TAGS["dpf_result"]
    SET_DPF = _TAGS["set_dpf"]
    MS_AVAILABILITY_STATUS = _TAGS["ms_availability_status"]
    NETWORK_ERROR_CODE = _TAGS["network_error_code"]
    MESSAGE_PAYLOAD = _TAGS["message_payload"]
    DELIVERY_FAILURE_REASON = _TAGS["delivery_failure_reason"]
    MORE_MESSAGES_TO_SEND = _TAGS["more_messages_to_send"]
    MESSAGE_STATE = _TAGS["message_state"]
    USSD_SERVICE_OP = _TAGS["ussd_service_op"]
    DISPLAY_TIME = _TAGS["display_time"]
    SMS_SIGNAL = _TAGS["sms_signal"]
    MS_VALIDITY = _TAGS["ms_validity"]
    ALERT_ON_MESSAGE_DELIVERY = _TAGS["alert_on_message_delivery"]
    ITS_REPLY_TYPE = _TAGS["its_reply_type"]
    ITS_SESSION_INFO = _TAGS["its_session_info"]


class Ton(IntEnum):
    """Type of number (§5.2.5)."""

    UNKNOWN = _consts.SMPP_TON_UNK
    INTERNATIONAL = _consts.SMPP_TON_INTL
    NATIONAL = _consts.SMPP_TON_NATNL
    NETWORK_SPECIFIC = _consts.SMPP_TON_NWSPEC
    SUBSCRIBER_NUMBER = _consts.SMPP_TON_SBSCR
    ALPHANUMERIC = _consts.SMPP_TON_ALNUM
    ABBREVIATED = _consts.SMPP_TON_ABBREV


class Npi(IntEnum):
    """Numbering plan indicator (§5.2.6)."""

    UNKNOWN = _consts.SMPP_NPI_UNK
    ISDN = _consts.SMPP_NPI_ISDN
    DATA = _consts.SMPP_NPI_DATA
    TELEX = _consts.SMPP_NPI_TELEX
    LAND_MOBILE = _consts.SMPP_NPI_LNDMBL
    NATIONAL = _consts.SMPP_NPI_NATNL
    PRIVATE = _consts.SMPP_NPI_PRVT
    ERMES = _consts.SMPP_NPI_ERMES
    INTERNET = _consts.SMPP_NPI_IP
    WAP_CLIENT_ID = _consts.SMPP_NPI_WAP


class DataCoding(IntEnum):
    """The alphabets of data_coding (§5.2.19) that carry text between people here; the field itself is an int."""

    SMSC_DEFAULT = _consts.SMPP_ENCODING_DEFAULT
    IA5 = _consts.SMPP_ENCODING_IA5
    OCTETS = _consts.SMPP_ENCODING_BINARY2
    LATIN_1 = _consts.SMPP_ENCODING_ISO88591
    UCS2 = _consts.SMPP_ENCODING_ISO10646


class EsmClass(IntFlag):
    """The bits of esm_class (§5.2.12) that change how a message is read."""

    DELIVERY_RECEIPT = 0x04
    DELIVERY_ACKNOWLEDGEMENT = _consts.SMPP_MSGTYPE_DELIVERYACK
    MANUAL_ACKNOWLEDGEMENT = _consts.SMPP_MSGTYPE_USERACK
    INTERMEDIATE_NOTIFICATION = 0x20
    UDHI = _consts.SMPP_GSMFEAT_UDHI
    REPLY_PATH = _consts.SMPP_GSMFEAT_REPLYPATH


class MessageState(IntEnum):
    """What became of a message (§5.2.28), in receipts and in query_sm_resp."""

    ENROUTE = _consts.SMPP_MESSAGE_STATE_ENROUTE
    DELIVERED = _consts.SMPP_MESSAGE_STATE_DELIVERED
    EXPIRED = _consts.SMPP_MESSAGE_STATE_EXPIRED
    DELETED = _consts.SMPP_MESSAGE_STATE_DELETED
    UNDELIVERABLE = _consts.SMPP_MESSAGE_STATE_UNDELIVERABLE
    ACCEPTED = _consts.SMPP_MESSAGE_STATE_ACCEPTED
    UNKNOWN = _consts.SMPP_MESSAGE_STATE_UNKNOWN
    REJECTED = _consts.SMPP_MESSAGE_STATE_REJECTED

"""The names of numbers, against the specification's tables and not against where we took them from."""

import pytest

from sms_service.smpp import CommandId, CommandStatus, DataCoding, EsmClass, MessageState, Npi, Tag, Ton
from sms_service.smpp.consts import INTERFACE_VERSION, RESPONSE_BIT

# §5.1.3, in the order of the table: first number, then names of consecutive numbers.
STATUSES = {
    0x00: "ROK RINVMSGLEN RINVCMDLEN RINVCMDID RINVBNDSTS RALYBND RINVPRTFLG RINVREGDLVFLG RSYSERR",
    0x0A: "RINVSRCADR RINVDSTADR RINVMSGID RBINDFAIL RINVPASWD RINVSYSID",
    0x11: "RCANCELFAIL",
    0x13: "RREPLACEFAIL RMSGQFUL RINVSERTYP",
    0x33: "RINVNUMDESTS RINVDLNAME",
    0x40: "RINVDESTFLAG",
    0x42: "RINVSUBREP RINVESMCLASS RCNTSUBDL RSUBMITFAIL",
    0x48: "RINVSRCTON RINVSRCNPI",
    0x50: "RINVDSTTON RINVDSTNPI",
    0x53: "RINVSYSTYP RINVREPFLAG RINVNUMMSGS",
    0x58: "RTHROTTLED",
    0x61: "RINVSCHED RINVEXPIRY RINVDFTMSGID RX_T_APPN RX_P_APPN RX_R_APPN RQUERYFAIL",
    0xC0: "RINVOPTPARSTREAM ROPTPARNOTALLWD RINVPARLEN RMISSINGOPTPARAM RINVOPTPARAMVAL",
    0xFE: "RDELIVERYFAILURE RUNKNOWNERR",
}

# §5.3.2.
TAGS = {
    0x0005: "DEST_ADDR_SUBUNIT DEST_NETWORK_TYPE DEST_BEARER_TYPE DEST_TELEMATICS_ID",
    0x000D: "SOURCE_ADDR_SUBUNIT SOURCE_NETWORK_TYPE SOURCE_BEARER_TYPE SOURCE_TELEMATICS_ID",
    0x0017: "QOS_TIME_TO_LIVE",
    0x0019: "PAYLOAD_TYPE",
    0x001D: "ADDITIONAL_STATUS_INFO_TEXT RECEIPTED_MESSAGE_ID",
    0x0030: "MS_MSG_WAIT_FACILITIES",
    0x0201: "PRIVACY_INDICATOR SOURCE_SUBADDRESS DEST_SUBADDRESS USER_MESSAGE_REFERENCE USER_RESPONSE_CODE",
    0x020A: "SOURCE_PORT DESTINATION_PORT SAR_MSG_REF_NUM LANGUAGE_INDICATOR SAR_TOTAL_SEGMENTS SAR_SEGMENT_SEQNUM "
    "SC_INTERFACE_VERSION",
    0x0302: "CALLBACK_NUM_PRES_IND CALLBACK_NUM_ATAG NUMBER_OF_MESSAGES",
    0x0381: "CALLBACK_NUM",
    0x0420: "DPF_RESULT SET_DPF MS_AVAILABILITY_STATUS NETWORK_ERROR_CODE MESSAGE_PAYLOAD DELIVERY_FAILURE_REASON "
    "MORE_MESSAGES_TO_SEND MESSAGE_STATE",
    0x0501: "USSD_SERVICE_OP",
    0x1201: "DISPLAY_TIME",
    0x1203: "SMS_SIGNAL MS_VALIDITY",
    0x130C: "ALERT_ON_MESSAGE_DELIVERY",
    0x1380: "ITS_REPLY_TYPE",
    0x1383: "ITS_SESSION_INFO",
}

# §5.1.2.1: requests; all but two have a response.
COMMANDS = {
    0x01: "BIND_RECEIVER BIND_TRANSMITTER QUERY_SM SUBMIT_SM DELIVER_SM UNBIND REPLACE_SM CANCEL_SM BIND_TRANSCEIVER",
    0x0B: "OUTBIND",
    0x15: "ENQUIRE_LINK",
    0x21: "SUBMIT_MULTI",
    0x102: "ALERT_NOTIFICATION DATA_SM",
}


def spread(table, prefix=""):
    return {
        f"{prefix}{name}": first + offset for first, names in table.items() for offset, name in enumerate(names.split())
    }


def members(enum):
    return {member.name: member.value for member in enum}


def test_statuses():
    """Each command_status has the number of the specification, and none is missing."""
    assert members(CommandStatus) == spread(STATUSES, "ESME_")


def test_tags():
    """Each optional parameter has the tag of the specification, and none is missing."""
    assert members(Tag) == spread(TAGS)


def test_commands():
    """Each command has the id of the specification; a response is its request with the highest bit."""
    requests = spread(COMMANDS)
    responses = {
        f"{name}_RESP": number | 0x80000000
        for name, number in requests.items()
        if name not in ("OUTBIND", "ALERT_NOTIFICATION")
    }

    assert members(CommandId) == requests | responses | {"GENERIC_NACK": 0x80000000}
    assert RESPONSE_BIT == 0x80000000


@pytest.mark.parametrize(
    ("enum", "numbers"),
    [
        (Ton, (0, 1, 2, 3, 4, 5, 6)),
        (Npi, (0, 1, 3, 4, 6, 8, 9, 10, 14, 18)),
        (DataCoding, (0, 1, 4, 3, 8)),
        (EsmClass, (0x04, 0x08, 0x10, 0x20, 0x40, 0x80)),
        (MessageState, (1, 2, 3, 4, 5, 6, 7, 8)),
    ],
)
def test_field_values(enum, numbers):
    """The values of single fields, as in §5.2.5, §5.2.6, §5.2.19, §5.2.12 and §5.2.28."""
    assert tuple(enum) == numbers


def test_version():
    """interface_version says 3.4 (§5.2.4)."""
    assert INTERFACE_VERSION == 0x34

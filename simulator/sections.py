"""Where SMPP 3.4 defines each field: section numbers by the names that the specification uses."""

from __future__ import annotations

from typing import Final

from sms_service.smpp import Tag

HEADER_SECTIONS: Final = {
    "command_length": "5.1.1",
    "command_id": "5.1.2",
    "command_status": "5.1.3",
    "sequence_number": "5.1.4",
}

FIELD_SECTIONS: Final = {
    "system_id": "5.2.1",
    "password": "5.2.2",
    "system_type": "5.2.3",
    "interface_version": "5.2.4",
    **dict.fromkeys(("addr_ton", "source_addr_ton", "dest_addr_ton", "esme_addr_ton"), "5.2.5"),
    **dict.fromkeys(("addr_npi", "source_addr_npi", "dest_addr_npi", "esme_addr_npi"), "5.2.6"),
    "address_range": "5.2.7",
    "source_addr": "5.2.8",
    "destination_addr": "5.2.9",
    "esme_addr": "5.2.10",
    "service_type": "5.2.11",
    "esm_class": "5.2.12",
    "protocol_id": "5.2.13",
    "priority_flag": "5.2.14",
    "schedule_delivery_time": "5.2.15",
    "validity_period": "5.2.16",
    "registered_delivery": "5.2.17",
    "replace_if_present_flag": "5.2.18",
    "data_coding": "5.2.19",
    "sm_default_msg_id": "5.2.20",
    "sm_length": "5.2.21",
    "short_message": "5.2.22",
    "message_id": "5.2.23",
    "number_of_dests": "5.2.24",
    "dest_flag": "5.2.25",
    "no_unsuccess": "5.2.26",
    "dl_name": "5.2.27",
    "message_state": "5.2.28",
    "dest_addresses": "4.5.1.1",
    "unsuccess_smes": "4.5.2.1",
    "error_status_code": "4.5.2.1",
    "final_date": "4.8.2",
    "error_code": "4.8.2",
}

_TAGS_IN_ORDER: Final = (
    Tag.DEST_ADDR_SUBUNIT, Tag.SOURCE_ADDR_SUBUNIT, Tag.DEST_NETWORK_TYPE, Tag.SOURCE_NETWORK_TYPE, Tag.DEST_BEARER_TYPE,
    Tag.SOURCE_BEARER_TYPE, Tag.DEST_TELEMATICS_ID, Tag.SOURCE_TELEMATICS_ID, Tag.QOS_TIME_TO_LIVE, Tag.PAYLOAD_TYPE,
    Tag.ADDITIONAL_STATUS_INFO_TEXT, Tag.RECEIPTED_MESSAGE_ID, Tag.MS_MSG_WAIT_FACILITIES, Tag.PRIVACY_INDICATOR,
    Tag.SOURCE_SUBADDRESS, Tag.DEST_SUBADDRESS, Tag.USER_MESSAGE_REFERENCE, Tag.USER_RESPONSE_CODE, Tag.LANGUAGE_INDICATOR,
    Tag.SOURCE_PORT, Tag.DESTINATION_PORT, Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM,
    Tag.SC_INTERFACE_VERSION, Tag.DISPLAY_TIME, Tag.MS_VALIDITY, Tag.DPF_RESULT, Tag.SET_DPF, Tag.MS_AVAILABILITY_STATUS,
    Tag.NETWORK_ERROR_CODE, Tag.MESSAGE_PAYLOAD, Tag.DELIVERY_FAILURE_REASON, Tag.MORE_MESSAGES_TO_SEND, Tag.MESSAGE_STATE,
    Tag.CALLBACK_NUM, Tag.CALLBACK_NUM_PRES_IND, Tag.CALLBACK_NUM_ATAG, Tag.NUMBER_OF_MESSAGES, Tag.SMS_SIGNAL,
    Tag.ALERT_ON_MESSAGE_DELIVERY, Tag.ITS_REPLY_TYPE, Tag.ITS_SESSION_INFO, Tag.USSD_SERVICE_OP,
)  # fmt: skip
"""The optional parameters in the order of section 5.3.2."""

TAG_SECTIONS: Final[dict[int, str]] = {int(tag): f"5.3.2.{number}" for number, tag in enumerate(_TAGS_IN_ORDER, 1)}

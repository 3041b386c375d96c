"""The text of short messages, pure: alphabets, headers, segments, receipts, numbers and Vietnamese letters.

Nothing here knows of sockets, time, the protocol's PDUs or any other part of the gateway; values go in and come out.
The names below are what the rest builds on.
"""

from sms_service.sms.alphabets import (
    Alphabet,
    Encoded,
    decode,
    encode,
    encode_cheapest,
)
from sms_service.sms.concatenation import Inbound, Part, group_complete, group_key, join, part_of
from sms_service.sms.gsm7 import NotEncodable, encodable_gsm7, gsm7_encode, septet_count
from sms_service.sms.msisdn import MOBILE_PREFIXES, is_vietnam_mobile, normalise, operator_of
from sms_service.sms.receipts import (
    DeliveryReceipt,
    MessageIds,
    MessageState,
    canonical_message_id,
    format_receipt,
    is_delivery_receipt,
    parse_receipt,
)
from sms_service.sms.segments import LongMessages, Segment, TooManySegments, segment_count, split
from sms_service.sms.udh import Concat, MalformedUdh, Numbering, concat_udh, parse_udh
from sms_service.sms.vietnamese import nfc, unaccent

__all__ = [
    "MOBILE_PREFIXES",
    "Alphabet",
    "Concat",
    "DeliveryReceipt",
    "Encoded",
    "Inbound",
    "LongMessages",
    "MalformedUdh",
    "MessageIds",
    "MessageState",
    "NotEncodable",
    "Numbering",
    "Part",
    "Segment",
    "TooManySegments",
    "canonical_message_id",
    "concat_udh",
    "decode",
    "encodable_gsm7",
    "encode",
    "encode_cheapest",
    "format_receipt",
    "group_complete",
    "group_key",
    "gsm7_encode",
    "is_delivery_receipt",
    "is_vietnam_mobile",
    "join",
    "nfc",
    "normalise",
    "operator_of",
    "parse_receipt",
    "parse_udh",
    "part_of",
    "segment_count",
    "septet_count",
    "split",
    "unaccent",
]

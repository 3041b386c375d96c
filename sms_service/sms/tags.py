"""Tags of the optional parameters that bear on a message's text (SMPP 3.4 section 5.3.2).

They stand here as numbers, and TLVs as plain ``(tag, value)`` pairs, so that text is handled without the protocol's
codec.
"""

RECEIPTED_MESSAGE_ID = 0x001E
SAR_MSG_REF_NUM = 0x020C
SAR_TOTAL_SEGMENTS = 0x020E
SAR_SEGMENT_SEQNUM = 0x020F
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427

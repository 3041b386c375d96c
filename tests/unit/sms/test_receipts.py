"""Delivery receipts: told from inquiries, read however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.receipts import (
    DeliveryReceipt,
    MessageIds,
    MessageState,
    canonical_message_id,
    format_receipt,
    is_delivery_receipt,
    parse_receipt,
)

APPENDIX_B = "id:0123456789 sub:001 dlvrd:001 submit date:2501011200 done date:2501011201 stat:DELIVRD err:000 Text:So dien thoai hoac c"
READ = DeliveryReceipt(
    message_id="0123456789", stat=MessageState.DELIVERED, err="000", submit_date="2501011200", done_date="2501011201"
)

WORDS = st.text(st.sampled_from("0123456789ABCDEFabcdef-"), min_size=1, max_size=64)
RECEIPTS = st.builds(
    DeliveryReceipt,
    message_id=WORDS,
    stat=st.sampled_from(MessageState),
    err=st.sampled_from(("", "000", "12A")),
    submit_date=st.sampled_from(("", "2501011200", "250101120059")),
    done_date=st.sampled_from(("", "2501011201")),
)


@pytest.mark.parametrize("esm_class", range(256))
def test_what_esm_class_says(esm_class):
    """Receipts and intermediate notifications by bits 5-2 of esm_class (SMPP 3.4 section 5.2.12), whatever the other bits."""
    assert is_delivery_receipt(esm_class) is ((esm_class >> 2 & 0xF) in {1, 8})


@pytest.mark.parametrize(
    "text",
    [
        APPENDIX_B,
        APPENDIX_B.upper(),
        APPENDIX_B.replace(":", ": "),
        APPENDIX_B.replace(":", " : "),
        APPENDIX_B.replace(" ", "\n"),
        APPENDIX_B.replace(" ", "  ") + "\0",
        APPENDIX_B.replace(" date", "_date"),
        APPENDIX_B.replace(" date", "date"),
        APPENDIX_B.partition(" Text")[0],
        "err:000 stat:delivrd done date:2501011201 submit date:2501011200 dlvrd:1 sub:1 id:0123456789",
        APPENDIX_B + " id:999 stat:EXPIRED",
    ],
)
def test_spellings_of_one_receipt(text):
    """Case, blanks, order and missing fields do not matter; what the quoted message says is never taken for a field."""
    assert parse_receipt(text) == READ


@pytest.mark.parametrize(
    ("text", "receipt"),
    [
        ("id:1", DeliveryReceipt(message_id="1")),
        ("id:1 stat:SOMETHING", DeliveryReceipt(message_id="1")),
        ("id:1 err: stat:EXPIRED", DeliveryReceipt(message_id="1", stat=MessageState.EXPIRED)),
        ("id:ab:cd-1 stat:REJECTD", DeliveryReceipt(message_id="ab:cd-1", stat=MessageState.REJECTED)),
        ("id:" + "a" * 65, DeliveryReceipt(message_id="a" * 64)),
        ("id:1 id:2", DeliveryReceipt(message_id="1")),
        ("", None),
        ("stat:DELIVRD", None),
        ("id: stat:DELIVRD", None),
        ("text:id:1 stat:DELIVRD", None),
        ("DC 001085012345", None),
    ],
)
def test_what_is_missing(text, receipt):
    """Without an id there is no receipt; a missing or unheard-of state is UNKNOWN; the first of two fields counts."""
    assert parse_receipt(text) == receipt


@pytest.mark.parametrize(
    ("text", "tlvs", "receipt"),
    [
        ("", ((0x001E, b"7A\0"), (0x0427, b"\x02")), DeliveryReceipt(message_id="7A", stat=MessageState.DELIVERED)),
        ("", ((0x001E, b"7A"),), DeliveryReceipt(message_id="7A")),
        (
            "id:1 stat:DELIVRD",
            ((0x001E, b"7A\0"), (0x0427, b"\x05")),
            DeliveryReceipt(message_id="7A", stat=MessageState.UNDELIVERABLE),
        ),
        (
            "id:1 stat:DELIVRD",
            ((0x001E, b""), (0x0427, b"\x63")),
            DeliveryReceipt(message_id="1", stat=MessageState.DELIVERED),
        ),
        ("id:1 stat:DELIVRD", ((0x0427, b""),), DeliveryReceipt(message_id="1", stat=MessageState.DELIVERED)),
        ("", ((0x0427, b"\x02"),), None),
    ],
)
def test_tlvs_count_more_than_text(text, tlvs, receipt):
    """receipted_message_id and message_state overrule the text, where they make sense."""
    assert parse_receipt(text, tlvs) == receipt


@pytest.mark.parametrize(
    ("number", "state"),
    list(enumerate(("ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"), 1)),
)
def test_states_by_number_and_name(number, state):
    """The eight states of SMPP 3.4 section 5.2.28, named as in Appendix B."""
    assert parse_receipt("id:1", ((0x0427, bytes((number,))),)).stat == state
    assert parse_receipt(f"id:1 stat:{state}").stat == state


@given(RECEIPTS, st.text())
def test_what_is_written_is_read(receipt, text):
    """A receipt that the simulator writes is read as it was, whatever message it quotes."""
    assert parse_receipt(format_receipt(receipt, text)) == receipt


def test_a_receipt_is_written_as_appendix_b_shows_it():
    """All fields in their order, twenty characters of the message; none delivered unless it was."""
    assert format_receipt(READ, "So dien thoai hoac cong dan khong ton tai.") == APPENDIX_B.replace("Text", "text")
    failed = DeliveryReceipt(message_id="1", stat=MessageState.UNDELIVERABLE, err="011")
    assert format_receipt(failed) == "id:1 sub:001 dlvrd:000 submit date: done date: stat:UNDELIV err:011 text:"


@given(st.text(), st.lists(st.tuples(st.sampled_from((0x001E, 0x0427, 0x0424)), st.binary(max_size=70)), max_size=4))
def test_reading_never_fails(text, tlvs):
    """Any text and any TLVs are a receipt or none, with an id of at most 64 characters."""
    receipt = parse_receipt(text, tlvs)

    assert receipt is None or 1 <= len(receipt.message_id) <= 64


def test_a_receipt_of_any_length_is_read_to_a_limit():
    """Fields beyond 500 characters are not looked for."""
    assert parse_receipt(" " * 496 + "id:1") == DeliveryReceipt(message_id="1")
    assert parse_receipt(" " * 500 + "id:1") is None


@pytest.mark.parametrize(
    ("message_id", "written", "canonical"),
    [
        ("1A2B", MessageIds.HEXADECIMAL, "6699"),
        ("1a2b", MessageIds.HEXADECIMAL, "6699"),
        ("00001A2B", MessageIds.HEXADECIMAL, "6699"),
        ("6699", MessageIds.DECIMAL, "6699"),
        ("0000006699", MessageIds.DECIMAL, "6699"),
        ("0000006699", MessageIds.TEXT, "0000006699"),
        ("1A2B", MessageIds.DECIMAL, "1A2B"),
        ("1_0", MessageIds.HEXADECIMAL, "1_0"),
        ("0x10", MessageIds.HEXADECIMAL, "0x10"),
        ("+1", MessageIds.DECIMAL, "+1"),
        ("١", MessageIds.DECIMAL, "١"),
        ("", MessageIds.DECIMAL, ""),
        ("1" * 5000, MessageIds.DECIMAL, "1" * 5000),
    ],
)
def test_ids_in_two_writings_are_one(message_id, written, canonical):
    """Hexadecimal in submit_sm_resp and decimal in the receipt name one message; what is no number stays as it is."""
    assert canonical_message_id(message_id, written) == canonical


@given(st.integers(0, 2**64))
def test_any_number_is_one_in_both_writings(number):
    """Both writings of a number, padded or not, come to the same."""
    writings = (
        (f"{number:X}", MessageIds.HEXADECIMAL),
        (f"{number:020x}", MessageIds.HEXADECIMAL),
        (f"{number:024}", MessageIds.DECIMAL),
    )

    assert {canonical_message_id(text, written) for text, written in writings} == {str(number)}

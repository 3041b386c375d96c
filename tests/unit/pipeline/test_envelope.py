"""How messages stand in the journal."""

import msgspec
import pytest

from sms_service.keys import Pseudonyms, Sealer, SealError, new_keys
from sms_service.model import Content, JournalledInquiry, Received, StoredSegment
from sms_service.pipeline.envelope import RUN_SHIFT, AssembledContent, Envelopes, SegmentContent, parts_of
from sms_service.sms.udh import Concat, Numbering

KEYS = new_keys()
CONTENT = Content("84912345678", "5505", "DC 001185012345")


def envelopes(run_id=1, keys=KEYS):
    return Envelopes(run_id, Sealer(keys), Pseudonyms(keys))


def journalled(row, **changes):
    values = {name: getattr(row, name) for name in ("inquiry_id", "smsc", "accepted_at", "digest", "sealed")}
    return JournalledInquiry(**{**values, "age_s": 2.0, "may_have_left": False, **changes})


def received(**changes):
    values = {
        "smsc": "viettel",
        "link": "a1",
        "sequence_number": 1,
        "received_at": 0.0,
        "source_addr": "84912345678",
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "destination_addr": "5505",
        "esm_class": 0x40,
        "data_coding": 8,
        "short_message": b"",
    }
    return Received(**{**values, **changes})


def test_numbers_of_two_runs_never_meet():
    """A number carries its run; within a run they count on. All fit PostgreSQL's bigint."""
    first, second = envelopes(1), envelopes(2)
    ids = [one.inquiry("viettel", "a1", 0.0, CONTENT).inquiry_id for one in (first, first, second)]
    assert ids == [(1 << RUN_SHIFT) + 1, (1 << RUN_SHIFT) + 2, (2 << RUN_SHIFT) + 1]
    assert envelopes(2**27 - 1).inquiry("viettel", "", 0.0, CONTENT).inquiry_id < 2**63


def test_what_was_sealed_comes_back():
    """After a restart the inquiry is what it was, and says that it is resumed."""
    inquiry = envelopes().inquiry("viettel", "a1", 5.0, CONTENT)
    back = envelopes(2).resumed(journalled(envelopes().row(inquiry, 1_700_000_000.0), may_have_left=True), 100.0)
    assert (back.content.msisdn, back.content.short_code, back.content.text) == ("84912345678", "5505", CONTENT.text)
    assert back.content.whole
    assert parts_of(back) == parts_of(inquiry) == ()
    assert (back.inquiry_id, back.smsc, back.since) == (inquiry.inquiry_id, "viettel", 98.0)
    assert (back.sender, back.digest) == (inquiry.sender, inquiry.digest)
    assert (back.link, back.resumed, back.may_have_left) == ("", True, True)


def test_a_long_message_comes_back_with_the_keys_of_its_parts():
    """Whoever finds it in the journal knows them when they are redelivered."""
    content = AssembledContent("84912345678", "5505", "DC", parts=(b"a" * 16, b"b" * 16))
    row = envelopes().row(envelopes().inquiry("viettel", "a1", 5.0, content), 0.0)
    assert parts_of(envelopes().resumed(journalled(row), 100.0)) == (b"a" * 16, b"b" * 16)


def test_a_row_shows_no_person():
    """Neither number, nor ID, nor text stands in a row in the clear."""
    made = envelopes()
    raw = msgspec.msgpack.encode(made.row(made.inquiry("viettel", "a1", 5.0, CONTENT), 0.0))
    for secret in (b"912345678", b"001185012345", b"DC "):
        assert secret not in raw


def test_a_seal_is_bound_to_its_row():
    """Contents that were swapped between rows, or sealed with other keys, do not open."""
    made = envelopes()
    row = made.row(made.inquiry("viettel", "a1", 5.0, CONTENT), 0.0)
    with pytest.raises(SealError):
        made.resumed(journalled(row, inquiry_id=row.inquiry_id + 1), 100.0)
    with pytest.raises(SealError):
        envelopes(keys=new_keys()).resumed(journalled(row), 100.0)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"smsc": "mobifone"}, False),
        ({"msisdn": "84912345679"}, False),
        ({"short_code": "5506"}, False),
        ({"text": "DC"}, False),
    ],
)
def test_a_duplicate_has_the_same_smsc_sender_short_code_and_text(change, same):
    """Only all four together make two messages one; the link and the time do not matter."""
    smsc = change.pop("smsc", "viettel")
    first = envelopes().inquiry("viettel", "a1", 5.0, CONTENT)
    second = envelopes().inquiry(smsc, "b7", 9.0, msgspec.structs.replace(CONTENT, **change))
    assert (first.digest == second.digest) is same


def test_any_text_has_a_digest():
    """A lone surrogate, which UTF-8 cannot write, does not stop it."""
    assert len(envelopes().inquiry("viettel", "", 0.0, Content("84912345678", "5505", "\ud800")).digest) == 16


def test_parts_come_back_and_are_bound_to_their_place():
    """A part opens in its own place only."""
    made = envelopes()
    row, _ = made.segment(received(), 3.0, "84912345678", b"\x00A", Concat(7, Numbering.UDH_8, 2, 1))
    assert (row.number, row.total, row.smsc, row.accepted_at) == (1, 2, "viettel", 3.0)
    stored = StoredSegment(row.group_key, 1, 2, "viettel", row.sealed)
    assert made.open_segment(stored) == SegmentContent("84912345678", "5505", 8, b"\x00A", "a1")
    with pytest.raises(SealError):
        made.open_segment(msgspec.structs.replace(stored, number=2))
    assert "84912345678" not in repr(made.open_segment(stored))


@pytest.mark.parametrize(
    ("message", "msisdn", "concat"),
    [
        (received(smsc="mobifone"), "84912345678", Concat(7, Numbering.UDH_8, 2, 1)),
        (received(), "84912345679", Concat(7, Numbering.UDH_8, 2, 1)),
        (received(destination_addr="5506"), "84912345678", Concat(7, Numbering.UDH_8, 2, 1)),
        (received(), "84912345678", Concat(8, Numbering.UDH_8, 2, 1)),
        (received(), "84912345678", Concat(7, Numbering.UDH_16, 2, 1)),
        (received(), "84912345678", Concat(7, Numbering.UDH_8, 3, 1)),
    ],
)
def test_parts_of_two_messages_never_share_a_group(message, msisdn, concat):
    """SMSC, source, destination, reference, its width and the total: any other makes another message."""
    made = envelopes()
    one, _ = made.segment(received(), 0.0, "84912345678", b"", Concat(7, Numbering.UDH_8, 2, 1))
    other, _ = made.segment(message, 0.0, msisdn, b"", concat)
    assert other.group_key != one.group_key


def test_each_part_has_a_key_of_its_own():
    """By group, number and octets; the seal and the link do not matter."""
    made = envelopes()
    keys = {
        made.part_key(group, number, octets)
        for group in (b"a" * 16, b"b" * 16)
        for number in (1, 2, 255)
        for octets in (b"", b"DC")
    }
    assert len(keys) == 12
    concat = Concat(7, Numbering.UDH_8, 2, 1)
    row, key = made.segment(received(link="a1"), 0.0, "84912345678", b"DC", concat)
    assert key == envelopes(9).segment(received(link="b2"), 5.0, "84912345678", b"DC", concat)[1]
    assert key == made.part_key(row.group_key, 1, b"DC")


@pytest.mark.parametrize("wrong", [b"", b"\x93\x01\x02\x03", b"\xc1"])
def test_a_sealed_value_of_another_form_is_said_to_be_so(wrong):
    """A later version's rows are kept, not misread."""
    sealer, made = Sealer(KEYS), envelopes()
    row = made.row(made.inquiry("viettel", "a1", 5.0, CONTENT), 0.0)
    about = b"inquiry" + row.inquiry_id.to_bytes(8, "big")
    with pytest.raises(SealError):
        made.resumed(journalled(row, sealed=sealer.seal(wrong, about)), 100.0)
    part = b"segment" + b"g" * 16 + (1).to_bytes(2, "big")
    with pytest.raises(SealError):
        made.open_segment(StoredSegment(b"g" * 16, 1, 2, "viettel", sealer.seal(wrong, part)))

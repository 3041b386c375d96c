"""One inquiry of the parts of a long message."""

import msgspec

from sms_service.adapters.memory import FakeClock
from sms_service.keys import Pseudonyms, Sealer, new_keys
from sms_service.model import Received, StoredSegment
from sms_service.pipeline.assembly import Assembly
from sms_service.pipeline.envelope import Envelopes
from sms_service.pipeline.inflight import InFlight
from sms_service.sms.alphabets import Alphabet
from sms_service.sms.udh import Concat, Numbering

KEYS = new_keys()
CLOCK = FakeClock()


def made_with(keys=KEYS):
    in_flight = InFlight(10)
    envelopes = Envelopes(1, Sealer(keys), Pseudonyms(keys))
    return Assembly(envelopes, {"viettel": Alphabet.GSM7}, in_flight, CLOCK), in_flight


def parts(*texts, total=None, smsc="viettel"):
    envelopes = Envelopes(1, Sealer(KEYS), Pseudonyms(KEYS))
    rows = []
    for number, text in enumerate(texts, 1):
        received = Received(smsc, f"a{number}", 1, 0.0, "84912345678", 1, 1, "5505", 0x40, 0, b"")
        concat = Concat(7, Numbering.UDH_8, total or len(texts), number)
        row, _ = envelopes.segment(received, 0.0, "84912345678", text, concat)
        rows.append(StoredSegment(row.group_key, row.number, row.total, row.smsc, row.sealed))
    return rows


def test_a_whole_group_is_read_as_one_text():
    """In number order; the inquiry has a place in flight until it is told stored or not."""
    assembly, in_flight = made_with()
    row = assembly.assemble(parts(b"DC 0011", b"85012345"))
    inquiry = assembly.made[row.inquiry_id]
    assert (inquiry.content.text, inquiry.content.whole) == ("DC 001185012345", True)
    assert (inquiry.content.msisdn, inquiry.content.short_code) == ("84912345678", "5505")
    assert inquiry.link == "a2"
    assert (inquiry.since, row.accepted_at) == (CLOCK.monotonic(), CLOCK.time())
    assert in_flight.knows(row.inquiry_id)
    assembly.release()
    assert not in_flight.knows(row.inquiry_id)


def test_each_part_is_named_with_the_link_that_acknowledged_it():
    """So that a redelivered part is known, whatever link the others came by."""
    assembly, _ = made_with()
    group = parts(b"DC 0011", b"85012345")
    assembly.assemble(group)
    assert [link for _, link in assembly.parts] == ["a1", "a2"]
    assert len({key for key, _ in assembly.parts}) == 2


def test_a_group_with_parts_missing_is_never_read():
    """Half a message is no inquiry, even if it reads as one."""
    assembly, _ = made_with()
    row = assembly.assemble(parts(b"DC", total=2))
    content = assembly.made[row.inquiry_id].content
    assert (content.text, content.whole, content.msisdn) == ("", False, "84912345678")


def test_a_part_that_cannot_be_opened_is_a_part_that_is_missing():
    """The citizen is answered as far as the others tell who asked."""
    assembly, _ = made_with()
    group = parts(b"DC ", b"HD")
    group[0] = msgspec.structs.replace(group[0], sealed=b"broken")
    content = assembly.made[assembly.assemble(group).inquiry_id].content
    assert (content.text, content.whole, content.msisdn) == ("", False, "84912345678")


def test_a_group_of_which_nothing_can_be_opened_names_nobody():
    """It still is an inquiry, since it was accepted."""
    assembly, _ = made_with(new_keys())
    inquiry = assembly.made[assembly.assemble(parts(b"DC ", b"HD")).inquiry_id]
    assert (inquiry.content.msisdn, inquiry.content.whole, inquiry.link) == ("", False, "")
    assert assembly.parts == []


def test_a_group_of_an_smsc_unknown_here_is_not_read_here():
    """An incomplete one needs no alphabet."""
    assembly, _ = made_with()
    row = assembly.assemble(parts(b"DC", total=2, smsc="mobifone"))
    assert row.smsc == "mobifone"

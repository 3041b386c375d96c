"""Segments of an ESME's message become one, whatever the way they are joined."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smsc import reassembly
from simulator.smsc.messages import Arrival, Content
from simulator.smsc.reassembly import INCOMPLETE_AGE_S, Reassembly
from sms_service.smpp import SubmitSm, Tlv
from sms_service.sms import Alphabet, LongMessages, split

MSISDN = "84912345678"


def submits(text, method=LongMessages.UDH, reference=1, alphabet=Alphabet.GSM7):
    return [
        SubmitSm(
            source_addr="5505",
            destination_addr=MSISDN,
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
            tlvs=tuple(Tlv(tag, value) for tag, value in segment.tlvs),
        )
        for segment in split(text, reference=reference, method=method, default=alphabet)
    ]


def assemble(pdus, alphabet=Alphabet.GSM7, msisdn=MSISDN):
    whole = Reassembly(alphabet)
    return [arrival for pdu in pdus if (arrival := whole.add(pdu, msisdn, 0.0)) is not None]


@pytest.mark.parametrize("method", list(LongMessages))
@pytest.mark.parametrize(
    ("text", "encoding", "segments"), [("DC", "gsm7", 1), ("ab" * 100, "gsm7", 2), ("Ệ" * 140, "ucs2", 3)]
)
def test_every_way_of_joining(method, text, encoding, segments):
    """Headers, SAR parameters and message_payload all give the one text with its segments."""
    assert assemble(submits(text, method)) == [Arrival(MSISDN, "5505", Content(text, encoding, segments))]


def test_any_order_and_repetitions():
    """Segments come in any order, some twice; the message comes once."""
    text = "x" * 400
    for order in itertools.permutations(submits(text)):
        assert [arrival.content.text for arrival in assemble([order[0], *order])] == [text]


def test_segments_of_two_phones_do_not_mix():
    """The same reference to two phones is two messages."""
    whole, (first, second) = Reassembly(Alphabet.GSM7), submits("y" * 200)
    assert whole.add(first, MSISDN, 0.0) is None
    assert whole.add(second, "84987654321", 0.0) is None
    assert len(whole) == 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600))
def test_what_is_cut_is_joined(text):
    """Whatever the text, the phone shows what was sent."""
    assert [arrival.content.text for arrival in assemble(submits(text))] == [text]


def test_default_alphabet():
    """data_coding 0 is read in the SMSC's alphabet."""
    pdu = SubmitSm(source_addr="5505", short_message="é".encode("latin-1"))
    assert assemble([pdu], Alphabet.LATIN1)[0].content.text == "é"


def test_incomplete_messages_are_forgotten():
    """A message that stays incomplete is dropped after a while, and its late segment begins anew."""
    whole, (first, second) = Reassembly(Alphabet.GSM7), submits("z" * 200)
    whole.add(first, MSISDN, 0.0)
    whole.forget_old(INCOMPLETE_AGE_S)
    assert len(whole) == 1
    whole.forget_old(INCOMPLETE_AGE_S + 1)
    assert len(whole) == 0
    assert whole.add(second, MSISDN, INCOMPLETE_AGE_S + 2) is None


def test_incomplete_messages_are_bounded(monkeypatch):
    """With too many incomplete messages the oldest goes."""
    monkeypatch.setattr(reassembly, "INCOMPLETE_MAX", 2)
    whole = Reassembly(Alphabet.GSM7)
    series = [submits("z" * 200, reference=reference) for reference in (1, 2, 3)]
    for first, _ in series:
        whole.add(first, MSISDN, 0.0)
    assert len(whole) == 2
    assert [whole.add(second, MSISDN, 0.0) is not None for _, second in series[1:]] == [True, True]

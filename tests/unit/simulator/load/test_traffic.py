"""Who texts what: every message reads as its kind says, and every sender is owed what the population says."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.load.plan import MIXES, Mix
from simulator.load.sender import VARIANTS, VARIANTS_WIDE
from simulator.load.senders import PERIOD_S, Queue
from simulator.load.traffic import Traffic
from simulator.population.numbers import NumberState
from sms_service.smpp import decode
from sms_service.sms import Alphabet, join, part_of
from sms_service.sms.concatenation import Part
from tests.unit.simulator.load.conftest import POPULATION, SYNTAX


def traffic(mix=MIXES["hostile"], seed=1, share=0, shares=1):
    return Traffic(POPULATION, SYNTAX, mix, seed=seed, share=share, shares=shares, alphabet=Alphabet.GSM7)


def text_of(sender):
    """What its next inquiry says, read from its octets."""
    parts = []
    for prepared in sender.messages():
        pdu = decode(prepared.encode(1))
        inbound = part_of(pdu.esm_class, pdu.short_message, [])
        parts.append(Part(inbound.concat.number if inbound.concat else 1, pdu.data_coding, inbound.payload))
    return join(parts, Alphabet.GSM7)


SENDERS = list(traffic().senders(500, 20))


def test_each_is_owed_what_the_population_says():
    """The reply that the syntax gives to the very octets that leave, however often they leave."""
    refusal = SYNTAX.refusal
    numbers = {n.msisdn: (POPULATION.citizen(i), n) for i in range(POPULATION.citizens) for n in POPULATION.numbers(i)}
    for sender in SENDERS:
        for _ in range(3):
            reading = SYNTAX.read(text_of(sender))
            if sender.kind == "misread":
                assert sender.owed.text == SYNTAX.misread(reading)
                continue
            if sender.kind == "help":
                assert sender.owed.text == SYNTAX.help(reading)
                continue
            citizen, number = numbers.get(sender.msisdn, (None, None))
            told = (
                citizen is not None
                and number.state is NumberState.AUTHENTICATED
                and citizen.death_or_missing_date is None
                and sender.kind != "other_id"
            )
            assert (sender.owed.text != refusal) == told
            assert sender.owed.personal == told


def test_every_kind_is_drawn():
    assert {sender.kind for sender in SENDERS} == set(Mix.__struct_fields__)


def test_unregistered_numbers_are_nobodys():
    known = {n.msisdn for i in range(POPULATION.citizens) for n in POPULATION.numbers(i)}
    for sender in SENDERS:
        assert (sender.msisdn in known) == (sender.kind != "unregistered")


def test_messages_of_a_sender_differ():
    """Until the variants are used up; the first is plain."""
    for sender in itertools.islice(traffic().senders(60, 5), 65):
        octets = [b"".join(part.encode(1)[16:] for part in sender.messages()) for _ in range(VARIANTS)]
        assert len(set(octets)) in {VARIANTS, VARIANTS_WIDE}


def test_several_segments():
    """The kind is what it says, in the alphabet of its text."""
    for sender in SENDERS:
        if sender.kind == "multipart":
            assert len(sender.messages()) > 1


def test_shares_are_apart():
    """No sender is of two SMSCs, and the same plan draws the same."""
    one, two = ({sender.msisdn for sender in traffic(share=share, shares=2).senders(100, 5)} for share in (0, 1))
    assert not one & two
    again = {sender.msisdn for sender in traffic(share=0, shares=2).senders(100, 5)}
    assert one == again


def test_a_population_that_is_used_up():
    assert 0 < len(list(traffic(Mix(keyword=1)).senders(10_000, 0))) < 10_000


@settings(max_examples=30, deadline=None)
@given(quota=st.integers(1, 5), answers=st.lists(st.floats(0.01, 30), min_size=5, max_size=80))
def test_the_quota_is_kept_whenever_answers_come(quota, answers):
    """In no period more than that, however long each answer takes."""
    (sender,) = traffic(Mix(keyword=1)).senders(1, 0)
    queue, now, sent = Queue([sender], quota, {}, 0.0), 0.0, []
    for wait in answers:
        while queue.take(now) is None:
            now += 1.0
        sent.append(now)
        now += wait
        queue.answered(sender, now)
    assert all(later - earlier >= PERIOD_S for earlier, later in zip(sent, sent[quota:], strict=False))


@pytest.mark.parametrize("value", SENDERS[:5])
def test_nothing_shows_a_person(value):
    assert value.msisdn not in repr(value)
    assert value.owed.text not in repr(value.owed)
    assert repr(value.person) == "<Person>"


def test_second_pages_are_second_pages():
    """Of a view that is long enough to have one, for nearly everybody."""
    told = [one.owed for one in traffic(Mix(page=1)).senders(100, 0) if one.owed.personal]
    assert sum("Trang 2/" in owed.text for owed in told) > 0.9 * len(told) > 50


def test_every_view_is_asked_for():
    """Clear inquiries are not only those for the basic view."""
    texts = {text_of(sender).split("\n")[0].upper() for sender in traffic(Mix(typed=1)).senders(300, 0)}
    readings = {SYNTAX.read(text).view.code for text in texts if hasattr(SYNTAX.read(text), "view")}
    assert {"basic", "all", "birth", "residence", "card", "family"} <= readings


def test_abusers_are_nobody_else():
    """Whoever texts politely in one run is not over the quota in the next, and the other way round."""
    polite = {sender.msisdn for sender in traffic(Mix(keyword=1)).senders(300, 0)}
    abusive = {sender.msisdn for sender in traffic().senders(0, 30)}
    assert len(abusive) == 30
    assert not polite & abusive
    everybody = [sender.msisdn for sender in traffic(Mix(keyword=1)).senders(10_000, 30)]
    assert len(set(everybody)) == len(everybody)

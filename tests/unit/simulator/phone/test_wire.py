"""What is noted of the wire while phones use it."""

import itertools

import pytest

from simulator.phone import wire as module
from simulator.phone.trails import Place, Trails
from simulator.phone.wire import LINGER_S, WAIT_S, Wire
from simulator.smsc.faults import Faults
from sms_service.smpp import CommandStatus, DeliverSmResp, GenericNack, SubmitSm, encode
from sms_service.sms import Alphabet, LongMessages, split
from tests.unit.simulator.smsc.conftest import World

MSISDN, OTHER = "84912345678", "84987654321"
PORT = 50412


class Phones:
    """The simulated SMSC, its phones and what is noted."""

    def __init__(self):
        self.world = World()
        self.trails = Trails()
        self.wire = Wire(
            self.trails, self.world.center.listen, clock=lambda: self.world.now, wall=lambda: 1e9 + self.world.now
        )
        self.ids = itertools.count(1)

    def bound(self):
        esme = self.world.bound()
        esme.wire._extra["peername"] = ("127.0.0.1", PORT)
        return esme

    def text(self, text="DC", msisdn=MSISDN):
        outbound = self.wire.begin(msisdn)
        content = self.world.center.inject(msisdn, "5505", text, outbound.leaving)
        number = next(self.ids)
        self.wire.taken(number, outbound, content.segments)
        return number

    def arrivals(self):
        """Give what came to the phones its ids."""
        numbers = []
        for arrival in self.world.arrivals:
            numbers.append(next(self.ids))
            self.wire.arrived(numbers[-1], arrival.msisdn)
        self.world.arrivals.clear()
        return numbers

    def trail(self, number, msisdn=MSISDN):
        return self.trails.find(msisdn, number)

    def names(self, number, msisdn=MSISDN):
        return [(passed.sent, passed.command_name) for passed in self.trail(number, msisdn).passed]

    def state(self, number):
        return self.trails.states(MSISDN)[number]


@pytest.fixture
def phones():
    return Phones()


def replies(text="Ho ten: Nguyen", msisdn=MSISDN, reference=7, **fields):
    """The submit_sm of a reply."""
    return [
        SubmitSm(
            source_addr="5505", destination_addr=msisdn, dest_addr_ton=1, dest_addr_npi=1, esm_class=segment.esm_class,
            data_coding=segment.data_coding, short_message=segment.short_message, **fields,
        )
        for segment in split(text, reference=reference, method=LongMessages.UDH, default=Alphabet.GSM7)
    ]  # fmt: skip


def test_an_exchange_octet_by_octet(phones):
    """The message, its answer, the reply and its answer, each with the octets that passed, bind, port and time."""
    esme = phones.bound()
    sent = phones.text()
    (deliver,) = esme.deliveries()
    assert phones.state(sent) == "sent"
    phones.world.now += 0.25
    esme.answer([deliver])
    assert phones.state(sent) == "delivered"
    response = esme.submit(replies()[0])
    (came,) = phones.arrivals()
    assert phones.names(sent) == [(True, "deliver_sm"), (False, "deliver_sm_resp")]
    assert phones.names(came) == [(False, "submit_sm"), (True, "submit_sm_resp")]
    first, second = phones.trail(sent).passed
    assert first.octets == encode(deliver, deliver.sequence_number)
    assert second.octets == encode(DeliverSmResp(), deliver.sequence_number)
    assert (first.bind, first.port, second.at - first.at) == (1, PORT, 0.25)
    submit, answer = phones.trail(came).passed
    assert submit.octets == encode(replies()[0], submit.sequence_number)
    assert answer.octets == encode(response, submit.sequence_number)
    assert phones.trails.at(Place(PORT, 4, submit.sequence_number)) is phones.trail(came)
    assert phones.trails.at(Place(PORT, 5, deliver.sequence_number)) is phones.trail(sent)


def test_an_answer_without_a_body_is_noted_as_it_came(phones):
    """Not as our codec would have written it: sixteen octets are legal in an error, and some ESMEs always send them."""
    esme = phones.bound()
    sent = phones.text()
    (deliver,) = esme.deliveries()
    bare = encode(DeliverSmResp(), deliver.sequence_number)[:16]
    bare = (16).to_bytes(4, "big") + bare[4:]
    for octet in bare:  # and by single octets
        esme.link.data_received(bytes((octet,)))
    assert phones.trail(sent).passed[-1].octets == bare
    assert phones.state(sent) == "delivered"


def test_states_of_what_was_sent(phones):
    """It waits without a bind; one part is not enough; an error for good is told, a passing one is not."""
    sent = phones.text("x" * 200)
    assert phones.state(sent) == "waiting"
    esme = phones.bound()
    one, two = esme.deliveries()
    esme.answer([one])
    assert phones.state(sent) == "sent"
    esme.answer([two], CommandStatus.ESME_RX_T_APPN)
    assert phones.state(sent) == "sent"
    phones.world.later(2)
    (again,) = esme.deliveries()
    esme.answer([again])
    assert phones.state(sent) == "delivered"
    refused = phones.text()
    (deliver,) = esme.deliveries()
    esme.session.respond(
        GenericNack(sequence_number=deliver.sequence_number, command_status=CommandStatus.ESME_RINVCMDID)
    )
    esme.push()
    assert phones.state(refused) == "refused"


def test_redelivered_after_a_broken_link(phones):
    """Both tries are of the message, each with its connection."""
    first = phones.bound()
    sent = phones.text()
    first.deliveries()
    first.drop()
    second = phones.bound()
    second.answer(second.deliveries())
    assert phones.names(sent) == [(True, "deliver_sm"), (True, "deliver_sm"), (False, "deliver_sm_resp")]
    assert [passed.bind for passed in phones.trail(sent).passed] == [1, 2, 2]
    assert phones.state(sent) == "delivered"


def test_a_long_reply_is_one_message(phones):
    """Its segments, in whatever order, with their answers."""
    esme = phones.bound()
    phones.text()
    esme.answer(esme.deliveries())
    for pdu in reversed(replies("y" * 400)):
        esme.submit(pdu)
    (came,) = phones.arrivals()
    assert phones.names(came) == [(False, "submit_sm"), (True, "submit_sm_resp")] * 3


def test_a_refused_submit_is_of_the_reply_that_came_in_the_end(phones):
    """Throttled, sent again, taken: four PDUs, one message."""
    esme = phones.bound()
    phones.text()
    phones.world.center.faults = Faults(submit_error_rate=1, submit_status=CommandStatus.ESME_RTHROTTLED)
    assert esme.submit(replies()[0]).command_status == CommandStatus.ESME_RTHROTTLED
    assert phones.arrivals() == []
    phones.world.center.faults = Faults()
    esme.submit(replies()[0])
    (came,) = phones.arrivals()
    assert [passed.command_status for passed in phones.trail(came).passed] == [0, CommandStatus.ESME_RTHROTTLED, 0, 0]


def test_equal_replies_are_two_messages(phones):
    """Two that came in one read are told apart."""
    esme = phones.bound()
    phones.text()
    phones.text()
    for _ in range(2):
        esme.session.request(replies()[0], phones.world.now)
    esme.push()
    esme.read()
    first, second = phones.arrivals()
    assert phones.names(first) == phones.names(second) == [(False, "submit_sm"), (True, "submit_sm_resp")]
    assert phones.trail(first).passed[0].sequence_number != phones.trail(second).passed[0].sequence_number


def test_receipts_belong_to_the_reply(phones):
    """The deliver_sm that tells of delivery, and the ESME's answer to it."""
    esme = phones.bound()
    phones.text()
    esme.answer(esme.deliveries())
    esme.submit(replies(registered_delivery=1)[0])
    (came,) = phones.arrivals()
    (receipt,) = esme.deliveries()
    esme.answer([receipt])
    assert phones.names(came)[2:] == [(True, "deliver_sm"), (False, "deliver_sm_resp")]


def test_nobody_else_is_noted(phones):
    """Traffic of other numbers passes by."""
    esme = phones.bound()
    sent = phones.text()
    esme.answer(esme.deliveries())
    esme.submit(replies(msisdn=OTHER)[0])
    assert len(phones.trail(sent).passed) == 2
    assert not phones.wire._loose.get(OTHER[-9:])


def test_listening_ends(phones):
    """A while after the last answer, or when none comes for long; and begins again with the next message."""
    esme = phones.bound()
    assert esme.link.ear is None
    phones.text()
    assert esme.link.ear is phones.wire
    esme.answer(esme.deliveries())
    esme.submit(replies()[0])
    phones.arrivals()
    phones.world.now += LINGER_S + 1
    esme.submit(replies(msisdn=OTHER)[0])
    assert esme.link.ear is None
    assert not phones.wire.listening
    phones.text()
    phones.world.now += WAIT_S - 1
    esme.answer(esme.deliveries())
    assert esme.link.ear is phones.wire
    phones.world.now += 2
    esme.submit(replies()[0])
    assert esme.link.ear is None


def test_it_begins_in_the_midst_of_a_pdu(phones):
    """What the link had read of it is taken up."""
    esme = phones.bound()
    esme.session.request(replies()[0], phones.world.now)
    octets = esme.session.data_to_send()
    esme.link.data_received(octets[:21])
    phones.text()
    esme.link.data_received(octets[21:])
    (came,) = phones.arrivals()
    assert phones.trail(came).passed[0].octets == octets


def test_what_waits_is_noted_however_late_it_leaves(phones):
    """A bind that comes after the listening has ended begins it anew."""
    sent = phones.text()
    phones.world.now += WAIT_S + 1
    esme = phones.bound()
    esme.answer(esme.deliveries())
    assert phones.names(sent) == [(True, "deliver_sm"), (False, "deliver_sm_resp")]


def test_a_message_that_was_not_taken_leaves_nobody_waiting(phones):
    """The SMSC refused it: no answer is waited for."""
    phones.bound()
    outbound = phones.wire.begin(MSISDN)
    phones.wire.abandoned(outbound)
    assert not phones.wire.waiting


def test_everything_is_bounded(phones, monkeypatch):
    """Phones, requests without answer, and messages that never come whole."""
    for name in ("PHONES_MAX", "ASKED_MAX", "LOOSE_MAX"):
        monkeypatch.setattr(module, name, 2)
    esme = phones.bound()
    for number in range(5):
        phones.text(msisdn=f"8491234567{number}")
    for reference in range(5):
        esme.submit(replies("z" * 400, "84912345674", reference=reference)[0])
    heard = phones.wire._heard[esme.link]
    assert len(phones.wire._phones) == len(heard.deliveries) == len(phones.wire._loose["912345674"]) == 2
    assert len(phones.wire._receipts) <= 2


def test_no_number_in_any_repr(phones):
    """What an error or a log might show."""
    esme = phones.bound()
    sent = phones.text()
    esme.deliveries()
    shown = repr(phones.trail(sent)) + repr(phones.trail(sent).passed)
    assert MSISDN[2:] not in shown
    assert "deliver_sm" in shown

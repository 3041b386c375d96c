"""The SMSC: delivery with windows, retries and redelivery; submissions; binds."""

import pytest

from simulator.smsc import accounts, backlog, center, messages
from simulator.smsc.center import QueueFull, UnknownShortCode
from sms_service.smpp import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    Closed,
    CommandId,
    CommandStatus,
    DeliverSm,
    EnquireLink,
    GenericNack,
    Prepared,
    QuerySm,
    RequestReceived,
    SessionSettings,
    SubmitSm,
    Tag,
    Unbind,
    decode,
    encode,
)
from sms_service.sms import Alphabet, is_delivery_receipt

MSISDN = "84912345678"
TEMPORARY = [CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RTHROTTLED]


def texts(pdus):
    return [pdu.short_message.decode() for pdu in pdus]


def test_message_of_a_phone_is_delivered(world):
    """A phone's text becomes a deliver_sm to the account of the short code, and its answer settles it."""
    esme = world.bound()
    content = world.center.inject(MSISDN, "5505", "DC")
    assert (content.text, content.encoding, content.segments) == ("DC", "gsm7", 1)
    (pdu,) = esme.deliveries()
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == (MSISDN, 1, 1)
    assert (pdu.destination_addr, pdu.short_message, pdu.data_coding) == ("5505", b"DC", 0)
    esme.answer([pdu])
    assert world.center.deliveries()["gateway"].delivered == 1
    world.later(60)
    assert esme.deliveries() == []


def test_long_message_is_segmented(world):
    """A long text with accents leaves as UCS-2 segments with headers."""
    esme = world.bound()
    assert world.center.inject(MSISDN, "5505", "ệ" * 100).segments == 2
    pdus = esme.deliveries()
    assert [(pdu.esm_class, pdu.data_coding, pdu.short_message[:5]) for pdu in pdus] == [
        (0x40, 8, b"\x05\x00\x03\x00\x02")
    ] * 2


def test_unknown_short_code(world):
    """A short code without account is refused."""
    with pytest.raises(UnknownShortCode):
        world.center.inject(MSISDN, "1414", "DC")


def test_too_long_takes_nothing(world):
    """A text of too many segments is refused whole."""
    with pytest.raises(messages.TooLong):
        world.center.inject(MSISDN, "5505", "x" * 5000)
    assert world.center.waiting() == 0


def test_messages_wait_for_a_bind(world):
    """Without a bind that receives, messages are kept, and go out in order when one stands."""
    for number in range(3):
        world.center.inject(MSISDN, "5505", f"DC {number}")
    assert world.center.waiting() == 3
    world.transmitter()
    assert world.center.waiting() == 3
    assert texts(world.receiver().deliveries()) == ["DC 0", "DC 1", "DC 2"]
    assert world.center.waiting() == 0


def test_queue_is_bounded(world, monkeypatch):
    """At the limit a message is refused, and none of its segments is taken."""
    monkeypatch.setattr(backlog, "WAITING_MAX", 2)
    world.center.inject(MSISDN, "5505", "DC")
    with pytest.raises(QueueFull):
        world.center.inject(MSISDN, "5505", "x" * 200)
    assert world.center.waiting() == 1


def test_window_is_kept(world):
    """No more deliver_sm are unanswered on a bind than its window; each answer lets one more go."""
    esme = world.bound()
    for number in range(6):
        world.center.inject(MSISDN, "5505", str(number))
    first = esme.deliveries()
    assert texts(first) == ["0", "1", "2", "3"]
    esme.answer(first[:1])
    assert texts(esme.deliveries()) == ["4"]


def test_binds_share_the_load(world):
    """What has piled up is shared evenly by the binds that receive."""
    for number in range(8):
        world.center.inject(MSISDN, "5505", str(number))
    one = world.esme()
    two = world.esme()
    one.send(BindTransceiver(system_id="gateway", password="secret"))
    two.send(BindReceiver(system_id="gateway", password="secret"))
    assert (len(one.deliveries()), len(two.deliveries())) == (4, 4)


def test_messages_take_turns(world):
    """Single messages go to the binds in turn."""
    one, two = world.bound(), world.bound()
    for number in range(4):
        world.center.inject(MSISDN, "5505", str(number))
    assert sorted([texts(one.deliveries()), texts(two.deliveries())]) == [["0", "2"], ["1", "3"]]


@pytest.mark.parametrize("status", TEMPORARY)
def test_temporary_error_is_tried_again(world, status):
    """A delivery that the ESME cannot take now comes again a second later, then two."""
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    for wait in (1.0, 2.0):
        esme.answer(esme.deliveries(), status)
        world.later(wait - 0.1)
        assert esme.deliveries() == []
        world.later(0.1)
    assert texts(esme.deliveries()) == ["DC"]
    assert world.center.deliveries()["gateway"].tried_again == 2


def test_permanent_error_is_final(world):
    """A delivery that the ESME refuses for good never comes again, and is counted."""
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    esme.answer(esme.deliveries(), CommandStatus.ESME_RX_P_APPN)
    world.later(3600)
    assert esme.deliveries() == []
    assert world.center.deliveries()["gateway"].given_up == 1


def test_endless_temporary_errors_end(world, monkeypatch):
    """A delivery is not tried for ever."""
    monkeypatch.setattr(backlog, "RETRIES_MAX", 1)
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    for _ in range(2):
        esme.answer(esme.deliveries(), CommandStatus.ESME_RX_T_APPN)
        world.later(10)
    assert esme.deliveries() == []
    assert world.center.deliveries()["gateway"].given_up == 1


def test_broken_link_is_redelivered(world):
    """What was unanswered when a link broke goes out over another, oldest first."""
    one = world.bound()
    for number in range(3):
        world.center.inject(MSISDN, "5505", str(number))
    one.answer(one.deliveries()[:1])
    two = world.bound()
    one.drop()
    assert texts(two.deliveries()) == ["1", "2"]
    assert world.center.binds() == {"gateway": 1, "other": 0}


def test_unanswered_delivery_is_tried_again(world):
    """A deliver_sm without answer expires, and is tried again."""
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    esme.deliveries()
    world.later(10)
    world.later(1)
    assert texts(esme.deliveries()) == ["DC"]


def test_unbind_gives_back(world):
    """An ESME that unbinds leaves nothing behind: what it did not answer goes to the next."""
    one = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    one.deliveries()
    one.session.request(Unbind(), world.now)
    one.push()
    assert any(isinstance(event, Closed) for event in one.read())
    assert one.wire.closed
    assert texts(world.bound().deliveries()) == ["DC"]


@pytest.mark.parametrize(
    ("bind", "status"),
    [
        (BindTransceiver(system_id="gateway", password="wrong"), CommandStatus.ESME_RINVPASWD),
        (BindReceiver(system_id="nobody", password="secret"), CommandStatus.ESME_RINVSYSID),
        (BindTransmitter(system_id="gateway", password=""), CommandStatus.ESME_RINVPASWD),
    ],
)
def test_refused_binds(world, bind, status):
    """Wrong credentials are answered with the status of the specification, and the connection closes."""
    esme = world.esme()
    assert esme.bind(bind) == status
    assert esme.wire.closed
    assert world.center.binds() == {"gateway": 0, "other": 0}
    assert world.center.links() == 0


def test_binds_of_an_account_are_bounded(world, monkeypatch):
    """One bind too many fails."""
    monkeypatch.setattr(center, "BINDS_MAX", 2)
    assert accounts.BINDS_MAX > 2
    for _ in range(2):
        world.bound()
    assert world.esme().bind() == CommandStatus.ESME_RBINDFAIL


def test_connections_are_bounded(world, monkeypatch):
    """A connection too many is cut at once, and counted no more."""
    monkeypatch.setattr(center, "LINKS_MAX", 1)
    world.bound()
    assert world.esme().wire.aborted
    assert world.center.links() == 1


def test_connection_without_bind_ends(world):
    """Who connects and never binds is cut off."""
    esme = world.esme()
    world.later(3600)
    assert esme.wire.closed


def submit(**kwargs):
    return SubmitSm(**{"source_addr": "5505", "destination_addr": MSISDN, "short_message": b"hi", **kwargs})


def test_submission_reaches_the_phone(world):
    """A submit_sm is answered with a message_id and reaches the phone as it is."""
    esme = world.bound()
    first, second = esme.submit(submit()), esme.submit(submit(destination_addr="0912345678"))
    assert first.command_status == second.command_status == 0
    assert first.message_id
    assert first.message_id != second.message_id
    assert [(a.msisdn, a.short_code, a.content.text) for a in world.arrivals] == [(MSISDN, "5505", "hi")] * 2


def test_submissions_of_one_read_are_one_batch(world):
    """All that arrives together is answered in one write and handed on in one call."""
    esme = world.bound()
    writes = esme.wire.writes
    for number in range(5):
        esme.session.request(submit(short_message=str(number).encode()), world.now)
    esme.push()
    assert world.batches == [5]
    assert esme.wire.writes == writes + 1


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (submit(source_addr="8079"), CommandStatus.ESME_RINVSRCADR),
        (submit(destination_addr="1414"), CommandStatus.ESME_RINVDSTADR),
        (submit(destination_addr=""), CommandStatus.ESME_RINVDSTADR),
    ],
)
def test_refused_submissions(world, pdu, status):
    """A short code of another account and a destination that is no phone are refused, and no phone hears of it."""
    response = world.bound().submit(pdu)
    assert response.command_status == status
    assert world.arrivals == []
    assert world.center.submissions().refused == 1


def test_receipt_is_delivered(world):
    """An ESME that asks gets a receipt that names the message, and the receipt is no inquiry."""
    esme = world.bound()
    esme.send(submit(registered_delivery=1))
    events = esme.read()
    message_id = events[0].response.message_id
    (pdu,) = [event.pdu for event in events if isinstance(event, RequestReceived)]
    assert is_delivery_receipt(pdu.esm_class)
    assert {tlv.tag: tlv.value for tlv in pdu.tlvs} == {
        Tag.RECEIPTED_MESSAGE_ID: message_id.encode() + b"\0",
        Tag.MESSAGE_STATE: b"\x02",
    }
    esme.answer([pdu])
    assert world.center.deliveries()["gateway"].delivered == 1


def test_receipts_find_a_receiver(world):
    """The receipt of what a transmitter submitted goes to a bind that receives."""
    transmitter, receiver = world.transmitter(), world.receiver()
    transmitter.send(submit(registered_delivery=1))
    assert len(receiver.deliveries()) == 1


def test_receipts_are_bounded(world, monkeypatch):
    """Where there is no room a receipt is dropped and counted; the message itself is accepted."""
    monkeypatch.setattr(backlog, "WAITING_MAX", 0)
    assert world.transmitter().submit(submit(registered_delivery=1)).command_status == 0
    assert world.center.submissions().receipts_dropped == 1


def test_what_is_not_offered(world):
    """A request that this SMSC does not know how to serve is answered with a nack, and the bind lives."""
    esme = world.bound()
    esme.send(QuerySm(message_id="1"))
    (event,) = esme.read()
    assert isinstance(event.response, GenericNack)
    assert event.response.command_status == CommandStatus.ESME_RINVCMDID
    assert esme.submit(submit()).command_status == 0


def test_receiver_may_not_submit(world):
    """A bind that only receives is told that its submit_sm does not fit its bind."""
    esme = world.receiver()
    esme.link.data_received(encode(submit(), 7))  # past its own session, which would not let it
    response = decode(esme.wire.take())
    assert (response.sequence_number, response.command_status) == (7, CommandStatus.ESME_RINVBNDSTS)
    assert world.arrivals == []


def test_enquire_link_is_answered(world):
    """The SMSC answers enquire_link."""
    esme = world.bound()
    esme.send(EnquireLink())
    assert decode(esme.wire.take()).command_id == CommandId.ENQUIRE_LINK_RESP


def test_silent_peer_is_dropped(make_world):
    """A peer that does not answer enquire_link is gone: its link closes and what it had is given back."""
    world = make_world(settings=SessionSettings(enquire_link_s=5, response_timeout_s=3, window_size=4))
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    world.later(5)
    world.later(3)
    assert esme.wire.closed
    world.later(1)
    assert texts(world.bound().deliveries()) == ["DC"]


def test_broken_framing_closes_the_link(world):
    """Bytes that are no PDU end the connection, with a nack."""
    esme = world.bound()
    esme.link.data_received(b"\0\0\0\1garbage-garbage-")
    assert esme.wire.closed
    assert world.center.binds()["gateway"] == 0


def test_peer_that_does_not_read(world):
    """While a peer does not read, it is neither written deliveries nor read from; when it reads again both go on."""
    esme = world.bound()
    esme.link.pause_writing()
    assert not esme.wire.reading
    world.center.inject(MSISDN, "5505", "DC")
    assert world.center.waiting() == 1
    esme.link.resume_writing()
    assert esme.wire.reading
    assert texts(esme.deliveries()) == ["DC"]


def test_unbound_link_may_be_paused(world):
    """A connection without bind can be paused and resumed."""
    esme = world.esme()
    esme.link.pause_writing()
    esme.link.resume_writing()
    assert esme.bind() == 0


def test_leaving_unbinds(world):
    """When the SMSC leaves, bound ESMEs are asked to unbind and others are cut off."""
    bound, stranger = world.bound(), world.esme()
    world.center.leave()
    assert stranger.wire.closed
    stranger.drop()
    assert any(isinstance(event, Closed) for event in bound.read())
    assert bound.wire.closed
    assert world.center.links() == 0


def test_default_alphabet(make_world):
    """data_coding 0 is the SMSC's alphabet in both directions."""
    world = make_world(alphabet=Alphabet.LATIN1)
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "é")
    assert esme.deliveries()[0].short_message == b"\xe9"
    esme.submit(submit(short_message=b"\xe9"))
    assert world.arrivals[0].content.text == "é"


def test_second_account_has_its_own_traffic(world):
    """Messages to a short code of another account go there alone."""
    mine, other = world.bound(), world.esme()
    assert other.bind(BindTransceiver(system_id="other", password="pass")) == 0
    world.center.inject(MSISDN, "8079", "BH")
    assert mine.deliveries() == []
    assert texts(other.deliveries()) == ["BH"]
    assert world.center.binds() == {"gateway": 1, "other": 1}


class Watcher:
    """Notes what it is told; phones of 8491… are its own."""

    def __init__(self):
        self.settled_ones = []
        self.seen = []

    def settled(self, deliveries, now):
        self.settled_ones += [(*one, now) for one in deliveries]

    def submitted(self, segments, now):
        self.seen.append([segment.msisdn for segment in segments])
        return [segment for segment in segments if not segment.msisdn.startswith("8491")]


def offer(world, *tokens):
    request = Prepared(DeliverSm(source_addr=MSISDN, destination_addr="5505"))
    deliveries = [backlog.Delivery(request, world.now, token) for token in tokens]
    return world.center.offer("5505", deliveries)


def test_a_watcher_hears_of_its_own_deliveries(world):
    """Once each, when it is settled: at once, after another try, for good, never; and of no phone's."""
    watcher = world.center.watcher = Watcher()
    esme = world.bound()
    world.center.inject(MSISDN, "5505", "DC")
    assert offer(world, "taken", "refused", "later")
    phone, taken, refused, later = esme.deliveries()
    esme.answer([phone, taken])
    esme.answer([refused], CommandStatus.ESME_RX_P_APPN)
    esme.answer([later], CommandStatus.ESME_RX_T_APPN)
    assert watcher.settled_ones == [("taken", 0, 1000.0), ("refused", CommandStatus.ESME_RX_P_APPN, 1000.0)]
    world.later(1)
    esme.answer(esme.deliveries())
    assert watcher.settled_ones[2:] == [("later", 0, 1001.0)]


def test_a_watcher_hears_of_deliveries_that_nobody_answers(world, monkeypatch):
    """When they are given up."""
    monkeypatch.setattr(backlog, "RETRIES_MAX", 0)
    watcher = world.center.watcher = Watcher()
    world.bound()
    offer(world, "lost")
    world.later(10)
    assert watcher.settled_ones == [("lost", None, 1010.0)]


def test_a_watcher_takes_what_is_for_its_phones(world):
    """In batches as they come; the rest reaches the phone page."""
    watcher = world.center.watcher = Watcher()
    esme = world.bound()
    for msisdn in (MSISDN, "84981234567"):
        esme.session.request(submit(destination_addr=msisdn), world.now)
    esme.push()
    assert watcher.seen == [[MSISDN, "84981234567"]]
    assert [arrival.msisdn for arrival in world.arrivals] == ["84981234567"]


def test_offers_have_limits(world, monkeypatch):
    """A backlog without room takes none of them; a short code of nobody's is an error."""
    monkeypatch.setattr(backlog, "WAITING_MAX", 1)
    assert not offer(world, 1, 2)
    assert world.center.waiting() == 0
    with pytest.raises(UnknownShortCode):
        world.center.offer("9999", [])


def test_a_watcher_may_withdraw(world):
    """What waits for a bind is forgotten and counted as given up; nothing of it comes later."""
    assert offer(world, "one", "two")
    assert world.center.withdraw() == 2
    assert world.center.waiting() == 0
    assert world.bound().deliveries() == []
    assert world.center.deliveries()["gateway"].given_up == 2

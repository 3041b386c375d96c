"""The whole ESME against a scripted SMSC over loopback sockets: what is asked of `ports.Transmitter`."""

import asyncio

import msgspec
import pytest

from sms_service.esme.inbox import MO_OCTETS_MAX
from sms_service.esme.pacing import BEAT_S, FIRST_PAUSE_S, PAUSE_S
from sms_service.model import Acknowledgement, AckStatus, BindState, DeliveryResult
from sms_service.ports import Untraced
from sms_service.settings import BindMode
from sms_service.smpp import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    CommandStatus,
    DataSm,
    DeliverSm,
    SubmitSmResp,
    Tlv,
    Unbind,
)
from sms_service.sms.tags import MESSAGE_PAYLOAD
from tests.unit.esme.fake_smsc import BIND_RESPONSES, FakeSmsc, mo, until
from tests.unit.esme.rig import Rig, reply, settings

RECEIPT = 0x04


def ack(message, status=AckStatus.ACCEPTED):
    return Acknowledgement(link=message.link, sequence_number=message.sequence_number, status=status)


# ---- binds -----------------------------------------------------------------------------------------------------------


async def test_binds_as_transceiver(smsc, joined):
    """By default each bind is a transceiver's, with the credentials, interface version and system type of the settings."""
    async with joined(binds=2, links=2, system_type="VAS") as rig:
        assert [type(peer.bind) for peer in smsc.peers] == [BindTransceiver, BindTransceiver]
        bind = smsc.peers[0].bind
        assert (bind.system_id, bind.password, bind.system_type) == ("c06", "secret", "VAS")
        assert bind.interface_version == 0x34
        assert rig.esme.bound() == ["test"]
        assert rig.value("sms_binds") == 2


async def test_binds_as_transmitter_and_receiver(smsc, joined):
    """`tx+rx` makes a pair of each bind: messages come over one, replies leave over the other."""
    async with joined(bind=BindMode.TX_RX, links=2) as rig:
        by_type = {type(peer.bind): peer for peer in smsc.peers}
        assert by_type.keys() == {BindTransmitter, BindReceiver}
        by_type[BindReceiver].deliver(mo())
        rig.esme.submit([reply(1)])
        await until(lambda: rig.sink.messages and rig.sink.results)
        assert len(by_type[BindTransmitter].submitted) == 1
        assert rig.esme.window("test") == 100  # the receiver has none


async def test_tells_operators_how_each_bind_stands(smsc, joined):
    """A pair: both stand, replies wait in the transmitter's window; a complaint pauses it and the window is halved."""
    smsc.on_submit = lambda peer, pdu: None
    async with joined(bind=BindMode.TX_RX, links=2, window=10) as rig:
        rig.esme.submit([reply(number) for number in range(3)])
        await rig.clock.advance(5 * BEAT_S)
        transmitter, receiver = sorted(rig.esme.binds(), key=lambda bind: bind.mode, reverse=True)
        assert (transmitter.smsc, transmitter.mode, transmitter.state, transmitter.why) == ("test", "tx", "bound", "")
        assert (transmitter.in_window, transmitter.window, transmitter.window_max) == (3, 10, 10)
        assert transmitter.local_port in {peer.transport.get_extra_info("peername")[1] for peer in smsc.peers}
        assert transmitter.since_s == pytest.approx(5 * BEAT_S)
        assert (receiver.mode, receiver.in_window, receiver.window, receiver.window_max) == ("rx", 0, 0, 0)


async def test_tells_operators_why_a_bind_does_not_stand(smsc, joined):
    """It was lost, then nobody listened: in words, and since when."""
    async with joined() as rig:
        await rig.clock.advance(3)
        await smsc.stop_listening()
        smsc.peers[0].transport.abort()
        await until(lambda: rig.esme.binds()[0].state is BindState.DOWN)
        await rig.clock.advance(0)
        (lost,) = rig.esme.binds()
        assert (lost.why, lost.since_s, lost.local_port, lost.in_window) == ("lost: connection_lost", 0, 0, 0)
        await rig.clock.advance(0.1)
        await until(lambda: rig.esme.binds()[0].why != lost.why)
        (refused,) = rig.esme.binds()
        assert refused.why == "Connection refused"
        assert refused.since_s == pytest.approx(0.1)


async def test_link_names_are_unique(smsc, joined):
    """Every connection has a name of its own, that begins with the run's."""
    async with joined(binds=3, links=3) as rig:
        names = rig.esme.live_links()
        assert len(set(names)) == 3
        assert all(name.startswith("gateway-1/7.") for name in names)


async def test_bound_names_smscs_that_take_replies(smsc):
    """An SMSC to which only a receiver stands is not bound: replies could not leave."""
    smsc.on_bind = lambda peer, pdu: type(pdu) is BindReceiver and peer.answer_bind()
    rig = Rig(settings(smsc.port, bind=BindMode.TX_RX))
    async with rig.running():
        await rig.bound()
        assert rig.esme.bound() == []
        assert rig.esme.window("test") == 0
        rig.esme.submit([reply(1)])
        assert rig.sink.results[0].result is DeliveryResult.RETURNED


async def test_figures_exist_before_the_first_bind():
    """Binds, window and counters of every SMSC are there from the start: an alert on a missing bind needs a 0."""
    rig = Rig(settings(1))
    rig.esme.start(rig.sink)
    names = ("sms_binds", "sms_window_used", "sms_segments_total", "sms_throttled_total", "sms_undecodable_total")
    assert {name: rig.value(name) for name in names} == dict.fromkeys(names, 0)


async def test_unbinds_in_order(smsc, joined):
    """`stop` says unbind on every bind, waits for the answers, hangs up and does not bind again."""
    async with joined(binds=2, links=2) as rig:
        await rig.esme.stop()
        await until(lambda: all(peer.lost for peer in smsc.peers))
        assert {peer.closed.value for peer in smsc.peers} == {"peer_unbound"}
        await rig.clock.advance(20)
        assert len(smsc.peers) == 2
        assert rig.esme.live_links() == []


async def test_links_that_end_in_order_are_told_once(smsc, joined):
    """After an unbind, ours or the SMSC's, with nothing unanswered, the SMSC has every acknowledgement."""
    async with joined(binds=2, links=2) as rig:
        first, second = rig.esme.live_links()
        peer = smsc.peers[0]
        peer.deliver(mo())
        await until(lambda: rig.sink.messages)
        rig.esme.acknowledge([ack(rig.sink.messages[0])])
        await until(lambda: peer.responses)
        peer.session.request(Unbind(), 0.0)
        peer.flush()
        await until(lambda: peer.lost)
        await until(lambda: first not in rig.esme.live_links() or second not in rig.esme.live_links())
        (ended,) = rig.esme.ended_links()
        assert ended == rig.sink.messages[0].link
        assert rig.esme.ended_links() == []


async def test_a_link_that_ends_otherwise_is_not_told(smsc, joined):
    """A cut connection, or an unbind with a message unanswered: the SMSC may deliver again what we have acknowledged."""
    async with joined(binds=2, links=2) as rig:
        cut, unbinding = smsc.peers
        unbinding.deliver(mo())
        await until(lambda: rig.sink.messages)
        unbinding.session.request(Unbind(), 0.0)
        unbinding.flush()
        cut.transport.abort()
        await until(lambda: cut.lost and unbinding.lost)
        await until(lambda: not rig.esme.live_links())
        assert rig.esme.ended_links() == []


async def test_stop_with_nothing_bound(smsc):
    """`stop` before any bind stood returns at once, and nothing is tried after it."""
    await smsc.stop_listening()
    rig = Rig(settings(smsc.port))
    async with rig.running():
        await until(lambda: rig.clock.waits)
        await rig.esme.stop()
        await rig.clock.advance(60)
        assert len(rig.clock.waits) == 1


# ---- messages from citizens --------------------------------------------------------------------------------------------


async def test_hands_on_messages_of_one_read_as_one_batch(smsc, joined):
    """What arrives together is handed on together, in order, with all that the pipeline needs."""
    async with joined() as rig:
        smsc.peers[0].deliver(
            *(mo(b"DC %d" % number, esm_class=0x40, data_coding=8, tlvs=(Tlv(0x1400, b"x"),)) for number in range(50))
        )
        await until(lambda: len(rig.sink.messages) == 50)
        assert len(rig.sink.batches) < 10
        assert [message.short_message for message in rig.sink.messages] == [b"DC %d" % n for n in range(50)]
        first = rig.sink.messages[0]
        assert (first.smsc, first.link) == ("test", rig.esme.live_links()[0])
        assert (first.source_addr, first.source_addr_ton, first.source_addr_npi) == ("84912345678", 1, 1)
        assert (first.destination_addr, first.esm_class, first.data_coding) == ("5505", 0x40, 8)
        assert first.tlvs == ((0x1400, b"x"),)
        assert first.received_at == rig.clock.monotonic()


@pytest.mark.parametrize(
    ("status", "on_wire"),
    [
        (AckStatus.ACCEPTED, CommandStatus.ESME_ROK),
        (AckStatus.TRY_LATER, CommandStatus.ESME_RX_T_APPN),
        (AckStatus.QUEUE_FULL, CommandStatus.ESME_RMSGQFUL),
        (AckStatus.REJECTED, CommandStatus.ESME_RX_P_APPN),
    ],
)
async def test_acknowledges(smsc, joined, status, on_wire):
    """Each answer of the pipeline has one command_status, sent over the link that brought the message."""
    async with joined(binds=2, links=2) as rig:
        (number,) = smsc.peers[1].deliver(mo())
        await until(lambda: rig.sink.messages)
        assert not smsc.peers[1].responses  # nothing is said before it is durable
        rig.esme.acknowledge([ack(rig.sink.messages[0], status)])
        await until(lambda: smsc.peers[1].responses)
        assert smsc.peers[1].statuses() == {number: on_wire}
        assert not smsc.peers[0].responses


async def test_acknowledges_a_mixed_batch(smsc, joined):
    """A batch of acknowledgements over several links and with several answers reaches each as it should."""
    async with joined(binds=2, links=2) as rig:
        numbers = [peer.deliver(*(mo() for _ in range(10))) for peer in smsc.peers]
        await until(lambda: len(rig.sink.messages) == 20)
        odd = {True: AckStatus.ACCEPTED, False: AckStatus.TRY_LATER}
        rig.esme.acknowledge([ack(message, odd[message.sequence_number % 2 == 1]) for message in rig.sink.messages])
        await until(lambda: all(len(peer.responses) == 10 for peer in smsc.peers))
        for peer, sent in zip(smsc.peers, numbers, strict=True):
            assert peer.statuses() == {
                n: CommandStatus.ESME_ROK if n % 2 == 1 else CommandStatus.ESME_RX_T_APPN for n in sent
            }


async def test_a_message_right_behind_the_bind_response(smsc):
    """An SMSC may deliver in the same octets that let us in; the message can be answered at once, by a link that is live."""

    def bind_and_deliver(peer, _pdu):
        peer.session.respond(BIND_RESPONSES[type(peer.bind)](sequence_number=peer.bind.sequence_number))
        peer.deliver(mo())

    smsc.on_bind = bind_and_deliver
    rig = Rig(settings(smsc.port))
    live = []

    def answer(batch):
        live.extend(rig.esme.live_links())
        rig.esme.acknowledge([ack(message, AckStatus.REJECTED) for message in batch])

    rig.sink.on_received = answer
    async with rig.running():
        await until(lambda: smsc.peers and smsc.peers[0].responses)
        assert live == [rig.sink.messages[0].link]
        assert set(smsc.peers[0].statuses().values()) == {CommandStatus.ESME_RX_P_APPN}


async def test_acknowledgements_for_a_dead_link_are_passed_over(smsc, joined):
    """The link that brought a message is gone: its acknowledgement goes nowhere, the others go on."""
    async with joined(binds=2, links=2) as rig:
        smsc.peers[0].deliver(mo())
        await until(lambda: len(rig.sink.messages) == 1)
        smsc.peers[1].deliver(mo())
        await until(lambda: len(rig.sink.messages) == 2)
        smsc.peers[0].transport.abort()
        await rig.bound(1)
        rig.esme.acknowledge([ack(message) for message in rig.sink.messages])
        await until(lambda: smsc.peers[1].responses)
        assert not smsc.peers[0].responses


async def test_receipts_are_acknowledged_and_go_no_further(smsc, joined):
    """A delivery receipt is answered with ESME_ROK, counted, and never reaches the sink."""
    async with joined() as rig:
        peer = smsc.peers[0]
        receipt, message = peer.deliver(mo(b"id:1 stat:DELIVRD", esm_class=RECEIPT), mo())
        await until(lambda: peer.responses and rig.sink.messages)
        assert peer.statuses() == {receipt: CommandStatus.ESME_ROK}
        assert [one.sequence_number for one in rig.sink.messages] == [message]
        assert rig.value("sms_receipts_total") == 1


async def test_a_payload_longer_than_any_text_is_cut(smsc, joined):
    """64 KB in message_payload are not held: nothing reads that far."""
    async with joined() as rig:
        smsc.peers[0].deliver(DeliverSm(source_addr="84912345678", tlvs=(Tlv(MESSAGE_PAYLOAD, b"x" * 65535),)))
        await until(lambda: rig.sink.messages)
        assert rig.sink.messages[0].tlvs == ((MESSAGE_PAYLOAD, b"x" * MO_OCTETS_MAX),)


async def test_a_message_by_data_sm(smsc, joined):
    """SMPP 3.4 lets an SMSC deliver by data_sm: the payload is handed on, and answered by data_sm_resp."""
    async with joined() as rig:
        peer = smsc.peers[0]
        numbers = peer.deliver(
            DataSm(source_addr="84912345678", destination_addr="5505", tlvs=(Tlv(MESSAGE_PAYLOAD, b"DC"),)),
            mo(),
            DataSm(source_addr="5505", destination_addr="84912345678", esm_class=RECEIPT),
        )
        await until(lambda: len(rig.sink.messages) == 2)
        rig.esme.acknowledge([ack(message) for message in rig.sink.messages])
        await until(lambda: len(peer.responses) == 3)
        assert rig.sink.messages[0].short_message == b""
        assert rig.sink.messages[0].tlvs == ((MESSAGE_PAYLOAD, b"DC"),)
        names = {event.response.sequence_number: type(event.response).__name__ for event in peer.responses}
        assert names == dict(zip(numbers, ("DataSmResp", "DeliverSmResp", "DataSmResp"), strict=True))
        assert set(peer.statuses().values()) == {CommandStatus.ESME_ROK}


# ---- replies -----------------------------------------------------------------------------------------------------------


async def test_submits_and_confirms(smsc, joined):
    """A reply leaves as submit_sm with the addresses, TON and NPI of the settings, and is confirmed with the SMSC's ids."""
    async with joined(source_ton=5, source_npi=9, receipts=True) as rig:
        rig.esme.submit([reply(1, b"one", b"two")])
        await until(lambda: rig.sink.results)
        first = smsc.submitted[0]
        assert (first.source_addr, first.source_addr_ton, first.source_addr_npi) == ("5505", 5, 9)
        assert (first.destination_addr, first.dest_addr_ton, first.dest_addr_npi) == ("84912345678", 1, 1)
        assert first.registered_delivery == 1
        (outcome,) = rig.sink.results
        assert (outcome.inquiry_id, outcome.result, outcome.message_ids) == (1, DeliveryResult.CONFIRMED, ("m1", "m2"))
        assert outcome.unconfirmed == ()
        assert not outcome.uncertain
        assert rig.value("sms_segments_total") == 2


async def test_no_receipt_is_asked_for_by_default(smsc, joined):
    """registered_delivery is 0 unless the settings ask for receipts."""
    async with joined() as rig:
        rig.esme.submit([reply(1)])
        await until(lambda: smsc.submitted)
        assert smsc.submitted[0].registered_delivery == 0


async def test_a_long_reply_stays_whole(smsc, joined):
    """All segments of a reply leave over one link, in order, whatever the number of binds."""
    async with joined(binds=3, links=3) as rig:
        texts = tuple(b"%d" % number for number in range(10))
        rig.esme.submit([reply(number, *texts) for number in range(30)])
        await until(lambda: len(rig.sink.results) == 30)
        for peer in smsc.peers:
            sent = [pdu.short_message for pdu in peer.submitted]
            assert sent == list(texts) * 10  # 30 replies over 3 binds that are alike


async def test_the_window_is_never_exceeded(smsc, joined):
    """With answers held back no more than the window leaves on a bind; each answer lets one more go."""
    smsc.on_submit = lambda _peer, _pdu: None
    async with joined(binds=2, links=2, window=5) as rig:
        rig.esme.submit([reply(number) for number in range(30)])
        await until(lambda: len(smsc.submitted) == 10)
        await rig.clock.advance(1)
        assert [len(peer.submitted) for peer in smsc.peers] == [5, 5]
        assert rig.value("sms_window_used") == 10
        smsc.peers[0].answer(smsc.peers[0].submitted[0])
        await until(lambda: len(smsc.submitted) == 11)
        assert [len(peer.submitted) for peer in smsc.peers] == [6, 5]


async def test_the_window_is_what_transmitting_binds_hold(smsc, joined):
    """`window` is the sum over binds, and shrinks when one goes."""
    async with joined(binds=2, links=2, window=30) as rig:
        assert rig.esme.window("test") == 60
        smsc.peers[0].transport.abort()
        await rig.bound(1)
        assert rig.esme.window("test") == 30


async def test_pace_counts_segments(smsc, joined):
    """`mt_per_second` is over all binds and counts PDUs, not replies: SMSCs count PDUs."""
    async with joined(binds=2, links=2, mt_per_second=20) as rig:
        rig.esme.submit([reply(number, b"1", b"2", b"3", b"4", b"5") for number in range(20)])
        burst = int(1 + 20 * BEAT_S)
        await until(lambda: len(smsc.submitted) == burst)
        for second in range(1, 4):
            await rig.clock.advance(1.0)
            await until(lambda second=second: len(smsc.submitted) >= 20 * second)
            assert len(smsc.submitted) <= 20 * second + burst


@pytest.mark.parametrize(
    "status", [CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RSYSERR]
)
async def test_a_complaint_pauses_the_bind(smsc, joined, status):
    """A throttled segment goes out again after the pause, over the same bind, in its place; its reply is confirmed."""
    statuses = [status, CommandStatus.ESME_ROK, status]
    smsc.on_submit = lambda peer, pdu: peer.answer(pdu, statuses.pop(0) if statuses else CommandStatus.ESME_ROK)
    async with joined(window=10) as rig:
        rig.esme.submit([reply(1, b"1", b"2", b"3")])
        await until(lambda: rig.value("sms_throttled_total") == 2)
        assert rig.esme.window("test") == 0
        assert len(smsc.submitted) == 3
        await rig.clock.advance(FIRST_PAUSE_S + BEAT_S)
        await until(lambda: rig.sink.results)
        assert [pdu.short_message for pdu in smsc.submitted] == [b"1", b"2", b"3", b"1", b"3"]
        assert rig.sink.results[0].result is DeliveryResult.CONFIRMED
        assert 5 <= rig.esme.window("test") < 10  # halved, and widening


async def test_new_replies_avoid_a_paused_bind(smsc, joined):
    """While one bind is paused, replies leave over the other."""
    async with joined(binds=2, links=2) as rig:
        smsc.on_submit = lambda peer, pdu: peer.answer(pdu, CommandStatus.ESME_RTHROTTLED)
        rig.esme.submit([reply(1)])
        await until(lambda: rig.value("sms_throttled_total") == 1)
        paused = next(peer for peer in smsc.peers if peer.submitted)
        other = next(peer for peer in smsc.peers if peer is not paused)
        smsc.on_submit = lambda peer, pdu: peer.answer(pdu)
        rig.esme.submit([reply(number) for number in range(2, 12)])
        await until(lambda: len(other.submitted) == 10)
        assert len(paused.submitted) == 1


async def test_complaints_have_an_end(smsc, joined):
    """A segment that is throttled more often than `throttle_retries` is refused for good."""
    smsc.on_submit = lambda peer, pdu: peer.answer(pdu, CommandStatus.ESME_RTHROTTLED)
    async with joined(throttle_retries=2) as rig:
        rig.esme.submit([reply(1)])
        for times in range(1, 4):
            await until(lambda times=times: rig.value("sms_throttled_total") >= times)
            await rig.clock.advance(PAUSE_S + BEAT_S)
        assert len(smsc.submitted) == 3
        (outcome,) = rig.sink.results
        assert (outcome.result, outcome.command_status) == (DeliveryResult.REJECTED, CommandStatus.ESME_RTHROTTLED)
        assert outcome.unconfirmed == (0,)


async def test_a_refused_segment_ends_its_reply(smsc, joined):
    """An error for good rejects the reply, and what has not left of it stays: half a reply helps nobody."""
    smsc.on_submit = lambda peer, pdu: peer.answer(
        pdu, CommandStatus.ESME_RINVDSTADR if pdu.short_message == b"2" else CommandStatus.ESME_ROK
    )
    async with joined(window=1) as rig:
        rig.esme.submit([reply(1, b"1", b"2", b"3", b"4"), reply(2, b"5")])
        await until(lambda: len(rig.sink.results) == 2)
        assert [pdu.short_message for pdu in smsc.submitted] == [b"1", b"2", b"5"]
        rejected, confirmed = rig.sink.results
        assert (rejected.inquiry_id, rejected.result) == (1, DeliveryResult.REJECTED)
        assert (rejected.command_status, rejected.message_ids) == (CommandStatus.ESME_RINVDSTADR, ("m1",))
        assert rejected.unconfirmed == (1, 2, 3)
        assert confirmed.result is DeliveryResult.CONFIRMED


@pytest.mark.parametrize(("left", "message_ids", "unconfirmed"), [(0, (), (0, 1)), (1, ("m1",), (1,))])
async def test_no_segment_leaves_when_it_is_too_late(smsc, joined, left, message_ids, unconfirmed):
    """The operator's pace held it back past its reply's time: what has not left is given back, and nothing is uncertain."""
    async with joined(mt_per_second=1.0) as rig:
        if not left:
            rig.esme.submit([reply(9, b"before")])
        rig.esme.submit([msgspec.structs.replace(reply(1, b"1", b"2"), leave_by=rig.clock.monotonic() + 0.5)])
        rig.esme.submit([reply(2, b"after")])
        await until(lambda: len(smsc.submitted) == 1)
        for _ in range(50):
            await rig.clock.advance(BEAT_S)
        await until(lambda: len(rig.sink.results) == 3 - left)
        assert [pdu.short_message for pdu in smsc.submitted] == [b"1" if left else b"before", b"after"]
        (late,) = [one for one in rig.sink.results if one.inquiry_id == 1]
        assert (late.result, late.uncertain) == (DeliveryResult.RETURNED, False)
        assert (late.message_ids, late.unconfirmed) == (message_ids, unconfirmed)


async def test_a_reply_that_no_submit_sm_can_carry(smsc, joined):
    """Addresses that do not fit their fields (an SMSC delivered them) reject that reply alone; the bind lives."""
    async with joined() as rig:
        rig.esme.submit([reply(1, b"1", b"2", source="5" * 40), reply(2), reply(3, destination="số")])
        await until(lambda: len(rig.sink.results) == 3)
        assert {one.inquiry_id: one.result for one in rig.sink.results} == {
            1: DeliveryResult.REJECTED,
            2: DeliveryResult.CONFIRMED,
            3: DeliveryResult.REJECTED,
        }
        assert not smsc.peers[0].lost


async def test_no_answer_in_time(smsc, joined):
    """A segment without response within `response_timeout_s` comes back as uncertain; the confirmed ones do not leave again."""
    smsc.on_submit = lambda peer, pdu: pdu.short_message == b"2" or peer.answer(pdu)
    async with joined(response_timeout_s=10.0, enquire_link_s=1000.0) as rig:
        rig.esme.submit([reply(1, b"1", b"2", b"3")])
        await until(lambda: rig.value("sms_segments_total") == 2)
        await rig.clock.advance(9.9)
        assert not rig.sink.results
        await rig.clock.advance(0.2)
        (outcome,) = rig.sink.results
        assert (outcome.result, outcome.uncertain) == (DeliveryResult.RETURNED, True)
        assert outcome.unconfirmed == (1,)
        assert outcome.message_ids == ("m1", "m2")
        smsc.peers[0].answer(smsc.submitted[1])  # too late: passed over
        rig.esme.submit([reply(2)])
        await until(lambda: len(rig.sink.results) == 2)
        assert rig.sink.results[1].inquiry_id == 2


async def test_a_lost_connection_gives_replies_back(smsc, joined):
    """Segments in the window come back as uncertain, those that never left do not; confirmed ones are not unconfirmed."""
    smsc.on_submit = lambda peer, pdu: pdu.short_message == b"1" and peer.answer(pdu)
    async with joined(window=3) as rig:
        rig.esme.submit([reply(1, b"1", b"2", b"3"), reply(2, b"4", b"5"), reply(3, b"6", b"7")])
        await until(lambda: len(smsc.submitted) == 4)
        smsc.peers[0].transport.abort()
        await until(lambda: len(rig.sink.results) == 3)
        results = {one.inquiry_id: one for one in rig.sink.results}
        assert {one.result for one in results.values()} == {DeliveryResult.RETURNED}
        assert {number: (one.uncertain, one.unconfirmed) for number, one in results.items()} == {
            1: (True, (1, 2)),
            2: (True, (0, 1)),
            3: (False, (0, 1)),
        }
        assert results[1].message_ids == ("m1",)


async def test_throttled_segments_come_back_when_the_link_is_lost(smsc, joined):
    """A segment that waits to go out again was refused, so its loss is not uncertain."""
    smsc.on_submit = lambda peer, pdu: peer.answer(pdu, CommandStatus.ESME_RTHROTTLED)
    async with joined() as rig:
        rig.esme.submit([reply(1, b"1", b"2")])
        await until(lambda: rig.value("sms_throttled_total") == 2)
        smsc.peers[0].transport.abort()
        await until(lambda: rig.sink.results)
        (outcome,) = rig.sink.results
        assert (outcome.result, outcome.uncertain, outcome.unconfirmed) == (DeliveryResult.RETURNED, False, (0, 1))


async def test_a_complaint_in_the_last_octets(smsc, joined):
    """An SMSC that throttles and unbinds in one write: the segment comes back, it is not forgotten."""

    def throttle_and_leave(peer, pdu):
        peer.session.respond(
            SubmitSmResp(sequence_number=pdu.sequence_number, command_status=CommandStatus.ESME_RTHROTTLED)
        )
        peer.session.request(Unbind(), 0.0)
        peer.flush()

    smsc.on_submit = throttle_and_leave
    async with joined() as rig:
        rig.esme.submit([reply(1)])
        await until(lambda: rig.sink.results)
        (outcome,) = rig.sink.results
        assert (outcome.result, outcome.uncertain) == (DeliveryResult.RETURNED, False)


async def test_no_bind_returns_replies_at_once():
    """Without a transmitting bind a reply comes back whole, not uncertain."""
    rig = Rig(settings(1))
    rig.esme.start(rig.sink)
    rig.esme.submit([reply(1, b"1", b"2")])
    (outcome,) = rig.sink.results
    assert (outcome.result, outcome.unconfirmed, outcome.uncertain) == (DeliveryResult.RETURNED, (0, 1), False)


async def test_each_reply_leaves_through_its_own_smsc(smsc):
    """With two SMSCs, a reply goes to the one that brought the inquiry, and windows are counted apart."""
    other = FakeSmsc()
    await other.listen()
    rig = Rig(settings(smsc.port), settings(other.port, name="other", window=7))
    async with rig.running():
        await rig.bound(2)
        rig.esme.submit([reply(1), reply(2, smsc="other"), reply(3)])
        await until(lambda: len(rig.sink.results) == 3)
        assert (len(smsc.submitted), len(other.submitted)) == (2, 1)
        assert (rig.esme.window("test"), rig.esme.window("other")) == (100, 7)
    await other.close()


# ---- who watches -----------------------------------------------------------------------------------------------------


class Told(Untraced):
    """A tracer that remembers."""

    def __init__(self):
        self.links, self.segments = {}, []

    def linked(self, link, local_port):
        self.links[link] = local_port

    def submitted(self, link, segments):
        self.segments.append((link, segments))


async def test_a_tracer_learns_ports_and_sequence_numbers(smsc):
    """By them the SMSC can tell which bind and which submit_sm is meant; a segment that is throttled is told each time."""
    tracer = Told()
    throttle = iter((CommandStatus.ESME_RTHROTTLED,))
    smsc.on_submit = lambda peer, pdu: peer.answer(pdu, next(throttle, CommandStatus.ESME_ROK))
    rig = Rig(settings(smsc.port), tracer=tracer)
    async with rig.running():
        await rig.bound()
        (link,) = rig.esme.live_links()
        assert tracer.links == {link: smsc.peers[0].transport.get_extra_info("peername")[1]}
        rig.esme.submit([reply(41, b"one", b"two"), reply(42)])
        await until(lambda: len(smsc.peers[0].submitted) == 3)
        for _ in range(40):
            await rig.clock.advance(BEAT_S)
        await until(lambda: len(rig.sink.results) == 2)
        numbers = [pdu.sequence_number for pdu in smsc.peers[0].submitted]
        assert [link for link, _ in tracer.segments] == [link] * len(tracer.segments)
        assert [told for _, batch in tracer.segments for told in batch] == [
            (41, numbers[0]), (41, numbers[1]), (42, numbers[2]), (41, numbers[3])
        ]  # fmt: skip


# ---- steering --------------------------------------------------------------------------------------------------------


async def test_an_smsc_is_stopped_and_started(smsc, joined):
    """Each bind is ended in order and stays down; started, it stands again; a reply waits meanwhile."""
    async with joined(binds=2, links=2) as rig:
        assert await rig.esme.stop_smsc("test") == 2
        assert rig.esme.stopped() == ["test"]
        assert rig.esme.bound() == []
        assert [(view.state, view.why) for view in rig.esme.binds()] == [
            (BindState.STOPPED, "stopped by an operator")
        ] * 2
        rig.esme.submit([reply(1)])
        await until(lambda: rig.sink.results)
        assert rig.sink.results[0].result is DeliveryResult.RETURNED
        assert rig.esme.start_smsc("test") == 2
        await until(lambda: rig.value("sms_binds") == 2)
        assert rig.esme.stopped() == []


async def test_one_bind_is_stopped(smsc, joined):
    """The other stands, and replies leave over it."""
    async with joined(binds=2, links=2) as rig:
        assert await rig.esme.stop_smsc("test", 1) == 1
        assert rig.esme.stopped() == []
        assert [view.state for view in rig.esme.binds()] == [BindState.STOPPED, BindState.BOUND]
        assert rig.value("sms_binds") == 1
        for wrong in (0, 3):
            with pytest.raises(KeyError):
                await rig.esme.stop_smsc("test", wrong)
        with pytest.raises(KeyError):
            rig.esme.start_smsc("other")


async def test_the_pace_changes(smsc, joined):
    """From no limit to one, and what it was is told."""
    async with joined() as rig:
        assert rig.esme.pace("test", 5.0) == 0.0
        assert rig.esme.pace("test", 0.0) == 5.0
        rig.esme.submit([reply(1)])
        await until(lambda: rig.sink.results)
        assert rig.sink.results[0].result is DeliveryResult.CONFIRMED
        with pytest.raises(KeyError):
            rig.esme.pace("other", 1.0)


async def test_what_is_under_way_is_answered_before_a_bind_is_stopped(smsc, joined):
    """So that it does not leave twice; nothing new leaves meanwhile."""
    held = []
    smsc.on_submit = lambda peer, pdu: held.append((peer, pdu))
    async with joined() as rig:
        rig.esme.submit([reply(1)])
        await until(lambda: held)
        stopping = asyncio.create_task(rig.esme.stop_smsc("test"))
        await rig.clock.advance(0.1)
        assert not stopping.done()
        assert rig.esme.window("test") == 0
        peer, pdu = held[0]
        peer.answer(pdu)
        await until(lambda: rig.sink.results)
        for _ in range(3):
            await rig.clock.advance(0.1)
        await stopping
        assert [(one.result, one.uncertain) for one in rig.sink.results] == [(DeliveryResult.CONFIRMED, False)]
        assert len(held) == 1

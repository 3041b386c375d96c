"""One connection: with a transport that a test plays, where the order of callbacks matters, and over sockets where octets do."""

import asyncio
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sms_service.adapters.memory.clock import FakeClock
from sms_service.esme import link as link_module
from sms_service.esme.link import UNHEARD_MAX, Link
from sms_service.esme.pacing import TokenBucket
from sms_service.model import DeliveryResult
from sms_service.observability.metrics import Metrics
from sms_service.smpp import (
    AlertNotification,
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    EnquireLink,
    GenericNack,
    Outbind,
    RequestReceived,
    Role,
    Session,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    Undecodable,
    encode,
)
from tests.unit.esme.fake_smsc import UNLIMITED, mo, until
from tests.unit.esme.rig import Sink, reply
from tests.unit.esme.rig import settings as smsc_settings


class Wire(asyncio.Transport):
    """A transport that a test plays."""

    def __init__(self):
        super().__init__()
        self.written = bytearray()
        self.reading = True
        self.closing = False
        self.aborted = False

    def write(self, data):
        self.written += data

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True

    def abort(self):
        self.aborted = True


class Stand:
    """A link and, in memory, the SMSC's side of its session."""

    def __init__(self, **fields):
        self.clock = FakeClock()
        self.sink = Sink()
        self.wire = Wire()
        self.metrics = Metrics()
        self.changes = []
        smsc = smsc_settings(2775, **fields)
        self.link = Link(
            "gateway-1/7.1",
            smsc,
            bucket=TokenBucket(smsc.mt_per_second, 0.0),
            sink=self.sink,
            changed=lambda link: self.changes.append(link.bound),
            throttle_retries=3,
            clock=self.clock,
            metrics=self.metrics.of_smsc("test"),
        )
        self.peer = Session(Role.SMSC, UNLIMITED, 0.0)
        self.link.connection_made(self.wire)
        self.binding = asyncio.ensure_future(self.link.bind(BindTransceiver(system_id="c06")))

    async def bound(self):
        """Carry the bind over."""
        await asyncio.sleep(0)
        request = self.take()[0]
        self.peer.respond(BindTransceiverResp(sequence_number=request.pdu.sequence_number))
        self.give(self.peer.data_to_send())
        assert await self.binding == CommandStatus.ESME_ROK
        return self

    def take(self):
        """What the link wrote, as the SMSC reads it."""
        data = bytes(self.wire.written)
        self.wire.written.clear()
        return self.peer.receive_data(data, 0.0)

    def submitted(self):
        """The submit_sm among it."""
        return [event.pdu for event in self.take() if isinstance(event, RequestReceived)]

    def give(self, data):
        """Octets for the link."""
        self.link.data_received(data)

    def end(self):
        """The connection is gone."""
        self.link.connection_lost(None)


@pytest.fixture
async def stand():
    made = await Stand().bound()
    yield made
    made.end()


# ---- octets --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(100),
        b"\x7f\xff\xff\xff" + bytes(100),
        b"\x00\x00\x00\x0f" + bytes(12),
    ],
    ids=["http", "zeros", "huge length", "length below a header"],
)
async def test_garbage_closes_and_binds_again(smsc, joined, octets):
    """Octets that are no PDU: the connection is closed and another takes its place; what was under way comes back."""
    smsc.on_submit = lambda _peer, _pdu: None
    async with joined() as rig:
        rig.esme.submit([reply(1)])
        await until(lambda: smsc.submitted)
        smsc.peers[0].inject(octets)
        await until(lambda: smsc.peers[0].lost)
        assert smsc.peers[0].octets.endswith(encode(GenericNack(command_status=CommandStatus.ESME_RINVCMDLEN)))
        assert rig.sink.results[0].result is DeliveryResult.RETURNED
        await until(lambda: rig.clock.waits)
        await rig.clock.advance(rig.clock.waits[0])
        await rig.bound()


async def test_an_undecodable_pdu_is_answered_and_the_bind_lives(smsc, joined):
    """A whole frame without sense gets an error response; what follows it in the same octets is read. The log says it once."""
    bad = bytearray(encode(mo(), 77))
    bad[-3] = 200  # sm_length runs past the end
    unknown = encode(EnquireLink(), 78)[:4] + b"\x00\x00\xde\xad" + encode(EnquireLink(), 78)[8:]
    with capture_logs() as logs:
        async with joined() as rig:
            peer = smsc.peers[0]
            peer.inject(bytes(bad) + unknown + encode(mo(b"DC HD"), 79))
            await until(lambda: rig.sink.messages)
            assert [message.short_message for message in rig.sink.messages] == [b"DC HD"]
            await until(lambda: encode(GenericNack(sequence_number=78, command_status=3)) in peer.octets)
            assert not peer.lost
            assert rig.value("sms_undecodable_total") == 2
    assert [line["event"] for line in logs if "undecodable" in line["event"]] == ["pdu_undecodable"]


@settings(max_examples=60, deadline=None)
@given(octets=st.binary(max_size=400), cuts=st.lists(st.integers(1, 50), max_size=20))
async def test_no_octets_raise(octets, cuts):
    """Whatever an SMSC sends, in whatever pieces, is read without an exception, and the link can be ended."""
    made = await Stand().bound()
    for cut in cuts:
        made.give(octets[:cut])
        octets = octets[cut:]
    made.give(octets)
    made.end()
    assert made.link.ended.done()


@given(cuts=st.lists(st.integers(1, 40), max_size=40))
@settings(max_examples=60, deadline=None)
async def test_pieces_do_not_matter(cuts):
    """However the network cuts the octets, the same messages are handed on in the same order."""
    made = await Stand().bound()
    for number in range(10):
        made.peer.request(mo(b"DC %d" % number), 0.0)
    octets = made.peer.data_to_send()
    for cut in cuts:
        made.give(octets[:cut])
        octets = octets[cut:]
    made.give(octets)
    assert [message.short_message for message in made.sink.messages] == [b"DC %d" % n for n in range(10)]
    made.end()


async def test_requests_that_have_no_response(stand):
    """An alert_notification is read over, in whatever state it comes."""
    stand.peer.request(AlertNotification(source_addr="84912345678", esme_addr="5505"), 0.0)
    stand.give(stand.peer.data_to_send())
    assert not stand.sink.messages
    assert not stand.take()
    assert stand.link.bound


async def test_an_outbind_is_read_over():
    """An SMSC that asks us to bind says nothing new: we are about to."""
    made = Stand()
    made.give(encode(Outbind(system_id="x"), 1))
    await made.bound()
    made.end()


# ---- timers --------------------------------------------------------------------------------------------------------------


async def test_enquire_link_is_answered(stand):
    """The SMSC's enquire_link gets its response at once."""
    stand.peer.request(EnquireLink(), 0.0)
    stand.give(stand.peer.data_to_send())
    assert stand.peer.outstanding == 1
    assert not stand.take()
    assert stand.peer.outstanding == 0


async def test_enquire_link_is_sent_after_silence():
    """After `enquire_link_s` of silence the SMSC is asked; its answer keeps the link for as long again."""
    made = await Stand(enquire_link_s=15.0, response_timeout_s=5.0).bound()
    await made.clock.advance(14.9)
    made.link.beat()
    assert not made.wire.written
    for _ in range(3):
        await made.clock.advance(15.0)
        made.link.beat()
        assert made.wire.written
        assert not made.take()
        made.give(made.peer.data_to_send())
    await made.clock.advance(6)
    made.link.beat()
    assert made.link.bound
    made.end()


async def test_a_silent_smsc_is_given_up():
    """No answer to enquire_link: the session is over, and what was in the window comes back as uncertain."""
    made = await Stand(enquire_link_s=15.0, response_timeout_s=30.0).bound()
    made.link.submit(reply(1))
    made.link.pump()
    await made.clock.advance(15.0)
    made.link.beat()
    await made.clock.advance(30.0)
    made.link.beat()
    assert made.link.ended.done()
    assert made.wire.closing
    assert made.sink.results[0].uncertain
    assert made.changes == [True, False]
    made.end()
    assert made.changes == [True, False]


@pytest.mark.parametrize(("window", "in_a_row"), [(100, UNHEARD_MAX), (3, 3)])
async def test_an_smsc_that_answers_nothing_but_enquire_link_is_given_up(window, in_a_row):
    """The bind stands and takes every reply to nowhere: after so many in a row, or a whole window, it is cut, and nothing
    more leaves over it."""
    made = await Stand(window=window, response_timeout_s=5.0, enquire_link_s=1000.0).bound()
    for number in range(in_a_row - 1):
        made.link.submit(reply(number))
    made.link.pump()
    await made.clock.advance(4.0)
    made.link.submit(reply(99))
    made.link.pump()
    await made.clock.advance(1.0)
    made.link.beat()
    assert not made.wire.aborted
    made.link.submit(reply(100))
    await made.clock.advance(4.0)
    made.take()
    made.link.beat()
    assert made.wire.aborted
    assert not made.submitted()
    made.end()
    assert len(made.sink.results) == in_a_row + 1
    assert [one.inquiry_id for one in made.sink.results if not one.uncertain] == [100]  # it never left


async def test_an_smsc_that_loses_some_answers_keeps_its_bind():
    """Any answer in between begins the count anew; what was lost halves what the bind is given."""
    made = await Stand(window=100, response_timeout_s=5.0, enquire_link_s=1000.0).bound()
    for turn in range(3):
        for number in range(UNHEARD_MAX - 1):
            made.link.submit(reply(turn * 100 + number))
        made.link.pump()
        await made.clock.advance(5.0)
        made.link.beat()
        made.submitted()
        made.link.submit(reply(turn * 100 + 50))
        made.link.pump()
        (answered,) = made.submitted()
        made.peer.respond(SubmitSmResp(sequence_number=answered.sequence_number, message_id="m"))
        made.give(made.peer.data_to_send())
    assert made.link.bound
    assert not made.wire.aborted
    assert 12 <= made.link.window() < 100
    made.end()


# ---- a peer that does not read -------------------------------------------------------------------------------------------


async def test_a_slow_reader_stops_the_pump_and_is_not_read_from(stand):
    """While the socket takes nothing, nothing is added and nothing is read; then it goes on where it was."""
    stand.link.pause_writing()
    stand.link.submit(reply(1))
    stand.link.pump()
    assert not stand.submitted()
    assert not stand.wire.reading
    stand.link.resume_writing()
    assert [type(pdu) for pdu in stand.submitted()] == [SubmitSm]
    assert stand.wire.reading


async def test_a_peer_that_does_not_let_go_is_cut_off(monkeypatch, stand):
    """`close` waits for the last octets to be read, but not for ever."""
    monkeypatch.setattr(link_module, "HANG_UP_S", 0.01)
    stand.link.close()
    stand.link.close()  # twice is once
    assert stand.wire.closing
    assert not stand.wire.aborted
    await until(lambda: stand.wire.aborted)


async def test_a_stuck_connection_does_not_stop_the_bind(smsc, joined, monkeypatch):
    """An SMSC that stops reading with our buffers full is given up by its silence, cut off, and bound to again."""
    monkeypatch.setattr(link_module, "HANG_UP_S", 0.01)
    async with joined(window=10_000, enquire_link_s=15.0, response_timeout_s=30.0) as rig:
        smsc.peers[0].transport.pause_reading()
        link = next(iter(rig.esme._links.values()))
        link._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        number = 9_000
        rig.esme.submit([reply(one, bytes(250)) for one in range(number)])
        assert not link._writable
        assert not link._transport.is_reading()
        await rig.clock.advance(46.0)
        await until(lambda: len(rig.sink.results) == number)
        assert {one.result for one in rig.sink.results} == {DeliveryResult.RETURNED}
        await until(lambda: rig.clock.waits)
        await rig.clock.advance(1)
        await rig.bound()
        assert smsc.peers[0] is not smsc.bound[-1]
        smsc.peers[0].transport.resume_reading()
        await until(lambda: smsc.peers[0].lost)


# ---- the end -------------------------------------------------------------------------------------------------------------


async def test_messages_and_responses_before_the_end_count(stand):
    """What the SMSC wrote before it hung up is taken: the message is handed on, the confirmation confirms."""
    stand.link.submit(reply(1))
    stand.link.pump()
    (submit_sm,) = stand.submitted()
    stand.peer.request(mo(), 0.0)
    stand.peer.respond(SubmitSmResp(sequence_number=submit_sm.sequence_number, message_id="m1"))
    stand.peer.request(Unbind(), 0.0)
    stand.give(stand.peer.data_to_send())
    assert len(stand.sink.messages) == 1
    assert stand.sink.results[0].result is DeliveryResult.CONFIRMED
    stand.link.acknowledge([stand.sink.messages[0].sequence_number], CommandStatus.ESME_ROK)
    stand.link.flush()
    assert [type(event).__name__ for event in stand.take()] == ["Closed"]  # unbind_resp, and nothing behind it


async def test_a_link_that_never_bound(stand):
    """A connection that goes before the bind was answered answers the bind with None, and says so to nobody else."""
    made = Stand()
    await asyncio.sleep(0)
    made.end()
    assert await made.binding is None
    assert made.changes == [False]
    made.link.unbind()
    made.link.close()
    made.link.flush()
    assert made.link.window() == 0


async def test_a_nack_without_status_is_a_refusal(stand):
    """generic_nack as the answer to submit_sm refuses the segment, even with a command_status of 0."""
    stand.link.submit(reply(1, b"1", b"2"))
    stand.link.pump()
    first, _ = stand.submitted()
    stand.give(encode(GenericNack(sequence_number=first.sequence_number)))
    assert not stand.sink.results  # the other has left already
    stand.end()
    (outcome,) = stand.sink.results
    assert (outcome.result, outcome.uncertain) == (DeliveryResult.REJECTED, True)


async def test_what_the_peer_could_not_read(stand):
    """The SMSC's own complaint about a PDU of ours that answers nothing is passed over."""
    stand.give(encode(GenericNack(sequence_number=4711, command_status=3)))
    assert stand.link.bound
    assert not any(isinstance(event, Undecodable) for event in stand.take())

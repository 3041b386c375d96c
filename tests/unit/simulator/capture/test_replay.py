"""A recording said again: to the simulated SMSC, to an ESME, and to others that answer otherwise."""

import asyncio
import io
import math
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from simulator.capture import player, script
from simulator.capture.address import Address
from simulator.capture.command import SpeedType, capture
from simulator.capture.outcome import Outcome
from simulator.capture.player import Pace
from simulator.capture.recording import Kind, Reader, Record
from simulator.capture.replay import CannotReplay, check_replayable, replay
from simulator.capture.script import Part, Step, TooLarge, make_script
from simulator.engines.ports import free_port
from sms_service.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    FrameBuffer,
    GenericNack,
    Role,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    decode,
    encode,
)
from tests.unit.simulator.capture.conversation import MSISDN, WAIT_S, Esme, Recording, answering, inquiries, smsc
from tests.unit.simulator.capture.test_show import file_of, pdu


@pytest.fixture(autouse=True)
async def quiet():
    """Nothing fails where nobody looks."""
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    yield
    assert not failures


BOUND = [
    Record(0, 1, Role.ESME, Kind.OPENED),
    pdu(1, Role.ESME, BindTransceiver(system_id="gateway", password="secret", sequence_number=1)),
    pdu(2, Role.SMSC, BindTransceiverResp(sequence_number=1)),
]


async def recorded(texts=("DC", "DC DAU")):
    """A real conversation."""
    recording = Recording(secrets=True)
    async with smsc() as (center, to), recording.running(to) as address:
        await inquiries(address, center, texts)
    return recording.records()


async def again(records, role, address, speed=None, *, stop=None, wait_s=5.0, on_ready=lambda _: None, password=None):
    made = make_script(records, role)
    check_replayable(made, role, has_secrets=True, password=password)
    async with asyncio.timeout(WAIT_S):
        return await replay(
            made,
            role,
            address,
            speed,
            stop=stop or asyncio.Event(),
            wait_s=wait_s,
            on_ready=on_ready,
            on_look=lambda _: None,
        )


class Scripted:
    """A peer that answers each PDU with what a function makes of it, and keeps what it heard."""

    def __init__(self, answer):
        self.answer = answer
        self.heard = []

    async def __call__(self, reader, writer):
        frames = FrameBuffer()
        while data := await reader.read(65536):
            for frame in frames.feed(data):
                self.heard.append(frame)
                for response in self.answer(decode(frame)):
                    writer.write(encode(response))
        writer.close()

    def commands(self):
        return [decode(frame).command_id.name for frame in self.heard]


def plain(request):
    """What any SMSC says."""
    number = request.sequence_number
    match request:
        case BindTransceiver():
            return [BindTransceiverResp(sequence_number=number)]
        case SubmitSm():
            return [SubmitSmResp(sequence_number=number, message_id="x")]
        case Unbind():
            return [UnbindResp(sequence_number=number)]
    return []


async def test_esme_to_the_smsc():
    """All requests of the ESME are taken as they were; what the phones do not send is a difference."""
    records = await recorded()
    async with smsc() as (center, address):
        for text in ("DC", "DC DAU"):
            center.inject(MSISDN, "5505", text)
        outcome = await again(records, Role.ESME, address)
        assert center.deliveries()["gateway"].delivered == 2
    assert (outcome.differences, outcome.sent, outcome.answered) == ({}, 4, 4)
    async with smsc() as (_center, address):
        player_patience, player.PATIENCE_S = player.PATIENCE_S, 0.1
        try:
            outcome = await again(records, Role.ESME, address)
        finally:
            player.PATIENCE_S = player_patience
    assert outcome.differences == {"the SMSC did not send: deliver_sm": 2}


async def test_smsc_to_an_esme():
    """The messages come again, the replies are confirmed with the recorded ids, and the bind as it was."""
    records = await recorded()
    ready = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(again(records, Role.SMSC, Address("127.0.0.1", 0), on_ready=ready.set_result))
    esme = await Esme.connect(await ready)
    await esme.bind()
    await esme.serve(2)
    await esme.leave()
    outcome = await running
    assert (outcome.differences, outcome.sent, outcome.answered) == ({}, 2, 2)


async def test_connections_are_the_smsc_s_choice():
    """What came on one connection may come on another; what is missing on all is told, without waiting for each."""
    records = [
        *BOUND,
        pdu(3, Role.SMSC, DeliverSm(sequence_number=5)),
        pdu(4, Role.ESME, DeliverSmResp(sequence_number=5)),
    ]
    both = sorted([*records, *(Record(r.at_ns, 2, r.origin, r.kind, r.octets) for r in records)], key=lambda r: r.at_ns)
    connections = []

    async def one_sided(reader, writer):
        connections.append(writer)
        first = len(connections) == 1
        writer.write(encode(BindTransceiverResp(sequence_number=decode(await reader.read(1000)).sequence_number)))
        if first:
            writer.write(b"".join(encode(DeliverSm(sequence_number=70 + n)) for n in range(2)))
        while await reader.read(1000):
            pass
        writer.close()

    async with answering(one_sided) as address:
        outcome = await again(both, Role.ESME, address)
    assert outcome.differences == {}


async def test_statuses_that_differ():
    """A refusal where there was none is told, with both names, as often as it came."""
    records = [
        *BOUND,
        *[pdu(3 + n, Role.ESME, SubmitSm(sequence_number=2 + n)) for n in range(3)],
        *[pdu(9 + n, Role.SMSC, SubmitSmResp(sequence_number=2 + n)) for n in range(2)],
        pdu(12, Role.SMSC, SubmitSmResp(sequence_number=4, command_status=0x58)),
    ]

    def throttling(request):
        if isinstance(request, SubmitSm):
            return [SubmitSmResp(sequence_number=request.sequence_number, command_status=0x58)]
        return plain(request)

    async with answering(Scripted(throttling)) as address:
        outcome = await again(records, Role.ESME, address)
    assert outcome.differences == {"submit_sm: ESME_ROK in the recording, now ESME_RTHROTTLED": 2}
    assert outcome.lines()[1] == "       2 x submit_sm: ESME_ROK in the recording, now ESME_RTHROTTLED"


async def test_bind_that_is_refused():
    """Nothing is sent behind it."""
    records = [
        *BOUND,
        pdu(3, Role.ESME, SubmitSm(sequence_number=2)),
        pdu(4, Role.SMSC, SubmitSmResp(sequence_number=2)),
    ]
    peer = Scripted(lambda request: [BindTransceiverResp(sequence_number=request.sequence_number, command_status=0x0E)])
    async with answering(peer) as address:
        outcome = await again(records, Role.ESME, address)
    assert outcome.differences == {
        "bind_transceiver: ESME_ROK in the recording, now ESME_RINVPASWD": 1,
        "not sent: submit_sm": 1,
    }
    assert peer.commands() == ["BIND_TRANSCEIVER"]


async def test_answers_that_do_not_come(monkeypatch):
    """After a while it is told; a request that had no answer needs none."""
    monkeypatch.setattr(player, "PATIENCE_S", 0.1)
    records = [
        *BOUND,
        pdu(3, Role.ESME, SubmitSm(sequence_number=2)),
        pdu(4, Role.ESME, SubmitSm(sequence_number=3)),
        pdu(5, Role.SMSC, SubmitSmResp(sequence_number=2)),
    ]
    async with answering(Scripted(lambda request: [] if isinstance(request, SubmitSm) else plain(request))) as address:
        outcome = await again(records, Role.ESME, address)
    assert outcome.differences == {"submit_sm: ESME_ROK in the recording, now no answer": 1}


async def test_requests_are_answered_as_they_were():
    """The n-th as the n-th; enquire_link at once; one that is new with ESME_ROK; nonsense with what is wrong with it."""
    records = [
        *BOUND,
        pdu(3, Role.SMSC, DeliverSm(sequence_number=7)),
        pdu(4, Role.SMSC, DeliverSm(sequence_number=8)),
        pdu(5, Role.ESME, DeliverSmResp(sequence_number=8, command_status=0x64)),
        pdu(6, Role.ESME, DeliverSmResp(sequence_number=7)),
        pdu(7, Role.ESME, SubmitSm(sequence_number=2)),
        pdu(8, Role.SMSC, SubmitSmResp(sequence_number=2)),
    ]
    answers = []

    def asking(request):
        if isinstance(request, SubmitSm):
            yield EnquireLink(sequence_number=70)
            yield from (DeliverSm(sequence_number=71 + n) for n in range(3))
        if isinstance(request, DeliverSmResp | EnquireLinkResp | GenericNack):
            answers.append((request.sequence_number, type(request), request.command_status))
            if len(answers) == 4:
                yield SubmitSmResp(sequence_number=2)
        else:
            yield from (() if isinstance(request, SubmitSm) else plain(request))

    async with answering(Scripted(asking)) as address:
        outcome = await again(records, Role.ESME, address)
    assert sorted(answers) == [
        (70, EnquireLinkResp, 0),
        (71, DeliverSmResp, 0),
        (72, DeliverSmResp, 0x64),
        (73, DeliverSmResp, 0),
    ]
    assert outcome.differences == {"the SMSC sent besides: deliver_sm": 1}


async def test_live_sequence_numbers():
    """They begin at one and are matched, whatever the recording's were; the password is the one that is given."""
    records = [
        *BOUND,
        pdu(3, Role.ESME, SubmitSm(sequence_number=900)),
        pdu(4, Role.ESME, SubmitSm(sequence_number=800)),
        pdu(5, Role.SMSC, SubmitSmResp(sequence_number=800, command_status=8)),
        pdu(6, Role.SMSC, SubmitSmResp(sequence_number=900)),
    ]
    peer = Scripted(
        lambda request: (
            [SubmitSmResp(sequence_number=request.sequence_number, command_status=8 * (request.sequence_number == 3))]
            if isinstance(request, SubmitSm)
            else plain(request)
        )
    )
    async with answering(peer) as address:
        outcome = await again(records, Role.ESME, address, password="other")
    heard = [decode(frame) for frame in peer.heard]
    assert [pdu.sequence_number for pdu in heard] == [1, 2, 3]
    assert heard[0].password == "other"
    assert outcome.differences == {}


async def test_undecodable_requests_are_sent_as_they_were():
    """The replayer is no better than what it replays."""
    odd = b"\0\0\0\x14\0\0\x0e\x5e" + bytes(7) + b"\x02odd!"
    records = [*BOUND, pdu(3, Role.ESME, odd), pdu(4, Role.SMSC, GenericNack(sequence_number=2, command_status=3))]
    async with smsc() as (_center, address):
        outcome = await again(records, Role.ESME, address)
    assert (outcome.differences, outcome.answered) == ({}, 2)


async def test_window_is_kept_at_full_speed():
    """No more is unanswered at once than was in the recording."""
    records = list(BOUND)
    for n in range(50):
        records += [
            pdu(10 + n, Role.ESME, SubmitSm(sequence_number=2 + n)),
            *([pdu(10 + n, Role.SMSC, SubmitSmResp(sequence_number=1 + n))] if n else []),
        ]
    records.append(pdu(99, Role.SMSC, SubmitSmResp(sequence_number=51)))
    made = make_script(records, Role.ESME)
    assert made.parts[0].window == 2
    most = 0
    held = []

    def two_at_once(request):
        nonlocal most
        if not isinstance(request, SubmitSm):
            return plain(request)
        held.append(SubmitSmResp(sequence_number=request.sequence_number))
        most = max(most, len(held))
        if len(held) < 2:
            return []
        out = held[:]
        held.clear()
        return out

    async with answering(Scripted(two_at_once)) as address:
        outcome = await again(records, Role.ESME, address)
    assert (most, outcome.answered, outcome.differences) == (2, 51, {})


async def test_recorded_timing_is_kept():
    """At a tenth of the recorded second; it may be late, and never early."""
    loop = asyncio.get_running_loop()
    times = []

    def timing(request):
        times.append(loop.time())
        return plain(request)

    records = [
        *BOUND,
        pdu(1000, Role.ESME, SubmitSm(sequence_number=2)),
        pdu(1001, Role.SMSC, SubmitSmResp(sequence_number=2)),
    ]
    async with answering(Scripted(timing)) as address:
        outcome = await again(records, Role.ESME, address, 10.0)
    assert times[1] - times[0] >= 0.09
    assert outcome.late_most_s >= 0
    assert not outcome.differences


async def test_connection_that_breaks():
    """What could not be sent is told."""

    async def leaving(reader, writer):
        frame = await reader.read(1000)
        writer.write(encode(BindTransceiverResp(sequence_number=decode(frame).sequence_number)))
        writer.close()

    records = [*BOUND, *[pdu(100 * n, Role.ESME, SubmitSm(sequence_number=n)) for n in range(5, 8)]]
    async with answering(leaving) as address:
        outcome = await again(records, Role.ESME, address, 1.0)
    assert outcome.differences == {"not sent: submit_sm": 3}


async def test_stop_tells_what_is_missing():
    """Ctrl-C: it ends at once, and the rest is a difference."""
    records = [*BOUND, pdu(3_600_000, Role.ESME, SubmitSm(sequence_number=2))]
    stop = asyncio.Event()
    async with smsc() as (center, address):
        running = asyncio.create_task(again(records, Role.ESME, address, 1.0, stop=stop))
        async with asyncio.timeout(WAIT_S):
            while not sum(center.binds().values()):
                await asyncio.sleep(0.01)
        stop.set()
        outcome = await running
    assert outcome.differences == {"not sent: submit_sm": 1}


async def test_nobody_there():
    """Neither an SMSC nor, in time, an ESME."""
    with pytest.raises(CannotReplay, match="Connection refused"):
        await again(BOUND, Role.ESME, Address("127.0.0.1", free_port()))
    outcome = await again(BOUND, Role.SMSC, Address("127.0.0.1", 0), wait_s=0.05)
    assert outcome.differences == {
        "a connection less than in the recording": 1,
        "the ESME did not send: bind_transceiver": 1,
    }


async def test_connections_find_their_part():
    """Each connection gets the part that begins with its bind; one too many is closed and told."""
    from sms_service.smpp import BindReceiver, BindReceiverResp

    records = [
        pdu(1, Role.ESME, BindReceiver(sequence_number=1), connection=1),
        pdu(2, Role.SMSC, BindReceiverResp(sequence_number=1), connection=1),
        pdu(2, Role.SMSC, DeliverSm(sequence_number=5), connection=1),
        pdu(3, Role.ESME, DeliverSmResp(sequence_number=5), connection=1),
        pdu(3, Role.ESME, BindTransceiver(sequence_number=1), connection=2),
        pdu(4, Role.SMSC, BindTransceiverResp(sequence_number=1, command_status=0x0D), connection=2),
    ]
    ready = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(again(records, Role.SMSC, Address("127.0.0.1", 0), on_ready=ready.set_result))
    address = await ready

    @asynccontextmanager
    async def bound(bind):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(encode(bind, 1))
        yield reader, writer
        writer.close()

    async with bound(BindTransceiver()) as (reader, _):
        assert decode(await reader.read(1000)).command_status == 0x0D
    async with bound(BindReceiver()) as (reader, writer):
        frames = FrameBuffer()
        heard = []
        while len(heard) < 2:
            heard += frames.feed(await reader.read(1000))
        writer.write(encode(DeliverSmResp(sequence_number=decode(heard[1]).sequence_number)))
        outcome = await running
    assert outcome.differences == {}


def test_script_of_either_side():
    """Requests with their answers, answers with their delays, windows, binds; answers to nothing are left out and counted."""
    records = [
        *BOUND,
        pdu(5, Role.SMSC, DeliverSm(sequence_number=1)),
        pdu(8, Role.ESME, DeliverSmResp(sequence_number=1)),
        pdu(9, Role.ESME, DeliverSmResp(sequence_number=1)),
        pdu(10, Role.SMSC, EnquireLink(sequence_number=2)),
        pdu(11, Role.ESME, EnquireLinkResp(sequence_number=2)),
        Record(12, 1, Role.ESME, Kind.OCTETS, b"xyz"),
        Record(12, 2, Role.ESME, Kind.OPENED),
    ]
    made = make_script(records, Role.ESME)
    (part,) = made.parts
    assert (made.left_out_pdus, made.left_out_octets) == (1, 3)
    assert [(step.command_id, step.expected) for step in part.steps] == [(9, 0)]
    assert (part.bound_ns, part.bind, part.window, dict(part.asked)) == (2_000_000, 9, 1, {5: 1})
    assert part.answers[5][0].delay_ns == 3_000_000
    other = make_script(records, Role.SMSC)
    assert [(step.command_id, step.expected) for step in other.parts[0].steps] == [(5, 0), (21, 0)]
    assert (other.left_out_pdus, other.left_out_octets) == (0, 0)


def test_recording_that_is_too_large(monkeypatch):
    """It is refused before memory is."""
    monkeypatch.setattr(script, "PDUS_MAX", 1)
    with pytest.raises(TooLarge):
        make_script(BOUND, Role.ESME)


@given(
    st.lists(
        st.builds(
            Record,
            st.integers(0, 99),
            st.integers(1, 2),
            st.sampled_from(Role),
            st.sampled_from(Kind),
            st.binary(min_size=16, max_size=40),
        )
    )
)
def test_any_recording_makes_a_script(records):
    """Whatever its PDUs are."""
    for role in Role:
        make_script(records, role)


def test_pace():
    """Twice as fast, and as fast as it goes."""
    assert (Pace(2.0).seconds(10**9), Pace(None).seconds(10**9), Pace(1.0).seconds(-5)) == (0.5, 0.0, 0.0)
    assert (Pace(None).window(Part(1, 0, window=7)), Pace(None).window(Part(1, 0))) == (7, 1)
    assert SpeedType().convert("max", None, None) == math.inf


def test_line():
    """What is seen meanwhile."""
    outcome = Outcome(Role.ESME, [Part(1, 0, steps=[Step(0, b"")] * 1200)])
    outcome.sent, outcome.answered = 1000, 990
    assert outcome.line() == "1,000 of 1,200 requests sent, 990 answered, 0 differences"


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        ([], 2, "one of --to and --listen"),
        (["--to", "a:1", "--listen", "b:2"], 2, "one of --to and --listen"),
        (["--listen", "127.0.0.1:0", "--password", "x"], 2, "goes with --to"),
        (["--to", "127.0.0.1:1", "--speed", "0"], 2, "expected a factor above 0"),
        (["--to", "127.0.0.1:1", "--speed", "nan"], 2, "expected a factor above 0"),
        (["--to", "127.0.0.1:1"], 2, "the recording has no passwords"),
        (["--to", "127.0.0.1:1", "--password", "far too long"], 2, "password is 12 octets long"),
        (["--to", "127.0.0.1:1", "--password", "x"], 2, "cannot connect to 127.0.0.1:1: Connection refused"),
        (["--listen", "127.0.0.1:0", "--wait", "0.05"], 1, "1 x a connection less than in the recording"),
    ],
)
def test_command(argv, code, words):
    """What is wrong is said in a line, and told apart by the exit code."""
    result = CliRunner().invoke(capture, ["replay", "-", *argv], input=file_of(BOUND))
    assert result.exit_code == code, result.output
    assert words in result.output


def test_file_that_is_none():
    """Refused."""
    result = CliRunner().invoke(capture, ["replay", "-", "--to", "127.0.0.1:1"], input=b"x")
    assert (result.exit_code, "no recording of SMPP" in result.output) == (2, True)
    assert next(iter(Reader(io.BytesIO(file_of(BOUND))))).kind is Kind.OPENED

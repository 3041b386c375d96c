"""The session: octets and time in, octets and events out, for both roles."""

import msgspec
import pytest

from sms_service.smpp import (
    PDU_CLASSES,
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    Closed,
    CloseReason,
    CommandId,
    CommandStatus,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    FrameBuffer,
    GenericNack,
    LocalProtocolError,
    Outbind,
    Prepared,
    RequestExpired,
    RequestReceived,
    RequestRefused,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
    SessionState,
    StateChanged,
    SubmitSm,
    SubmitSmResp,
    SubmitTemplate,
    Tlv,
    Unanswered,
    Unbind,
    UnbindResp,
    Undecodable,
    UnexpectedResponse,
    WindowFull,
    decode,
    encode,
)
from sms_service.smpp.consts import RESPONSE_BIT
from sms_service.smpp.pdus import CLASS_OF
from sms_service.smpp.session import ANSWERED_BY_SESSION
from sms_service.smpp.state import MAY_SEND, next_state, refusal_status
from tests.unit.smpp.strategies import BINDS, closed, in_state, pair

BROKEN_DELIVER_SM = bytes.fromhex("00000012 00000005 00000000 00000007 0000")


def sent(session):
    """The PDUs that the session wants written."""
    return [decode(frame) for frame in FrameBuffer().feed(session.data_to_send())]


def types(events):
    return [type(event) for event in events]


# ---- binding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", BINDS)
def test_bind(bound):
    """Both ends go from OPEN over BINDING to BOUND by the same two PDUs."""
    esme, smsc = Session(Role.ESME), Session(Role.SMSC)
    bind, bind_resp = BINDS[bound]
    binding = SessionState["BINDING" + bound.name.removeprefix("BOUND")]
    request = bind(system_id="esme", password="secret")

    number = esme.request(request, 0.0, context="the bind")
    assert (number, esme.state) == (1, binding)
    events = smsc.receive_data(esme.data_to_send(), 0.0)
    assert [type(event) for event in events] == [RequestReceived, StateChanged]
    assert (events[0].pdu.system_id, events[1].state) == ("esme", binding)

    smsc.respond(bind_resp(sequence_number=1, system_id="smsc"))
    assert smsc.state is bound
    response = bind_resp(sequence_number=1, system_id="smsc")
    assert esme.receive_data(smsc.data_to_send(), 0.0) == [
        ResponseReceived(response, request, "the bind"),
        StateChanged(bound),
    ]
    assert esme.state is bound


def test_a_refused_bind():
    """The session is open again, on both sides, and may be tried with other credentials."""
    esme, smsc = Session(Role.ESME), Session(Role.SMSC)
    esme.request(BindTransceiver(), 0.0)
    smsc.receive_data(esme.data_to_send(), 0.0)

    smsc.respond(BindTransceiverResp(sequence_number=1, command_status=CommandStatus.ESME_RINVPASWD))
    events = esme.receive_data(smsc.data_to_send(), 0.0)

    assert events[0].response.command_status == CommandStatus.ESME_RINVPASWD
    assert events[1] == StateChanged(SessionState.OPEN)
    assert esme.state is smsc.state is SessionState.OPEN
    assert esme.request(BindReceiver(), 0.0) == 2


def test_a_bind_that_is_not_understood():
    """An SMSC without transceivers answers with a generic_nack: another bind may be tried."""
    esme, smsc = Session(Role.ESME), Session(Role.SMSC)
    esme.request(BindTransceiver(), 0.0)
    smsc.receive_data(esme.data_to_send(), 0.0)

    smsc.respond(GenericNack(sequence_number=1, command_status=CommandStatus.ESME_RINVCMDID))
    events = esme.receive_data(smsc.data_to_send(), 0.0)

    assert types(events) == [ResponseReceived, StateChanged]
    assert esme.state is smsc.state is SessionState.OPEN


def test_outbind():
    """The SMSC asks to be bound to; nothing answers an outbind but the bind."""
    esme, smsc = Session(Role.ESME), Session(Role.SMSC)
    smsc.request(Outbind(system_id="smsc"), 0.0)

    assert types(esme.receive_data(smsc.data_to_send(), 0.0)) == [RequestReceived]
    assert (esme.data_to_send(), smsc.outstanding) == (b"", 0)
    assert esme.request(BindReceiver(), 0.0) == 1


def test_bind_and_first_message_in_one_read():
    """An SMSC does not wait between its bind response and what it has queued."""
    esme, smsc = Session(Role.ESME), Session(Role.SMSC)
    esme.request(BindTransceiver(), 0.0)
    smsc.receive_data(esme.data_to_send(), 0.0)
    smsc.respond(BindTransceiverResp(sequence_number=1))
    smsc.request(DeliverSm(), 0.0)

    assert types(esme.receive_data(smsc.data_to_send(), 0.0)) == [ResponseReceived, StateChanged, RequestReceived]


# ---- requests and responses ------------------------------------------------------------------------------------------


def test_a_message_and_its_answer():
    """The answer comes with the request and what the owner gave with it."""
    esme, smsc = pair()
    request, context = SubmitSm(source_addr="5505"), object()

    number = esme.request(request, 1.0, context)
    (received,) = smsc.receive_data(esme.data_to_send(), 1.0)
    assert received.pdu.sequence_number == number
    smsc.respond(SubmitSmResp(sequence_number=number, message_id="77"))
    (answer,) = esme.receive_data(smsc.data_to_send(), 2.0)

    assert answer.response.message_id == "77"
    assert answer.request is request
    assert answer.context is context
    assert esme.outstanding == 0


def test_answers_in_any_order():
    """The SMSC answers when it likes; contexts follow the numbers."""
    esme, smsc = pair()
    numbers = {esme.request(SubmitSm(), 0.0, context): context for context in "abc"}
    smsc.receive_data(esme.data_to_send(), 0.0)
    for number in reversed(numbers):
        smsc.respond(SubmitSmResp(sequence_number=number))

    events = esme.receive_data(smsc.data_to_send(), 0.0)

    assert [event.context for event in events] == ["c", "b", "a"]


def test_the_window():
    """No more unanswered requests than the window has slots; an answer makes room for the next."""
    esme, smsc = pair(window_size=2)
    assert esme.window_free == 2
    for _ in range(2):
        esme.request(SubmitSm(), 0.0)
    assert esme.window_free == 0

    before = esme.data_to_send()
    with pytest.raises(WindowFull):
        esme.request(SubmitSm(), 0.0)
    assert (esme.data_to_send(), esme.outstanding) == (b"", 2)

    smsc.receive_data(before, 0.0)
    smsc.respond(SubmitSmResp(sequence_number=2))
    esme.receive_data(smsc.data_to_send(), 0.0)
    assert esme.window_free == 1
    assert esme.request(SubmitSm(), 0.0) == 4


@pytest.mark.parametrize("state", [state for state in SessionState if not state.is_bound])
def test_no_slot_while_not_bound(state):
    """Whoever sends while there is room never sends too early or too late."""
    session, _ = in_state(Role.ESME, state)

    assert session.window_free == 0


def test_a_full_window_can_be_closed():
    """unbind takes no slot."""
    esme, _ = pair(window_size=1)
    esme.request(SubmitSm(), 0.0)

    esme.request(Unbind(), 0.0)

    assert esme.state is SessionState.UNBINDING


def test_sequence_numbers_wrap():
    """1 follows 0x7FFFFFFF, and a number that still waits is passed over."""
    esme, smsc = pair()
    assert esme.request(SubmitSm(), 0.0) == 2
    esme._window._last = 0x7FFFFFFE

    assert [esme.request(SubmitSm(), 0.0) for _ in range(3)] == [0x7FFFFFFF, 1, 3]
    events = smsc.receive_data(esme.data_to_send(), 0.0)
    assert [event.pdu.sequence_number for event in events] == [2, 0x7FFFFFFF, 1, 3]


@pytest.mark.parametrize("number", [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_any_sequence_number_of_the_peers_is_answered(number):
    """Also those that the specification forbids."""
    esme, _ = pair()

    esme.receive_data(encode(DeliverSm(sequence_number=number)), 0.0)
    esme.acknowledge([number])

    assert sent(esme) == [DeliverSmResp(sequence_number=number)]


def test_acknowledgements_in_bulk():
    """One deliver_sm_resp each, in order, with the status given."""
    esme, smsc = pair()
    numbers = [smsc.request(DeliverSm(), 0.0, context) for context in "abc"]
    smsc_octets = smsc.data_to_send()
    esme.receive_data(smsc_octets, 0.0)

    esme.acknowledge(numbers[:2])
    esme.acknowledge(iter(numbers[2:]), CommandStatus.ESME_RX_T_APPN)

    events = smsc.receive_data(esme.data_to_send(), 0.0)
    assert [(event.context, event.response.command_status) for event in events] == [("a", 0), ("b", 0), ("c", 0x64)]
    assert smsc.outstanding == 0


def test_submitting_by_a_template_is_a_request():
    """The same octets, the same slot, the same events; what was left open does not show."""
    plain, (esme, smsc) = pair()[0], pair()
    common = SubmitSm(source_addr="5505", data_coding=8)
    whole = msgspec.structs.replace(common, destination_addr="84912345678", short_message=b"text")
    assert plain.request(whole, 0.0) == esme.submit(SubmitTemplate(common), "84912345678", b"text", 0.0, "ours")
    octets = esme.data_to_send()
    assert octets == plain.data_to_send()
    assert (esme.outstanding, esme.window_free) == (plain.outstanding, plain.window_free)
    (received,) = smsc.receive_data(octets, 0.0)
    smsc.respond(SubmitSmResp(sequence_number=received.pdu.sequence_number, message_id="1"))

    (event,) = esme.receive_data(smsc.data_to_send(), 0.0)

    assert (event.context, event.request, event.response.message_id) == ("ours", common, "1")
    assert esme.outstanding == 0


def test_submitting_by_a_template_obeys_window_and_state():
    esme, _ = pair(SessionState.BOUND_RX)
    with pytest.raises(LocalProtocolError, match="may not send SUBMIT_SM"):
        esme.submit(SubmitTemplate(SubmitSm()), "84912345678", b"text", 0.0)
    esme, _ = pair()
    for _ in range(esme.window_free):
        esme.submit(SubmitTemplate(SubmitSm()), "84912345678", b"text", 0.0)
    with pytest.raises(WindowFull):
        esme.submit(SubmitTemplate(SubmitSm()), "84912345678", b"text", 0.0)


def test_sending_what_is_prepared_is_a_request():
    """The same octets, the same slot, the same events, as often as it is sent."""
    (_, plain), (esme, smsc) = pair(), pair()
    pdu = DeliverSm(source_addr="84912345678", destination_addr="5505", short_message=b"DC")
    prepared = Prepared(pdu)
    for context in "ab":
        assert plain.request(pdu, 0.0) == smsc.send(prepared, 0.0, context)
    octets = smsc.data_to_send()
    assert octets == plain.data_to_send()
    assert (smsc.outstanding, smsc.window_free) == (plain.outstanding, plain.window_free)
    esme.acknowledge([event.pdu.sequence_number for event in esme.receive_data(octets, 0.0)])
    events = smsc.receive_data(esme.data_to_send(), 0.0)
    assert [(event.context, event.request) for event in events] == [("a", pdu), ("b", pdu)]


def test_sending_what_is_prepared_obeys_window_and_state():
    """Like any other request."""
    _, smsc = pair(SessionState.BOUND_TX)
    with pytest.raises(LocalProtocolError, match="may not send DELIVER_SM"):
        smsc.send(Prepared(DeliverSm()), 0.0)
    _, smsc = pair()
    for _ in range(smsc.window_free):
        smsc.send(Prepared(DeliverSm()), 0.0)
    with pytest.raises(WindowFull):
        smsc.send(Prepared(DeliverSm()), 0.0)


@pytest.mark.parametrize("pdu", [Unbind(), EnquireLink(), DeliverSmResp()])
def test_only_messages_are_sent_prepared(pdu):
    """What moves the session, or watches it, goes the other way."""
    _, smsc = pair()
    with pytest.raises(LocalProtocolError, match="is no message"):
        smsc.send(Prepared(pdu), 0.0)


def test_confirmations_in_bulk():
    """One submit_sm_resp each, in order; none when the session has ended."""
    esme, smsc = pair()
    numbers = [esme.request(SubmitSm(), 0.0, context) for context in "ab"]
    smsc.receive_data(esme.data_to_send(), 0.0)
    smsc.confirm(zip(numbers, ("1A", "1B"), strict=True))
    events = esme.receive_data(smsc.data_to_send(), 0.0)
    assert [(event.context, event.response.message_id) for event in events] == [("a", "1A"), ("b", "1B")]
    with pytest.raises(LocalProtocolError, match="may not send SUBMIT_SM_RESP"):
        esme.confirm([(1, "")])
    smsc.connection_lost(0.0)
    smsc.confirm([(1, "")])
    assert smsc.data_to_send() == b""


def test_a_nack_is_an_answer():
    """The peer did not understand a request of ours: its slot is free, its owner knows."""
    esme, _ = pair()
    number = esme.request(SubmitSm(), 0.0, "ours")

    (event,) = esme.receive_data(encode(GenericNack(sequence_number=number, command_status=3)), 0.0)

    assert (type(event), event.context, type(event.response)) == (ResponseReceived, "ours", GenericNack)
    assert esme.outstanding == 0


@pytest.mark.parametrize(
    "response",
    [SubmitSmResp(sequence_number=99), DeliverSmResp(sequence_number=2), GenericNack(command_status=1)],
    ids=["unknown number", "wrong command", "nack of nothing"],
)
def test_unexpected_responses(response):
    """They are told, answered by nothing, and leave what waits waiting."""
    esme, _ = pair()
    esme.request(SubmitSm(), 0.0)
    esme.data_to_send()

    assert esme.receive_data(encode(response), 0.0) == [UnexpectedResponse(response)]
    assert (esme.outstanding, esme.data_to_send()) == (1, b"")


def test_an_answer_that_comes_too_late():
    """After its expiry a request is no longer ours to match."""
    esme, _ = pair(response_timeout_s=5.0, enquire_link_s=None)
    number = esme.request(SubmitSm(), 0.0, "ours")

    assert types(esme.tick(5.0)) == [RequestExpired]
    assert types(esme.receive_data(encode(SubmitSmResp(sequence_number=number)), 5.1)) == [UnexpectedResponse]


def test_alert_notification():
    """It reaches the owner, and nobody answers it (§4.12)."""
    esme, smsc = pair()
    smsc.request(AlertNotification(), 0.0)

    assert types(esme.receive_data(smsc.data_to_send(), 0.0)) == [RequestReceived]
    assert (smsc.outstanding, esme.data_to_send()) == (0, b"")


@pytest.mark.parametrize(("sender", "receiver"), [(0, 1), (1, 0)])
def test_data_sm_goes_both_ways(sender, receiver):
    """§4.7."""
    both = pair()
    both[sender].request(DataSm(tlvs=(Tlv(0x0424, b"DC"),)), 0.0, "data")
    (event,) = both[receiver].receive_data(both[sender].data_to_send(), 0.0)

    both[receiver].respond(DataSmResp(sequence_number=event.pdu.sequence_number))

    (answer,) = both[sender].receive_data(both[receiver].data_to_send(), 0.0)
    assert answer.context == "data"


def test_a_value_that_does_not_fit():
    """The request is refused before anything happens: no number, no slot, no octet."""
    esme, _ = pair()

    with pytest.raises(LocalProtocolError):
        esme.request(SubmitSm(source_addr="x" * 30), 0.0)

    assert (esme.outstanding, esme.data_to_send()) == (0, b"")
    assert esme.request(SubmitSm(), 0.0) == 2


def test_octets_to_send_are_given_once():
    """In the order in which they were asked for."""
    esme, _ = pair()
    esme.request(SubmitSm(), 0.0)
    esme.acknowledge([7])

    assert types(sent(esme)) == [SubmitSm, DeliverSmResp]
    assert esme.data_to_send() == b""


# ---- state x command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", SessionState)
def test_sending_every_command_in_every_state(role, state):
    """Each pair is legal and follows the automaton, or an error and nothing happens."""
    for cls in PDU_CLASSES:
        session, _ = in_state(role, state)
        command = cls.command_id
        is_response = bool(command & RESPONSE_BIT)
        outstanding = session.outstanding
        send = session.respond if is_response else lambda pdu, session=session: session.request(pdu, 0.0)
        if state is SessionState.CLOSED and is_response and command not in ANSWERED_BY_SESSION:
            send(cls())
            legal = False
        elif state in MAY_SEND[command][role] and command not in ANSWERED_BY_SESSION:
            send(cls())
            legal = True
        else:
            with pytest.raises(LocalProtocolError):
                send(cls())
            legal = False
        written = session.data_to_send()
        if legal:
            assert decode(written).command_id == command
            assert session.state is next_state(state, command, 0)
        else:
            assert (session.state, session.outstanding, written) == (state, outstanding, b"")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", [state for state in SessionState if state is not SessionState.CLOSED])
def test_receiving_every_request_in_every_state(role, state):
    """Each pair is legal and reaches whom it should, or is answered with an error and changes nothing."""
    peer = Role(1 - role)
    for cls in PDU_CLASSES:
        command = cls.command_id
        if command & RESPONSE_BIT:
            continue
        session, _ = in_state(role, state)
        pdu = cls(sequence_number=77)

        events = session.receive_data(encode(pdu), 0.0)

        answers = sent(session)
        response = CLASS_OF.get(command | RESPONSE_BIT, GenericNack)
        if state not in MAY_SEND[command][peer]:
            status = refusal_status(role, state, command)
            assert events == [RequestRefused(pdu, status)]
            assert answers == [response(sequence_number=77, command_status=status)]
            assert session.state is state
        elif cls is EnquireLink:
            assert (events, answers) == ([], [EnquireLinkResp(sequence_number=77)])
        elif cls is Unbind:
            assert answers == [UnbindResp(sequence_number=77)]
            assert closed(events).reason is CloseReason.PEER_UNBOUND
        else:
            assert (events[0], answers) == (RequestReceived(pdu), [])
            after = next_state(state, command, 0)
            assert events[1:] == ([StateChanged(after)] if after is not state else [])
            assert session.state is after


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", [state for state in SessionState if state is not SessionState.CLOSED])
def test_receiving_every_response_out_of_place(role, state):
    """A response to nothing is told and changes nothing, whatever the state."""
    for cls in PDU_CLASSES:
        if not cls.command_id & RESPONSE_BIT:
            continue
        session, _ = in_state(role, state)
        outstanding = session.outstanding
        pdu = cls(sequence_number=77)

        assert session.receive_data(encode(pdu), 0.0) == [UnexpectedResponse(pdu)]
        assert (session.state, session.outstanding, session.data_to_send()) == (state, outstanding, b"")


def test_responses_are_no_requests_and_requests_no_responses():
    """Each has its own way out."""
    esme, _ = pair()

    with pytest.raises(LocalProtocolError, match="SubmitSmResp is no request"):
        esme.request(SubmitSmResp(), 0.0)
    with pytest.raises(LocalProtocolError, match="SubmitSm is no response"):
        esme.respond(SubmitSm())


def test_acknowledging_is_the_receivers():
    """An ESME that only sends, and an SMSC, have nothing to acknowledge."""
    for session in (pair(SessionState.BOUND_TX)[0], pair()[1]):
        with pytest.raises(LocalProtocolError, match="may not send DELIVER_SM_RESP"):
            session.acknowledge([1])
        assert session.data_to_send() == b""


# ---- what peers do wrong ---------------------------------------------------------------------------------------------


def test_an_undecodable_request():
    """It is answered as itself with an error, and what comes after it is read."""
    esme, _ = pair()

    events = esme.receive_data(BROKEN_DELIVER_SM + encode(DeliverSm(sequence_number=8)), 0.0)

    assert events[0] == Undecodable(CommandId.DELIVER_SM, 7, CommandStatus.ESME_RINVCMDLEN)
    assert types(events) == [Undecodable, RequestReceived]
    assert sent(esme) == [DeliverSmResp(sequence_number=7, command_status=CommandStatus.ESME_RINVCMDLEN)]
    assert esme.state is SessionState.BOUND_TRX


def test_an_unknown_command():
    """generic_nack with ESME_RINVCMDID, and the bind lives."""
    esme, _ = pair()

    events = esme.receive_data(bytes.fromhex("00000010 00000110 00000000 00000007"), 0.0)

    assert events == [Undecodable(0x110, 7, CommandStatus.ESME_RINVCMDID)]
    assert sent(esme) == [GenericNack(sequence_number=7, command_status=CommandStatus.ESME_RINVCMDID)]


@pytest.mark.parametrize("body", ["616263", "6100ff", "610000"])
def test_a_response_whose_body_cannot_be_read(body):
    """Its header answers the request all the same: to take a confirmation for none would send the message again."""
    esme, _ = pair()
    number = esme.request(SubmitSm(), 0.0, "ours")
    esme.data_to_send()
    length = 16 + len(body) // 2

    events = esme.receive_data(bytes.fromhex(f"{length:08x} 80000004 00000000 {number:08x} {body}"), 0.0)

    assert types(events) == [Undecodable, ResponseReceived]
    assert (events[1].context, events[1].response.command_status, events[1].response.message_id) == ("ours", 0, "")
    assert (esme.data_to_send(), esme.outstanding) == (b"", 0)


@pytest.mark.parametrize("command_id", ["80000110"])
def test_an_undecodable_response(command_id):
    """It is answered by nothing, lest two peers never end; the request waits on until it expires."""
    esme, _ = pair()
    esme.request(SubmitSm(), 0.0)
    esme.data_to_send()

    (event,) = esme.receive_data(bytes.fromhex(f"00000011 {command_id} 00000000 00000002 78"), 0.0)

    assert type(event) is Undecodable
    assert (esme.data_to_send(), esme.outstanding) == (b"", 1)


def test_lost_framing():
    """What came before is read, the peer is told, the session ends with all that is unanswered."""
    esme, _ = pair()
    esme.request(SubmitSm(), 0.0, "ours")
    esme.data_to_send()

    events = esme.receive_data(encode(DeliverSm(sequence_number=8)) + b"HTTP/1.1 400 Bad Request", 0.0)

    assert type(events[0]) is RequestReceived
    assert closed(events).reason is CloseReason.FRAMING_LOST
    assert [unanswered.context for unanswered in events[-1].unanswered] == ["ours"]
    assert sent(esme) == [GenericNack(command_status=CommandStatus.ESME_RINVCMDLEN)]


def test_a_pdu_larger_than_allowed():
    """The limit is a setting, and it holds before the octets are there."""
    session = Session(Role.SMSC, SessionSettings(max_pdu_octets=100))

    assert closed(session.receive_data(b"\0\0\0\x65", 0.0)).reason is CloseReason.FRAMING_LOST


def test_a_stranger():
    """Whoever is not bound gets nowhere."""
    smsc = Session(Role.SMSC)

    events = smsc.receive_data(encode(SubmitSm(sequence_number=1)), 0.0)

    assert types(events) == [RequestRefused]
    assert sent(smsc) == [SubmitSmResp(sequence_number=1, command_status=CommandStatus.ESME_RINVBNDSTS)]


def test_after_the_end_nothing_is_read():
    """Neither more of the same read nor a later one."""
    esme, _ = pair()
    octets = encode(Unbind(sequence_number=5)) + encode(DeliverSm(sequence_number=6))

    assert types(esme.receive_data(octets, 0.0)) == [Closed]
    assert esme.receive_data(octets, 0.0) == []
    assert esme.tick(1e9) == []
    assert esme.connection_lost(1e9) == []
    assert esme.next_deadline() is None


def test_answers_to_what_came_before_the_end():
    """The owner may answer a request whose read also brought the peer's unbind: nobody hears it, and it is no error."""
    esme, _ = pair()
    octets = (
        encode(DeliverSm(sequence_number=5)) + encode(DataSm(sequence_number=6)) + encode(Unbind(sequence_number=7))
    )
    assert types(esme.receive_data(octets, 0.0)) == [RequestReceived, RequestReceived, Closed]

    esme.acknowledge([5])
    esme.respond(DataSmResp(sequence_number=6))

    assert sent(esme) == [UnbindResp(sequence_number=7)]


# ---- unbinding -------------------------------------------------------------------------------------------------------


def test_unbind():
    """Ours: the peer agrees, both ends are closed, what was unanswered comes back."""
    esme, smsc = pair()
    request = SubmitSm()
    number = esme.request(request, 0.0, "ours")
    esme.request(Unbind(), 0.0)
    assert esme.state is SessionState.UNBINDING

    assert closed(smsc.receive_data(esme.data_to_send(), 0.0)) == Closed(CloseReason.PEER_UNBOUND, ())
    assert closed(esme.receive_data(smsc.data_to_send(), 0.0)) == Closed(
        CloseReason.UNBOUND, (Unanswered(number, request, "ours"),)
    )
    assert esme.state is smsc.state is SessionState.CLOSED


def test_answers_pass_while_unbinding():
    """In both directions: what was asked before the unbind may be answered after it."""
    esme, smsc = pair()
    ours, theirs = esme.request(SubmitSm(), 0.0, "ours"), smsc.request(DeliverSm(), 0.0, "theirs")
    smsc.receive_data(esme.data_to_send(), 0.0)
    esme.receive_data(smsc.data_to_send(), 0.0)

    esme.request(Unbind(), 0.0)
    esme.acknowledge([theirs])
    smsc.respond(SubmitSmResp(sequence_number=ours))

    assert types(esme.receive_data(smsc.data_to_send(), 0.0)) == [ResponseReceived]
    unbind, acknowledgement = FrameBuffer().feed(esme.data_to_send())
    assert types(smsc.receive_data(acknowledgement + unbind, 0.0)) == [ResponseReceived, Closed]


def test_a_message_that_crosses_our_unbind():
    """It stays with the SMSC, to be delivered over the next bind."""
    esme, smsc = pair()
    esme.request(Unbind(), 0.0)
    esme.data_to_send()
    number = smsc.request(DeliverSm(), 0.0)

    assert types(esme.receive_data(smsc.data_to_send(), 0.0)) == [RequestRefused]
    assert sent(esme) == [DeliverSmResp(sequence_number=number, command_status=CommandStatus.ESME_RX_T_APPN)]


def test_an_unbind_that_is_refused():
    """Whatever the answer says, we have gone."""
    esme, _ = pair()
    number = esme.request(Unbind(), 0.0)

    for answer in (UnbindResp, GenericNack):
        session, _ = pair()
        session.request(Unbind(), 0.0)
        events = session.receive_data(encode(answer(sequence_number=number, command_status=8)), 0.0)
        assert closed(events).reason is CloseReason.UNBOUND


def test_both_unbind_at_once():
    """Each one's unbind crosses the other's: both end, and nobody waits for the other."""
    esme, smsc = pair(response_timeout_s=5.0)
    esme.request(Unbind(), 0.0)
    smsc.request(Unbind(), 0.0)
    to_smsc, to_esme = esme.data_to_send(), smsc.data_to_send()

    assert closed(esme.receive_data(to_esme, 0.0)).reason is CloseReason.PEER_UNBOUND
    assert closed(smsc.receive_data(to_smsc, 0.0)).reason is CloseReason.PEER_UNBOUND
    assert types(sent(esme)) == types(sent(smsc)) == [UnbindResp]


def test_a_lost_connection():
    """Everything unanswered comes back, oldest first; nothing is left to write."""
    esme, _ = pair()
    requests = [SubmitSm(source_addr=name) for name in "abc"]
    numbers = [esme.request(request, 0.0, request.source_addr) for request in requests]

    (event,) = esme.connection_lost(1.0)

    assert event == Closed(
        CloseReason.CONNECTION_LOST,
        tuple(Unanswered(*some) for some in zip(numbers, requests, "abc", strict=True)),
    )
    assert (esme.state, esme.data_to_send(), esme.outstanding) == (SessionState.CLOSED, b"", 0)


# ---- time ------------------------------------------------------------------------------------------------------------


def test_expired_requests():
    """Oldest first, with what the owner gave; their slots are free and the session goes on."""
    esme, _ = pair(window_size=2, response_timeout_s=5.0, enquire_link_s=None)
    first, second = SubmitSm(), SubmitSm()
    numbers = esme.request(first, 0.0, "first"), esme.request(second, 1.0, "second")

    assert esme.next_deadline() == 5.0
    assert esme.tick(4.9) == []
    assert esme.tick(5.0) == [RequestExpired(numbers[0], first, "first")]
    assert esme.next_deadline() == 6.0
    assert esme.tick(60.0) == [RequestExpired(numbers[1], second, "second")]
    assert (esme.window_free, esme.next_deadline(), esme.state) == (2, None, SessionState.BOUND_TRX)


def test_a_bind_that_nobody_answers():
    """The session cannot go on without it."""
    esme = Session(Role.ESME, SessionSettings(response_timeout_s=5.0))
    request = BindTransceiver()
    esme.request(request, 0.0, "bind")

    assert esme.tick(5.0) == [RequestExpired(1, request, "bind"), Closed(CloseReason.BIND_TIMEOUT, ())]


def test_an_unbind_that_nobody_answers():
    """We have gone anyway; what else was unanswered comes back."""
    esme, _ = pair(response_timeout_s=5.0, enquire_link_s=None)
    unbind = Unbind()
    number = esme.request(unbind, 0.0)
    esme._window._last = 7

    assert esme.tick(5.0) == [RequestExpired(number, unbind, None), Closed(CloseReason.UNBIND_TIMEOUT, ())]


def test_nobody_binds():
    """A connection without a bind ends, whatever else arrives on it."""
    smsc = Session(Role.SMSC, SessionSettings(session_init_s=5.0), now=100.0)
    smsc.receive_data(encode(EnquireLink(sequence_number=1)), 104.0)

    assert smsc.next_deadline() == 105.0
    assert smsc.tick(104.9) == []
    assert smsc.tick(105.0) == [Closed(CloseReason.SESSION_INIT_TIMEOUT, ())]


def test_silence_is_asked_about_and_answered():
    """enquire_link goes out, its answer comes in, and the owner hears of neither."""
    esme, smsc = pair(enquire_link_s=30.0, response_timeout_s=5.0)

    assert esme.next_deadline() == 30.0
    assert esme.tick(30.0) == []
    assert smsc.receive_data(esme.data_to_send(), 30.0) == []
    assert esme.receive_data(smsc.data_to_send(), 30.1) == []
    assert esme.tick(35.0) == []
    assert esme.next_deadline() == pytest.approx(60.1)
    assert esme.outstanding == 0


def test_traffic_makes_asking_needless():
    """Whoever sends is there."""
    esme, smsc = pair(enquire_link_s=30.0)
    for now in range(0, 300, 20):
        smsc.request(DeliverSm(), float(now))
        esme.receive_data(smsc.data_to_send(), float(now))
        esme.tick(float(now))
        esme.acknowledge([1])

    assert EnquireLink not in types(sent(esme))


def test_a_peer_that_is_gone():
    """No answer to the enquiry and nothing else: the session ends, with what was unanswered."""
    esme, _ = pair(enquire_link_s=30.0, response_timeout_s=5.0)
    esme.tick(30.0)
    request = SubmitSm()
    number = esme.request(request, 31.0, "ours")

    assert esme.tick(35.0) == [Closed(CloseReason.ENQUIRE_LINK_TIMEOUT, (Unanswered(number, request, "ours"),))]


def test_a_peer_that_does_not_answer_but_is_there():
    """An overloaded SMSC that still delivers is not cut off; it is asked again."""
    esme, smsc = pair(enquire_link_s=30.0, response_timeout_s=5.0)
    esme.tick(30.0)
    esme.data_to_send()
    smsc.request(DeliverSm(), 33.0)
    esme.receive_data(smsc.data_to_send(), 33.0)

    assert esme.tick(35.0) == []
    assert esme.state is SessionState.BOUND_TRX
    esme.tick(63.0)
    assert types(sent(esme)) == [EnquireLink]


def test_an_enquiry_is_never_the_owners():
    """Unanswered when the connection goes: the owner did not send it and does not get it back."""
    esme, _ = pair(enquire_link_s=30.0)
    esme.tick(30.0)

    assert esme.connection_lost(31.0) == [Closed(CloseReason.CONNECTION_LOST, ())]


def test_the_owner_may_ask_too():
    """Its answer stays inside as well."""
    esme, smsc = pair()
    esme.request(EnquireLink(), 0.0, "mine")
    smsc.receive_data(esme.data_to_send(), 0.0)

    assert esme.receive_data(smsc.data_to_send(), 0.0) == []
    assert esme.outstanding == 0


def test_inactivity():
    """Two peers that do nothing but ask each other are idle."""
    esme, smsc = pair(inactivity_s=100.0, enquire_link_s=30.0)
    for now in (30.0, 60.0, 90.0):
        assert esme.tick(now) == []
        smsc.receive_data(esme.data_to_send(), now)
        assert esme.receive_data(smsc.data_to_send(), now) == []

    assert esme.next_deadline() == 100.0
    assert esme.tick(100.0) == [Closed(CloseReason.INACTIVITY, ())]


@pytest.mark.parametrize("acts", ["esme", "smsc"])
def test_messages_are_activity(acts):
    """In either direction."""
    esme, smsc = pair(inactivity_s=100.0, enquire_link_s=None, response_timeout_s=1000.0)
    if acts == "esme":
        esme.request(SubmitSm(), 50.0)
    else:
        smsc.request(DeliverSm(), 50.0)
        esme.receive_data(smsc.data_to_send(), 50.0)

    assert esme.tick(149.9) == []
    assert types(esme.tick(150.0)) == [Closed]


def test_a_session_without_settings_has_the_defaults():
    """Every wait has a limit by default, but for idleness, which is no fault at night."""
    session = Session(Role.ESME)

    assert session.next_deadline() == SessionSettings().session_init_s
    assert SessionSettings().inactivity_s is None


# ---- limits ----------------------------------------------------------------------------------------------------------


def test_nothing_is_kept_of_what_was_handed_on():
    """Three thousand messages later the session holds what it held before: no PDU, no number, no octet."""
    esme, _ = pair()
    octets = b"".join(encode(DeliverSm(sequence_number=number, short_message=b"DC")) for number in range(1, 1001))
    for _ in range(3):
        esme.receive_data(octets, 0.0)

    assert (esme.outstanding, len(esme._frames), len(esme._output)) == (0, 0, 0)


def test_a_flood_of_rubbish_is_answered_once_each():
    """A header's worth of answer for each PDU at most, and nothing remembered."""
    esme, _ = pair()
    rubbish = bytes.fromhex("00000010 00000110 00000000 00000007") * 1000

    assert len(esme.receive_data(rubbish, 0.0)) == 1000
    assert len(esme.data_to_send()) == 16_000
    assert esme.outstanding == 0


def test_events_show_no_person():
    """What is logged of an event holds no number, no text, and nothing of the owner's context."""
    secret = "84912345678"
    esme, smsc = pair(response_timeout_s=5.0)
    smsc.request(DeliverSm(source_addr=secret, short_message=secret.encode()), 0.0)
    for _ in range(3):
        esme.request(SubmitSm(destination_addr=secret), 0.0, secret)

    events = [
        *esme.receive_data(smsc.data_to_send() + encode(SubmitSmResp(sequence_number=2)), 0.0),
        *pair_with_expired(secret),
        *esme.connection_lost(1.0),
    ]

    assert types(events) == [RequestReceived, ResponseReceived, RequestExpired, Closed]
    assert secret not in repr(events)
    assert repr(events[1]) == "<ResponseReceived of <SubmitSm sequence_number=0 command_status=0x00000000>>"


def pair_with_expired(secret):
    esme, _ = pair(response_timeout_s=5.0, enquire_link_s=None)
    esme.request(SubmitSm(destination_addr=secret), 0.0, secret)
    return esme.tick(5.0)

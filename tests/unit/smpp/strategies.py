"""Hypothesis strategies for PDUs, drawn from the field tables, and what several tests of the session share."""

from hypothesis import strategies as st

from sms_service.smpp import (
    PDU_CLASSES,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Closed,
    Role,
    Session,
    SessionSettings,
    SessionState,
    Tlv,
    Unbind,
)
from sms_service.smpp.compiler import field_table
from sms_service.smpp.fields import CString, Integer, Repeated, SizedOctets

BINDS = {
    SessionState.BOUND_TX: (BindTransmitter, BindTransmitterResp),
    SessionState.BOUND_RX: (BindReceiver, BindReceiverResp),
    SessionState.BOUND_TRX: (BindTransceiver, BindTransceiverResp),
}

tlvs = st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4).map(tuple)


def values(kind):
    """Every value that a field of this kind can hold."""
    match kind:
        case CString(size=size, fixed=fixed):
            octets = st.binary(min_size=size - 1 if fixed else 0, max_size=size - 1)
            return st.just("") | octets.map(lambda some: some.replace(b"\0", b"\xff").decode("latin-1"))
        case Integer(size=size):
            return st.integers(0, 256**size - 1)
        case SizedOctets(max_octets=max_octets):
            return st.binary(max_size=max_octets)
        case Repeated(items=items):
            return st.lists(st.one_of([records(cls) for _, cls in items]), max_size=5).map(tuple)
    raise AssertionError(kind)


def records(cls):
    return st.builds(cls, **{field: values(kind) for field, kind in field_table(cls).items()})


def pdus_of(cls):
    """Every PDU of a class, with those header fields and parameters that it may have."""
    body = {field: values(kind) for field, kind in field_table(cls).items()}
    statuses = st.just(0) | st.integers(0, 4294967295) if cls.error_has_body else st.just(0)
    return st.builds(cls, sequence_number=st.integers(0, 0xFFFFFFFF), command_status=statuses, tlvs=tlvs, **body)


pdus = st.one_of([pdus_of(cls) for cls in PDU_CLASSES])


def pair(bound=SessionState.BOUND_TRX, **settings):
    """An ESME and an SMSC, bound to each other at time 0, with nothing left to write."""
    settings = SessionSettings(**settings)
    esme, smsc = Session(Role.ESME, settings, 0.0), Session(Role.SMSC, settings, 0.0)
    bind, bind_resp = BINDS[bound]
    number = esme.request(bind(system_id="esme"), 0.0)
    smsc.receive_data(esme.data_to_send(), 0.0)
    smsc.respond(bind_resp(sequence_number=number))
    esme.receive_data(smsc.data_to_send(), 0.0)
    assert esme.state is smsc.state is bound
    return esme, smsc


def in_state(role, state):
    """A session of this role in this state, with nothing left to write, and its peer."""
    roles = (lambda esme, smsc: (esme, smsc)) if role is Role.ESME else (lambda esme, smsc: (smsc, esme))
    if state is SessionState.OPEN:
        return roles(Session(Role.ESME), Session(Role.SMSC))
    if state.name.startswith("BINDING"):
        esme, smsc = Session(Role.ESME), Session(Role.SMSC)
        bind = BINDS[SessionState["BOUND" + state.name.removeprefix("BINDING")]][0]
        esme.request(bind(system_id="esme"), 0.0)
        smsc.receive_data(esme.data_to_send(), 0.0)
    else:
        esme, smsc = pair(state if state.is_bound else SessionState.BOUND_TRX)
    session, peer = roles(esme, smsc)
    if state is SessionState.UNBINDING:
        session.request(Unbind(), 0.0)
        session.data_to_send()
    if state is SessionState.CLOSED:
        session.connection_lost(0.0)
    assert session.state is state
    return session, peer


def closed(events):
    """The Closed event, which must be the last and the only one."""
    assert [type(event) for event in events].count(Closed) == 1
    assert type(events[-1]) is Closed
    return events[-1]

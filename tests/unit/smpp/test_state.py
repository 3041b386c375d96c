"""The automaton's tables, compared with table 2-1 of the specification and walked completely."""

import pytest

from sms_service.smpp import CommandId, CommandStatus, Role, SessionState
from sms_service.smpp.consts import RESPONSE_BIT
from sms_service.smpp.state import HANDED_ON, MAY_SEND, SENDABLE, TRANSITIONS, next_state, refusal_status

# Table 2-1: command, states that it requires, whether the ESME and whether the SMSC may issue it.
TABLE_2_1 = """
bind_transmitter        OPEN        yes no
bind_receiver           OPEN        yes no
bind_transceiver        OPEN        yes no
outbind                 OPEN        no  yes
unbind                  TX,RX,TRX   yes yes
submit_sm               TX,TRX      yes no
submit_sm_resp          TX,TRX      no  yes
submit_multi            TX,TRX      yes no
submit_multi_resp       TX,TRX      no  yes
data_sm                 TX,RX,TRX   yes yes
data_sm_resp            TX,RX,TRX   yes yes
deliver_sm              RX,TRX      no  yes
deliver_sm_resp         RX,TRX      yes no
query_sm                TX,TRX      yes no
query_sm_resp           TX,TRX      no  yes
cancel_sm               TX,TRX      yes no
cancel_sm_resp          TX,TRX      no  yes
replace_sm              TX          yes no
replace_sm_resp         TX          no  yes
enquire_link            TX,RX,TRX   yes yes
enquire_link_resp       TX,RX,TRX   yes yes
alert_notification      RX,TRX      no  yes
generic_nack            TX,RX,TRX   yes yes
"""

# Where we differ, and the module says why.
WIDER = {
    CommandId.REPLACE_SM: {SessionState.BOUND_TRX},
    CommandId.REPLACE_SM_RESP: {SessionState.BOUND_TRX},
    CommandId.ENQUIRE_LINK: {SessionState.OPEN},
    CommandId.ENQUIRE_LINK_RESP: {SessionState.OPEN},
    CommandId.GENERIC_NACK: {SessionState.OPEN},
}

SPECIFIED_STATES = {SessionState.OPEN, SessionState.BOUND_TX, SessionState.BOUND_RX, SessionState.BOUND_TRX}
BOUND = SPECIFIED_STATES - {SessionState.OPEN}
BINDING = {SessionState.BINDING_TX, SessionState.BINDING_RX, SessionState.BINDING_TRX}


def rows():
    for line in TABLE_2_1.strip().splitlines():
        name, states, esme, smsc = line.split()
        required = {SessionState[state if state == "OPEN" else f"BOUND_{state}"] for state in states.split(",")}
        yield CommandId[name.upper()], required, (esme == "yes", smsc == "yes")


@pytest.mark.parametrize(
    ("command", "required", "issuers"), list(rows()), ids=lambda value: getattr(value, "name", None)
)
def test_table_2_1(command, required, issuers):
    """In the specification's states, each command is allowed to whom and when table 2-1 says, and to nobody else."""
    for role in Role:
        expected = required | WIDER.get(command, set()) if issuers[role] else set()
        assert MAY_SEND[command][role] & SPECIFIED_STATES == expected


def test_every_command_has_a_row():
    """Nothing is allowed or forbidden by having been forgotten."""
    assert MAY_SEND.keys() == set(CommandId)
    assert TRANSITIONS.keys() == set(SessionState)
    assert {command for command, _, _ in rows()} | {
        CommandId.BIND_TRANSMITTER_RESP,
        CommandId.BIND_RECEIVER_RESP,
        CommandId.BIND_TRANSCEIVER_RESP,
        CommandId.UNBIND_RESP,
    } == set(CommandId)


@pytest.mark.parametrize("kind", ["TX", "RX", "TRX"])
def test_only_its_own_response_completes_a_bind(kind):
    """A bind is answered as what was asked for, by the SMSC."""
    long_name = {"TX": "TRANSMITTER", "RX": "RECEIVER", "TRX": "TRANSCEIVER"}[kind]
    response = CommandId[f"BIND_{long_name}_RESP"]

    assert MAY_SEND[response] == (frozenset(), frozenset({SessionState[f"BINDING_{kind}"]}))
    assert next_state(SessionState[f"BINDING_{kind}"], response, 0) is SessionState[f"BOUND_{kind}"]
    assert next_state(SessionState[f"BINDING_{kind}"], response, 0x0E) is SessionState.OPEN


def test_after_the_end():
    """A closed session sends nothing and leads nowhere."""
    for role in Role:
        assert SENDABLE[role, SessionState.CLOSED] == frozenset()
    assert TRANSITIONS[SessionState.CLOSED] == {}


def test_while_unbinding_only_answers_pass():
    """Requests are over but for an unbind that crosses; what was asked before may still be answered, and the link checked."""
    requests = {
        command for role in Role for command in SENDABLE[role, SessionState.UNBINDING] if not command & RESPONSE_BIT
    }

    assert requests == {CommandId.ENQUIRE_LINK, CommandId.UNBIND}


def test_every_transition_is_one_that_somebody_may_cause():
    """No row of the automaton is dead."""
    for state, commands in TRANSITIONS.items():
        for command in commands:
            assert any(command in SENDABLE[role, state] for role in Role)


def test_every_state_is_reached():
    """From OPEN, by commands alone, with and without errors."""
    reached, front = {SessionState.OPEN}, {SessionState.OPEN}
    while front:
        front = {next_state(state, command, status) for state in front for command in CommandId for status in (0, 1)}
        front -= reached
        reached |= front

    assert reached == set(SessionState)


@pytest.mark.parametrize("state", SessionState)
def test_what_is_handed_on_changes_nothing(state):
    """The short way for messages is open to requests only that neither the automaton nor the session minds."""
    for role in Role:
        for command in HANDED_ON[role, state]:
            assert command in SENDABLE[role, state]
            assert next_state(state, command, 0) is state
            assert not command & RESPONSE_BIT
        assert HANDED_ON[role, state].isdisjoint({CommandId.ENQUIRE_LINK, CommandId.UNBIND})


def test_messages_are_handed_on():
    """The two that all traffic is made of take the short way."""
    assert CommandId.DELIVER_SM in HANDED_ON[Role.SMSC, SessionState.BOUND_TRX]
    assert CommandId.SUBMIT_SM in HANDED_ON[Role.ESME, SessionState.BOUND_TRX]


@pytest.mark.parametrize("state", SessionState)
def test_bound(state):
    """Three states are bound."""
    assert state.is_bound == (state in BOUND)


@pytest.mark.parametrize(
    ("role", "state", "command", "status"),
    [
        (Role.SMSC, SessionState.OPEN, CommandId.SUBMIT_SM, CommandStatus.ESME_RINVBNDSTS),
        (Role.SMSC, SessionState.BOUND_RX, CommandId.SUBMIT_SM, CommandStatus.ESME_RINVBNDSTS),
        (Role.SMSC, SessionState.BOUND_TX, CommandId.BIND_RECEIVER, CommandStatus.ESME_RALYBND),
        (Role.SMSC, SessionState.BINDING_TX, CommandId.BIND_RECEIVER, CommandStatus.ESME_RINVBNDSTS),
        (Role.SMSC, SessionState.UNBINDING, CommandId.SUBMIT_SM, CommandStatus.ESME_RINVBNDSTS),
        (Role.ESME, SessionState.BOUND_TX, CommandId.DELIVER_SM, CommandStatus.ESME_RINVBNDSTS),
        (Role.ESME, SessionState.UNBINDING, CommandId.DELIVER_SM, CommandStatus.ESME_RX_T_APPN),
    ],
)
def test_refusals(role, state, command, status):
    """A second bind is told so; a message that crossed our unbind stays with the SMSC; all else is a wrong state."""
    assert refusal_status(role, state, command) == status

"""The session's automaton, as tables (SMPP 3.4 §2.2 and table 2-1): who may send what when, and what that leads to.

This module knows neither bytes nor time, and `TRANSITIONS` not even which role we play: both ends of a session run
the same automaton over the same PDUs, so what one sends is what the other receives.

Where the tables differ from the specification's:
- OPEN is divided: between a bind and its response the session is BINDING, and which bind it was decides what may answer it.
- UNBINDING lies between unbind and unbind_resp. Requests are over then; answers to earlier ones still pass, and so does the
  peer's own unbind, which may cross ours.
- enquire_link may be sent before the bind is complete, as SMPP 5.0 has it: refusing it would help nobody.
- generic_nack too, for a bind may deserve one.
- replace_sm is allowed to a transceiver, which has all rights of a transmitter (§2.2); table 2-1 forgets it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from sms_service.smpp.consts import RESPONSE_BIT, CommandId, CommandStatus, Role


class SessionState(Enum):
    """Where a session stands. Named from the ESME's side for both roles, as the specification does: BOUND_RX means the ESME receives."""

    OPEN = "open"  # connected, no bind yet
    BINDING_TX = "binding_tx"
    BINDING_RX = "binding_rx"
    BINDING_TRX = "binding_trx"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBINDING = "unbinding"  # unbind is under way
    CLOSED = "closed"  # nothing more is sent or read

    @property
    def is_bound(self) -> bool:
        """Whether messages may pass."""
        return self in _BOUND


S = SessionState
C = CommandId

_NEVER: Final[frozenset[SessionState]] = frozenset()
_OPEN: Final = frozenset({S.OPEN})
_BOUND: Final = frozenset({S.BOUND_TX, S.BOUND_RX, S.BOUND_TRX})
_TX: Final = frozenset({S.BOUND_TX, S.BOUND_TRX})
_RX: Final = frozenset({S.BOUND_RX, S.BOUND_TRX})
_ENDING: Final = frozenset({S.UNBINDING})
_ALIVE: Final = frozenset(S) - {S.CLOSED}

_BINDS: Final = frozenset({C.BIND_TRANSMITTER, C.BIND_RECEIVER, C.BIND_TRANSCEIVER})

MAY_SEND: Final[Mapping[CommandId, tuple[frozenset[SessionState], frozenset[SessionState]]]] = {
    # command: (states in which the ESME may send it, states in which the SMSC may)
    C.BIND_TRANSMITTER: (_OPEN, _NEVER),
    C.BIND_TRANSMITTER_RESP: (_NEVER, frozenset({S.BINDING_TX})),
    C.BIND_RECEIVER: (_OPEN, _NEVER),
    C.BIND_RECEIVER_RESP: (_NEVER, frozenset({S.BINDING_RX})),
    C.BIND_TRANSCEIVER: (_OPEN, _NEVER),
    C.BIND_TRANSCEIVER_RESP: (_NEVER, frozenset({S.BINDING_TRX})),
    C.OUTBIND: (_NEVER, _OPEN),
    C.UNBIND: (_BOUND | _ENDING, _BOUND | _ENDING),
    C.UNBIND_RESP: (_ENDING, _ENDING),
    C.SUBMIT_SM: (_TX, _NEVER),
    C.SUBMIT_SM_RESP: (_NEVER, _TX | _ENDING),
    C.SUBMIT_MULTI: (_TX, _NEVER),
    C.SUBMIT_MULTI_RESP: (_NEVER, _TX | _ENDING),
    C.DATA_SM: (_BOUND, _BOUND),
    C.DATA_SM_RESP: (_BOUND | _ENDING, _BOUND | _ENDING),
    C.DELIVER_SM: (_NEVER, _RX),
    C.DELIVER_SM_RESP: (_RX | _ENDING, _NEVER),
    C.QUERY_SM: (_TX, _NEVER),
    C.QUERY_SM_RESP: (_NEVER, _TX | _ENDING),
    C.CANCEL_SM: (_TX, _NEVER),
    C.CANCEL_SM_RESP: (_NEVER, _TX | _ENDING),
    C.REPLACE_SM: (_TX, _NEVER),
    C.REPLACE_SM_RESP: (_NEVER, _TX | _ENDING),
    C.ENQUIRE_LINK: (_ALIVE, _ALIVE),
    C.ENQUIRE_LINK_RESP: (_ALIVE, _ALIVE),
    C.ALERT_NOTIFICATION: (_NEVER, _RX),
    C.GENERIC_NACK: (_ALIVE, _ALIVE),
}

TRANSITIONS: Final[Mapping[SessionState, Mapping[CommandId, tuple[SessionState, SessionState]]]] = {
    # state: {command: (state after it, state after it when its command_status is an error)}; all else changes nothing
    S.OPEN: {
        C.BIND_TRANSMITTER: (S.BINDING_TX, S.BINDING_TX),
        C.BIND_RECEIVER: (S.BINDING_RX, S.BINDING_RX),
        C.BIND_TRANSCEIVER: (S.BINDING_TRX, S.BINDING_TRX),
    },
    S.BINDING_TX: {C.BIND_TRANSMITTER_RESP: (S.BOUND_TX, S.OPEN), C.GENERIC_NACK: (S.OPEN, S.OPEN)},
    S.BINDING_RX: {C.BIND_RECEIVER_RESP: (S.BOUND_RX, S.OPEN), C.GENERIC_NACK: (S.OPEN, S.OPEN)},
    S.BINDING_TRX: {C.BIND_TRANSCEIVER_RESP: (S.BOUND_TRX, S.OPEN), C.GENERIC_NACK: (S.OPEN, S.OPEN)},
    S.BOUND_TX: {C.UNBIND: (S.UNBINDING, S.UNBINDING)},
    S.BOUND_RX: {C.UNBIND: (S.UNBINDING, S.UNBINDING)},
    S.BOUND_TRX: {C.UNBIND: (S.UNBINDING, S.UNBINDING)},
    S.UNBINDING: {C.UNBIND_RESP: (S.CLOSED, S.CLOSED)},
    S.CLOSED: {},
}

SENDABLE: Final[Mapping[tuple[Role, SessionState], frozenset[CommandId]]] = {
    (role, state): frozenset(command for command, states in MAY_SEND.items() if state in states[role])
    for role in Role
    for state in SessionState
}
"""`MAY_SEND` the other way round: what a role may send in a state."""


HANDED_ON: Final[Mapping[tuple[Role, SessionState], frozenset[CommandId]]] = {
    (role, state): frozenset(
        command
        for command in commands - TRANSITIONS[state].keys() - {C.ENQUIRE_LINK, C.UNBIND}
        if not command & RESPONSE_BIT
    )
    for (role, state), commands in SENDABLE.items()
}
"""Of these the requests that concern the owner only: they change no state, and the session answers none of them."""


def next_state(state: SessionState, command_id: CommandId, command_status: int) -> SessionState:
    """The state after a PDU that `MAY_SEND` allows was sent or received."""
    after, after_error = TRANSITIONS[state].get(command_id, (state, state))
    return after if command_status == CommandStatus.ESME_ROK else after_error


def refusal_status(role: Role, state: SessionState, command_id: CommandId) -> CommandStatus:
    """What `role` answers to a request that the peer may not send in this state."""
    if state.is_bound and command_id in _BINDS:
        return CommandStatus.ESME_RALYBND
    if state is S.UNBINDING and role is Role.ESME:
        # The SMSC sent it before it read our unbind, which is no fault: it shall keep the message for the next bind.
        return CommandStatus.ESME_RX_T_APPN
    return CommandStatus.ESME_RINVBNDSTS

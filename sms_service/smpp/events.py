"""What a session tells its owner. Events are values, in the order in which things happened.

What happens inside the session and needs nobody (enquire_link and its response) is no event; what the owner does
itself is none either.
"""

from enum import Enum
from typing import Any, TypeAlias

import msgspec

from sms_service.smpp.pdus import Pdu
from sms_service.smpp.state import SessionState


def _without_context(event: "ResponseReceived | RequestExpired | Unanswered") -> str:
    return f"<{type(event).__name__} of {event.request!r}>"


class RequestReceived(msgspec.Struct, frozen=True, gc=False):
    """A request that the state allows. Answer it with `Session.respond`, unless it is an outbind or an alert_notification."""

    pdu: Pdu


class RequestRefused(msgspec.Struct, frozen=True, gc=False):
    """A request that the state forbids. The session has answered it with `command_status`."""

    pdu: Pdu
    command_status: int


class ResponseReceived(msgspec.Struct, frozen=True):
    """The answer to a request of ours, which may be a generic_nack; `context` is what the owner gave with the request."""

    response: Pdu
    request: Pdu
    context: Any

    __repr__ = _without_context


class UnexpectedResponse(msgspec.Struct, frozen=True, gc=False):
    """A response to nothing that waits: too late, twice, of the wrong kind, or invented."""

    response: Pdu


class RequestExpired(msgspec.Struct, frozen=True):
    """No answer in time. The slot is free again; whether the peer acted on the request is unknown."""

    sequence_number: int
    request: Pdu
    context: Any

    __repr__ = _without_context


class Undecodable(msgspec.Struct, frozen=True, gc=False):
    """A PDU whose content made no sense. The session has answered it with `command_status`, unless it was itself an answer."""

    command_id: int
    sequence_number: int
    command_status: int


class StateChanged(msgspec.Struct, frozen=True, gc=False):
    """What the peer sent changed the state."""

    state: SessionState


class CloseReason(Enum):
    """Why a session ended."""

    UNBOUND = "unbound"  # by us, and the peer agreed
    PEER_UNBOUND = "peer_unbound"
    CONNECTION_LOST = "connection_lost"
    FRAMING_LOST = "framing_lost"  # the peer sent what is no PDU
    SESSION_INIT_TIMEOUT = "session_init_timeout"  # no bind was completed
    BIND_TIMEOUT = "bind_timeout"  # our bind was not answered
    UNBIND_TIMEOUT = "unbind_timeout"  # our unbind was not answered
    ENQUIRE_LINK_TIMEOUT = "enquire_link_timeout"  # the peer is gone
    INACTIVITY = "inactivity"  # no message for too long


class Unanswered(msgspec.Struct, frozen=True):
    """A request of ours that no answer can reach any more; whether the peer acted on it is unknown."""

    sequence_number: int
    request: Pdu
    context: Any

    __repr__ = _without_context


class Closed(msgspec.Struct, frozen=True):
    """The session is over, said once. Write what `data_to_send` still gives, then close the connection."""

    reason: CloseReason
    unanswered: tuple[Unanswered, ...]


Event: TypeAlias = (
    RequestReceived
    | RequestRefused
    | ResponseReceived
    | UnexpectedResponse
    | RequestExpired
    | Undecodable
    | StateChanged
    | Closed
)

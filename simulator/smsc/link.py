"""One connection of an ESME: bytes in and out, and how many deliveries it may carry.

The link owns the SMPP session and the transport, and knows nothing of messages; all that it learns goes to the centre, a batch for
each read, and all that the batch makes leaves in one write. A peer that does not read is no longer read from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol, cast

from simulator.smsc.accounts import Account
from simulator.smsc.backlog import Delivery
from sms_service.smpp import Event, Role, Session, SessionSettings, SessionState, Unbind

_RECEIVING = frozenset((SessionState.BOUND_RX, SessionState.BOUND_TRX))


class Owner(Protocol):
    """Who hears of what a link learns."""

    def now(self) -> float:
        """Seconds of a monotonic clock."""

    def opened(self, link: Link) -> bool:
        """A connection has come. False: there are too many."""

    def handle(self, link: Link, events: Sequence[Event]) -> None:
        """What a read, a tick or the end of the connection meant."""

    def lost(self, link: Link) -> None:
        """The connection is gone; nothing more comes."""

    def ready(self, link: Link) -> None:
        """A link that could not be written to can be again."""


class Ear(Protocol):
    """Who hears every octet of the links, while somebody looks at what goes over the wire."""

    def joined(self, link: Link) -> None:
        """From now on this link is heard; what it has read of a PDU already is `link.session.unfinished`."""

    def received(self, link: Link, octets: bytes) -> None:
        """These were read, and nothing has been done about them yet."""

    def sent(self, link: Link, octets: bytes) -> None:
        """These, whole PDUs, are written now."""

    def lost(self, link: Link) -> None:
        """The connection is gone."""


class Link(asyncio.Protocol):
    """The asyncio side of a session in the SMSC's role."""

    account: Account | None = None
    """Whose bind this is; None before it stands and after it has ended."""
    unheard: list[Delivery]
    """Deliveries that the ESME has answered, of which nothing was heard: they go out again when the link ends."""
    number = 0
    """Which connection this is, counted from 1 since the start; its owner's affair."""
    ear: Ear | None = None
    """See there; None while nobody looks."""
    _transport: asyncio.Transport

    def __init__(self, owner: Owner, settings: SessionSettings) -> None:
        self._owner = owner
        self._session = Session(Role.SMSC, settings, owner.now())
        self._clogged = False
        self._silent = False
        self.unheard = []

    @property
    def session(self) -> Session:
        """For answers to what the ESME asks; write them with `flush`."""
        return self._session

    @property
    def peer_port(self) -> int:
        """The TCP port that the ESME's end has: what both ends can name the connection by. 0 where it is not known."""
        address = self._transport.get_extra_info("peername")
        return int(address[1]) if address else 0

    @property
    def room(self) -> int:
        """Deliveries that may be sent now."""
        if self._clogged or self._session.state not in _RECEIVING:
            return 0
        return self._session.window_free

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Send as many as there is `room` for, at most; each comes back as the context of its answer."""
        send, now = self._session.send, self._owner.now()
        for delivery in deliveries:
            sequence_number = send(delivery.prepared, now, delivery)
            if delivery.on_leaving is not None:
                delivery.on_leaving(self, sequence_number)
        self.flush()

    def flush(self) -> None:
        """Write what the session has to say."""
        data = self._session.data_to_send()
        if data:
            if self.ear is not None:
                self.ear.sent(self, data)
            self._transport.write(data)

    def tick(self, now: float) -> None:
        """Let the session's timers do what is due."""
        deadline = self._session.next_deadline()
        if deadline is not None and deadline <= now:
            self._owner.handle(self, self._session.tick(now))

    def unbind(self) -> None:
        """Ask the ESME to leave; one that never bound is cut off."""
        if self._session.state.is_bound:
            self._session.request(Unbind(), self._owner.now())
            self.flush()
        else:
            self.close()

    def write_odd(self, octets: bytes) -> None:
        """Write what no session would."""
        self._transport.write(octets)

    def set_silent(self, silent: bool) -> None:
        """Leave everything that comes where it is, unread; or read on."""
        self._silent = silent
        self._read_or_wait()

    def cut(self) -> None:
        """Break the connection at once; the end is told as when it breaks by itself."""
        self._transport.abort()

    def close(self) -> None:
        """Close the connection once everything is written."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        if not self._owner.opened(self):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.ear is not None:
            self.ear.received(self, data)
        self._owner.handle(self, self._session.receive_data(data, self._owner.now()))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - it is lost, whatever the cause
        self._owner.handle(self, self._session.connection_lost(self._owner.now()))
        self._owner.lost(self)

    def pause_writing(self) -> None:
        self._clogged = True
        self._read_or_wait()

    def resume_writing(self) -> None:
        self._clogged = False
        self._read_or_wait()
        self._owner.ready(self)

    def _read_or_wait(self) -> None:
        if self._clogged or self._silent:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

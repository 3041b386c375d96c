"""An SMSC that does what a test tells it, on a loopback socket: the same sans-I/O session in the other role, and nothing else.

Every connection is a `Peer`; by default it lets anyone bind and confirms each submit_sm. A test replaces `on_bind`,
`on_submit` or `on_connect` to script something else, and reads what came from `peers` and `submitted`.
"""

import asyncio
import itertools

from sms_service.smpp import (
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Closed,
    CommandStatus,
    DeliverSm,
    Event,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
    SubmitSm,
    SubmitSmResp,
)

BIND_RESPONSES = {
    BindTransceiver: BindTransceiverResp,
    BindTransmitter: BindTransmitterResp,
    BindReceiver: BindReceiverResp,
}
UNLIMITED = SessionSettings(window_size=100_000, enquire_link_s=None, session_init_s=None)
PATIENCE_S = 10.0
"""Real seconds after which a condition that does not come true fails the test."""


async def until(condition):
    """Let the event loop turn until `condition()` is true: what it waits for is octets on the loopback, or a callback."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0)


class Peer(asyncio.Protocol):
    """One connection of an ESME, seen from the SMSC."""

    def __init__(self, smsc):
        self.smsc = smsc
        self.session = Session(Role.SMSC, UNLIMITED, 0.0)
        self.bind = None
        """The bind request."""
        self.submitted: list[SubmitSm] = []
        self.responses: list[ResponseReceived] = []
        self.events: list[Event] = []
        self.lost = False
        self.closed = None
        self.octets = b""

    def connection_made(self, transport):
        self.transport = transport
        self.smsc.peers.append(self)
        self.smsc.on_connect(self)

    def data_received(self, data):
        self.octets += data
        for event in self.session.receive_data(data, 0.0):
            self.events.append(event)
            if isinstance(event, RequestReceived):
                if type(event.pdu) in BIND_RESPONSES:
                    self.bind = event.pdu
                    self.smsc.on_bind(self, event.pdu)
                elif type(event.pdu) is SubmitSm:
                    self.submitted.append(event.pdu)
                    self.smsc.submitted.append(event.pdu)
                    self.smsc.on_submit(self, event.pdu)
            elif isinstance(event, ResponseReceived):
                self.responses.append(event)
            elif isinstance(event, Closed):
                self.closed = event.reason
                self.flush()
                self.transport.close()
        self.flush()

    def connection_lost(self, _exc):
        self.lost = True

    def flush(self):
        if data := self.session.data_to_send():
            self.transport.write(data)

    def answer_bind(self, status=CommandStatus.ESME_ROK):
        response = BIND_RESPONSES[type(self.bind)]
        self.session.respond(
            response(sequence_number=self.bind.sequence_number, command_status=status, system_id="fake")
        )
        self.flush()

    def answer(self, pdu, status=CommandStatus.ESME_ROK):
        """Answer a submit_sm."""
        message_id = f"m{next(self.smsc.ids)}" if status == CommandStatus.ESME_ROK else ""
        self.session.respond(
            SubmitSmResp(sequence_number=pdu.sequence_number, command_status=status, message_id=message_id)
        )
        self.flush()

    def deliver(self, *pdus):
        """Send requests, in one write; their sequence numbers."""
        numbers = [self.session.request(pdu, 0.0) for pdu in pdus]
        self.flush()
        return numbers

    def statuses(self):
        """What the ESME answered, by sequence number."""
        return {event.response.sequence_number: event.response.command_status for event in self.responses}

    def inject(self, octets):
        """Write octets that are no business of the session's."""
        self.transport.write(octets)


class FakeSmsc:
    """The listening side."""

    def __init__(self):
        self.peers: list[Peer] = []
        self.submitted: list[SubmitSm] = []
        self.ids = itertools.count(1)
        self.on_connect = lambda _peer: None
        self.on_bind = lambda peer, _pdu: peer.answer_bind()
        self.on_submit = lambda peer, pdu: peer.answer(pdu)
        self.server = None
        self.port = 0

    async def listen(self, ssl=None):
        """Listen; on the same port as before when it listened before."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Peer(self), "127.0.0.1", self.port, ssl=ssl)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop_listening(self):
        """Refuse connections from now on."""
        self.server.close()

    @property
    def bound(self):
        """The peers that are bound now."""
        return [peer for peer in self.peers if peer.session.state.is_bound and not peer.lost]

    async def close(self):
        """Stop listening and cut every connection."""
        if self.server is not None:
            self.server.close()
        for peer in self.peers:
            if not peer.lost:
                peer.transport.abort()
        await until(lambda: all(peer.lost for peer in self.peers))


def mo(text=b"DC", source="84912345678", **fields):
    """A citizen's message."""
    return DeliverSm(
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr=source,
        destination_addr="5505",
        short_message=text,
        **fields,
    )

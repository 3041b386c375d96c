"""An SMSC without sockets or clock, and ESMEs that bind to it over memory."""

import asyncio

import pytest

from simulator.smsc.accounts import Account
from simulator.smsc.center import Center
from sms_service.smpp import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSmResp,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
)

NEVER = SessionSettings(enquire_link_s=None, session_init_s=None, window_size=10_000)


class Wire(asyncio.Transport):
    """What the SMSC writes, until somebody reads it."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.writes = 0
        self.closed = False
        self.aborted = False
        self.reading = True

    def write(self, data):
        self.written += data
        self.writes += 1

    def take(self):
        data, self.written = self.written, b""
        return data

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = self.aborted = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True


class Esme:
    """The other end of a link. What it sends is read by the SMSC at once; what the SMSC sends waits for `read`."""

    def __init__(self, world, settings=NEVER):
        self.world = world
        self.wire = Wire()
        self.delivered = []
        self.session = Session(Role.ESME, settings, world.now)
        self.link = world.center.link()
        self.link.connection_made(self.wire)

    def read(self):
        """The events of whatever the SMSC has written; what the session answers by itself goes back."""
        events = self.session.receive_data(self.wire.take(), self.world.now)
        self.delivered += [event.pdu for event in events if isinstance(event, RequestReceived)]
        self.push()
        if self.wire.closed:
            self.drop()
        return events

    def push(self):
        data = self.session.data_to_send()
        if data:
            self.link.data_received(data)

    def send(self, pdu):
        self.session.request(pdu, self.world.now)
        self.push()

    def bind(self, pdu=None):
        """Bind, and return the command_status of the answer."""
        self.send(pdu or BindTransceiver(system_id="gateway", password="secret"))
        (response,) = [event.response for event in self.read() if isinstance(event, ResponseReceived)]
        return response.command_status

    def deliveries(self):
        """The deliver_sm that have come since they were last asked for; nobody has answered them."""
        self.read()
        delivered, self.delivered = self.delivered, []
        return delivered

    def answer(self, pdus, status=0):
        for pdu in pdus:
            self.session.respond(DeliverSmResp(sequence_number=pdu.sequence_number, command_status=status))
        self.push()

    def submit(self, pdu):
        """Submit, and return the response."""
        self.send(pdu)
        (response,) = [event.response for event in self.read() if isinstance(event, ResponseReceived)]
        return response

    def drop(self):
        """The connection breaks."""
        self.link.connection_lost(None)


class World:
    """The SMSC with its clock and what reached its phones."""

    def __init__(self, **kwargs):
        self.now = 1000.0
        self.arrivals = []
        self.batches = []
        accounts = [Account("gateway", "secret", ("5505",)), Account("other", "pass", ("8079", "5505"))]
        self.center = Center(
            accounts,
            self._arrived,
            clock=lambda: self.now,
            wall=lambda: 1_800_000_000.0,
            settings=kwargs.pop("settings", SessionSettings(enquire_link_s=None, window_size=4, response_timeout_s=10)),
            **kwargs,
        )

    def _arrived(self, arrivals):
        self.batches.append(len(arrivals))
        self.arrivals.extend(arrivals)

    def later(self, seconds):
        """Let time pass, and the SMSC notice."""
        self.now += seconds
        self.center.tick()

    def esme(self, **kwargs):
        return Esme(self, **kwargs)

    def bound(self, kind=BindTransceiver):
        esme = Esme(self)
        assert esme.bind(kind(system_id="gateway", password="secret")) == 0
        return esme

    def receiver(self):
        return self.bound(BindReceiver)

    def transmitter(self):
        return self.bound(BindTransmitter)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def make_world():
    return World

"""A recorder between an ESME and the simulated SMSC, over sockets and in one process."""

import asyncio
import io
from contextlib import asynccontextmanager

from simulator.capture.address import Address
from simulator.capture.record import Recorder, record
from simulator.capture.recording import Header, Reader, Writer
from simulator.capture.redact import Redaction
from simulator.smsc.accounts import Account
from simulator.smsc.center import Center
from sms_service.smpp import (
    BindTransceiver,
    DeliverSmResp,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SubmitSm,
    Unbind,
)

WAIT_S = 20
"""Seconds: a busy machine takes its time."""
MSISDN = "84987650123"
REPLY = b"Ho ten: NGUYEN VAN AN"


async def until(holds):
    async with asyncio.timeout(WAIT_S):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def smsc():
    """The simulated SMSC: its centre and its address."""
    center = Center([Account("gateway", "secret", ("5505",))], lambda _: None)
    server = await asyncio.get_running_loop().create_server(center.link, "127.0.0.1", 0)
    try:
        yield center, Address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await until(lambda: not center.links())


@asynccontextmanager
async def answering(handler):
    """A server of any kind, `handler(reader, writer)` for each connection."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()


class Recording:
    """What `record` says and writes, in memory unless a file is given."""

    def __init__(self, file=None, max_octets=10**9, **redaction):
        self.file = file or io.BytesIO()
        self.redaction = Redaction(**{"secrets": False, "personal_data": True, **redaction})
        self.header = Header(
            started="2026-01-01T00:00:00+00:00", listen="", to="", secrets=self.redaction.secrets,
            personal_data=self.redaction.personal_data,
        )  # fmt: skip
        self.stop = asyncio.Event()
        self.lines = []
        self.why = None
        self.recorder = Recorder(Writer(self.file, self.header, max_octets), self.redaction, self.stop)
        self.now = 0

    def clock(self):
        self.now += 1_000_000
        return self.now

    @asynccontextmanager
    async def running(self, to, duration_s=None):
        ready = asyncio.get_running_loop().create_future()
        running = asyncio.create_task(
            record(
                self.recorder, Address("127.0.0.1", 0), to, stop=self.stop, duration_s=duration_s,
                clock=self.clock, on_ready=ready.set_result, on_look=self.lines.append,
            )
        )  # fmt: skip
        try:
            async with asyncio.timeout(WAIT_S):
                yield await ready
        finally:
            self.stop.set()
            self.why = await running

    def records(self):
        reader = Reader(io.BytesIO(self.file.getvalue()))
        records = list(reader)
        assert reader.problem is None
        return records


class Esme:
    """An ESME that answers every inquiry with one text."""

    def __init__(self, reader, writer, password="secret"):
        self.session = Session(Role.ESME)
        self.reader, self.writer = reader, writer
        self.password = password
        self.confirmed = 0

    @classmethod
    async def connect(cls, address, **kwargs):
        return cls(*await asyncio.open_connection(*address), **kwargs)

    def push(self):
        self.writer.write(self.session.data_to_send())

    async def read(self):
        """What one read of the socket means; what the ESME says to it is sent."""
        data = await self.reader.read(65536)
        if not data:
            return []
        events = self.session.receive_data(data, 0.0)
        for event in events:
            if isinstance(event, RequestReceived):
                self.session.respond(DeliverSmResp(sequence_number=event.pdu.sequence_number))
                self.session.request(
                    SubmitSm(source_addr="5505", destination_addr=event.pdu.source_addr, short_message=REPLY), 0.0
                )
            elif isinstance(event, ResponseReceived) and isinstance(event.request, SubmitSm):
                self.confirmed += 1
        self.push()
        return events

    async def bind(self):
        self.session.request(BindTransceiver(system_id="gateway", password=self.password), 0.0)
        self.push()
        return await self.read()

    async def serve(self, count):
        """Until so many replies are confirmed."""
        while self.confirmed < count:
            await self.read()

    async def leave(self):
        self.session.request(Unbind(), 0.0)
        self.push()
        while await self.reader.read(65536):
            pass
        self.writer.close()


async def inquiries(address, center, texts):
    """An ESME binds, answers these texts of a phone, and leaves."""
    esme = await Esme.connect(address)
    await esme.bind()
    for text in texts:
        center.inject(MSISDN, "5505", text)
    await esme.serve(len(texts))
    await esme.leave()

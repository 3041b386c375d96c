"""An SMSC that sends inquiries and keeps account of every acknowledgement and every reply.

It shares the codec with the gateway and nothing else: what a reply must be is read from the demo's export.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Iterable

from sms_service.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    Closed,
    DeliverSm,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Role,
    Session,
    SessionSettings,
    SubmitSm,
    SubmitSmResp,
)
from sms_service.sms.udh import parse_udh

SHORT_CODE = "5505"
TEMPORARY = {0x14, 0x58, 0x64}
"""ESME_RMSGQFUL, ESME_RTHROTTLED, ESME_RX_T_APPN: tried again."""
RETRY_S = 0.3
TICK_S = 0.05


class Inquiry:
    """One message that a citizen sent."""

    def __init__(self, msisdn: str, text: str) -> None:
        self.msisdn = msisdn
        self.text = text
        self.acknowledged = False


class LoadSmsc:
    """Listens on the loopback; `send` drives inquiries through whatever binds stand."""

    def __init__(self, window: int = 50) -> None:
        self.window = window
        self.links: list[_Link] = []
        self.waiting: deque[Inquiry] = deque()
        self.replies: defaultdict[str, list[str]] = defaultdict(list)
        self.statuses: Counter[int] = Counter()
        self.redelivered = 0
        self.in_window_at_loss = 0
        """Replies that this SMSC had taken on connections that were lost, within their windows' reach."""
        self.message_ids = itertools.count(1)
        self._parts: defaultdict[tuple[str, int, int], dict[int, bytes]] = defaultdict(dict)
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.Task[None] | None = None

    async def start(self, port: int = 0) -> int:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self), "127.0.0.1", port)
        self._ticker = asyncio.create_task(self._tick())
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._ticker.cancel()
        self._server.close()
        for link in list(self.links):
            link.transport.abort()

    async def bound(self, count: int, timeout_s: float = 30) -> None:
        async with asyncio.timeout(timeout_s):
            while sum(link.is_bound for link in self.links) < count:
                await asyncio.sleep(TICK_S)

    def send(self, inquiries: Iterable[tuple[str, str]]) -> list[Inquiry]:
        """Queue inquiries; they leave as windows allow."""
        made = [Inquiry(msisdn, text) for msisdn, text in inquiries]
        self.waiting.extend(made)
        self.pump()
        return made

    def pump(self) -> None:
        for link in self.links:
            link.pump()

    async def settled(self, expected: Counter[str], timeout_s: float) -> None:
        """Wait until every number has as many replies as expected, and nothing has come for a moment after."""
        async with asyncio.timeout(timeout_s):
            while any(len(self.replies[msisdn]) < count for msisdn, count in expected.items()):
                await asyncio.sleep(TICK_S)
        before = -1
        while before != (before := sum(map(len, self.replies.values()))):
            await asyncio.sleep(0.5)

    def take(self, pdu: SubmitSm) -> None:
        """A segment of a reply."""
        octets = pdu.short_message
        if pdu.esm_class & 0x40:
            concat, octets = parse_udh(octets)
            parts = self._parts[pdu.destination_addr, concat.reference, concat.total]
            parts[concat.number] = octets
            if len(parts) < concat.total:
                return
            octets = b"".join(parts[number] for number in sorted(parts))
            del self._parts[pdu.destination_addr, concat.reference, concat.total]
        text = octets.decode("utf-16-be") if pdu.data_coding == 8 else octets.decode("latin-1")
        self.replies[pdu.destination_addr].append(text.replace("\n", " "))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = asyncio.get_running_loop().time()
            for link in list(self.links):
                link.handle(link.session.tick(now))
                link.pump()


class _Link(asyncio.Protocol):
    """One connection of the gateway's."""

    def __init__(self, smsc: LoadSmsc) -> None:
        self.smsc = smsc
        self.is_bound = False
        loop = asyncio.get_running_loop()
        self.session = Session(Role.SMSC, SessionSettings(window_size=smsc.window), loop.time())

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.smsc.links.append(self)

    def connection_lost(self, exc) -> None:
        self.is_bound = False
        if self in self.smsc.links:
            self.smsc.links.remove(self)
        self.handle(self.session.connection_lost(asyncio.get_running_loop().time()))

    def data_received(self, data: bytes) -> None:
        self.handle(self.session.receive_data(data, asyncio.get_running_loop().time()))
        self.pump()

    def handle(self, events) -> None:
        for event in events:
            if isinstance(event, RequestReceived):
                self.request(event.pdu)
            elif isinstance(event, ResponseReceived):
                self.answered(event.context, event.response.command_status)
            elif isinstance(event, RequestExpired):
                if isinstance(event.context, Inquiry):
                    self.smsc.redelivered += 1
                    self.smsc.waiting.append(event.context)
            elif isinstance(event, Closed):
                for unanswered in event.unanswered:
                    if isinstance(unanswered.context, Inquiry):
                        self.smsc.redelivered += 1
                        self.smsc.waiting.appendleft(unanswered.context)
                self.is_bound = False
                self.write()
                self.transport.close()
        self.write()

    def request(self, pdu) -> None:
        if isinstance(pdu, BindTransceiver):
            self.session.respond(BindTransceiverResp(sequence_number=pdu.sequence_number, system_id="load"))
            self.is_bound = True
        elif isinstance(pdu, SubmitSm):
            self.smsc.take(pdu)
            message_id = f"{next(self.smsc.message_ids):x}"
            self.session.respond(SubmitSmResp(sequence_number=pdu.sequence_number, message_id=message_id))

    def answered(self, context, status: int) -> None:
        if not isinstance(context, Inquiry):
            return
        self.smsc.statuses[status] += 1
        if status == 0:
            context.acknowledged = True
        elif status in TEMPORARY:
            asyncio.get_running_loop().call_later(RETRY_S, self.smsc.waiting.append, context)

    def pump(self) -> None:
        waiting = self.smsc.waiting
        now = asyncio.get_running_loop().time()
        while waiting and self.is_bound and self.session.window_free:
            inquiry = waiting.popleft()
            pdu = DeliverSm(
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr=inquiry.msisdn,
                destination_addr=SHORT_CODE,
                short_message=inquiry.text.encode("ascii"),
            )
            self.session.request(pdu, now, context=inquiry)
        self.write()

    def write(self) -> None:
        data = self.session.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)

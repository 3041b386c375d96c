"""The SMSC itself: messages of phones in, messages of ESMEs out, nothing lost that a bind may still take.

What a phone sends goes to the account that owns the short code and waits in its backlog until one of its binds has a free
slot in its window. The ESME's answer settles it: taken, refused for good, or to be tried again; what was unanswered when a
link broke goes out again over another. What an ESME submits is answered at once and handed, whole, to `on_arrivals`.
Everything happens in callbacks, a batch for each read, without a task or a future for a message.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

import msgspec

from simulator.smsc.accounts import BINDS_MAX, Account, Accounts
from simulator.smsc.backlog import Backlog, Delivery
from simulator.smsc.link import Link
from simulator.smsc.messages import Arrival, Content, cut
from simulator.smsc.reassembly import Reassembly
from simulator.smsc.receipts import receipt, wants_receipt
from sms_service.smpp import (
    INTERFACE_VERSION,
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
    GenericNack,
    Npi,
    Pdu,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    SessionSettings,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Tlv,
    Ton,
    int_tlv,
)
from sms_service.sms import Alphabet, normalise

SYSTEM_ID: Final = "SMSC"
LINKS_MAX: Final = 1024
"""Connections at once, bound or not."""
TICK_S: Final = 0.1
"""Seconds between two looks at timers and retries: a tenth of the shortest of them."""

TEMPORARY: Final = frozenset((CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RTHROTTLED))
"""Answers to deliver_sm after which it is tried again; any other error is for good."""

_BIND_RESP: Final[dict[type[Pdu], type[BindReceiverResp | BindTransmitterResp | BindTransceiverResp]]] = {
    BindReceiver: BindReceiverResp,
    BindTransmitter: BindTransmitterResp,
    BindTransceiver: BindTransceiverResp,
}


class UnknownShortCode(Exception):
    """No account owns it."""


class QueueFull(Exception):
    """The account's backlog takes no more."""


class Counters(msgspec.Struct):
    """What happened since the start, in segments."""

    mo_accepted: int = 0
    """From phones, and receipts."""
    mo_delivered: int = 0
    mo_retried: int = 0
    """Tries again after a temporary error, no answer, or a broken link."""
    mo_given_up: int = 0
    """Refused for good, tried for too long, or a receipt for which there was no room."""
    mt_accepted: int = 0
    mt_refused: int = 0


class _Post:
    """One account's traffic: what waits, and the links that may carry it, the next to be used first."""

    __slots__ = ("backlog", "links")

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.links: deque[Link] = deque()

    def pump(self) -> None:
        """Share what is ready among the links that have room."""
        ready = self.backlog.ready
        for left in range(len(self.links), 0, -1):
            if not ready:
                return
            link = self.links[0]
            self.links.rotate(-1)
            share = -(-len(ready) // left)
            room = min(share, link.room)
            if room > 0:
                link.deliver([ready.popleft() for _ in range(room)])


class Center:
    """An SMSC without a listening socket: give `link` to whatever accepts connections, and call `tick` every TICK_S.

    Args:
        accounts: who may bind.
        on_arrivals: takes whole messages for phones, a batch at a time.
        settings: of every session.
        alphabet: what data_coding 0 means here.
        clock: monotonic seconds.
        wall: seconds of the epoch.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        on_arrivals: Callable[[Sequence[Arrival]], None],
        *,
        settings: SessionSettings | None = None,
        alphabet: Alphabet = Alphabet.GSM7,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = Accounts(accounts)
        self._posts = {account.system_id: _Post() for account in accounts}
        self._on_arrivals = on_arrivals
        self._settings = settings or SessionSettings()
        self._alphabet = alphabet
        self._reassembly = Reassembly(alphabet)
        self._wall = wall
        self._links: set[Link] = set()
        self._references = count()
        self._message_ids = count(int(wall()) << 20)
        self.counters = Counters()
        self.now = clock

    # What phones and operators ask.

    def inject(self, msisdn: str, short_code: str, text: str) -> Content:
        """Take a message of a phone, for delivery as soon as a bind has room.

        Raises:
            UnknownShortCode, QueueFull, messages.TooLong: see there; nothing was taken.
        """
        account = self._accounts.owner(short_code)
        if account is None:
            raise UnknownShortCode
        content, segments = cut(text, next(self._references), self._alphabet)
        post = self._posts[account.system_id]
        if not post.backlog.has_room(len(segments)):
            raise QueueFull
        now = self.now()
        for segment in segments:
            pdu = DeliverSm(
                source_addr_ton=Ton.INTERNATIONAL,
                source_addr_npi=Npi.ISDN,
                source_addr=msisdn,
                dest_addr_ton=Ton.NETWORK_SPECIFIC,
                dest_addr_npi=Npi.UNKNOWN,
                destination_addr=short_code,
                esm_class=segment.esm_class,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=tuple(Tlv(tag, value) for tag, value in segment.tlvs),
            )
            post.backlog.ready.append(Delivery(pdu, now))
        self.counters.mo_accepted += len(segments)
        post.pump()
        return content

    def binds(self) -> dict[str, int]:
        """How many binds each account has."""
        binds = dict.fromkeys(self._posts, 0)
        for link in self._links:
            if link.account is not None:
                binds[link.account.system_id] += 1
        return binds

    def waiting(self) -> int:
        """Segments that wait for a bind or a second try."""
        return sum(len(post.backlog) for post in self._posts.values())

    def links(self) -> int:
        """Connections, bound or not."""
        return len(self._links)

    # What keeps it going.

    def link(self) -> Link:
        """The protocol of a new connection."""
        return Link(self, self._settings)

    def tick(self) -> None:
        """Do what is due: timers of sessions, second tries."""
        now = self.now()
        for link in list(self._links):
            link.tick(now)
        self._reassembly.forget_old(now)
        for post in self._posts.values():
            post.backlog.wake(now)
            post.pump()

    def leave(self) -> None:
        """Ask every ESME to leave; their connections close as they answer."""
        for link in list(self._links):
            link.unbind()

    # What links tell.

    def opened(self, link: Link) -> bool:
        if len(self._links) >= LINKS_MAX:
            return False
        self._links.add(link)
        return True

    def lost(self, link: Link) -> None:
        self._links.discard(link)

    def ready(self, link: Link) -> None:
        if link.account is not None:
            self._posts[link.account.system_id].pump()

    def handle(self, link: Link, events: Sequence[Event]) -> None:
        arrivals: list[Arrival] = []
        for event in events:
            match event:
                case RequestReceived(pdu=SubmitSm() as pdu):
                    self._submitted(link, pdu, arrivals)
                case ResponseReceived(response=response, context=Delivery() as delivery):
                    self._answered(link, delivery, response.command_status)
                case RequestExpired(context=Delivery() as delivery):
                    self._again(link, delivery)
                case RequestReceived(pdu=BindReceiver() | BindTransmitter() | BindTransceiver() as pdu):
                    self._bind(link, pdu)
                case RequestReceived(pdu=pdu):
                    # What a simulated SMSC does not offer: query_sm, submit_multi and the like.
                    link.session.respond(
                        GenericNack(sequence_number=pdu.sequence_number, command_status=CommandStatus.ESME_RINVCMDID)
                    )
                case Closed(unanswered=unanswered):
                    self._closed(link, [one.context for one in unanswered if isinstance(one.context, Delivery)])
        link.flush()
        if link.account is not None:
            self._posts[link.account.system_id].pump()
        if arrivals:
            self._on_arrivals(arrivals)

    def _bind(self, link: Link, pdu: BindReceiver | BindTransmitter | BindTransceiver) -> None:
        found = self._accounts.check(pdu)
        if isinstance(found, Account) and self.binds()[found.system_id] >= BINDS_MAX:
            found = CommandStatus.ESME_RBINDFAIL
        response = _BIND_RESP[type(pdu)]
        if isinstance(found, CommandStatus):
            link.session.respond(response(sequence_number=pdu.sequence_number, command_status=found))
            link.flush()
            link.close()
            return
        version = int_tlv(Tag.SC_INTERFACE_VERSION, INTERFACE_VERSION)
        link.session.respond(response(sequence_number=pdu.sequence_number, system_id=SYSTEM_ID, tlvs=(version,)))
        link.account = found
        self._posts[found.system_id].links.append(link)

    def _submitted(self, link: Link, pdu: SubmitSm, arrivals: list[Arrival]) -> None:
        account = link.account
        assert account is not None  # the session lets no submit_sm pass before the bind
        msisdn = normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
        status, message_id = CommandStatus.ESME_ROK, ""
        if pdu.source_addr not in account.short_codes:
            status = CommandStatus.ESME_RINVSRCADR
        elif msisdn is None:
            status = CommandStatus.ESME_RINVDSTADR
        else:
            message_id = f"{next(self._message_ids):X}"
            arrival = self._reassembly.add(pdu, msisdn, self.now())
            if arrival is not None:
                arrivals.append(arrival)
            if wants_receipt(pdu):
                self._report(account, pdu, message_id)
        self.counters.mt_accepted += status is CommandStatus.ESME_ROK
        self.counters.mt_refused += status is not CommandStatus.ESME_ROK
        link.session.respond(
            SubmitSmResp(sequence_number=pdu.sequence_number, command_status=status, message_id=message_id)
        )

    def _report(self, account: Account, pdu: SubmitSm, message_id: str) -> None:
        backlog = self._posts[account.system_id].backlog
        self.counters.mo_accepted += 1
        if backlog.has_room(1):
            backlog.ready.append(Delivery(receipt(pdu, message_id, self._wall()), self.now()))
        else:
            self.counters.mo_given_up += 1

    def _answered(self, link: Link, delivery: Delivery, command_status: int) -> None:
        if command_status == CommandStatus.ESME_ROK:
            self.counters.mo_delivered += 1
        elif command_status in TEMPORARY:
            self._again(link, delivery)
        else:
            self.counters.mo_given_up += 1

    def _again(self, link: Link, delivery: Delivery) -> None:
        assert link.account is not None
        if self._posts[link.account.system_id].backlog.retry(delivery, self.now()):
            self.counters.mo_retried += 1
        else:
            self.counters.mo_given_up += 1

    def _closed(self, link: Link, unanswered: list[Delivery]) -> None:
        account = link.account
        if account is not None:
            link.account = None
            post = self._posts[account.system_id]
            post.links.remove(link)
            post.backlog.give_back(unanswered)
            self.counters.mo_retried += len(unanswered)
            post.pump()
        link.flush()
        link.close()

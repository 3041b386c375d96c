"""The SMSC itself: messages of phones in, messages of ESMEs out, nothing lost that a bind may still take.

What a phone sends goes to the post of the account that owns the short code, and from there over the account's binds. What an
ESME submits is answered at once and handed, whole, to `on_arrivals`. A load run is a watcher: it offers deliveries of its own,
hears what became of them, and takes what is submitted for its phones. Everything happens in callbacks, a batch for each read,
without a task or a future for a message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final

from simulator.smsc.accounts import BINDS_MAX, Account, Accounts
from simulator.smsc.backlog import Delivery, Leaving
from simulator.smsc.desk import Desk
from simulator.smsc.faults import Faults
from simulator.smsc.injector import FaultCounts, Injector
from simulator.smsc.link import Ear, Link
from simulator.smsc.magic import Case, code_of, disturbed
from simulator.smsc.messages import Arrival, Content, cut
from simulator.smsc.post import DeliveryCounts, Post
from simulator.smsc.reassembly import Reassembly
from simulator.smsc.submissions import SubmissionCounts
from simulator.smsc.watcher import Settled, Submitted, Watcher
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
    Tag,
    Tlv,
    Ton,
    int_tlv,
)
from sms_service.sms import Alphabet, Segment

SYSTEM_ID: Final = "SMSC"
LINKS_MAX: Final = 1024
"""Connections at once, bound or not."""
TICK_S: Final = 0.02
"""Seconds between two looks at timers, retries and answers that are kept back: what a fault's delay is exact to."""
UNHEARD_MAX: Final = 20_000
"""Answers of a connection that a storm may leave unheard; the next are heard."""

_BIND_RESP: Final[Mapping[type[Pdu], type[BindReceiverResp | BindTransmitterResp | BindTransceiverResp]]] = {
    BindReceiver: BindReceiverResp,
    BindTransmitter: BindTransmitterResp,
    BindTransceiver: BindTransceiverResp,
}


class UnknownShortCode(Exception):
    """No account owns it."""


class QueueFull(Exception):
    """The account's backlog takes no more."""


class Center:
    """An SMSC without a listening socket: give `link` to whatever accepts connections, and call `tick` every TICK_S.

    Args:
        accounts: who may bind.
        on_arrivals: takes whole messages for phones, a batch at a time.
        settings: of every session.
        alphabet: what data_coding 0 means here.
        seed: of the faults' draws.
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
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.now = clock
        self._wall = wall
        self._accounts = Accounts(accounts)
        self._injector = Injector(seed)
        self._ticked_at = clock()
        self._posts = {account.system_id: Post(self._injector) for account in accounts}
        self._on_arrivals = on_arrivals
        self._settings = settings or SessionSettings()
        self._alphabet = alphabet
        # A million messages a second may pass before the next start would repeat an id.
        self._desk = Desk(self._injector, int(wall()) << 20)
        self._reassembly = Reassembly(alphabet)
        self.watcher: Watcher | None = None
        """Who hears of deliveries that have a token, and of every submit_sm."""
        self._references = count()
        self._links: set[Link] = set()
        self._numbers = count(1)
        self._ear: Ear | None = None

    # What phones and operators ask.

    def inject(
        self,
        msisdn: str,
        short_code: str,
        text: str,
        on_leaving: Leaving | None = None,
    ) -> Content:
        """Take a message of a phone, for delivery as soon as a bind has room; `on_leaving` as of `Delivery`.

        Raises:
            UnknownShortCode, QueueFull, messages.TooLong: see there; nothing was taken.
        """
        account = self._accounts.owner(short_code)
        if account is None:
            raise UnknownShortCode
        content, segments = cut(text, next(self._references), self._alphabet)
        post = self._posts[account.system_id]
        pdus = disturbed(code_of(msisdn), [_deliver_sm(msisdn, short_code, segment) for segment in segments])
        if not post.add(pdus, self.now(), on_leaving):
            raise QueueFull
        post.pump()
        return content

    def offer(self, short_code: str, deliveries: Sequence[Delivery]) -> bool:
        """Take a watcher's deliveries, and send what the windows have room for now. False: no room, nothing was taken.

        Raises:
            UnknownShortCode: see there.
        """
        account = self._accounts.owner(short_code)
        if account is None:
            raise UnknownShortCode
        post = self._posts[account.system_id]
        taken = post.offer(deliveries)
        post.pump()
        return taken

    def withdraw(self) -> int:
        """Forget a watcher's deliveries that wait. Returns how many; what is on its way may still be taken."""
        return sum(post.withdraw() for post in self._posts.values())

    def listen(self, ear: Ear | None) -> None:
        """Let this ear hear every link from now on; None: nobody."""
        self._ear = ear
        for link in self._links:
            self._lend_ear(link)

    def binds(self) -> dict[str, int]:
        """How many binds each account has."""
        return {system_id: post.links for system_id, post in self._posts.items()}

    def links(self) -> int:
        """Connections, bound or not."""
        return len(self._links)

    def waiting(self) -> int:
        """Segments that wait for a bind or another try."""
        return sum(post.waiting for post in self._posts.values())

    def deliveries(self) -> dict[str, DeliveryCounts]:
        """What became of messages to each account."""
        return {system_id: post.counts for system_id, post in self._posts.items()}

    def submissions(self) -> SubmissionCounts:
        """What became of messages from all accounts."""
        return self._desk.counts

    @property
    def faults(self) -> Faults:
        """What goes wrong at present."""
        return self._injector.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        before, self._injector.faults = self._injector.faults, faults
        if faults.maintenance and not before.maintenance:
            self.leave()
        for link in list(self._links):
            if faults.silent != before.silent:
                link.set_silent(faults.silent)
            if before.storm and not faults.storm and link.unheard:
                link.cut()

    def fault_counts(self) -> FaultCounts:
        """What was done wrong on purpose."""
        return self._injector.counts

    # What keeps it going.

    def link(self) -> Link:
        """The protocol of a new connection."""
        return Link(self, self._settings)

    def tick(self) -> None:
        """Do what is due: timers of sessions, other tries."""
        now = self.now()
        passed, self._ticked_at = now - self._ticked_at, now
        for link in list(self._links):
            link.tick(now)
            if self.faults.cuts_per_minute and self._injector.cut(passed):
                link.cut()
        self._desk.release(now)
        self._reassembly.forget_old(now)
        for post in self._posts.values():
            post.wake(now)

    def leave(self) -> None:
        """Ask every ESME to leave; their connections close as they answer."""
        for link in list(self._links):
            link.unbind()

    # What links tell.

    def opened(self, link: Link) -> bool:
        """See `link.Owner`."""
        if len(self._links) >= LINKS_MAX or self.faults.maintenance:
            return False
        self._links.add(link)
        link.number = next(self._numbers)
        self._lend_ear(link)
        return True

    def lost(self, link: Link) -> None:
        """See `link.Owner`."""
        self._links.discard(link)
        if self._ear is not None:
            self._ear.lost(link)

    def ready(self, link: Link) -> None:
        """See `link.Owner`."""
        if link.account is not None:
            self._posts[link.account.system_id].pump()

    def handle(self, link: Link, events: Sequence[Event]) -> None:
        """See `link.Owner`."""
        now = self.now()
        submits: list[SubmitSm] = []
        settled: list[Settled] = []
        submitted: list[Submitted] = []
        for event in events:
            if isinstance(event, RequestReceived) and isinstance(event.pdu, SubmitSm):
                submits.append(event.pdu)
            elif isinstance(event, ResponseReceived | RequestExpired):
                self._settle(link, event, now, settled)
            else:
                # It may end the bind over which the others came.
                submitted += self._submit(link, submits, now)
                submits = []
                self._serve(link, event)
        submitted += self._submit(link, submits, now)
        link.flush()
        self.ready(link)
        if settled and self.watcher is not None:
            self.watcher.settled(settled, now)
        if submitted:
            self._arrived(submitted, now)

    def _lend_ear(self, link: Link) -> None:
        link.ear = self._ear
        if self._ear is not None:
            self._ear.joined(link)

    def _serve(self, link: Link, event: Event) -> None:
        """Do what is rarely asked."""
        match event:
            case RequestReceived(pdu=BindReceiver() | BindTransmitter() | BindTransceiver() as pdu):
                self._bind(link, pdu)
            case RequestReceived(pdu=pdu):
                # What a simulated SMSC does not offer: query_sm, submit_multi and the like.
                status = CommandStatus.ESME_RINVCMDID
                link.session.respond(GenericNack(sequence_number=pdu.sequence_number, command_status=status))
            case Closed(unanswered=unanswered):
                self._close(link, [one.context for one in unanswered if isinstance(one.context, Delivery)])

    def _settle(self, link: Link, event: ResponseReceived | RequestExpired, now: float, settled: list[Settled]) -> None:
        delivery = event.context
        if not isinstance(delivery, Delivery):
            return  # a request of the link's own
        status = event.response.command_status if isinstance(event, ResponseReceived) else None
        if status is not None and self._overhear(link, delivery):
            return
        post = self._post(link)
        final = post.again(delivery, now) if status is None else post.answered(delivery, status, now)
        if final and delivery.token is not None:
            settled.append(Settled(delivery.token, status))

    def _overhear(self, link: Link, delivery: Delivery) -> bool:
        """Whether an answer is not heard, by a storm or by the magic of the number that the message came from."""
        pdu = delivery.prepared.pdu
        magic = delivery.token is None and isinstance(pdu, DeliverSm) and code_of(pdu.source_addr)
        again = magic == Case.AGAIN_AFTER_CUT and not delivery.tries
        if not (again or self.faults.storm) or len(link.unheard) >= UNHEARD_MAX:
            return False
        self._injector.counts.answers_unheard += 1
        delivery.tries += 1
        link.unheard.append(delivery)
        if again:
            link.cut()
        return True

    def _arrived(self, submitted: Sequence[Submitted], now: float) -> None:
        if self.watcher is not None:
            submitted = self.watcher.submitted(submitted, now)
        arrivals = [self._reassembly.add(pdu, msisdn, now) for msisdn, pdu in submitted]
        whole = [arrival for arrival in arrivals if arrival is not None]
        if whole:
            self._on_arrivals(whole)

    def _post(self, link: Link) -> Post:
        assert link.account is not None  # the session lets nothing pass before the bind
        return self._posts[link.account.system_id]

    def _bind(self, link: Link, pdu: BindReceiver | BindTransmitter | BindTransceiver) -> None:
        account = self._admit(pdu)
        response = _BIND_RESP[type(pdu)]
        if not isinstance(account, Account):
            link.session.respond(response(sequence_number=pdu.sequence_number, command_status=account))
            link.flush()
            link.close()
            return
        version = int_tlv(Tag.SC_INTERFACE_VERSION, INTERFACE_VERSION)
        link.session.respond(response(sequence_number=pdu.sequence_number, system_id=SYSTEM_ID, tlvs=(version,)))
        link.account = account
        self._post(link).join(link)

    def _admit(self, pdu: BindReceiver | BindTransmitter | BindTransceiver) -> Account | int:
        """The account that may bind, or the command_status of the refusal."""
        if self.faults.bind_status:
            self._injector.counts.binds_refused += 1
            return self.faults.bind_status
        account = self._accounts.check(pdu)
        if isinstance(account, Account) and self._posts[account.system_id].links >= BINDS_MAX:
            return CommandStatus.ESME_RBINDFAIL
        return account

    def _submit(self, link: Link, pdus: Sequence[SubmitSm], now: float) -> Sequence[Submitted]:
        if not pdus:
            return ()
        outcome = self._desk.take(link, pdus, now, self._wall())
        for one in outcome.receipts:
            if not self._post(link).add([one], now):
                self._desk.counts.receipts_dropped += 1
        return outcome.submitted

    def _close(self, link: Link, unanswered: list[Delivery]) -> None:
        if link.account is not None:
            post = self._post(link)
            link.account = None
            post.leave(link, [*link.unheard, *unanswered])
            link.unheard.clear()
        link.flush()
        link.close()


def _deliver_sm(msisdn: str, short_code: str, segment: Segment) -> DeliverSm:
    return DeliverSm(
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

"""What the pipeline stands in when it is tested: a clock that the test moves, memory behind every port, and an SMSC.

A `World` is the part that outlives a process: stores, register, population, time. An `Instance` is one process: a gateway,
its run and its links. `FakeTransmitter` is the ESME and the SMSC behind it; it checks at each submit_sm what must hold
always: that the audit entry is there already, that no more than the window is audited and unfinished, and that the register
was asked lately about whoever is told something of a record.
"""

import asyncio
import contextlib
import datetime as dt
import functools
import itertools
import math
from collections import Counter

from sms_service.adapters.memory import (
    FakeClock,
    MemoryAuditTrail,
    MemoryJournal,
    MemoryPopulation,
    MemoryStore,
    MemorySubscribers,
    MemoryVolatile,
)
from sms_service.keys import new_keys
from sms_service.model import (
    AckStatus,
    DeliveryResult,
    Received,
    ReplyOutcome,
    Subscriber,
    SubscriberState,
)
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.gateway import Gateway
from sms_service.pipeline.syntaxes import Syntaxes
from sms_service.ports import UNTRACED
from sms_service.settings import Limits, Smsc
from sms_service.sms import decode
from sms_service.sms.alphabets import Alphabet
from sms_service.sms.concatenation import part_of
from syntax import REFERENCE, Versions, load

SHORT_CODE = "5505"
ALICE, BOB, CAROL = "84912345678", "84987654321", "84701112223"
ALICE_ID, BOB_ID, CAROL_ID = "001185012345", "079090054321", "048200111222"
KEYS = new_keys()


@functools.cache
def reference_syntax():
    return load(REFERENCE)


def syntaxes_of(*versions, load=None, suits=None, clock, metrics):
    """These versions in use; a reload gives what `load` returns."""

    async def suits_always(_versions):
        return None

    return Syntaxes(
        Versions(versions),
        load=load or (lambda: Versions(versions)),
        suits=suits or suits_always,
        clock=clock,
        metrics=metrics,
    )


def smsc(name="viettel", **settings):
    return Smsc(name=name, host="127.0.0.1", port=2775, system_id="c06", **settings)


def record_of(citizen_id, name, **fields):
    return {
        "citizen_id": citizen_id,
        "full_name": name,
        "date_of_birth": dt.date(1985, 3, 2),
        "sex": "Nữ",
        "permanent_residence": "Hà Nội",
        "death_or_missing_date": None,
        **fields,
    }


def authenticated(citizen_id):
    return Subscriber(SubscriberState.AUTHENTICATED, citizen_id)


def text_of(reply):
    """What a phone shows of a reply."""
    pieces = []
    for segment in reply.segments:
        inbound = part_of(segment.esm_class, segment.short_message, segment.tlvs)
        pieces.append(decode(inbound.payload, segment.data_coding, Alphabet.GSM7))
    return "".join(pieces)


class SharedVolatile:
    """Redis as one instance sees it: tables that all share, and each instance's own statement of its links."""

    def __init__(self, world, name):
        self._world, self._name = world, name

    async def redelivered(self, digests):
        return await self._world.volatile.redelivered(digests)

    async def remember(self, answered):
        await self._world.volatile.remember(answered)

    async def count(self, senders):
        return await self._world.volatile.count(senders)

    async def ended(self, links):
        await self._world.volatile.ended(links)

    async def links(self, live):
        self._world.live[self._name] = set(live)
        await self._world.volatile.links([link for links in self._world.live.values() for link in links])


class FakeTransmitter:
    """Implements `ports.Transmitter`. With `prompt` every reply is confirmed at once, else when the test says so."""

    def __init__(self, world, *, window=100, prompt=True):
        self._world = world
        self.window_of_link = window
        self.prompt = prompt
        self.ended = []
        self.links = {}
        """Live links, and their SMSCs."""
        self.acknowledged = []
        self.submitted = []
        self.under_way = {}
        """Replies without an outcome, by inquiry_id."""
        self.dead = False
        self.sink = None
        self.on_acknowledge = lambda acknowledgements: None
        self.audited_at_most = 0

    def bind(self, link, smsc="viettel"):
        self.links[link] = smsc
        if self.sink is not None:
            self.sink.links_changed()

    def drop(self, link):
        del self.links[link]
        self.sink.links_changed()

    def unbind(self, link):
        """The link ends in order."""
        self.ended.append(link)
        self.drop(link)

    # ---- the port

    def acknowledge(self, acknowledgements):
        if not self.dead:
            self.on_acknowledge(acknowledgements)
            self.acknowledged.extend(a for a in acknowledgements if a.link in self.links)

    def submit(self, replies):
        if self.dead:
            return
        for reply in replies:
            assert reply.segments
            assert reply.inquiry_id in self._world.store.audited, "a reply leaves before its audit entry is committed"
            self._world.check_fresh(reply)
            if self.window(reply.smsc) == 0:
                self.sink.outcomes([returned(reply)])
                continue
            self.submitted.append(reply)
            self.under_way[reply.inquiry_id] = reply
            if self.prompt:
                asyncio.get_running_loop().call_soon(self.confirm, reply)
        self.audited_at_most = max(self.audited_at_most, len(self._world.audited_and_unfinished()))

    def window(self, smsc):
        return 0 if self.dead else self.window_of_link * sum(of == smsc for of in self.links.values())

    def bound(self):
        return sorted(set(self.links.values()))

    def live_links(self):
        return [] if self.dead else list(self.links)

    def ended_links(self):
        ended, self.ended = self.ended, []
        return ended

    # ---- what the SMSC does

    def confirm(self, reply, message_id="id"):
        if not self.dead and self.under_way.pop(reply.inquiry_id, None) is not None:
            ids = tuple(f"{message_id}{number}" for number in range(len(reply.segments)))
            self.sink.outcomes([ReplyOutcome(reply.inquiry_id, DeliveryResult.CONFIRMED, 0, ids)])

    def reject(self, reply, command_status=0x0B):
        del self.under_way[reply.inquiry_id]
        self.sink.outcomes([ReplyOutcome(reply.inquiry_id, DeliveryResult.REJECTED, command_status, ())])

    def give_back(self, reply, *, uncertain, confirmed=0):
        del self.under_way[reply.inquiry_id]
        self.sink.outcomes([returned(reply, uncertain=uncertain, confirmed=confirmed)])

    # ---- what a test asks

    def statuses(self):
        return Counter(acknowledgement.status for acknowledgement in self.acknowledged)

    def status_of(self, received):
        for acknowledgement in self.acknowledged:
            if (acknowledgement.link, acknowledgement.sequence_number) == (received.link, received.sequence_number):
                return acknowledgement.status
        return None

    def texts_to(self, msisdn):
        return [text_of(reply) for reply in self.submitted if reply.destination_addr == msisdn]


def returned(reply, *, uncertain=False, confirmed=0):
    """The link went when `confirmed` segments had their response."""
    return ReplyOutcome(
        inquiry_id=reply.inquiry_id,
        result=DeliveryResult.RETURNED,
        command_status=0,
        message_ids=tuple(f"early{number}" for number in range(confirmed)),
        unconfirmed=tuple(range(confirmed, len(reply.segments))),
        uncertain=uncertain,
    )


class Instance:
    """One process."""

    def __init__(self, world, name, **transmitter):
        self.world = world
        self.name = name
        self.journal = MemoryJournal(world.store, world.clock)
        self.audit = MemoryAuditTrail(world.store)
        self.metrics = Metrics()
        self.smsc = FakeTransmitter(world, **transmitter)
        self.tracer = UNTRACED
        self.blocked = frozenset()
        self._sequence_numbers = itertools.count(1)
        self.run = None
        self.gateway = None
        self.task = None

    async def start(self, *links, syntax=None, load=None):
        """Begin a run; `links` are bound to the first SMSC."""
        world = self.world
        self.run = await self.journal.open_run(self.name)
        for link in links:
            self.smsc.bind(link)
        self.syntaxes = syntaxes_of(
            *(syntax if isinstance(syntax, list) else [syntax or reference_syntax()]),
            load=load,
            clock=world.clock,
            metrics=self.metrics,
        )
        self.gateway = Gateway(
            run=self.run,
            keys=world.keys,
            syntaxes=self.syntaxes,
            smscs=world.smscs,
            limits=world.limits,
            journal=self.journal,
            audit=self.audit,
            population=world.population,
            subscribers=world.subscribers,
            volatile=SharedVolatile(world, self.name),
            transmitter=self.smsc,
            clock=world.clock,
            metrics=self.metrics,
            tracer=self.tracer,
            blocked=lambda: self.blocked,
        )
        self.smsc.sink = self.gateway
        self.task = asyncio.create_task(self.gateway.run())
        await world.settle()
        return self

    async def kill(self):
        """What SIGKILL does."""
        self.smsc.dead = True
        self.journal.die(self.run)
        self.world.live.pop(self.name, None)
        await self.stop()

    async def stop(self):
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    def message(self, msisdn=ALICE, text="DC", *, link="a1", **fields):
        """A deliver_sm."""
        values = {
            "smsc": self.smsc.links.get(link, "viettel"),
            "link": link,
            "sequence_number": next(self._sequence_numbers),
            "received_at": self.world.clock.monotonic(),
            "source_addr": msisdn,
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "destination_addr": SHORT_CODE,
            "esm_class": 0,
            "data_coding": 0,
            "short_message": text.encode("ascii"),
            **fields,
        }
        return Received(**values)

    def part(self, number, total, octets, *, msisdn=ALICE, link="a1", reference=7):
        """A deliver_sm with one part of a long message, with an 8-bit reference."""
        header = bytes((5, 0, 3, reference, total, number))
        return self.message(msisdn, link=link, esm_class=0x40, short_message=header + octets)

    async def texts(self, *messages):
        """Deliver, and let everything come to rest."""
        self.gateway.received(messages)
        await self.world.settle()

    def sample(self, name, **labels):
        return self.metrics.registry.get_sample_value(name, labels) or 0


class World:
    """What outlives a process."""

    def __init__(self, *smscs, **limits):
        self.limits = Limits(**limits)
        self.smscs = smscs or (smsc(),)
        self.keys = KEYS
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.subscribers = MemorySubscribers()
        self.population = MemoryPopulation()
        self.volatile = MemoryVolatile(
            quota_period_s=self.limits.quota_period_s,
            duplicate_window_s=self.limits.duplicate_window_s,
            clock=self.clock,
        )
        self.live = {}
        self.asked_at = {}
        """By number: when the register was last asked about it."""
        self.subscribers.lookup = self._noting_when(self.subscribers.lookup)
        self._instances = []
        for msisdn, citizen_id, name in ((ALICE, ALICE_ID, "An"), (BOB, BOB_ID, "Binh"), (CAROL, CAROL_ID, "Chi")):
            self.citizen(msisdn, citizen_id, name)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for instance in self._instances:
            if instance.task is not None and not instance.task.done():
                await instance.stop()

    def _noting_when(self, lookup):
        async def noted(msisdns):
            now = self.clock.monotonic()
            found = await lookup(msisdns)
            for msisdn in msisdns:  # a call that hung does not make what was asked since older
                self.asked_at[msisdn] = max(now, self.asked_at.get(msisdn, now))
            return found

        return noted

    def check_fresh(self, reply):
        """What tells of a record, or that there is none, rests on an answer that is not stale."""
        now = self.clock.monotonic()
        assert now < reply.leave_by
        if math.isfinite(reply.leave_by):
            assert now - self.asked_at[reply.destination_addr] < self.limits.answer_fresh_s

    def citizen(self, msisdn, citizen_id, name):
        self.subscribers.subscribers[msisdn] = authenticated(citizen_id)
        self.population.records[citizen_id] = record_of(citizen_id, name)

    def instance(self, name="gateway-1", **transmitter):
        instance = Instance(self, name, **transmitter)
        self._instances.append(instance)
        return instance

    async def settle(self):
        await self.clock.advance(0)
        await self.clock.advance(0)

    def endings(self):
        return [finished for _, finished in self.store.endings.values()]

    def ending_names(self):
        return Counter(finished.ending.value for finished in self.endings())

    def audited_and_unfinished(self):
        return self.store.audited & self.store.inquiries.keys()


ACCEPTED, TRY_LATER, QUEUE_FULL, REJECTED = (
    AckStatus.ACCEPTED,
    AckStatus.TRY_LATER,
    AckStatus.QUEUE_FULL,
    AckStatus.REJECTED,
)

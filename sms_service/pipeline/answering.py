"""Answering: read, with the quota; then ask, which is authenticate → look up → compose. Two stages, a batch at a time.

They are two because only asking needs the register and the population: while these are away, who asks for help or cannot
be understood is answered all the same.

A refusal is a statement of fact: it is composed only when the register and the population have both answered for this
very inquiry. While one of them cannot be asked, the batch waits and is tried again; past its deadline an inquiry is
answered with "busy". Every inquiry about a record goes the whole way, refused or not: for a number that is bound to
nobody a record that nobody has is looked up, so that neither path nor work tells the causes of a refusal apart.

An answer about a record leaves within `answer_fresh_s` of the question to the register (`leave_by`) or is asked for again
(see `dispatch`); the deadline then counts from the second asking.

One inquiry that cannot be dealt with must not stop the others: a batch that fails for another reason than an outage is
halved until the one is found, and that one is told "busy".
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import msgspec
import structlog

from sms_service.keys import Pseudonyms
from sms_service.model import Ending, Inquiry, OutboundReply, Stage, SubscriberState
from sms_service.observability.logging import describe
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.pipeline.syntaxes import Syntaxes
from sms_service.ports import UNTRACED, Clock, Population, Subscribers, Tracer, Unavailable, Volatile
from sms_service.settings import Limits, Smsc
from sms_service.sms.alphabets import Alphabet
from sms_service.sms.segments import Segment, TooManySegments, segment_count, split
from syntax import InForce, Misread, Read, Retired, Syntax

NOBODY_PREFIX: Final = "999"
"""No province and no country of birth has this code (DOMAIN: số định danh): such an ID is nobody's."""

DEPARTED: Final = "death_or_missing_date"
"""Asked of every record: a citizen who is dead or missing cannot be texting (DOMAIN: Điều 9)."""

# Looked up once: reaching a member through its class costs as much as making a value.
_AUTHENTICATED: Final = SubscriberState.AUTHENTICATED
_ANSWERED: Final = Ending.ANSWERED

_log = structlog.get_logger()


class Asking(msgspec.Struct, frozen=True, gc=False):
    """An inquiry about a record, and what it asks for in the words of the version that read it."""

    inquiry: Inquiry
    reading: Read
    syntax: Syntax
    since: float
    """The moment of the monotonic clock from which its wait for an answer counts."""

    def __repr__(self) -> str:
        return "<Asking>"


class Disclosed(NamedTuple):
    """Whose record a reply discloses, and what of it."""

    citizen_id: str
    fields: Sequence[str]


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A reply that may leave, with what the audit trail must say of it."""

    inquiry: Inquiry
    reply: OutboundReply
    ending: Ending
    asked: Asking | None
    """What register and population were asked, for a reply that rests on their answer."""
    command: str
    fields: str
    citizen: bytes
    syntax: str
    fee: int
    """Đồng, where it is answered."""

    def __repr__(self) -> str:
        return "<Prepared>"


class Answering:
    """The second stage, and the third."""

    def __init__(
        self,
        *,
        syntaxes: Syntaxes,
        subscribers: Subscribers,
        population: Population,
        volatile: Volatile,
        pseudonyms: Pseudonyms,
        smscs: Mapping[str, Smsc],
        limits: Limits,
        in_flight: InFlight,
        to_ask: Callable[[Sequence[Asking]], None],
        hand_on: Callable[[Sequence[Prepared]], None],
        end_silently: Callable[[Sequence[Inquiry], Ending], None],
        blocked: Callable[[], AbstractSet[bytes]],
        clock: Clock,
        metrics: Metrics,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._syntaxes = syntaxes
        self._subscribers = subscribers
        self._population = population
        self._volatile = volatile
        self._pseudonyms = pseudonyms
        self._smscs = smscs
        self._limits = limits
        self._in_flight = in_flight
        self._to_ask = to_ask
        self._hand_on = hand_on
        self._end_silently = end_silently
        self._blocked = blocked
        self._clock = clock
        self._tracer = tracer
        self._patience = {
            "subscribers": Patience("subscribers", clock, metrics),
            "population": Patience("population", clock, metrics),
        }
        self._references = itertools.count(1)

    async def read(self, batch: list[Inquiry]) -> None:
        """Answer what needs no record, and pass on to `ask` what does."""
        over = await self._over_quota([inquiry for inquiry in batch if not inquiry.resumed])
        ready: list[Prepared] = []
        silent: list[Inquiry] = []
        nameless: list[Inquiry] = []
        asking: list[Asking] = []
        in_force = self._syntaxes.in_force()
        blocked = self._blocked()
        for inquiry in batch:
            excess = over.get(inquiry.inquiry_id, 0)
            if not inquiry.content.msisdn:
                nameless.append(inquiry)
            elif blocked and inquiry.sender in blocked:
                silent.append(inquiry)
            elif excess == 1:
                syntax = in_force.syntax
                ready.append(self._prepare(inquiry, syntax, syntax.over_quota, Ending.OVER_QUOTA))
            elif excess:
                silent.append(inquiry)
            else:
                self._read(inquiry, in_force, ready, asking)
        self._hand_on(ready)
        self._end_silently(silent, Ending.OVER_QUOTA)
        self._end_silently(nameless, Ending.UNDELIVERABLE)
        self._to_ask(asking)

    async def _over_quota(self, fresh: list[Inquiry]) -> dict[int, int]:
        """By how many each inquiry exceeds its sender's quota, where it does. A resumed one has been counted before."""
        quota = self._limits.quota
        counts = await self._volatile.count([inquiry.sender for inquiry in fresh]) if fresh else []
        return {
            inquiry.inquiry_id: count - quota for inquiry, count in zip(fresh, counts, strict=True) if count > quota
        }

    def _read(self, inquiry: Inquiry, in_force: InForce, ready: list[Prepared], asking: list[Asking]) -> None:
        syntax = in_force.syntax
        try:
            syntax, reading = in_force.read(inquiry.content.text if inquiry.content.whole else "")
            if isinstance(reading, Misread):
                ready.append(self._prepare(inquiry, syntax, syntax.misread(reading), Ending.MISREAD))
            elif isinstance(reading, Retired):
                ready.append(self._prepare(inquiry, syntax, syntax.retired(reading), Ending.MISREAD))
            elif reading.kind == "suspended":
                ready.append(self._prepare(inquiry, syntax, syntax.suspended, Ending.SUSPENDED, reading))
            elif reading.kind == "help":
                ready.append(self._prepare(inquiry, syntax, syntax.help(reading), Ending.ANSWERED, reading))
            else:
                asking.append(Asking(inquiry, reading, syntax, inquiry.since))
        except Exception as error:  # noqa: BLE001 - see the module
            ready.append(self._set_apart(inquiry, syntax, error))

    def _set_apart(self, inquiry: Inquiry, syntax: Syntax, error: Exception) -> Prepared:
        _log.error("inquiry_set_apart", stage="answering", error=describe(error))
        return self._prepare(inquiry, syntax, syntax.busy, Ending.EXPIRED)

    async def ask(self, asking: list[Asking]) -> None:
        """Answer inquiries about a record."""
        while asking := self._in_time(asking, now := self._clock.monotonic()):
            patience = self._patience["subscribers"]
            try:
                bound = await self._bound(asking)
                patience.succeeded()
                self._tracer.reached(Stage.REGISTER, (one.inquiry.inquiry_id for one in asking))
                patience = self._patience["population"]
                records = await self._population.fetch(
                    [owner or _nobody(one.inquiry) for owner, one in zip(bound, asking, strict=True)], _fields(asking)
                )
                patience.succeeded()
                self._tracer.reached(Stage.POPULATION, (one.inquiry.inquiry_id for one in asking))
                leave_by = now + self._limits.answer_fresh_s
                answers = [
                    self._answer(one, owner, record, leave_by)
                    for one, owner, record in zip(asking, bound, records, strict=True)
                ]
            except Unavailable as error:
                patience.failed(error)
                await patience.pause()
            except Exception as error:  # noqa: BLE001 - see the module
                patience.failed(error)
                await patience.pause()
                await self._halve(asking, error)
                return
            else:
                self._hand_on(answers)
                return

    async def _halve(self, asking: list[Asking], error: Exception) -> None:
        if len(asking) == 1:
            self._hand_on([self._set_apart(asking[0].inquiry, asking[0].syntax, error)])
            return
        middle = len(asking) // 2
        await self.ask(asking[:middle])
        await self.ask(asking[middle:])

    def _in_time(self, asking: list[Asking], now: float) -> list[Asking]:
        """Those that may still wait; the others are told that the system is busy, or were taken over."""
        oldest = now - self._limits.answer_deadline_s
        late = [one for one in asking if one.since <= oldest]
        if late:
            self._hand_on([self._prepare(one.inquiry, one.syntax, one.syntax.busy, Ending.EXPIRED) for one in late])
        return [one for one in asking if one.since > oldest and self._in_flight.holds(one.inquiry)]

    async def _bound(self, asking: list[Asking]) -> list[str | None]:
        """For each, the citizen to whom the register binds the number, if it is authenticated."""
        subscribers = await self._subscribers.lookup([one.inquiry.content.msisdn for one in asking])
        return [
            subscriber.citizen_id if subscriber is not None and subscriber.state is _AUTHENTICATED else None
            for subscriber in subscribers
        ]

    def _answer(
        self, asking: Asking, owner: str | None, record: Mapping[str, object] | None, leave_by: float
    ) -> Prepared:
        inquiry, reading, syntax = asking.inquiry, asking.reading, asking.syntax
        try:
            if owner is None or record is None or _has_departed(owner, record) or not syntax.admits(reading, record):
                return self._prepare(
                    inquiry, syntax, syntax.refusal, Ending.REFUSED, reading, asked=asking, leave_by=leave_by
                )
            ucs2 = self._smscs[inquiry.smsc].default_alphabet is Alphabet.UCS2
            reply = syntax.reply_record(reading, record, ucs2=ucs2)
            return self._prepare(
                inquiry,
                syntax,
                reply.text,
                _ANSWERED,
                reading,
                asked=asking,
                disclosed=Disclosed(owner, reply.fields),
                leave_by=leave_by,
            )
        except Exception as error:  # noqa: BLE001 - see the module
            return self._set_apart(inquiry, syntax, error)

    def _prepare(
        self,
        inquiry: Inquiry,
        syntax: Syntax,
        text: str,
        ending: Ending,
        reading: Read | None = None,
        *,
        asked: Asking | None = None,
        disclosed: Disclosed | None = None,
        leave_by: float = math.inf,
    ) -> Prepared:
        return Prepared(
            inquiry=inquiry,
            reply=OutboundReply(
                inquiry_id=inquiry.inquiry_id,
                smsc=inquiry.smsc,
                source_addr=inquiry.content.short_code,
                destination_addr=inquiry.content.msisdn,
                segments=self._segments(text, self._smscs[inquiry.smsc]),
                leave_by=leave_by,
            ),
            ending=ending,
            asked=asked,
            command=reading.command if reading else "",
            fields=",".join(disclosed.fields) if disclosed else "",
            citizen=self._pseudonyms.citizen(disclosed.citizen_id) if disclosed else b"",
            syntax=syntax.name,
            fee=syntax.fees.get(reading.command, 0) if reading else 0,
        )

    def _segments(self, text: str, smsc: Smsc) -> tuple[Segment, ...]:
        """The segments of a reply. The syntax keeps a budget; a text beyond the limit all the same is cut there."""
        allowed, alphabet, method = self._limits.reply_segments, smsc.default_alphabet, smsc.long_messages
        reference = next(self._references)
        try:
            return split(text, reference=reference, method=method, default=alphabet, max_segments=allowed)
        except TooManySegments:
            _log.warning("reply_cut", smsc=smsc.name, segments=allowed)
        length = bisect.bisect_right(
            range(len(text)), allowed, key=lambda index: segment_count(text[: index + 1], alphabet, method)
        )
        return split(text[:length], reference=reference, method=method, default=alphabet)


def _has_departed(owner: str, record: Mapping[str, object]) -> bool:
    """Whether the citizen is dead or missing.

    Raises:
        KeyError: the record does not say so, or not whose it is.
        ValueError: it is another citizen's.
    """
    if record["citizen_id"] != owner:
        raise ValueError("the population gave another citizen's record")
    return record[DEPARTED] is not None


def _fields(asking: Sequence[Asking]) -> frozenset[str]:
    """What a batch needs to know of its citizens: the fields that it discloses and those that it compares."""
    needed = {DEPARTED}
    for view in {one.reading.view.fields for one in asking}:
        needed.update(view)
    needed.update(field for one in asking for field, _ in one.reading.conditions)
    return frozenset(needed)


def _nobody(inquiry: Inquiry) -> str:
    """An ID of nobody, another for each sender, so that looking it up is the same work as looking up a citizen."""
    return f"{NOBODY_PREFIX}{int.from_bytes(inquiry.sender[:4], 'big') % 10**9:09d}"

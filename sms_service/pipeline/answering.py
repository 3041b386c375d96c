"""Answering: read, with the quota; then ask, which is authenticate → look up → compose. Two stages, a batch at a time.

They are two because only asking needs the register and the population: while these are away, who asks for help or cannot
be understood is answered all the same.

A refusal is a statement of fact: it is composed only when the register and the population have both answered for this
very inquiry. While one of them cannot be asked, the batch waits and is tried again; past its deadline an inquiry is
answered with "busy". Every inquiry about a record goes the whole way, refused or not: for a number that is bound to
nobody a record that nobody has is looked up, so that neither path nor work tells the causes of a refusal apart.

One inquiry that cannot be dealt with must not stop the others: a batch that fails for another reason than an outage is
halved until the one is found, and that one is told "busy".
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import structlog

from sms_service.keys import Pseudonyms
from sms_service.model import Ending, Inquiry, OutboundReply, SubscriberState
from sms_service.observability.logging import describe
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.patience import Patience
from sms_service.ports import Clock, Population, Subscribers, Unavailable, Volatile
from sms_service.settings import Limits, Smsc
from sms_service.sms.segments import Segment, TooManySegments, segment_count, split
from syntax import Misread, Read, Syntax

NOBODY_PREFIX: Final = "999"
"""No province and no country of birth has this code (DOMAIN: số định danh): such an ID is nobody's."""

# Looked up once: reaching a member through its class costs as much as making a value.
_AUTHENTICATED: Final = SubscriberState.AUTHENTICATED
_ANSWERED: Final = Ending.ANSWERED

_log = structlog.get_logger()


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A reply that may leave, with what the audit trail must say of it."""

    inquiry: Inquiry
    reply: OutboundReply
    ending: Ending
    command: str
    fields: str
    citizen: bytes
    syntax: str

    def __repr__(self) -> str:
        return "<Prepared>"


class Answering:
    """The second stage, and the third."""

    def __init__(
        self,
        *,
        syntax: Syntax,
        subscribers: Subscribers,
        population: Population,
        volatile: Volatile,
        pseudonyms: Pseudonyms,
        smscs: Mapping[str, Smsc],
        limits: Limits,
        in_flight: InFlight,
        to_ask: Callable[[Sequence[tuple[Inquiry, Read]]], None],
        hand_on: Callable[[Sequence[Prepared]], None],
        end_silently: Callable[[Sequence[int], Ending], None],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._syntax = syntax
        self._syntax_name = f"{syntax.version}@{syntax.digest[:16]}"
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
        self._clock = clock
        self._patience = {
            "subscribers": Patience("subscribers", clock, metrics),
            "population": Patience("population", clock, metrics),
        }
        self._references = itertools.count(1)

    async def read(self, batch: list[Inquiry]) -> None:
        """Answer what needs no record, and pass on to `ask` what does."""
        over = await self._over_quota([inquiry for inquiry in batch if not inquiry.resumed])
        ready: list[Prepared] = []
        silent: list[int] = []
        nameless: list[int] = []
        asking: list[tuple[Inquiry, Read]] = []
        for inquiry in batch:
            excess = over.get(inquiry.inquiry_id, 0)
            if not inquiry.content.msisdn:
                nameless.append(inquiry.inquiry_id)
            elif excess == 1:
                ready.append(self._prepare(inquiry, self._syntax.over_quota, Ending.OVER_QUOTA))
            elif excess:
                silent.append(inquiry.inquiry_id)
            else:
                self._read(inquiry, ready, asking)
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

    def _read(self, inquiry: Inquiry, ready: list[Prepared], asking: list[tuple[Inquiry, Read]]) -> None:
        try:
            reading = self._syntax.read(inquiry.content.text if inquiry.content.whole else "")
            if isinstance(reading, Misread):
                ready.append(self._prepare(inquiry, self._syntax.misread(reading), Ending.MISREAD))
            elif reading.kind == "help":
                ready.append(self._prepare(inquiry, self._syntax.help(reading), Ending.ANSWERED, reading))
            else:
                asking.append((inquiry, reading))
        except Exception as error:  # noqa: BLE001 - see the module
            ready.append(self._set_apart(inquiry, error))

    def _set_apart(self, inquiry: Inquiry, error: Exception) -> Prepared:
        _log.error("inquiry_set_apart", stage="answering", error=describe(error))
        return self._prepare(inquiry, self._syntax.busy, Ending.EXPIRED)

    async def ask(self, asking: list[tuple[Inquiry, Read]]) -> None:
        """Answer inquiries about a record."""
        while asking := self._in_time(asking):
            patience = self._patience["subscribers"]
            try:
                bound = await self._bound(asking)
                patience.succeeded()
                patience = self._patience["population"]
                records = await self._population.fetch(
                    [owner or _nobody(inquiry) for owner, (inquiry, _) in zip(bound, asking, strict=True)]
                )
                patience.succeeded()
                answers = [
                    self._answer(inquiry, reading, owner, record)
                    for (inquiry, reading), owner, record in zip(asking, bound, records, strict=True)
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

    async def _halve(self, asking: list[tuple[Inquiry, Read]], error: Exception) -> None:
        if len(asking) == 1:
            self._hand_on([self._set_apart(asking[0][0], error)])
            return
        middle = len(asking) // 2
        await self.ask(asking[:middle])
        await self.ask(asking[middle:])

    def _in_time(self, asking: list[tuple[Inquiry, Read]]) -> list[tuple[Inquiry, Read]]:
        """Those that may still wait; the others are told that the system is busy, or were taken over."""
        oldest = self._clock.time() - self._limits.answer_deadline_s
        late = [inquiry for inquiry, _ in asking if inquiry.accepted_at <= oldest]
        if late:
            self._hand_on([self._prepare(inquiry, self._syntax.busy, Ending.EXPIRED) for inquiry in late])
        return [pair for pair in asking if pair[0].accepted_at > oldest and self._in_flight.holds(pair[0])]

    async def _bound(self, asking: list[tuple[Inquiry, Read]]) -> list[str | None]:
        """For each, the citizen whose record may be disclosed, if the register knows one and no other was asked for."""
        subscribers = await self._subscribers.lookup([inquiry.content.msisdn for inquiry, _ in asking])
        bound: list[str | None] = []
        for (_, reading), subscriber in zip(asking, subscribers, strict=True):
            owner = None
            if subscriber is not None and subscriber.state is _AUTHENTICATED:
                owner = subscriber.citizen_id
            bound.append(owner if reading.citizen_id in (None, owner) else None)
        return bound

    def _answer(
        self, inquiry: Inquiry, reading: Read, owner: str | None, record: Mapping[str, object] | None
    ) -> Prepared:
        try:
            if owner is None or record is None or _has_departed(owner, record):
                return self._prepare(inquiry, self._syntax.refusal, Ending.REFUSED, reading)
            text = self._syntax.reply_record(reading, record)
            return self._prepare(inquiry, text, _ANSWERED, reading, citizen_id=owner)
        except Exception as error:  # noqa: BLE001 - see the module
            return self._set_apart(inquiry, error)

    def _prepare(
        self, inquiry: Inquiry, text: str, ending: Ending, reading: Read | None = None, citizen_id: str = ""
    ) -> Prepared:
        return Prepared(
            inquiry=inquiry,
            reply=OutboundReply(
                inquiry_id=inquiry.inquiry_id,
                smsc=inquiry.smsc,
                source_addr=inquiry.content.short_code,
                destination_addr=inquiry.content.msisdn,
                segments=self._segments(text, self._smscs[inquiry.smsc]),
            ),
            ending=ending,
            command=reading.command if reading else "",
            fields=",".join(reading.view.fields) if reading and citizen_id else "",
            citizen=self._pseudonyms.citizen(citizen_id) if citizen_id else b"",
            syntax=self._syntax_name,
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
    return record["death_or_missing_date"] is not None


def _nobody(inquiry: Inquiry) -> str:
    """An ID of nobody, another for each sender, so that looking it up is the same work as looking up a citizen."""
    return f"{NOBODY_PREFIX}{int.from_bytes(inquiry.sender[:4], 'big') % 10**9:09d}"

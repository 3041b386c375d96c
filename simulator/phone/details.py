"""One message in detail, over HTTP: its PDUs octet by octet, and its journey as the SMSC and the gateway saw it.

    GET /api/phones/{msisdn}/messages/{id}/wire      {"pdus": [{…, "hex", "fields": […]}], "dropped"}
    GET /api/phones/{msisdn}/messages/{id}/journey   {"begun_at", "events": […], "gateway": {…} or null, "missing"}

Times of a journey are milliseconds since the phone sent. The SMSC's and the gateway's clocks are this machine's, so they can stand on
one scale; where they are not, the scale is off by the difference of the clocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from aiohttp import web

from simulator.dissect import Field, dissect, status_name
from simulator.phone.inbox import LOCAL_TIME
from simulator.phone.refusals import NotSent, read_msisdn
from simulator.phone.traces import Journey, Traces
from simulator.phone.trails import Passed, Trail, Trails
from sms_service.sms import Alphabet

Missing = Literal["", "not_configured", "off", "unreachable", "unreadable", "pending"]
"""Why the gateway's part is not there; empty when it is."""

_encode = msgspec.json.Encoder().encode


class Pdu(msgspec.Struct, frozen=True):
    """A PDU, decoded."""

    sender: Literal["smsc", "esme"]
    command: str
    status: str
    """command_status by name; of a request it means nothing (SMPP 3.4 s3.2)."""
    bind: int
    port: int
    sequence_number: int
    at: str
    """ISO 8601 with the offset of Vietnam."""
    ms: float
    """Milliseconds since the phone sent, or since the first PDU of what came to it."""
    hex: str
    fields: list[Field]

    def __repr__(self) -> str:
        return f"<Pdu {self.command} {self.sequence_number}>"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that the SMSC saw."""

    event: str
    """`accepted` (from the phone), `arrived` (at the phone), or a PDU's command."""
    ms: float
    message_id: int
    sender: Literal["smsc", "esme", "phone"] = "smsc"
    status: int = 0
    bind: int = 0
    sequence_number: int = 0


class GatewayStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stage that the gateway says was reached."""

    stage: str
    ms: float
    bind: int = 0
    sequence_number: int = 0


class Details:
    """The routes, and what they show."""

    def __init__(self, trails: Trails, traces: Traces, alphabet: Alphabet) -> None:
        """`alphabet` is what data_coding 0 means here."""
        self.trails = trails
        self._traces = traces
        self._alphabet = alphabet

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        message = "/api/phones/{msisdn}/messages/{id}"
        app.router.add_get(f"{message}/wire", self._wire)
        app.router.add_get(f"{message}/journey", self._journey)
        app.on_cleanup.append(self._close)

    async def _wire(self, request: web.Request) -> web.Response:
        trail = self._find(request)
        pdus = [self._decoded(trail, passed) for passed in trail.passed]
        return _json({"pdus": pdus, "dropped": trail.dropped})

    async def _journey(self, request: web.Request) -> web.Response:
        trail = self._find(request)
        journey = trail.journey
        if journey is None:
            self._traces.look()
        related = self._related(trail)
        origin = min(one.begun_at for one in related)
        events = sorted((event for one in related for event in _events(one, origin)), key=lambda event: event.ms)
        return _json(
            {
                "begun_at": _local(origin),
                "events": events,
                "gateway": None if journey is None else {"smsc": journey.smsc, "steps": _steps(journey, origin)},
                "missing": self._missing(trail),
            }
        )

    def _find(self, request: web.Request) -> Trail:
        number = request.match_info["id"]
        # JavaScript's numbers end at 2^53, of 16 digits.
        known = number.isascii() and number.isdecimal() and len(number) < 20
        trail = self.trails.find(read_msisdn(request.match_info["msisdn"]), int(number)) if known else None
        if trail is None:
            raise NotSent("no_trail", "Tin này không còn bản ghi đường truyền: chỉ giữ của các tin mới nhất.", 404)
        return trail

    def _decoded(self, trail: Trail, passed: Passed) -> Pdu:
        return Pdu(
            sender="smsc" if passed.sent else "esme",
            command=passed.command_name,
            status=status_name(passed.command_status),
            bind=passed.bind,
            port=passed.port,
            sequence_number=passed.sequence_number,
            at=_local(passed.at),
            ms=_ms(passed.at, trail.begun_at),
            hex=passed.octets.hex(),
            fields=dissect(passed.octets, self._alphabet),
        )

    def _related(self, trail: Trail) -> list[Trail]:
        """The message, and those that belong to the same inquiry as far as the gateway told."""
        if trail.journey is None:
            return [trail]
        found = {id(one): one for place in trail.journey.places() if (one := self.trails.at(place)) is not None}
        found[id(trail)] = trail
        return [one for one in found.values() if one.msisdn == trail.msisdn]

    def _missing(self, trail: Trail) -> Missing:
        if trail.journey is not None:
            return ""
        if not self._traces.configured:
            return "not_configured"
        troubles = set(self._traces.troubles.values())
        why: Missing
        for why in ("off", "unreachable", "unreadable"):
            if why in troubles:
                return why
        return "pending"

    async def _close(self, _app: web.Application) -> None:
        await self._traces.close()


def _events(trail: Trail, origin: float) -> list[Event]:
    arrived = trail.ended_at
    number = trail.message_id
    events = [
        Event(
            event=passed.command_name,
            ms=_ms(passed.at, origin),
            message_id=number,
            sender="smsc" if passed.sent else "esme",
            status=passed.command_status,
            bind=passed.bind,
            sequence_number=passed.sequence_number,
        )
        for passed in trail.passed
    ]
    if arrived is None:
        return [Event("accepted", _ms(trail.begun_at, origin), number, "phone"), *events]
    return [*events, Event("arrived", _ms(arrived, origin), number, "phone")]


def _steps(journey: Journey, origin: float) -> list[GatewayStep]:
    offset = _ms(journey.received_at, origin)
    return [
        GatewayStep(
            step.stage,
            round(offset + step.ms, 3),
            *((step.submit_sm.bind, step.submit_sm.sequence_number) if step.submit_sm else ()),
        )
        for step in journey.steps
    ]


def _ms(at: float, origin: float) -> float:
    return round((at - origin) * 1000, 3)


def _local(at: float) -> str:
    return datetime.fromtimestamp(at, LOCAL_TIME).isoformat(timespec="milliseconds")


def _json(value: object) -> web.Response:
    return web.Response(body=_encode(value), content_type="application/json", charset="utf-8")

"""The register over HTTP, as the gateway asks it.

    POST /v1/subscribers/lookup  {"msisdns": ["84…", …]}
                              →  {"subscribers": [{"msisdn", "state", "citizen_id", "bound_on"} | null, …]} in order
    GET, PUT /admin/faults       {"latency_ms", "latency_p99_ms", "error_rate", "outage"}; what a PUT leaves out is reset
    POST /admin/changes          {"msisdn", "change", "to"?, "operator"?} → the number as it is now
    GET /admin/changes           {"changed": […]}: every number that is not as the population has it
    DELETE /admin/changes        {"msisdn"?}: undo one, or all → {"undone"}
    GET /healthz                 alive, whatever the faults

Errors are `{"error": "…"}` and quote nothing that was sent. Nothing is logged of a request.
"""

import asyncio
import datetime as dt
import zoneinfo
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from simulator.subscribers.changes import Asked, BadChange, Change
from simulator.subscribers.faults import LATENCY_MAX_MS, FaultInjector, Faults
from simulator.subscribers.register import Register

_ZONE: Final = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")

BATCH_MAX: Final = 1_000
"""Numbers a look-up: some batches of the gateway's; an answer stays below 150 kB."""

MSISDN_LENGTH_MAX: Final = 20
"""Characters. E.164 allows 15 digits; what is longer is no number."""

BODY_MAX: Final = 64 * 1024
"""Bytes of a request: `BATCH_MAX` numbers of `MSISDN_LENGTH_MAX` characters with their quotes fit twice."""


class _Lookup(msgspec.Struct, forbid_unknown_fields=True):
    msisdns: list[Annotated[str, msgspec.Meta(max_length=MSISDN_LENGTH_MAX)]]


class _Undo(msgspec.Struct, forbid_unknown_fields=True):
    msisdn: str | None = None


class _RefusedError(Exception):
    """A request that is answered with an error. The text says what would be right."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


_T = TypeVar("_T")
_read_lookup: Final = msgspec.json.Decoder(_Lookup)
_read_faults: Final = msgspec.json.Decoder(Faults)
_read_change: Final = msgspec.json.Decoder(Asked)
_read_undo: Final = msgspec.json.Decoder(_Undo)
_LOOKUP_FORM: Final = f'expected {{"msisdns": […]}}, each at most {MSISDN_LENGTH_MAX} characters'
_FAULTS_FORM: Final = (
    f'expected {{"latency_ms": 0 … {LATENCY_MAX_MS}, "latency_p99_ms": 0 … {LATENCY_MAX_MS}, "error_rate": 0 … 1, '
    '"outage": true or false}'
)
_CHANGES: Final = ", ".join(Change)
_CHANGE_FORM: Final = (
    f'expected {{"msisdn": "84…", "change": …}}, "to" (12 digits) or "operator"; a change is one of {_CHANGES}'
)
_UNDO_FORM: Final = 'expected {"msisdn": "84…"}, or nothing to undo all'


def make_app(register: Register, injector: FaultInjector) -> web.Application:
    """The application. It keeps nothing but the faults in force and what was changed."""
    service = _Service(register, injector)
    app = web.Application(client_max_size=BODY_MAX, middlewares=[_errors_as_json])
    app.add_routes(
        [
            web.post("/v1/subscribers/lookup", service.lookup),
            web.get("/admin/faults", service.show_faults),
            web.put("/admin/faults", service.set_faults),
            web.get("/admin/changes", service.show_changes),
            web.post("/admin/changes", service.change),
            web.delete("/admin/changes", service.undo),
            web.get("/healthz", service.healthz),
        ]
    )
    return app


class _Service:
    def __init__(self, register: Register, injector: FaultInjector) -> None:
        self._register = register
        self._injector = injector

    async def lookup(self, request: web.Request) -> web.Response:
        msisdns = _decode(_read_lookup, await request.read(), _LOOKUP_FORM).msisdns
        if len(msisdns) > BATCH_MAX:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {BATCH_MAX} numbers a look-up")
        if latency_s := self._injector.latency_s():
            await asyncio.sleep(latency_s)
        if self._injector.faults.outage and request.transport is not None:
            request.transport.abort()
        if self._injector.fails():
            raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "failing, as it was told to")
        return _json(self._register.lookup(msisdns))

    async def show_faults(self, _request: web.Request) -> web.Response:
        return _json(msgspec.json.encode(self._injector.faults))

    async def set_faults(self, request: web.Request) -> web.Response:
        self._injector.faults = _decode(_read_faults, await request.read(), _FAULTS_FORM)
        return await self.show_faults(request)

    async def show_changes(self, _request: web.Request) -> web.Response:
        return _json(msgspec.json.encode({"changed": self._register.changes.all()}))

    async def change(self, request: web.Request) -> web.Response:
        asked = _decode(_read_change, await request.read(), _CHANGE_FORM)
        try:
            return _json(msgspec.json.encode(self._register.changes.make(asked, _today())))
        except BadChange as error:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from None

    async def undo(self, request: web.Request) -> web.Response:
        msisdn = _decode(_read_undo, await request.read() or b"{}", _UNDO_FORM).msisdn
        return _json(msgspec.json.encode({"undone": self._register.changes.undo(msisdn)}))

    async def healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except _RefusedError as refused:
        return _json(msgspec.json.encode({"error": str(refused)}), refused.status)
    except web.HTTPException as error:
        return _json(msgspec.json.encode({"error": error.reason}), HTTPStatus(error.status))


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes, form: str) -> _T:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, form) from None


def _today() -> dt.date:
    """Where the register stands."""
    return dt.datetime.now(_ZONE).date()


def _json(body: bytes, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")

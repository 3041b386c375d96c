"""The SMSC's faults over HTTP, while it runs.

    GET /admin/faults   {"faults": {…}, "profile", "counts": {…}, "profiles": […], "fields": {…}, "cases": {…}}: what is in force
                        and its name if it has one, what was done wrong so far, and what could be asked for: names, the
                        fields with their limits (JSON Schema), the cases that a sender's number chooses (`magic`)
    PUT /admin/faults   faults by their fields, or {"profile": NAME}; what is left out is off

Errors are `{"error": "…"}`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aiohttp import web

from simulator.smsc.center import Center
from simulator.smsc.faults import PROFILES, BadFaults, Faults, read_faults
from simulator.smsc.magic import FREE_DIGITS, PREFIX, Case

_FIELDS: Final[dict[str, Any]] = msgspec.json.schema(Faults)["$defs"]["Faults"]["properties"]
_CASES: Final = {case.name.lower(): f"{PREFIX}{case}{1:0{FREE_DIGITS}}" for case in Case}
"""By name, a number that chooses it."""


def add_admin_routes(app: web.Application, center: Center) -> None:
    """Serve the faults of this SMSC beside what the application serves already."""

    async def show(_request: web.Request) -> web.Response:
        faults = center.faults
        return _json(
            {
                "faults": faults,
                "profile": next((name for name, those in PROFILES.items() if those == faults), None),
                "counts": center.fault_counts(),
                "profiles": list(PROFILES),
                "fields": _FIELDS,
                "cases": _CASES,
            }
        )

    async def put(request: web.Request) -> web.Response:
        try:
            center.faults = read_faults(await request.read())
        except BadFaults as error:
            return _json({"error": str(error)}, 400)
        return await show(request)

    app.router.add_get("/admin/faults", show)
    app.router.add_put("/admin/faults", put)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")

"""The SMSC's faults over HTTP, while it runs.

    GET /admin/faults   {"faults": {…}, "counts": {…}, "profiles": […]}: what is in force, what was done wrong so far
    PUT /admin/faults   faults by their fields, or {"profile": NAME}; what is left out is off

Errors are `{"error": "…"}`.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from simulator.smsc.center import Center
from simulator.smsc.faults import PROFILES, BadFaults, read_faults


def add_admin_routes(app: web.Application, center: Center) -> None:
    """Serve the faults of this SMSC beside what the application serves already."""

    async def show(_request: web.Request) -> web.Response:
        return _json({"faults": center.faults, "counts": center.fault_counts(), "profiles": list(PROFILES)})

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

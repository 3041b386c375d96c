"""Health, readiness, metrics and figures over HTTP. Nothing here names a person.

`/healthz` says that the process lives; `/readyz` that it can do its work, and if not, what is missing; `/metrics` is for
Prometheus; `/api/stats` has the same figures as JSON, and the service as the dashboard at `/` shows it; `/syntax` shows the
versions of the syntax; `/api/control` steers; `/api/trace` streams the journeys of inquiries. `/readyz` answers while a store does
not (`checks`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from sms_service.ops.checks import Check, Questions
from sms_service.ops.dashboard import Dashboard
from sms_service.ops.journeys import Journeys
from sms_service.ops.live import Live
from sms_service.ops.steering import SteeringControl
from sms_service.ops.syntax import SyntaxControl
from sms_service.ops.trace import TraceStream

_encode = msgspec.json.Encoder().encode


class CannotListen(Exception):
    """The address is taken or not ours. The text names it and what to change."""


def make_app(
    instance: str,
    registry: CollectorRegistry,
    checks: Mapping[str, Check] | Questions,
    syntax: SyntaxControl,
    journeys: Journeys | None = None,
    *,
    live: Live | None = None,
    steering: SteeringControl | None = None,
) -> web.Application:
    """The HTTP application. `checks` may change while it runs: each question is put to those of the moment. Without `journeys`
    none are traced, without `live` there is no dashboard.
    """
    questions = checks if isinstance(checks, Questions) else Questions(checks)

    async def healthz(_request: web.Request) -> web.Response:
        return _json({"instance": instance, "alive": True})

    async def readyz(_request: web.Request) -> web.Response:
        missing = {answer.name: answer.why for answer in await questions.ask() if answer.why}
        return _json({"instance": instance, "ready": not missing, "missing": missing}, 503 if missing else 200)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def stats(_request: web.Request) -> web.Response:
        now = msgspec.structs.asdict(live.second) if live else {}
        return _json({"instance": instance, "figures": figures(registry), **now})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/api/stats", stats)
    syntax.add_routes(app)
    TraceStream(journeys).add_routes(app)
    if live:
        Dashboard(live).add_routes(app)
    if steering:
        steering.add_routes(app)
    return app


def figures(registry: CollectorRegistry) -> dict[str, float]:
    """Every sample by its name and labels, histograms by sum and count."""
    return {
        _name(sample.name, sample.labels): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if not sample.name.endswith("_bucket")
    }


def _name(name: str, labels: Mapping[str, str]) -> str:
    return name + ("{" + ",".join(f'{key}="{value}"' for key, value in sorted(labels.items())) + "}" if labels else "")


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=_encode(value), status=status, content_type="application/json")


async def serve(app: web.Application, listen: str) -> web.AppRunner:
    """Begin to listen at HOST:PORT; `cleanup` of what is returned ends it.

    Raises:
        CannotListen: see there.
    """
    host, _, port = listen.rpartition(":")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    except OSError as error:  # asyncio's text repeats the address; a resolver's numbers are negative
        await runner.cleanup()
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise CannotListen(f"cannot listen at {listen}: {why}. Free it, or change [ops] listen.") from None
    return runner

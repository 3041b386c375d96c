"""Health, readiness, metrics and figures over HTTP. Nothing here names a person.

`/healthz` says that the process lives; `/readyz` that it can do its work, and if not, what is missing; `/metrics` is for
Prometheus; `/api/stats` has the same figures as JSON.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

CHECK_TIMEOUT_S: Final = 2.0
"""A part that does not answer a check in time is not ready."""

Check = Callable[[], Awaitable[str]]
"""Asks one part how it is; an empty text for well, else what is missing."""

_encode = msgspec.json.Encoder().encode


def make_app(instance: str, registry: CollectorRegistry, checks: Mapping[str, Check]) -> web.Application:
    """The HTTP application."""

    async def healthz(_request: web.Request) -> web.Response:
        return _json({"instance": instance, "alive": True})

    async def readyz(_request: web.Request) -> web.Response:
        missing = {name: why for name, check in checks.items() if (why := await check())}
        return _json({"instance": instance, "ready": not missing, "missing": missing}, 503 if missing else 200)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def stats(_request: web.Request) -> web.Response:
        return _json({"instance": instance, "figures": figures(registry)})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/api/stats", stats)
    return app


def figures(registry: CollectorRegistry) -> dict[str, float]:
    """Every sample by its name and labels, histograms by sum and count."""
    return {
        _name(sample.name, sample.labels): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


def _name(name: str, labels: Mapping[str, str]) -> str:
    return name + ("{" + ",".join(f'{key}="{value}"' for key, value in sorted(labels.items())) + "}" if labels else "")


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=_encode(value), status=status, content_type="application/json")


async def serve(app: web.Application, listen: str) -> web.AppRunner:
    """Begin to listen at HOST:PORT.

    Raises:
        OSError: the address is taken or not ours.
    """
    host, _, port = listen.rpartition(":")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, int(port)).start()
    return runner

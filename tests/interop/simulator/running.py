"""The simulated SMSC as its user starts it, for ESMEs of other makes; and what its phones were sent."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from simulator.engines.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
WAIT_S = 30
"""On a loaded machine; a quiet one takes one."""


class Smsc:
    """Its ports and its phones."""

    def __init__(self, port: int, url: str, http: aiohttp.ClientSession) -> None:
        self.port = port
        self._url = url
        self._http = http

    async def health(self) -> dict[str, Any]:
        async with self._http.get(f"{self._url}/healthz") as response:
            return await response.json()

    async def text(self, msisdn: str, text: str) -> None:
        body = {"from": msisdn, "to": "5505", "text": text}
        async with self._http.post(f"{self._url}/api/messages", json=body) as response:
            assert response.status == 200, await response.text()

    async def received(self, msisdn: str) -> list[str]:
        """The texts that reached this phone."""
        async with self._http.get(f"{self._url}/api/phones/{msisdn}/messages") as response:
            messages = (await response.json())["messages"]
        return [message["text"] for message in messages if message["direction"] == "mt"]


@asynccontextmanager
async def running_smsc(*options: str) -> AsyncIterator[Smsc]:
    """Start it, wait until it answers, and end it."""
    port, http_port = free_port("127.0.0.1"), free_port("127.0.0.1")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator.smsc", "--port", str(port), "--http-port", str(http_port), "--citizens", "5", *options,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            await process.stdout.readline()
        async with aiohttp.ClientSession() as http:
            yield Smsc(port, f"http://127.0.0.1:{http_port}", http)
    finally:
        process.terminate()
        await process.wait()


async def until(holds: Callable[[], Any]) -> Any:
    """What `holds` returns once that is true; it may be a coroutine function."""
    async with asyncio.timeout(WAIT_S):
        while True:
            value = holds()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.05)

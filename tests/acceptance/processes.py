"""The processes of a demo, stopped and counted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.demo_process import Demo, fetch


def family(pid: int) -> list[int]:
    """A process and all its descendants, parents first."""
    children = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                children.append(int(entry.name))
    return [pid, *(one for child in children for one in family(child))]


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@contextlib.contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Stop processes of our own, and let them go on."""
    for one in pids:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


async def ready(demo: Demo) -> tuple[dict, float]:
    """What `/readyz` says is missing, and how long it took to say so."""
    before = time.monotonic()
    _, body = await asyncio.to_thread(fetch, demo.facts()["ops_urls"][0] + "/readyz")
    return json.loads(body)["missing"], time.monotonic() - before

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


def children(pid: int) -> list[int]:
    """The processes whose parent this one is."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if int(_stat(int(entry.name))[1]) == pid:
                found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """State, parent and what follows, of a process (proc_pid_stat(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def stop_family(pid: int) -> list[int]:
    """Stop a process and all its descendants, parents first; which they are.

    A parent has come to rest before its children are listed, so that none is born and missed.
    """
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + 5
    while _stat(pid)[0] not in "TZ" and time.monotonic() < deadline:
        time.sleep(0.001)
    return [pid, *(one for child in children(pid) for one in stop_family(child))]


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@contextlib.contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Stop processes of our own with their descendants, and let them go on."""
    families = [one for pid in pids for one in stop_family(pid)]
    try:
        yield
    finally:
        for one in reversed(families):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


async def ready(demo: Demo) -> tuple[dict, float]:
    """What `/readyz` says is missing, and how long it took to say so."""
    before = time.monotonic()
    _, body = await asyncio.to_thread(fetch, demo.facts()["ops_urls"][0] + "/readyz")
    return json.loads(body)["missing"], time.monotonic() - before

"""What a load runs against: the demo of a folder that runs already, by what its `demo.json` says; or SMSCs that run by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from simulator.load.remote import Smsc

PROBE_S: Final = 3.0
"""Seconds that a demo's SMSC is given to say that it is there."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A running demo; the fields of its demo.json that a load needs, and its folder."""

    smsc_urls: tuple[str, ...]
    ops_urls: tuple[str, ...]
    subscribers_url: str
    citizens: int
    seed: int
    pid: int
    """Of the demo, whose children its programs are."""
    folder: Path = Path()


class NoTarget(Exception):
    """The folder has a demo that no load can run against. The text says why."""


async def running_demo(http: aiohttp.ClientSession, folder: Path) -> Target | None:
    """The demo of this folder; None when none runs.

    Raises:
        NoTarget: see there.
    """
    path = folder / "demo.json"
    try:
        text = await asyncio.to_thread(path.read_bytes)
        found = msgspec.json.decode(text, type=Target)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NoTarget(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NoTarget(f"{path} is not what a demo writes: {error}") from error
    if not _is_alive(found.pid):
        return None  # what it wrote is left of one that has ended
    if not found.smsc_urls:
        raise NoTarget(f"the demo in {folder} serves an SMSC of your own: a load is sent by simulated ones")
    for url in found.smsc_urls:
        try:
            async with http.get(f"{url}/healthz", timeout=aiohttp.ClientTimeout(total=PROBE_S)) as response:
                response.raise_for_status()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoTarget(f"the demo in {folder} runs, and its SMSC at {url} does not answer") from error
    return msgspec.structs.replace(found, folder=folder)


async def of_smscs(http: aiohttp.ClientSession, urls: Sequence[str]) -> Target:
    """SMSCs that run by themselves, with whatever ESME.

    Raises:
        NoTarget: they cannot be loaded together. The text says why.
        Unreachable, Refused: one does not answer, or not as a simulated SMSC.
    """
    told = [await Smsc(http, url).about() for url in urls]
    if len({(one.citizens, one.seed) for one in told}) > 1:
        raise NoTarget("the SMSCs have different populations: start them with the same --citizens and --seed")
    for url, one in zip(urls, told, strict=True):
        if not one.binds:
            raise NoTarget(f"no ESME is bound to the SMSC of {url}: bind yours, or try with ./sms echo")
    first = told[0]
    return Target(
        smsc_urls=tuple(urls), ops_urls=(), subscribers_url="", citizens=first.citizens, seed=first.seed, pid=0
    )


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

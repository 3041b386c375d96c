"""The load's engine in one SMSC, over HTTP.

GET    /admin/load          its population
POST   /admin/load          the plan → 202; 409 while one runs; 400 with what is wrong with it
GET    /admin/load/events   what happens, a JSON object a line, until the run has ended; from its beginning
DELETE /admin/load          ends it early, in order
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from typing import Any, Final

import aiohttp
import msgspec

from simulator.load.figures import Ended, Happening
from simulator.load.plan import Plan

SILENCE_MAX_S: Final = 120.0
"""Seconds without a line, of which there is one a second, after which the SMSC is given up."""
ANSWER_S: Final = 30.0
"""Seconds that a plan is looked at, at the most."""
LINE_MAX: Final = 8 << 20
"""Octets of a line: the first wrong replies and three histograms, and much more."""
_REASON_MAX: Final = 1000
"""Characters of an error that are shown."""


class Unreachable(Exception):
    """The SMSC does not answer, or not as one does. The text says which and why."""


class Refused(Exception):
    """The SMSC does not take the plan. The text is its reason."""


_read: Final = msgspec.json.Decoder(Happening).decode


class About(msgspec.Struct, frozen=True):
    """What an SMSC can send, and to whom."""

    citizens: int
    seed: int
    """Of the population."""
    binds: int
    """That stand."""


class Smsc:
    """One simulated SMSC, by the address of its phone page."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = http

    async def about(self) -> About:
        """What it can send, and to whom.

        Raises:
            Unreachable, Refused: see there.
        """
        try:
            answer = msgspec.json.decode(await self._ask("GET", "/admin/load"))
            return About(int(answer["citizens"]), int(answer["seed"]), int(answer["binds"]))
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise Unreachable(
                f"{self.url} does not tell its population: is it a simulated SMSC's phone page?"
            ) from error

    async def begin(self, plan: Plan) -> None:
        """Have it carry out a plan.

        Raises:
            Unreachable, Refused: see there.
        """
        await self._ask("POST", "/admin/load", msgspec.json.encode(plan))

    async def stop(self, *, now: bool = False) -> None:
        """End the run before its time, `now` without waiting for the last replies; nothing when there is none.

        Raises:
            Unreachable: see there.
        """
        try:
            await self._ask("DELETE", "/admin/load?now" if now else "/admin/load")
        except Refused:
            return

    async def faults(self) -> dict[str, Any]:
        """The faults in force.

        Raises:
            Unreachable, Refused: see there.
        """
        try:
            answer = msgspec.json.decode(await self._ask("GET", "/admin/faults"))
        except msgspec.MsgspecError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(f"{self.url} does not tell its faults")
        found = answer.get("faults", answer)  # the register tells them bare
        return dict(found)

    async def put_faults(self, faults: dict[str, Any]) -> None:
        """Put faults in force, and no others.

        Raises:
            Unreachable, Refused: see there.
        """
        await self._ask("PUT", "/admin/faults", msgspec.json.encode(faults))

    async def happenings(self) -> AsyncGenerator[Happening, None]:
        """What happens, from the beginning of the run to its end.

        Raises:
            Unreachable: it stopped telling before the end.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_S, sock_read=SILENCE_MAX_S)
        try:
            async with self._http.get(f"{self.url}/admin/load/events", timeout=timeout) as response:
                if response.status != 200:
                    raise Unreachable(f"{self.url} does not tell of the run: HTTP {response.status}")
                while line := await response.content.readline():
                    if not line.strip():
                        continue
                    happening = _read(line)
                    yield happening
                    if isinstance(happening, Ended):
                        return
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"{self.url} was lost during the run: {_words(error)}") from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise Unreachable(f"{self.url} tells what is no event of a load: {error}") from error
        raise Unreachable(f"{self.url} stopped telling before the run had ended")

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        try:
            async with self._http.request(
                method, self.url + path, data=body, headers=headers, timeout=timeout
            ) as response:
                answer = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"{self.url} does not answer: {_words(error)}") from error
        if response.status >= 500:
            raise Unreachable(f"{self.url} fails: {_reason(answer, response.status)}")
        if response.status >= 400:
            raise Refused(_reason(answer, response.status))
        return answer


def session() -> aiohttp.ClientSession:
    """Of all requests of a command."""
    return aiohttp.ClientSession(read_bufsize=LINE_MAX)


def _words(error: Exception) -> str:
    """What a person makes of it."""
    if isinstance(error, aiohttp.InvalidURL):
        return "an address begins with http://"
    if isinstance(error, TimeoutError):
        return "not in time"
    if isinstance(error, aiohttp.ClientOSError) and error.errno:
        return os.strerror(error.errno)
    return "the connection broke"


def _reason(answer: bytes, status: int) -> str:
    try:
        return str(msgspec.json.decode(answer)["error"])[:_REASON_MAX]
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError):
        return f"HTTP {status}"

"""The gateways' journeys: joins what each tells of an inquiry (`[ops] trace`) to the PDUs that the SMSC saw of it.

Both ends know a PDU by the TCP port of the gateway's end, its command and its sequence_number. A gateway is listened to only while a
phone's message waits for its journey, so that a load run pays for it while somebody texts, and no longer. What a gateway tells first
is what it keeps, so nothing is missed between sending and listening.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import aiohttp
import msgspec

from simulator.phone.trails import Place, Trails
from sms_service.smpp import CommandId

LISTEN_S: Final = 160.0
"""Seconds for which a journey is waited for: the service's deadline of 120 s and some."""
LINGER_S: Final = 2.0
"""Seconds for which one listens on when nothing is waited for: people text more than once."""
RETRY_S: Final = 0.5
"""Seconds between two tries to reach a gateway."""
CONNECT_S: Final = 2.0
"""Seconds for a gateway to begin its answer."""
LINE_MAX: Final = 1 << 20
"""Octets of an event: a journey of 200 steps and much more."""
OFF_STATUS: Final = 404
"""What a gateway answers that does not trace, or is too old to."""

_DELIVER: Final = int(CommandId.DELIVER_SM)
_SUBMIT: Final = int(CommandId.SUBMIT_SM)


class PduPlace(msgspec.Struct, frozen=True):
    """A PDU as a gateway names it; see `sms_service/README.md`, where the time goes."""

    bind: int
    local_port: int
    sequence_number: int


class Step(msgspec.Struct, frozen=True):
    """A stage that an inquiry reached, milliseconds after it was received."""

    stage: str
    ms: float
    submit_sm: PduPlace | None = None


class Journey(msgspec.Struct, frozen=True):
    """What a gateway tells of one inquiry."""

    smsc: str
    received_at: float
    deliver_sm: tuple[PduPlace, ...]
    steps: tuple[Step, ...]

    def places(self) -> Iterable[Place]:
        """The PDUs that it is known by here."""
        for place in self.deliver_sm:
            yield Place(place.local_port, _DELIVER, place.sequence_number)
        for step in self.steps:
            if step.submit_sm is not None:
                yield Place(step.submit_sm.local_port, _SUBMIT, step.submit_sm.sequence_number)


_decode = msgspec.json.Decoder(Journey).decode


class Traces:
    """Listens to gateways when asked to.

    Args:
        urls: of the gateways' ops ports; with none, no journeys are told.
        trails: whose journeys are looked for.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        urls: Sequence[str],
        trails: Trails,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._urls = [url.rstrip("/") for url in urls]
        self._trails = trails
        self._clock = clock
        self._until = 0.0
        self._listening: dict[str, asyncio.Task[None]] = {}
        self.troubles: dict[str, str] = {}
        """By gateway: why it tells nothing: `off`, `unreachable` or `unreadable`."""

    @property
    def configured(self) -> bool:
        """Whether there is any gateway to listen to."""
        return bool(self._urls)

    def expect(self) -> None:
        """A journey is to come: listen."""
        self._listen_for(LISTEN_S)

    def look(self) -> None:
        """Read what the gateways keep: somebody asks for a journey that was not told in time."""
        self._listen_for(LINGER_S)

    def _listen_for(self, seconds: float) -> None:
        self._until = max(self._until, self._clock() + seconds)
        for url in self._urls:
            if url not in self._listening:
                self._listening[url] = asyncio.create_task(self._listen(url), name="trace")

    def settled(self) -> None:
        """Nothing more is waited for just now."""
        self._until = min(self._until, self._clock() + LINGER_S)

    async def close(self) -> None:
        """Stop listening."""
        tasks = list(self._listening.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, url: str) -> None:
        try:
            async with aiohttp.ClientSession(read_bufsize=LINE_MAX) as http:
                while (left := self._until - self._clock()) > 0:
                    try:
                        async with asyncio.timeout(left):
                            await self._read(http, url)
                    except TimeoutError:
                        continue  # `_until` may have moved
                    except (aiohttp.ClientError, OSError):
                        self.troubles[url] = "unreachable"
                    except (msgspec.MsgspecError, ValueError):
                        self.troubles[url] = "unreadable"
                    await asyncio.sleep(RETRY_S)
        finally:
            del self._listening[url]

    async def _read(self, http: aiohttp.ClientSession, url: str) -> None:
        """Take what a gateway tells until it ends, or nothing is waited for."""
        try:
            async with asyncio.timeout(CONNECT_S):
                response = await http.get(f"{url}/api/trace", timeout=aiohttp.ClientTimeout(total=None))
        except TimeoutError:
            raise ConnectionError("no answer in time") from None
        async with response:
            if response.status != 200:
                self.troubles[url] = "off" if response.status == OFF_STATUS else "unreachable"
                return
            self.troubles.pop(url, None)
            lost = False
            async for line in response.content:
                if line.startswith(b"event:"):
                    lost = line[6:].strip() == b"lost"
                elif line.startswith(b"data:"):
                    if not lost:
                        self._take(_decode(line[5:]))
                    lost = False
                    if self._clock() > self._until:
                        return

    def _take(self, journey: Journey) -> None:
        for place in journey.places():
            trail = self._trails.at(place)
            if trail is not None and trail.journey is None:
                trail.journey = journey

"""One bind that is to stand: connect, bind, stay; when it is lost, again.

The wait between attempts doubles from `rebind_min_s` to `rebind_max_s`, jittered so that the binds of many instances do
not come back as one. It begins anew only after a bind has stood for a while: an SMSC that lets us in and throws us out is
not asked several times a second. An SMSC that says ESME_RALYBND still holds the old bind and needs a while to notice; bad
credentials need a person, and trying fast would lock the account: both wait longer.
"""

from __future__ import annotations

import asyncio
import os
import random
import ssl
from collections.abc import Callable
from typing import Final

import structlog

from sms_service.esme.link import BindRequest, Link
from sms_service.model import BindState, BindView
from sms_service.ports import Clock
from sms_service.settings import Smsc
from sms_service.smpp import BindReceiver, BindTransceiver, BindTransmitter, CommandStatus

CONNECT_TIMEOUT_S: Final = 10.0
"""Seconds: a TCP handshake, with TLS, that takes longer goes nowhere."""
BIND_TIMEOUT_S: Final = 10.0
"""Seconds that an SMSC has to answer a bind."""
ANSWERS_S: Final = 5.0
"""Seconds that segments under way are waited for when a bind is stopped. An SMSC answers within one; what it has not answered by then
may leave twice."""
ANSWERS_LOOK_S: Final = 0.05
"""Between two looks whether they are answered."""
STOPPED: Final = "stopped by an operator"
"""Why a bind does not stand that was told not to."""
UNBIND_TIMEOUT_S: Final = 2.0
"""Seconds that an SMSC has to answer unbind before the connection is closed."""

MODES: Final[dict[type[BindRequest], str]] = {BindTransceiver: "trx", BindTransmitter: "tx", BindReceiver: "rx"}
"""What operators call them."""
CREDENTIALS: Final = frozenset(
    {CommandStatus.ESME_RBINDFAIL, CommandStatus.ESME_RINVPASWD, CommandStatus.ESME_RINVSYSID}
)
"""The SMSC does not know us."""

_log = structlog.get_logger()


class Backoff:
    """The waits between attempts."""

    def __init__(self, smsc: Smsc, jitter: Callable[[], float] = random.random) -> None:
        self._smsc = smsc
        self._jitter = jitter
        self._wait = smsc.rebind_min_s

    def stood(self, seconds: float) -> None:
        """A bind stood that long. For `rebind_max_s` or longer: begin anew."""
        if seconds >= self._smsc.rebind_max_s:
            self._wait = self._smsc.rebind_min_s

    def next_wait_s(self, status: int | None) -> float:
        """Seconds to wait after a bind that was answered with `status`; None: it was not answered, or it was lost later."""
        if status in CREDENTIALS:
            return self._smsc.rebind_refused_s * (0.75 + 0.25 * self._jitter())
        wait, self._wait = self._wait, min(self._wait * 2, self._smsc.rebind_max_s)
        if status == CommandStatus.ESME_RALYBND:
            wait = self._smsc.rebind_max_s
        return wait * (0.5 + 0.5 * self._jitter())


class Binder:
    """Keeps one bind standing."""

    def __init__(
        self,
        smsc: Smsc,
        request_type: type[BindRequest],
        *,
        make_link: Callable[[], Link],
        clock: Clock,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._smsc = smsc
        self._request_type = request_type
        self._make_link = make_link
        self._clock = clock
        self._tls = tls
        self._backoff = Backoff(smsc)
        self._leaving = False
        self._may_bind = asyncio.Event()
        self._may_bind.set()
        self._told = ""
        """The last failure that was logged since a bind stood."""
        self._why = ""
        """Why it does not stand; empty while it does, and before the first attempt."""
        self._changed_at = clock.monotonic()
        """When it came to stand, or ceased to."""
        self.link: Link | None = None
        """The connection, bound or about to be; None between two."""

    def view(self) -> BindView:
        """How it stands."""
        link = self.link
        bound = link is not None and link.bound
        if bound:
            state = BindState.BOUND
        elif self.paused:
            state = BindState.STOPPED
        else:
            state = BindState.DOWN if link is None else BindState.BINDING
        return BindView(
            smsc=self._smsc.name,
            mode=MODES[self._request_type],
            state=state,
            since_s=self._clock.monotonic() - self._changed_at,
            why="" if bound else self._why,
            local_port=0 if link is None else link.local_port,
            in_window=0 if link is None else link.in_window,
            window=link.window() if link is not None and bound else 0,
            window_max=0 if self._request_type is BindReceiver else self._smsc.window,
        )

    async def run(self) -> None:
        """Bind, and bind again, until `stop` or cancelled."""
        while not self._leaving:
            await self._may_bind.wait()
            if self._leaving:
                return
            status = await self._attempt()
            if not self._leaving and self._may_bind.is_set():
                await self._clock.sleep(self._backoff.next_wait_s(status))

    async def stop(self) -> None:
        """Unbind, and hang up, for good."""
        self._leaving = True
        self._may_bind.set()
        await self._hang_up()

    async def pause(self) -> None:
        """Unbind, and hang up, until `resume`; what is under way is waited for, lest it leave twice."""
        self._may_bind.clear()
        self._why = STOPPED
        link = self.link
        if link is not None:
            link.retire()
            give_up = self._clock.monotonic() + ANSWERS_S
            while link.bound and link.in_window and self._clock.monotonic() < give_up:
                await self._clock.sleep(ANSWERS_LOOK_S)
        await self._hang_up()

    def resume(self) -> None:
        """Bind again."""
        self._may_bind.set()

    @property
    def paused(self) -> bool:
        """Whether it stays down until it is told otherwise."""
        return not self._may_bind.is_set()

    async def _hang_up(self) -> None:
        link = self.link
        if link is None:
            return
        if link.bound:
            link.unbind()
            await asyncio.wait((link.ended,), timeout=UNBIND_TIMEOUT_S)
        link.close()

    async def _attempt(self) -> int | None:
        """One life of the bind; the status that refused it, None when it ended otherwise."""
        link = await self._connect()
        if link is None:
            return None
        self.link = link
        try:
            if not self._leaving and self._may_bind.is_set():
                return await self._live(link)
        except TimeoutError:
            self._failed("the bind was not answered in time")
        finally:
            self.link = None
            link.close()
        return None

    async def _connect(self) -> Link | None:
        smsc = self._smsc
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, link = await loop.create_connection(self._make_link, smsc.host, smsc.port, ssl=self._tls)
        except TimeoutError:
            self._failed("no connection in time")
        except OSError as error:
            self._failed(_why(error))
        else:
            return link
        return None

    async def _live(self, link: Link) -> int | None:
        """Bind, and stay until the session is over."""
        smsc = self._smsc
        request = self._request_type(system_id=smsc.system_id, password=smsc.password, system_type=smsc.system_type)
        async with asyncio.timeout(BIND_TIMEOUT_S):
            status = await link.bind(request)
        if status is None:
            self._failed("the SMSC hung up before it answered the bind")
        elif status != CommandStatus.ESME_ROK:
            self._failed(f"command_status {status:#x}", credentials=status in CREDENTIALS)
        else:
            began = self._changed_at = self._clock.monotonic()
            self._told = self._why = ""
            _log.info("bind_stands", smsc=smsc.name, link=link.name)
            reason = await link.ended
            self._changed_at = self._clock.monotonic()
            self._why = f"lost: {reason.value}" if self._may_bind.is_set() else STOPPED
            if not self._leaving and self._may_bind.is_set():
                _log.warning("bind_lost", smsc=smsc.name, link=link.name, why=reason.value)
            self._backoff.stood(self._clock.monotonic() - began)
            return None
        return status

    def _failed(self, why: str, *, credentials: bool = False) -> None:
        """Log what is new, and each refusal of credentials: only a person can mend that."""
        if credentials:
            _log.error("bind_refused", smsc=self._smsc.name, why=why, remedy="check system_id and password")
        elif why != self._told:
            _log.warning("bind_failed", smsc=self._smsc.name, why=why)
        self._told = self._why = why


def _why(error: OSError) -> str:
    """In words: asyncio's text repeats the address; a resolver's numbers are negative, and those of TLS are its own."""
    if isinstance(error, ssl.SSLError) or not error.errno or error.errno < 0:
        return error.strerror or type(error).__name__
    return os.strerror(error.errno)

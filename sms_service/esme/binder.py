"""One bind that is to stand: connect, bind, stay; when it is lost, again.

The wait between attempts doubles from `rebind_min_s` to `rebind_max_s`, jittered so that the binds of many instances do
not come back as one. An SMSC that says ESME_RALYBND still holds the old bind and needs a while to notice; bad credentials
need a person, and trying fast would lock the account: both wait longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections.abc import Callable
from typing import Final

import structlog

from sms_service.esme.link import Link
from sms_service.settings import Smsc
from sms_service.smpp import BindReceiver, BindTransceiver, BindTransmitter, CommandStatus

CONNECT_TIMEOUT_S: Final = 10.0
"""A TCP handshake, with TLS, that takes longer goes nowhere."""
UNBIND_TIMEOUT_S: Final = 2.0
"""How long an SMSC has to answer unbind before the connection is closed."""
INTERFACE_VERSION: Final = 0x34
"""SMPP 3.4 s5.2.4."""

CREDENTIALS: Final = frozenset(
    {CommandStatus.ESME_RBINDFAIL, CommandStatus.ESME_RINVPASWD, CommandStatus.ESME_RINVSYSID}
)

_log = structlog.get_logger()


class Backoff:
    """The waits between attempts."""

    def __init__(self, smsc: Smsc, jitter: Callable[[], float] = random.random) -> None:
        self._smsc = smsc
        self._jitter = jitter
        self._wait = smsc.rebind_min_s

    def stood(self) -> None:
        """The bind stood: begin anew."""
        self._wait = self._smsc.rebind_min_s

    def next_wait_s(self, status: int) -> float:
        """Seconds to wait after an attempt that ended with `status` (0: no connection, or it was lost)."""
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
        request_type: type[BindTransceiver | BindTransmitter | BindReceiver],
        make_link: Callable[[], Link],
        changed: Callable[[], None],
    ) -> None:
        self._smsc = smsc
        self._request_type = request_type
        self._make_link = make_link
        self._changed = changed
        self._backoff = Backoff(smsc)
        self._failures = 0
        self.link: Link | None = None
        """The link while it is bound."""

    async def run(self) -> None:
        """Bind, and bind again, until cancelled."""
        while True:
            status = 0
            try:
                status = await self._attempt()
            except TimeoutError:
                self._report("no connection in time")
            except OSError as error:
                self._report(error.strerror or type(error).__name__)
            await asyncio.sleep(self._backoff.next_wait_s(status))

    async def stop(self) -> None:
        """Unbind, and hang up."""
        link = self.link
        if link is None:
            return
        link.unbind()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(link.lost), UNBIND_TIMEOUT_S)
        link.close()

    async def _attempt(self) -> int:
        smsc = self._smsc
        context = ssl.create_default_context(cafile=smsc.tls_ca_file or None) if smsc.tls else None
        loop = asyncio.get_running_loop()
        link = self._make_link()
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await loop.create_connection(lambda: link, smsc.host, smsc.port, ssl=context)
        try:
            status = await link.bind(
                self._request_type(
                    system_id=smsc.system_id,
                    password=smsc.password,
                    system_type=smsc.system_type,
                    interface_version=INTERFACE_VERSION,
                ),
                transmits=self._request_type is not BindReceiver,
                receives=self._request_type is not BindTransmitter,
            )
            if status != CommandStatus.ESME_ROK:
                self._report(f"command_status {status:#x}", refused=status in CREDENTIALS)
                return status
            self._stands(link)
            await asyncio.shield(link.lost)
            _log.warning("bind_lost", smsc=smsc.name)
        finally:
            self.link = None
            link.close()
            self._changed()
        return 0

    def _stands(self, link: Link) -> None:
        self.link = link
        self._failures = 0
        self._backoff.stood()
        _log.info("bind_stands", smsc=self._smsc.name)
        self._changed()

    def _report(self, why: str, *, refused: bool = False) -> None:
        """Log the first failure of a row, and each refusal of credentials: only a person can mend that."""
        self._failures += 1
        if refused:
            _log.error("bind_refused", smsc=self._smsc.name, why=why, remedy="check system_id and password")
        elif self._failures == 1:
            _log.warning("bind_failed", smsc=self._smsc.name, why=why)

"""The syntax in use: which versions were loaded, what speaks today, and how both change without a restart.

A reload loads and proves all files beside the running service and puts the new versions in the place of the old in one
step: a bad file changes nothing. A message is read by what is in force when its batch is read, and answered by the version
that read it, whatever is reloaded or whichever midnight passes in between.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime as dt
import threading
import zoneinfo
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import msgspec
import structlog

from sms_service.observability.logging import describe
from sms_service.observability.metrics import Metrics
from sms_service.ports import Clock, PortError
from syntax import InForce, SyntaxFileError, Versions, folded

LOAD_S: Final = 60.0
"""Seconds for reading and proving the files, which take a few at most. A file that hangs (a network folder that is gone, a
pipe) must not keep whoever mends it from loading again."""

_log = structlog.get_logger()


class Reload(msgspec.Struct, frozen=True):
    """What became of a reload, for operators."""

    at: float
    """Seconds since the epoch."""
    accepted: bool
    findings: tuple[str, ...] = ()
    """Why it was refused; the versions in use stay."""
    changes: tuple[str, ...] = ()
    """What it changed."""


class VersionState(msgspec.Struct, frozen=True):
    """One version, for operators."""

    version: str
    digest: str
    effective_from: dt.date
    effective_until: dt.date | None
    state: str
    """in_force, grace, retired, coming or lapsed."""


class Syntaxes:
    """The versions in use."""

    def __init__(
        self,
        versions: Versions,
        *,
        load: Callable[[], Versions],
        suits: Callable[[Versions], Awaitable[None]],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        """`load` reads and proves the files, raising `SyntaxFileError`; it is called in a thread. `suits` raises a
        `PortError` where the service, as configured, cannot speak these versions.
        """
        self._load = load
        self._suits = suits
        self._clock = clock
        self._metrics = metrics
        self._one_at_a_time = asyncio.Lock()
        self._last: Reload | None = None
        self._use(versions)

    def in_force(self) -> InForce:
        """What speaks now. Ask once a batch."""
        now = self._clock.time()
        if not self._since <= now < self._until:
            self._begin_day(now)
        return self._in_force

    async def reload(self) -> Reload:
        """Load the files again. Whatever is wrong with them, what is in use stays in use."""
        async with self._one_at_a_time:
            findings: tuple[str, ...] = ()
            try:
                versions = await self._loaded()
                await self._suits(versions)
            except SyntaxFileError as error:
                findings = tuple(map(str, folded(error.findings)))
            except PortError as error:
                findings = (str(error),)
            except Exception as error:  # noqa: BLE001 - one file that nobody foresaw must not end all later reloads
                findings = (f"không đọc được các tệp cú pháp ({describe(error)})",)
            else:
                changes = tuple(_changes(self._versions, versions))
                self._use(versions)
                _log.info("syntax_reloaded", versions=[version.name for version in versions.all])
                return self._ended(Reload(self._clock.time(), accepted=True, changes=changes))
            _log.error("syntax_refused", findings=findings)
            return self._ended(Reload(self._clock.time(), accepted=False, findings=findings))

    async def _loaded(self) -> Versions:
        """What the files say. A thread that is a daemon, since those of the event loop keep a process that wants to leave.

        Raises:
            SyntaxFileError: the files are not sound.
            TimeoutError: they cannot be read within `LOAD_S`.
        """
        result: concurrent.futures.Future[Versions] = concurrent.futures.Future()
        result.set_running_or_notify_cancel()

        def load() -> None:
            try:
                result.set_result(self._load())
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                result.set_exception(error)

        threading.Thread(target=load, name="syntax", daemon=True).start()
        loaded = asyncio.wrap_future(result)
        late = asyncio.ensure_future(self._clock.sleep(LOAD_S))
        try:
            await asyncio.wait((loaded, late), return_when=asyncio.FIRST_COMPLETED)
            if not loaded.done():
                raise TimeoutError
            return loaded.result()
        finally:
            late.cancel()
            loaded.cancel()

    def _ended(self, reload: Reload) -> Reload:
        self._metrics.syntax_reloads.labels("accepted" if reload.accepted else "refused").inc()
        self._last = reload
        return reload

    @property
    def last_reload(self) -> Reload | None:
        """The last one, if there was any."""
        return self._last

    def states(self) -> list[VersionState]:
        """Every version, the latest first, and what it does today."""
        today = self.in_force()
        return [
            VersionState(
                version=version.version,
                digest=version.digest,
                effective_from=version.effective_from,
                effective_until=version.effective_until,
                state="lapsed"
                if version is today.syntax and today.lapsed
                else "in_force"
                if version is today.syntax
                else "grace"
                if version is today.grace
                else "retired"
                if version in today.retired
                else "coming",
            )
            for version in reversed(self._versions.all)
        ]

    def _use(self, versions: Versions) -> None:
        self._versions = versions
        self._zone = zoneinfo.ZoneInfo(versions.time_zone)
        self._begin_day(self._clock.time())

    def _begin_day(self, now: float) -> None:
        """Midnight is looked for in the zone of the files; should a clock step back, the day begins again."""
        day = dt.datetime.fromtimestamp(now, self._zone).date()
        midnight = dt.datetime.combine(day, dt.time(), self._zone)
        self._since = midnight.timestamp()
        self._until = (midnight + dt.timedelta(days=1)).timestamp()
        self._in_force = self._versions.on(day)
        self._metrics.syntax_lapsed.set(self._in_force.lapsed)
        if self._in_force.lapsed:
            _log.error("no_syntax_in_force", last=self._in_force.syntax.version)


def _changes(before: Versions, after: Versions) -> Iterator[str]:
    """What a reload changes, for whoever asked for it: they see whether the file that they mended is the one that was read."""
    old = {version.version: version.digest for version in before.all}
    new = {version.version: version.digest for version in after.all}
    yield from (f"thêm phiên bản “{version}”" for version in new if version not in old)
    yield from (f"bỏ phiên bản “{version}”" for version in old if version not in new)
    for version, digest in new.items():
        if old.get(version, digest) != digest:
            yield (
                f"phiên bản “{version}” đổi nội dung mà giữ tên; nhật ký vẫn phân biệt được nhờ mã tệp, "
                "nhưng lần sau nên đặt version khác"
            )
    if old == new:
        yield "không có gì thay đổi: các tệp vẫn như bản đang dùng"

"""`./sms capture record`: listens where the ESMEs connect, passes on to the SMSC, and writes the file.

It ends when it is told to, when its time is over, when the file is as large as it may be, or when the file cannot be
written; each is said, and the connections end with it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

from simulator.capture.address import Address
from simulator.capture.proxy import Clock, Proxy
from simulator.capture.recording import Full, Kind, Record, Writer
from simulator.capture.redact import Redaction
from simulator.capture.tap import Tap
from sms_service.smpp import Role

LOOK_S: Final = 1.0
"""Seconds between two looks: the counters are shown, and the file is flushed."""


class CannotListen(Exception):
    """The address is taken or not allowed. The text names it."""


class CannotWrite(Exception):
    """The file takes no more. The text says why; what was written before stands."""


class Counters:
    """What was recorded so far."""

    def __init__(self) -> None:
        self.connections = 0
        self.pdus = dict.fromkeys(Role, 0)
        self.lost_octets = 0
        """Octets that are no PDUs."""

    def count(self, record: Record) -> None:
        """One more."""
        if record.kind is Kind.PDU:
            self.pdus[record.origin] += 1
        elif record.kind is Kind.OCTETS:
            self.lost_octets += len(record.octets)
        elif record.kind is Kind.OPENED:
            self.connections += 1

    def line(self, at_ns: int, octets: int, open_now: int) -> str:
        """In words, without a line break."""
        esme, smsc = self.pdus[Role.ESME], self.pdus[Role.SMSC]
        lost = f", {self.lost_octets:,} octets that are no PDU" if self.lost_octets else ""
        return (
            f"{at_ns / 1e9:.0f} s: {self.connections} connections ({open_now} open), {esme + smsc:,} PDUs"
            f" ({esme:,} of the ESME, {smsc:,} of the SMSC){lost}, {octets / 1e6:.1f} MB"
        )


class Recorder:
    """Keeps the records of all connections."""

    def __init__(self, writer: Writer, redaction: Redaction, stop: asyncio.Event) -> None:
        self.counters = Counters()
        self.full = False
        self.error: OSError | None = None
        self.writer: Final = writer
        self._redaction = redaction
        self._stop = stop

    def tap(self) -> Tap:
        """For the next connection."""
        return Tap(self.counters.connections + 1, self._redaction, self.write)

    def write(self, record: Record) -> None:
        """Keep it; when the file takes no more, all ends."""
        if self.full or self.error:
            return
        try:
            self.writer.write(record)
        except Full:
            self.full = True
            self._stop.set()
        except OSError as error:
            self.error = error
            self._stop.set()
        else:
            self.counters.count(record)

    def flush(self) -> None:
        """Give to the operating system what is buffered."""
        try:
            self.writer.flush()
        except OSError as error:
            self.error = error
            self._stop.set()


async def record(
    recorder: Recorder,
    listen: Address,
    to: Address,
    *,
    stop: asyncio.Event,
    duration_s: float | None,
    clock: Clock,
    on_ready: Callable[[Address], None],
    on_look: Callable[[str], None],
) -> str:
    """Run until `stop` is set; returns why it ended, in words.

    Args:
        recorder: keeps the records, and sets `stop` itself when it cannot.
        listen: for the ESMEs; port 0 takes a free one.
        to: the SMSC.
        stop: ends it.
        duration_s: the longest time, in seconds.
        clock: nanoseconds since the start.
        on_ready: called with the address once it listens.
        on_look: called each second with the counters in words, and at the end.

    Raises:
        CannotListen, CannotWrite: see there.
    """
    proxy = Proxy(to.host, to.port, recorder.tap, clock)
    try:
        server = await asyncio.get_running_loop().create_server(proxy.side, listen.host, listen.port)
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {listen}: {os.strerror(error.errno) if error.errno else error}"
        ) from error
    why = "told to end"
    async with server:
        on_ready(Address(listen.host, server.sockets[0].getsockname()[1]))
        try:
            async with asyncio.timeout(duration_s):
                while not stop.is_set():
                    await _wait(stop)
                    recorder.flush()
                    on_look(recorder.counters.line(clock(), recorder.writer.octets, proxy.open))
        except TimeoutError:
            why = "its time is over"
        server.close()
        proxy.close()
        await asyncio.sleep(0)  # the transports that were broken off are told of it
    recorder.flush()
    on_look(recorder.counters.line(clock(), recorder.writer.octets, 0))
    if recorder.error:
        raise CannotWrite(f"the file takes no more: {recorder.error.strerror}") from recorder.error
    return "the file is as large as it may be" if recorder.full else why


async def _wait(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_S):
            await stop.wait()
    except TimeoutError:
        return

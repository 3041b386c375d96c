"""A register that speaks no HTTP, or speaks it without end: each answer is as good as none, in bounded time and memory."""

import asyncio
import os
import resource
import time

import pytest

from sms_service.adapters.subscribers_http import HttpSubscribers
from sms_service.ports import Unavailable

ASKED = ["84900000001", "84900000002"]
TIMEOUT_S = 0.5
MEMORY_MB = 32
"""What reading such an answer may add to the process: some socket buffers. An answer without end brings a gigabyte a second."""


class Register:
    """Answers each connection with what it is told to, raw."""

    def __init__(self, start: bytes, endless: bytes, pause_s: float | None) -> None:
        self.start, self.endless, self.pause_s = start, endless, pause_s
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await reader.read(65536)
            writer.write(self.start)
            while self.endless and not writer.is_closing():
                writer.write(self.endless)
                await writer.drain()
                await asyncio.sleep(self.pause_s or 0)
            if self.pause_s is None:
                writer.close()
        except OSError:
            pass


OK = b"HTTP/1.1 200 OK\r\n"
LONG = b"a" * 65536
CASES = {
    "says nothing": (b"", b"", 0),
    "hangs up": (b"", b"", None),
    "noise": (os.urandom(5000), b"", 0),
    "another protocol": (b"220 mail.example ESMTP\r\n", b"", 0),
    "a status without end": (b"HTTP/1.1 200 ", LONG, 0),
    "a header without end": (OK + b"X: ", LONG, 0),
    "headers without end": (OK, b"X-Abc: 1234567890\r\n" * 500, 0),
    "a body without end": (OK + b"Content-Length: 99999999999\r\n\r\n", LONG, 0),
    "chunks without end": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 5000, 0),
    "a chunk's extension without end": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", LONG, 0),
    "an error without end": (b"HTTP/1.1 500 No\r\nContent-Length: 99999999999\r\n\r\n", LONG, 0),
    "octet by octet": (OK + b"Content-Length: 9000\r\n\r\n", b" ", 0.02),
    "closes midway": (OK + b'Content-Length: 900\r\n\r\n{"subscribers": [', b"", None),
    "a negative length": (OK + b"Content-Length: -5\r\n\r\n{}", b"", 0),
    "another protocol from here": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", LONG, 0),
}


@pytest.mark.parametrize("case", CASES)
async def test_it_is_not_believed_and_not_waited_for(case):
    """The inquiries wait and are asked again; nothing of it stays."""
    async with Register(*CASES[case]) as url:
        subscribers = HttpSubscribers(url, timeout_s=TIMEOUT_S)
        before, peak = time.monotonic(), peak_mb()
        with pytest.raises(Unavailable, match="subscribers: the register"):
            await subscribers.lookup(ASKED)
        assert time.monotonic() - before < TIMEOUT_S + 2
        assert peak_mb() - peak < MEMORY_MB
        await subscribers.close()


async def test_descriptors_over_many_failures():
    """A connection that failed is closed, whatever way it failed."""
    async with Register(OK + b"Content-Length: 900\r\n\r\n{", b"", None) as url:
        subscribers = HttpSubscribers(url, timeout_s=TIMEOUT_S)
        counts = []
        for _ in range(40):
            with pytest.raises(Unavailable):
                await asyncio.gather(*(subscribers.lookup(ASKED) for _ in range(2)))
            counts.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - what it holds, itself included
        await subscribers.close()
    assert max(counts[20:]) <= max(counts[:20])


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

"""Scripts in Redis, run over redis-py's connections without the layers of its client.

Retries, hooks and the pool's bookkeeping cost three times what a round trip does, and nothing here wants them: a failure is
for the caller, who has a replacement. A connection whose answer is outstanding is never used again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final, NamedTuple

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError

NO_KEYS: Final = 0
"""The scripts name their keys themselves: one server, not a cluster."""


class Script(NamedTuple):
    """A script and the name by which a server knows it once it has run."""

    source: str
    digest: str

    @classmethod
    def read(cls, name: str) -> Script:
        """The script in a file beside this one."""
        source = Path(__file__).with_name(name).read_text("ascii")
        return cls(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


class Scripts:
    """Runs scripts, as many at a time as are asked for; connections are kept for the next."""

    def __init__(self, url: str) -> None:
        # No timeout of redis-py's own: the caller has one, and `asyncio.wait_for`, which it would use, can swallow a
        # cancellation on Python 3.11.
        self._pool = ConnectionPool.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=None)
        self._idle: list[AbstractConnection] = []

    async def run(self, script: Script, *arguments: str | int | bytes) -> Any:
        """What the script returns.

        Raises:
            RedisError, OSError: no connection, a lost one, or an error of the script.
        """
        connection = self._idle.pop() if self._idle else self._make_connection()
        try:
            if not connection.is_connected:
                await connection.connect()  # type: ignore[no-untyped-call]
            try:
                answer = await _command(connection, "EVALSHA", script.digest, NO_KEYS, *arguments)
            except NoScriptError:
                answer = await _command(connection, "EVAL", script.source, NO_KEYS, *arguments)
        except BaseException:
            # What ended this one has most likely ended the others.
            stale, self._idle = [connection, *self._idle], []
            for one in stale:
                await one.disconnect(nowait=True)
            raise
        self._idle.append(connection)
        return answer

    def _make_connection(self) -> AbstractConnection:
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        return connection

    async def close(self) -> None:
        """Close the connections."""
        while self._idle:
            await self._idle.pop().disconnect()


async def _command(connection: AbstractConnection, *words: str | int | bytes) -> Any:
    await connection.send_packed_command(connection.pack_command(*words), check_health=False)
    return await connection.read_response()

"""One PostgreSQL database: a pool of connections that mends itself, with the ports' errors.

A connection is made when it is first needed and again after it was lost, so a server that was away serves again without
anyone's doing, and while it is away a call fails within `timeout_s`. The driver's own pool costs three times what the
statement does (a task, a proxy and two timers for each use), and would reset connections on which nothing is left behind.

Rule: a statement has one limit on both sides. A server that lives gives it up by itself, shortly before we do, and the
connection serves on: one that waits for a lock must not go on, backend after backend, when nobody waits for it any more.
A server that hangs does not; then the connection is cut, never waited for again. The driver would ask the server to cancel,
and hold the connection until it has, for another `timeout_s`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

from sms_service.adapters.postgres.errors import port_errors
from sms_service.ports import Misconfigured

JOURNAL_TIMEOUT_S: Final = 5.0
"""Seconds for a statement of the journal or the audit trail. They take milliseconds; a disk that stalls for longer is
better met by telling the SMSC to keep its messages. A third of the default lease."""

CLOSE_TIMEOUT_S: Final = 2.0
"""Seconds for saying goodbye to a server. Nothing is lost without it."""

SERVER_SHARE: Final = 0.9
"""Of `timeout_s`: when the server gives up."""

APPLICATION_NAME_MAX: Final = 63
"""Octets that PostgreSQL keeps of an application_name (NAMEDATALEN - 1)."""

_COMMON: Final = {"jit": "off"}
"""Compiling costs more than any of our statements."""

_JOURNAL: Final = {
    # Every call that returns has committed to disk, whatever the server's default.
    "synchronous_commit": "on",
    # Our statements have one good plan each, by index; planning them anew costs more than running them. The statistics
    # of tables that fill and empty within seconds would mislead, so none are used to choose a scan of everything.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
}

_POPULATION: Final = {"default_transaction_read_only": "on"}
"""We only read there."""


class Database:
    """A pool of connections to one database."""

    def __init__(
        self, part: str, dsn: str, *, user: str, connections: int, timeout_s: float, settings: Mapping[str, str]
    ) -> None:
        self._part = part
        self._timeout_s = timeout_s
        self._arguments: dict[str, Any] = {
            "dsn": dsn,
            "timeout": timeout_s,
            "command_timeout": timeout_s,
            "server_settings": {
                "application_name": f"sms-service:{user}"[:APPLICATION_NAME_MAX],
                "statement_timeout": f"{timeout_s * SERVER_SHARE * 1000:.0f}ms",
                **_COMMON,
                **settings,
            },
        }
        self._places = asyncio.Semaphore(connections)
        self._idle: list[asyncpg.Connection] = []
        self._open: set[asyncpg.Connection] = set()
        """Of the pool and outside it."""

    @classmethod
    def journal(cls, dsn: str, *, user: str, connections: int, timeout_s: float = JOURNAL_TIMEOUT_S) -> Database:
        """The database of journal and audit trail; `user` (the instance, or a command's name) shows in pg_stat_activity."""
        return cls("journal", dsn, user=user, connections=connections, timeout_s=timeout_s, settings=_JOURNAL)

    @classmethod
    def population(cls, dsn: str, *, user: str, connections: int, timeout_s: float) -> Database:
        """The database of the citizens' records, for reading."""
        return cls("population", dsn, user=user, connections=connections, timeout_s=timeout_s, settings=_POPULATION)

    async def close(self) -> None:
        """Close all connections. Those that do not take their leave in time are cut."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await asyncio.gather(*[connection.close() for connection in self._open], return_exceptions=True)
        for connection in list(self._open):
            connection.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection from the pool.

        Raises:
            Unavailable, Misconfigured: see `errors`.
        """
        with port_errors(self._part):
            async with asyncio.timeout(self._timeout_s):
                connection = await self._take()
            try:
                yield connection
            except TimeoutError:
                # What silenced this one has most likely silenced those that stood beside it.
                for silent in (connection, *self._idle):
                    silent.terminate()
                raise
            except asyncio.CancelledError:
                connection.terminate()
                raise
            finally:
                self._idle.append(connection)
                self._places.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection from the pool within a transaction. One that fails is ended with its connection: to roll back would
        be one more wait for a server that may hang.

        Raises:
            Unavailable, Misconfigured: see `errors`.
        """
        async with self.connection() as connection:
            try:
                await connection.execute("BEGIN")
                yield connection
                await connection.execute("COMMIT")
            except BaseException:
                connection.terminate()
                raise

    async def session(self, settings: Mapping[str, str]) -> asyncpg.Connection:
        """A connection of its own, outside the pool.

        Raises:
            Unavailable, Misconfigured: see `errors`.
        """
        with port_errors(self._part):
            async with asyncio.timeout(self._timeout_s):
                return await self._connect(settings)

    async def _take(self) -> asyncpg.Connection:
        """The one used last, of those that have not been lost; a new one where there is none."""
        await self._places.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._open.discard(connection)
            return await self._connect({})
        except BaseException:
            self._places.release()
            raise

    async def _connect(self, settings: Mapping[str, str]) -> asyncpg.Connection:
        arguments = self._arguments | {"server_settings": self._arguments["server_settings"] | settings}
        try:
            connection = await asyncpg.connect(**arguments)
        except ValueError:
            raise Misconfigured(f"{self._part}.dsn: the driver cannot read it") from None
        self._open.add(connection)
        connection.add_termination_listener(self._open.discard)
        return connection

"""Runs: who lives, and under which name.

A living instance holds a session lock on its name. The server lets it go the moment the process's socket closes, so after
SIGKILL the next process has the name at once; only a machine that vanishes keeps it until its keepalives fail. Runs are
renewed over the same session: a renewal that succeeds proves that the name is held.

One backend of the server may hang while the others serve (its disk, a stopped process). If it is that of our session, the
name stays with it, and nobody else can have it: then the run is renewed over another session, until the name is free.
"""

from __future__ import annotations

from typing import Any, Final

import asyncpg

from sms_service.adapters.lease import Renewals
from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.errors import FAILURES, port_error
from sms_service.adapters.postgres.queries import read_queries
from sms_service.adapters.postgres.schema import check_schema
from sms_service.model import Run
from sms_service.ports import Clock, Misconfigured, PortError, Unavailable

NAME_WAIT_S: Final = 3.0
"""Seconds for which a starting process tries to get its name: a predecessor that was killed loses it within
milliseconds, one that is leaving within its last steps."""
NAME_RETRY_S: Final = 0.1
"""Seconds between two tries."""
NAME_GRACE_S: Final = 30.0
"""Seconds for which a process that lost its session believes that the name is still held by that session."""

_KEEPALIVES: Final = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
"""The server notices in 11 s that our machine has vanished, instead of in two hours. Without effect on Unix sockets."""
_SQL: Final = read_queries("runs.sql")


class Runs:
    """The run of this process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._session: asyncpg.Connection | None = None
        self._named = False
        """Whether it is that session which holds the name."""
        self._holder = ""
        """The last session of ours that held the name, as the server tells it from others."""
        self._nameless_since: float | None = None
        self.renewals = Renewals(clock)

    async def open(self, instance: str) -> Run:
        """See `ports.Journal.open_run`."""
        async with self._database.connection() as connection:
            await check_schema(connection)
        give_up_at = self._clock.monotonic() + NAME_WAIT_S
        while (session := await self._named_session(instance)) is None:
            if self._clock.monotonic() >= give_up_at:
                raise _name_taken(instance)
            await self._clock.sleep(NAME_RETRY_S)
        run = Run(run_id=await self._fetchval(session, _SQL["open"], instance), instance=instance)
        self.renewals.succeeded()
        return run

    async def renew(self, run: Run) -> None:
        """See `ports.Journal.renew`."""
        try:
            await self._renew(run)
        except PortError:
            self.renewals.failed()
            raise
        self.renewals.succeeded()

    async def _renew(self, run: Run) -> None:
        renewed = None
        try:
            if session := await self._named_session(run.instance):
                renewed = await self._fetchval(session, _SQL["renew"], run.run_id)
        except Misconfigured as error:  # a password, a right: someone mends it, and this run can go on
            raise Unavailable(str(error)) from None
        now = self._clock.monotonic()
        if session is None:
            self._nameless_since = now if self._nameless_since is None else self._nameless_since
            if now - self._nameless_since >= NAME_GRACE_S:
                raise _name_taken(run.instance)
            raise Unavailable(f"journal: the name {run.instance!r} is not free yet after a lost connection")
        self._nameless_since = None
        if renewed is None:
            raise Misconfigured(f"journal: run {run.run_id} of {run.instance!r} has been closed by someone else")

    async def close(self, run: Run) -> None:
        """See `ports.Journal.close_run`."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["close"], run.run_id)
        self.drop()

    def drop(self) -> None:
        """Let the name go without a word, as a process does that dies."""
        if self._session is not None:
            self._session.terminate()
            self._session = None

    async def _named_session(self, instance: str) -> asyncpg.Connection | None:
        """A session while the name is held by it, or by a lost one of ours; None when another process has the name."""
        if self._session is None or self._session.is_closed():
            self._session, self._named = await self._database.session(_KEEPALIVES), False
        session = self._session
        if not self._named:
            self._named = await self._fetchval(session, _SQL["hold_name"], instance)
            if self._named:
                self._holder = await self._fetchval(session, _SQL["this_session"])
            elif await self._fetchval(session, _SQL["end_session"], instance, self._holder) is None:
                self.drop()
                return None
        return session

    async def _fetchval(self, session: asyncpg.Connection, query: str, *arguments: object) -> Any:
        """One value; a session over which this fails is given up, and the name with it."""
        try:
            return await session.fetchval(query, *arguments)
        except FAILURES as error:
            session.terminate()
            raise port_error("journal", error) from None


def _name_taken(instance: str) -> Misconfigured:
    return Misconfigured(
        f"journal: another process runs as {instance!r}. Give every instance a name of its own; if its machine has "
        "just been lost, start again in 15 seconds"
    )

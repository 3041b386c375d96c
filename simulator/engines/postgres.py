"""A PostgreSQL server of one's own: made, described for the supervisor, waited for.

Rules: it is reached by a Unix socket in a folder of mode 0700 and by nothing else, so whoever may open the folder is
trusted; what it promises is on disk (fsync stays on); its log holds no statement, no parameter, no key (the demo's
people are synthetic, the habit is not); the settings are such as PostgreSQL 15 knows too. A cluster is made beside its
place and renamed into it: half a cluster never stands where a whole one is expected.
"""

import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from simulator.engines.program import Program, run_to_end

USER = "sms"

# It only completes the socket's name; said on both sides, or $PGPORT would decide.
_PORT = "5432"

# A server that listens answers at once, if only to say that it is not ready; this bounds an attempt that met its end.
_CONNECT_TIMEOUT_S = 5.0

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": _PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "200",  # a few gateways with their pools
    "timezone": "UTC",
    # Memory and disk of a laptop; batches of rows, and queues whose rows come and go.
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "15s",
    "jit": "off",  # compiling costs more than any query here
    # What must not be said: ERROR lines quote values, DETAIL lines quote keys and rows.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster and how to run it.

    Attributes:
        folder: Holds the data folder and the lock that tells whether anybody serves it.
        sockets: Folder of mode 0700 for the socket, its path short enough (see `sockets`).
        binaries: Folder of the programs `postgres` and `initdb`.
        settings: What to set otherwise than `SETTINGS` does.
    """

    folder: Path
    sockets: Path
    binaries: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    async def initialise(self) -> None:
        """Make the cluster if there is none yet.

        Raises:
            CannotStartError: initdb failed; its own words are in the text.
        """
        if self.data.exists():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self.data.with_name("data.new")
        if new.exists():
            shutil.rmtree(new)
        initdb = [str(self.binaries / "initdb"), f"--pgdata={new}", f"--username={USER}", "--auth=trust"]
        initdb += ["--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"]
        await run_to_end(Program(name="initdb", argv=tuple(initdb), leave_root=new))
        new.rename(self.data)

    def program(self, name: str = "postgres") -> Program:
        """The server. Asked to end, it drops its clients and writes a checkpoint; without its parent, it just ends."""
        # A list of folders, in which quotes keep blanks.
        folders = '"' + str(self.sockets).replace('"', '""') + '"'
        settings = {**SETTINGS, "unix_socket_directories": folders, **self.settings}
        argv = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            argv += ["-c", f"{key}={value}"]
        return Program(
            name=name,
            argv=tuple(argv),
            answers=self.answers,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            leave_root=self.data,
            alone=self.folder / "lock",
            stale=(self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{_PORT}.lock"),
        )

    def dsn(self, database: str) -> str:
        """The address of a database, for asyncpg and libpq alike."""
        return f"postgresql:///{database}?host={quote(str(self.sockets))}&port={_PORT}&user={USER}"

    async def answers(self) -> bool:
        """Whether the server takes connections; not so while it starts, recovers or ends."""
        try:
            connection = await self._connect()
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
            return False
        await connection.close()
        return True

    async def create_database(self, name: str) -> None:
        """Make an empty database if there is none of this name, which must be a plain identifier."""
        if not name.isidentifier():
            raise ValueError("a database's name is a plain identifier")
        connection = await self._connect()
        try:
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
                await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    async def drop_database(self, name: str) -> None:
        """Remove a database with whoever is connected to it."""
        if not name.isidentifier():
            raise ValueError("a database's name is a plain identifier")
        connection = await self._connect()
        try:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.dsn("postgres"), timeout=_CONNECT_TIMEOUT_S)

"""A Valkey server of one's own, for what may be lost: it keeps nothing on disk and listens on a Unix socket only.

A socket in a folder of mode 0700 needs no password. What the gateway keeps here expires by itself; when the memory is
used up all the same, what would expire first goes first.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from simulator.engines.program import Program

# Quotas and duplicates of a million senders take some 200 MB.
_MAX_MEMORY = "256mb"


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server and how to run it.

    Attributes:
        folder: The server's working folder, in which it writes nothing.
        sockets: Folder of mode 0700 for the socket, its path short enough (see `sockets`).
        server: The server's program.
    """

    folder: Path
    sockets: Path
    server: Path

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """The server's address, as redis-py reads it."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def program(self, name: str = "valkey") -> Program:
        """The server. `folder` is made if absent."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = [str(self.server), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        argv += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        argv += ["--maxmemory", _MAX_MEMORY, "--maxmemory-policy", "volatile-ttl"]
        argv += ["--slowlog-log-slower-than", "-1"]  # it would keep keys
        return Program(name=name, argv=tuple(argv), answers=self.answers)

    async def answers(self) -> bool:
        """Whether the server serves commands."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return (await reader.readline()).startswith(b"+PONG")
        except OSError:
            return False
        finally:
            writer.close()

"""TCP ports of this machine: one that nobody uses, and whether the one that is wanted is free.

Free ports are taken from below the range out of which the kernel numbers outgoing connections. Inside it a client that
tries again and again to reach a server that is down would some day be given the server's port as its own, connect to
itself, and keep the server from coming back.
"""

import os
import random
import socket
from pathlib import Path

from simulator.engines.program import CannotStartError

_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")

# Above the ports that well-known services use.
_LOWEST_PORT = 10_000

# Where the kernel's own range starts by default, should it begin lower here than leaves room.
_HIGHEST_PORT = 32_767

# Refused by browsers, of the ports in question: the Fetch Standard's list of bad ports. A demo's pages would not open there.
_REFUSED_BY_BROWSERS = (10_080,)

# As many as are tried before the machine is said to be full.
_ATTEMPTS = 1000


def free_port(host: str = "127.0.0.1") -> int:
    """A port of `host` that nobody listens on now and that outgoing connections are not given either.

    Raises:
        CannotStartError: None was found.
    """
    highest = _highest_port()
    # Different processes look in different places: two demos that start together do not meet.
    chosen = random.Random(os.urandom(8))  # noqa: S311 - nothing depends on its being secret
    for _ in range(_ATTEMPTS):
        port = chosen.randint(_LOWEST_PORT, highest)
        if port not in _REFUSED_BY_BROWSERS and is_free(port, host):
            return port
    raise CannotStartError(f"no free port between {_LOWEST_PORT} and {highest} on {host}")


def check_port_free(port: int, option: str, host: str = "127.0.0.1") -> None:
    """Make sure that a server can listen on the port that a command's option asked for.

    Raises:
        CannotStartError: Somebody else does; the text names the port and the option.
    """
    if not is_free(port, host):
        raise CannotStartError(f"port {port} of {host} is in use by another program: choose another with {option}")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on this port now; connections of a former one, still closing, do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def _highest_port(kernel_range: Path = _EPHEMERAL_RANGE) -> int:
    try:
        lowest_ephemeral = int(kernel_range.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _HIGHEST_PORT
    return lowest_ephemeral - 1 if lowest_ephemeral > _LOWEST_PORT + _ATTEMPTS else _HIGHEST_PORT

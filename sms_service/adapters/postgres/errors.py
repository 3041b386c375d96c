"""What PostgreSQL and its driver raise, as the two errors of the ports.

Rule: what may pass by itself is `Unavailable`, what a person must change is `Misconfigured`. The texts carry the class of
the error and its SQLSTATE only: PostgreSQL's own texts quote rows and parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from sms_service.ports import Misconfigured, PortError, Unavailable

_TEMPORARY: Final = frozenset({"08", "25", "40", "53", "55", "57", "58"})
"""Classes of SQLSTATE (PostgreSQL 18, appendix A) that pass: connection lost, wrong transaction state (a standby answers
after a failover), rolled back by a deadlock, no resources, not ready, operator's intervention (shutdown, start-up,
time-out), trouble with files or the system."""

_REMEDIES: Final = {
    "28": "it refuses our credentials; check the user, the password and pg_hba.conf",
    "3D": "it has no such database; create it, or check the dsn",
    "42501": "our user lacks a right there; grant it",
    "42P01": "a table is missing; for the journal run: sms-service migrate",
}
"""By SQLSTATE, or its class."""

FAILURES: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything by which the driver says that a call did not work. A timeout is an OSError."""


def port_error(part: str, error: BaseException) -> PortError:
    """The error of `part` ("the journal") that says what `error` means to us."""
    name = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or "XX000"
        if state[:2] in _TEMPORARY:
            return Unavailable(f"{part}: PostgreSQL cannot serve now ({name}, SQLSTATE {state})")
        remedy = _REMEDIES.get(state) or _REMEDIES.get(state[:2]) or "it refuses a statement; see its log"
        return Misconfigured(f"{part}: {remedy} ({name}, SQLSTATE {state})")
    if isinstance(error, ValueError):
        return Misconfigured(f"{part}: the driver refuses a value ({name})")
    return Unavailable(f"{part}: PostgreSQL cannot be reached ({name})")


@contextmanager
def port_errors(part: str) -> Iterator[None]:
    """Turn what the driver raises inside into the ports' errors."""
    try:
        yield
    except FAILURES as error:
        raise port_error(part, error) from None

"""What PostgreSQL and its driver raise, as the ports' errors."""

import traceback

import asyncpg
import pytest

from sms_service.adapters.postgres.errors import port_error, port_errors
from sms_service.ports import Misconfigured, Unavailable

SECRET = "84912345678"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(SECRET),
        FileNotFoundError(SECRET),
        TimeoutError(SECRET),
        asyncpg.InterfaceError(SECRET),
        asyncpg.TargetServerAttributeNotMatched(SECRET),
        asyncpg.ConnectionDoesNotExistError(SECRET),
        asyncpg.AdminShutdownError(SECRET),
        asyncpg.CannotConnectNowError(SECRET),
        asyncpg.TooManyConnectionsError(SECRET),
        asyncpg.DiskFullError(SECRET),
        asyncpg.DeadlockDetectedError(SECRET),
        asyncpg.SerializationError(SECRET),
        asyncpg.QueryCanceledError(SECRET),
        asyncpg.LockNotAvailableError(SECRET),
        asyncpg.ReadOnlySQLTransactionError(SECRET),
        asyncpg.PostgresIOError(SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_by_itself(error):
    """Such calls are tried again."""
    failure = port_error("journal", error)
    assert isinstance(failure, Unavailable)
    assert type(error).__name__ in str(failure)
    assert SECRET not in str(failure)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (asyncpg.InvalidPasswordError(SECRET), "credentials"),
        (asyncpg.InvalidAuthorizationSpecificationError(SECRET), "pg_hba.conf"),
        (asyncpg.InvalidCatalogNameError(SECRET), "no such database"),
        (asyncpg.InsufficientPrivilegeError(SECRET), "grant"),
        (asyncpg.UndefinedTableError(SECRET), "sms-service migrate"),
        (asyncpg.UndefinedColumnError(SECRET), "log"),
        (asyncpg.UniqueViolationError(SECRET), "log"),
        (asyncpg.PostgresError(SECRET), "XX000"),
        (asyncpg.exceptions._base.DataError(SECRET), "value"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_what_a_person_must_change(error, remedy):
    """The text names the remedy."""
    failure = port_error("journal", error)
    assert isinstance(failure, Misconfigured)
    assert remedy in str(failure)
    assert SECRET not in str(failure)


def test_the_drivers_error_does_not_travel_along():
    """A traceback does not show its text, which quotes rows."""
    error = asyncpg.UniqueViolationError(SECRET)
    with pytest.raises(Misconfigured) as caught, port_errors("journal"):
        raise error
    assert SECRET not in "".join(traceback.format_exception(caught.value, chain=True))


def test_other_errors_pass_unchanged():
    """A mistake in our own code is not the database's."""
    with pytest.raises(ZeroDivisionError), port_errors("journal"):
        raise ZeroDivisionError

"""Limits that every adapter of a port has alike."""

from __future__ import annotations

from typing import Final

from sms_service.ports import Misconfigured

BLOCKED_MAX: Final = 10_000
"""Blocked senders: each instance holds them in memory and reads them all again every few seconds. Whoever needs more needs a rule at the
operator's side."""


def too_many_blocked(limit: int) -> Misconfigured:
    """What is said of one more."""
    return Misconfigured(
        f"{limit} senders are blocked, and no more can be: unblock some, or have the operator block them"
    )

"""What the SMSC tells a load run of its own traffic, a batch for each read and never a call for a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sms_service.smpp import SubmitSm


class Settled(NamedTuple):
    """A deliver_sm that will not be sent again."""

    token: object
    """What `Delivery.token` was."""
    command_status: int | None
    """The ESME's last word on it; None when it gave none for too long."""


class Submitted(NamedTuple):
    """A submit_sm that was accepted."""

    msisdn: str
    """Whom it is for, as 84…."""
    pdu: SubmitSm


class Watcher(Protocol):
    """A load run, as the SMSC sees it. Times are monotonic seconds of the SMSC's clock."""

    def settled(self, deliveries: Sequence[Settled], now: float) -> None:
        """Its own deliveries, in the order of the answers. Those that are tried again come when they have been."""

    def submitted(self, segments: Sequence[Submitted], now: float) -> Sequence[Submitted]:
        """All segments that ESMEs submitted; returns those that are not for its phones, which go to the phone page."""

"""What ESMEs submit: checked, given a message_id, with a receipt where one is wanted (SMPP 3.4 s4.4)."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

import msgspec

from simulator.smsc.accounts import Account
from simulator.smsc.receipts import receipt, wants_receipt
from simulator.smsc.watcher import Submitted
from sms_service.smpp import CommandStatus, DeliverSm, SubmitSm, SubmitSmResp
from sms_service.sms import normalise


class SubmissionCounts(msgspec.Struct):
    """What happened since the start, in submit_sm."""

    accepted: int = 0
    refused: int = 0
    receipts_dropped: int = 0
    """For want of room in the account's backlog."""


class Outcome(NamedTuple):
    """The answer to a submit_sm, and what else comes of it."""

    response: SubmitSmResp
    submitted: Submitted | None = None
    """The segment for the phone, if it was accepted."""
    receipt: DeliverSm | None = None


class Submissions:
    """The SMSC's side of submit_sm.

    Args:
        first_id: where the message ids begin; greater than any that an earlier run gave.
    """

    def __init__(self, first_id: int) -> None:
        self.counts = SubmissionCounts()
        self._ids = count(first_id)

    def take(self, account: Account, pdu: SubmitSm, *, wall: float) -> Outcome:
        """Accept, or refuse what has a short code that is not the account's or a destination that is no phone.

        Args:
            account: whose bind it came over.
            pdu: the request.
            wall: seconds of the epoch, for receipts.
        """
        msisdn = normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
        if pdu.source_addr not in account.short_codes:
            return self._refuse(pdu, CommandStatus.ESME_RINVSRCADR)
        if msisdn is None:
            return self._refuse(pdu, CommandStatus.ESME_RINVDSTADR)
        self.counts.accepted += 1
        message_id = f"{next(self._ids):X}"
        return Outcome(
            SubmitSmResp(sequence_number=pdu.sequence_number, message_id=message_id),
            Submitted(msisdn, pdu),
            receipt(pdu, message_id, wall) if wants_receipt(pdu) else None,
        )

    def _refuse(self, pdu: SubmitSm, status: CommandStatus) -> Outcome:
        self.counts.refused += 1
        return Outcome(SubmitSmResp(sequence_number=pdu.sequence_number, command_status=status))

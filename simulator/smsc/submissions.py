"""What ESMEs submit: checked, given a message_id, with a receipt where one is wanted (SMPP 3.4 s4.4)."""

from __future__ import annotations

from collections.abc import Sequence
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
    """What comes of a batch of submit_sm. Every one of them is in `confirmed` or in `refused`."""

    confirmed: list[tuple[int, str]]
    """sequence_number and message_id of each that was accepted."""
    refused: list[SubmitSmResp]
    submitted: list[Submitted]
    """The segments for the phones."""
    receipts: list[DeliverSm]


class Submissions:
    """The SMSC's side of submit_sm.

    Args:
        first_id: where the message ids begin; greater than any that an earlier run gave.
    """

    def __init__(self, first_id: int) -> None:
        self.counts = SubmissionCounts()
        self._ids = count(first_id)

    def take(self, account: Account, pdus: Sequence[SubmitSm], *, wall: float) -> Outcome:
        """Accept, or refuse what has a short code that is not the account's or a destination that is no phone.

        Args:
            account: whose bind they came over.
            pdus: the requests.
            wall: seconds of the epoch, for receipts.
        """
        outcome = Outcome([], [], [], [])
        confirmed, refused, submitted, receipts = outcome
        for pdu in pdus:
            msisdn = normalise(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
            if pdu.source_addr not in account.short_codes:
                refused.append(_refusal(pdu, CommandStatus.ESME_RINVSRCADR))
            elif msisdn is None:
                refused.append(_refusal(pdu, CommandStatus.ESME_RINVDSTADR))
            else:
                message_id = f"{next(self._ids):X}"
                confirmed.append((pdu.sequence_number, message_id))
                submitted.append(Submitted(msisdn, pdu))
                if wants_receipt(pdu):
                    receipts.append(receipt(pdu, message_id, wall))
        self.counts.accepted += len(confirmed)
        self.counts.refused += len(refused)
        return outcome


def _refusal(pdu: SubmitSm, status: CommandStatus) -> SubmitSmResp:
    return SubmitSmResp(sequence_number=pdu.sequence_number, command_status=status)

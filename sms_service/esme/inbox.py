"""What the SMSC delivers over one link: sorted, and answered.

Citizens' messages are handed on and answered later, when they are durable. Receipts are answered here and go no further: a
receipt is nobody's inquiry. An SMSC may deliver by data_sm as well as by deliver_sm (SMPP 3.4 s4.7: either side may send
it); the text is then in message_payload, and only the answer has another name. No I/O: time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sms_service.model import Received
from sms_service.observability.metrics import SmscMetrics
from sms_service.smpp import CommandStatus, DataSm, DataSmResp, DeliverSm, Pdu, Session
from sms_service.sms.receipts import is_delivery_receipt

_OK: Final = int(CommandStatus.ESME_ROK)
MO_OCTETS_MAX: Final = 4096
"""Octets kept of a TLV: more than the longest text that the syntax reads (1,600 characters, 3,200 octets of UCS-2), so what is
cut was never going to be read. An SMSC may send 64 KB in message_payload, and some thousands of messages are held."""


class Inbox:
    """Messages and receipts from one link."""

    def __init__(self, smsc: str, link: str, session: Session, metrics: SmscMetrics) -> None:
        self._smsc = smsc
        self._link = link
        self._session = session
        self._metrics = metrics
        self._data_sm: set[int] = set()
        """Sequence numbers of data_sm that are not answered yet."""
        self.open = 0
        """Messages handed on and not answered yet."""

    def take(self, pdus: Iterable[Pdu], now: float) -> list[Received]:
        """The messages among requests, in order. Requests that have no response (outbind, alert_notification) are read over."""
        received: list[Received] = []
        receipts: list[int] = []
        smsc, link = self._smsc, self._link
        for pdu in pdus:
            short_message = b""
            if type(pdu) is DeliverSm:
                short_message = pdu.short_message
            elif type(pdu) is DataSm:
                self._data_sm.add(pdu.sequence_number)
            else:
                continue
            if is_delivery_receipt(pdu.esm_class):
                receipts.append(pdu.sequence_number)
                continue
            received.append(
                Received(
                    smsc=smsc,
                    link=link,
                    sequence_number=pdu.sequence_number,
                    received_at=now,
                    source_addr=pdu.source_addr,
                    source_addr_ton=pdu.source_addr_ton,
                    source_addr_npi=pdu.source_addr_npi,
                    destination_addr=pdu.destination_addr,
                    esm_class=pdu.esm_class,
                    data_coding=pdu.data_coding,
                    short_message=short_message,
                    tlvs=tuple([(tlv.tag, tlv.value[:MO_OCTETS_MAX]) for tlv in pdu.tlvs]) if pdu.tlvs else (),
                )
            )
        self.open += len(received) + len(receipts)
        if receipts:
            self._metrics.receipts.inc(len(receipts))
            self.acknowledge(receipts, _OK)
        return received

    def acknowledge(self, sequence_numbers: Sequence[int], status: int) -> None:
        """Answer what was delivered. A session that has ended drops it: the SMSC will deliver again."""
        self.open -= len(sequence_numbers)
        if self._data_sm:
            sequence_numbers = self._acknowledge_data_sm(sequence_numbers, status)
        if sequence_numbers:
            self._session.acknowledge(sequence_numbers, status)

    def _acknowledge_data_sm(self, sequence_numbers: Sequence[int], status: int) -> list[int]:
        """Answer those that came by data_sm; the others."""
        others = []
        for number in sequence_numbers:
            if number in self._data_sm:
                self._data_sm.remove(number)
                self._session.respond(DataSmResp(sequence_number=number, command_status=status))
            else:
                others.append(number)
        return others

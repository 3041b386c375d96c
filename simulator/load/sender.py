"""A phone of a load run: what it sends, what it is owed, when it was answered.

When it asks again, blanks at the end tell the two messages apart: a service may take equal ones for one that was delivered twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from simulator.load.owed import Owed, Person
from simulator.smsc.messages import cut
from sms_service.smpp import DataCoding, DeliverSm, Npi, Prepared, Tlv, Ton
from sms_service.sms import Alphabet

if TYPE_CHECKING:
    from simulator.load.inquiry import Inquiry

VARIANTS: Final = 100
"""Ways of sending the same, as blanks at the end. At the usual quota an inquiry comes again after 300 s at the soonest, so long as a
service remembers what it acknowledged over a link that broke."""
VARIANTS_WIDE: Final = 40
"""The same, of texts that travel as UCS-2, which has room for fewer."""
OCTETS_MAX: Final = 140
"""Of a single message with all its blanks, in any alphabet (3GPP TS 23.038)."""


class Sender:
    """One phone."""

    __slots__ = (
        "_alphabet",
        "_single",
        "_text",
        "_variants",
        "abusive",
        "answers",
        "inquiry",
        "kind",
        "last",
        "msisdn",
        "owed",
        "person",
        "sent",
    )

    def __init__(  # noqa: PLR0917 - each is what a sender is
        self, msisdn: str, kind: str, text: str, person: Person, owed: Owed, alphabet: Alphabet
    ) -> None:
        self.msisdn = msisdn
        self.kind = kind
        self.person = person
        self.owed = owed
        self.abusive = kind == "abusive"
        self.answers: list[float] = []
        """When it was answered, oldest first; see `senders.Queue`."""
        self.inquiry: Inquiry | None = None
        """The one that is unanswered."""
        self.last: str | None = None
        """The text that it was answered last."""
        self.sent = 0
        """Inquiries so far, those of earlier runs among them."""
        self._text = text
        self._alphabet = alphabet
        pdus = self._cut(text)
        blank = b"\0 " if pdus[0].data_coding == DataCoding.UCS2 else b" "
        self._variants = VARIANTS if len(blank) == 1 else VARIANTS_WIDE
        fits = len(pdus) == 1 and len(pdus[0].short_message) + self._variants * len(blank) <= OCTETS_MAX
        self._single = (pdus[0], blank) if fits else None

    def __repr__(self) -> str:
        return f"<Sender, {self.kind}>"

    def messages(self) -> list[Prepared]:
        """The deliver_sm of its next inquiry."""
        variant = self.sent % self._variants
        self.sent += 1
        if self._single is None:
            return [Prepared(pdu) for pdu in self._cut(self._text + " " * variant)]
        pdu, blank = self._single
        return [Prepared(replace(pdu, short_message=pdu.short_message + blank * variant) if variant else pdu)]

    def _cut(self, text: str) -> list[DeliverSm]:
        _, segments = cut(text, self.sent, self._alphabet)
        return [
            DeliverSm(
                source_addr_ton=Ton.INTERNATIONAL,
                source_addr_npi=Npi.ISDN,
                source_addr=self.msisdn,
                dest_addr_ton=Ton.NETWORK_SPECIFIC,
                destination_addr=self.owed.short_code,
                esm_class=segment.esm_class,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=tuple(Tlv(tag, value) for tag, value in segment.tlvs),
            )
            for segment in segments
        ]

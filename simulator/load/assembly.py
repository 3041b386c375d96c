"""Whole replies out of segments that did not come as they were owed, with the octets under which they came.

It differs from the phones' reassembly in what it keeps: to say what is wrong with a reply one must see its encoding as it was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sms_service.smpp import SubmitSm
from sms_service.sms import Alphabet, Part, join, part_of

INCOMPLETE_MAX: Final = 100_000
"""Replies of which segments are missing; the oldest is forgotten first."""


LEFTOVERS_MAX: Final = 10_000
"""Pieces that became no reply and are kept to be judged."""


class Whole(NamedTuple):
    """A reply, complete."""

    text: str
    parts: Sequence[Part]
    """In order."""
    short_code: str

    @property
    def codings(self) -> set[int]:
        """Every data_coding that came."""
        return {part.data_coding for part in self.parts}

    def read_as(self, data_coding: int, default: Alphabet) -> str:
        """The text that its octets say under another data_coding."""
        return join([Part(part.number, data_coding, part.payload) for part in self.parts], default)


class _Key(NamedTuple):
    msisdn: str
    short_code: str
    reference: int
    width: int
    total: int


class Assembly:
    """Takes segments in any order, some twice.

    Args:
        default: what data_coding 0 means.
    """

    def __init__(self, default: Alphabet) -> None:
        self._default: Final = default
        self._incomplete: dict[_Key, dict[int, Part]] = {}
        self._of: dict[str, set[_Key]] = {}
        self._repeated: list[tuple[str, Whole]] = []

    def add(self, msisdn: str, pdu: SubmitSm) -> Whole | None:
        """The whole reply, if this was the last of its segments."""
        inbound = part_of(pdu.esm_class, pdu.short_message, [(tlv.tag, tlv.value) for tlv in pdu.tlvs])
        concat = inbound.concat
        if concat is None:
            return self._whole([Part(1, pdu.data_coding, inbound.payload)], pdu.source_addr)
        key = _Key(msisdn, pdu.source_addr, concat.reference, concat.width, concat.total)
        parts = self._incomplete.get(key)
        if parts is None:
            parts = self._incomplete[key] = {}
            self._of.setdefault(msisdn, set()).add(key)
            if len(self._incomplete) > INCOMPLETE_MAX:
                self._give_up(next(iter(self._incomplete)))
        if concat.number in parts and len(self._repeated) < LEFTOVERS_MAX:
            self._repeated.append((msisdn, self._whole([parts[concat.number]], pdu.source_addr)))
        parts[concat.number] = Part(concat.number, pdu.data_coding, inbound.payload)
        if len(parts) < concat.total:
            return None
        self._forget(key)
        return self._whole(sorted(parts.values(), key=lambda part: part.number), pdu.source_addr)

    def incomplete(self, msisdn: str) -> tuple[int, int]:
        """Of the incomplete replies to a number: the most segments of one that came, and how many it has; 0, 0 of none."""
        keys = self._of.get(msisdn, ())
        return max(((len(self._incomplete[key]), key.total) for key in keys), default=(0, 0))

    def leftovers(self) -> list[tuple[str, Whole]]:
        """What came and became no whole reply: by number, segments that came twice, and the parts of what is incomplete. Then nothing is
        left.
        """
        for key in list(self._incomplete):
            self._give_up(key)
        found, self._repeated = self._repeated, []
        return found

    def _give_up(self, key: _Key) -> None:
        parts = sorted(self._incomplete[key].values(), key=lambda part: part.number)
        self._forget(key)
        if len(self._repeated) < LEFTOVERS_MAX:
            self._repeated.append((key.msisdn, self._whole(parts, key.short_code)))

    def _forget(self, key: _Key) -> None:
        del self._incomplete[key]
        keys = self._of[key.msisdn]
        keys.discard(key)
        if not keys:
            del self._of[key.msisdn]

    def _whole(self, parts: Sequence[Part], short_code: str) -> Whole:
        return Whole(join(parts, self._default), parts, short_code)

"""What is to be said of a reply: it is compared with what its receiver is owed, and, when it differs, with everything else.

A right reply costs a comparison of octets. What is not right is looked at closely: whose it might be is found in an index of all that
the run's senders are owed. The gravest is another person's data, so it is looked for before all that is
merely wrong. Nothing that is said of a reply quotes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from simulator.load.assembly import Whole
from simulator.load.figures import Verdict
from simulator.load.owed import Owed, Person
from simulator.load.sender import Sender
from sms_service.smpp import DataCoding
from sms_service.sms import Alphabet, LongMessages, segment_count, unaccent

_ID: Final = re.compile(r"\d{12}|\d{9}")
OTHER_CODINGS: Final = (DataCoding.SMSC_DEFAULT, DataCoding.LATIN_1, DataCoding.UCS2)
"""As which octets are tried that say something else under their own data_coding (SMPP 3.4 s5.2.19)."""
_COMMON_MAX: Final = 20
"""A line that more than so many are owed says nothing of one person ("Gioi tinh: Nam")."""


class Said(NamedTuple):
    """A verdict, and in words what differs: places and lengths, no content."""

    verdict: Verdict
    what: str = ""


class Judge:
    """Judges replies to the senders of a run.

    Args:
        senders: all of them.
        refusal, busy, notice: the texts for everybody, as the syntax has them; `notice` is for a sender over the quota.
        alphabet: what data_coding 0 means.
    """

    def __init__(self, senders: Iterable[Sender], *, refusal: str, busy: str, notice: str, alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._refusal = refusal
        self._busy = busy
        self._notice = notice
        self._lines: Final = _index(senders)
        """Line of a personal reply → up to `_COMMON_MAX` + 1 of those citizens' IDs who are owed it."""

    def judge(self, sender: Sender, arrival: Whole) -> Said:
        """A whole reply that came while the sender waited for one."""
        owed, text = sender.owed, arrival.text
        if text == owed.text:
            return self._form(owed, arrival)
        if text == self._busy:
            return Said(Verdict.BUSY, "the service is busy")
        if text == self._notice:
            return Said(Verdict.OTHER_TEXT, "a notice of the quota, which the sender has kept")
        if text == self._refusal and owed.personal:
            return Said(Verdict.REFUSED_WRONGLY, "a refusal, where there is a record")
        said = self._other(sender, text)
        for coding in OTHER_CODINGS:
            reading = arrival.read_as(coding, self._alphabet)
            if reading == owed.text:
                said = Said(Verdict.ENCODING, "the right octets under a data_coding that makes them say something else")
            elif other := self._of_another(sender, reading):
                return Said(Verdict.OTHER_PERSON, other)
        return said

    def unasked(self, sender: Sender, arrival: Whole) -> Said:
        """A reply to a sender that waits for none."""
        text = arrival.text
        if text == sender.last:
            return Said(Verdict.TWICE, "the reply to its last inquiry once more")
        other = self._of_another(sender, text)
        return Said(Verdict.OTHER_PERSON, other) if other else Said(Verdict.UNASKED, "nothing was asked")

    def pieces(self, sender: Sender, arrival: Whole) -> Said:
        """Segments that nobody waits for, and that are no whole reply."""
        if other := self._of_another(sender, arrival.text):
            return Said(Verdict.OTHER_PERSON, other)
        if arrival.text and arrival.text in (sender.last or ""):
            return Said(Verdict.TWICE, f"{len(arrival.parts)} segments of the reply to its last inquiry once more")
        return Said(Verdict.UNASKED, f"{len(arrival.parts)} segments of a reply that nobody waits for")

    def is_notice(self, arrival: Whole) -> bool:
        """Whether it is the one notice of a quota used up."""
        return arrival.text == self._notice

    def _form(self, owed: Owed, arrival: Whole) -> Said:
        if arrival.short_code != owed.short_code:
            return Said(Verdict.SENDER, "from another short code")
        if arrival.codings != {owed.data_coding}:
            codings = ", ".join(map(str, sorted(arrival.codings)))
            return Said(Verdict.ENCODING, f"under data_coding {codings}, where {owed.data_coding} does")
        allowed = max(segment_count(owed.text, self._alphabet, method) for method in LongMessages)
        if len(arrival.parts) > allowed:
            return Said(Verdict.ENCODING, f"{len(arrival.parts)} segments, where {len(owed.segments)} do")
        return Said(Verdict.RIGHT)

    def _other(self, sender: Sender, text: str) -> Said:
        owed = sender.owed
        if other := self._of_another(sender, text):
            return Said(Verdict.OTHER_PERSON, other)
        if not owed.personal and _tells_of(sender.person, text):
            return Said(Verdict.DISCLOSED_WRONGLY, "the sender's own data, where none may be told")
        if owed.text.startswith(text):
            return Said(Verdict.TRUNCATED, f"{len(text)} characters of {len(owed.text)}")
        if unaccent(text) == unaccent(owed.text):
            return Said(Verdict.ENCODING, "the same with other accents")
        return Said(Verdict.OTHER_TEXT, _difference(owed.text, text))

    def _of_another(self, sender: Sender, text: str) -> str:
        """In what a text tells of another citizen; empty if it does not, as far as one can see."""
        own = sender.person.citizen
        known = {own.citizen_id, own.old_id_number} if own is not None else set()
        for found in _ID.finditer(text):
            if found[0] not in known and found[0] not in sender.owed.text:
                return f"an identity number that is not the sender's, at character {found.start()}"
        lines = self._lines
        mine = set(sender.owed.text.split("\n"))
        for number, line in enumerate(text.split("\n"), 1):
            owners = lines.get(line, ())
            if line not in mine and 0 < len(owners) <= _COMMON_MAX and not known & {*owners}:
                return f"line {number} is of what another citizen is owed"
        return ""


class AnyReply(Judge):
    """Judges the replies of an ESME that knows nothing of the population: any text is right, once, whole, and from the short code."""

    def judge(self, sender: Sender, arrival: Whole) -> Said:
        """A whole reply that came while the sender waited for one."""
        is_ours = arrival.short_code == sender.owed.short_code
        return Said(Verdict.RIGHT) if is_ours else Said(Verdict.SENDER, "from another short code")


def _index(senders: Iterable[Sender]) -> dict[str, list[str]]:
    """Made before the run: to make it when it is first needed would hold up a large run, and void it."""
    lines: dict[str, list[str]] = {}
    for sender in senders:
        citizen = sender.person.citizen
        if citizen is None or not sender.owed.personal:
            continue
        for line in sender.owed.text.split("\n"):
            owners = lines.setdefault(line, [])
            if len(owners) <= _COMMON_MAX:
                owners.append(citizen.citizen_id)
    return lines


def _tells_of(person: Person, text: str) -> bool:
    citizen = person.citizen
    return citizen is not None and (citizen.citizen_id in text or unaccent(citizen.full_name) in unaccent(text))


def _difference(owed: str, text: str) -> str:
    for place, (one, other) in enumerate(zip(owed, text, strict=False)):
        if one != other:
            return f"differs from character {place} on; {len(text)} characters, where {len(owed)} are owed"
    return f"{len(text)} characters, where {len(owed)} are owed"

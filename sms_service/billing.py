"""Bills: call detail records as lines, their sums, and what an operator's own list of numbers says otherwise.

One record for each accepted inquiry, whatever became of it; a fee is due where the service answered, by the syntax that read the
message. The sums are held against the audit trail: an ending for which something left must stand there, under the same ending. Senders
are pseudonyms; an operator's numbers become pseudonyms before anything is compared, and only the places of their lines are told.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from sms_service.model import CallDetailRecord, Ending
from sms_service.sms.msisdn import normalise

COLUMNS: Final = (
    "time", "smsc", "sender", "command", "fee", "segments", "message_ids", "ending", "uncertain", "inquiry_id",
)  # fmt: skip
"""Of the CSV file. time: local, with its offset (ISO 8601). fee: đồng, empty where it is not known. message_ids: blanks between."""

LINE_MAX: Final = 200
"""Characters of a line of an operator's list: a number, and whatever else stands behind it."""
NUMBERS_MAX: Final = 50_000_000
"""Lines of an operator's list: a month of a large operator, some 5 GB of memory."""
_NUMBERED: Final = ("msisdn", "number", "sender", "so", "số")
"""Words with which a heading may begin."""


class BadNumbers(Exception):
    """A list that is none. The text names the line and never what stands there."""


def lines(records: Iterable[CallDetailRecord], zone: dt.tzinfo) -> str:
    """The CSV lines of some records, without a heading."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    for record in records:
        write(
            (
                record.at.astimezone(zone).isoformat(timespec="milliseconds"),
                _plain(record.smsc),
                record.sender.hex(),
                record.command,
                "" if record.fee is None else record.fee,
                record.segments,
                " ".join(map(_plain, record.message_ids)),
                record.ending.value,
                "yes" if record.uncertain else "no",
                record.inquiry_id,
            )
        )
    return out.getvalue()


def _plain(text: str) -> str:
    """An SMSC's words without what a line cannot hold: programs that read CSV differ in what they make of it."""
    return "".join(character if character.isprintable() else "?" for character in text)


def heading() -> str:
    """The first line of a file."""
    return ",".join(COLUMNS) + "\n"


class Totals:
    """The sums of the records that were told, by SMSC."""

    def __init__(self) -> None:
        self.records: Counter[str] = Counter()
        self.segments: Counter[str] = Counter()
        self.fees: Counter[str] = Counter()
        self.endings: dict[str, Counter[Ending]] = {}
        self.without_fee = 0
        """Answered, recorded by a version that kept no fees."""
        self.not_audited = 0
        """Segments were confirmed, and the audit trail has no entry."""
        self.audited_otherwise = 0
        """The audit trail names another ending; a reply that could not be delivered had one before."""

    def add(self, record: CallDetailRecord) -> None:
        """Count one."""
        smsc = record.smsc
        self.records[smsc] += 1
        self.segments[smsc] += record.segments
        self.fees[smsc] += record.fee or 0
        self.endings.setdefault(smsc, Counter())[record.ending] += 1
        self.without_fee += record.fee is None and record.ending is Ending.ANSWERED
        if record.audited is None:
            self.not_audited += record.segments > 0
        elif record.ending is not Ending.UNDELIVERABLE:
            self.audited_otherwise += record.audited is not record.ending

    @property
    def match_audit(self) -> bool:
        """Whether nothing contradicts the audit trail."""
        return not self.not_audited and not self.audited_otherwise

    def told(self) -> Iterator[str]:
        """The sums in sentences."""
        for smsc in sorted(self.records):
            endings = ", ".join(f"{ending.value} {count:,}" for ending, count in sorted(self.endings[smsc].items()))
            yield (
                f"{smsc or '(unknown)'}: {self.records[smsc]:,} inquiries ({endings}), {self.segments[smsc]:,} segments, "
                f"fees {self.fees[smsc]:,} VND"
            )
        yield f"all: {self.records.total():,} inquiries, {self.segments.total():,} segments, fees {self.fees.total():,} VND"
        if self.without_fee:
            yield f"{self.without_fee:,} answered inquiries were recorded by an older version, which kept no fees"
        if self.match_audit:
            yield "the audit trail says the same"
        else:
            yield (
                f"THE AUDIT TRAIL SAYS OTHERWISE: {self.not_audited:,} replies left without an entry, "
                f"{self.audited_otherwise:,} stand there under another ending"
            )


class Difference(msgspec.Struct, frozen=True):
    """A sender of whom the operator counts otherwise than we."""

    line: int | None
    """Of the operator's list, where the number stands first; None: it is not there."""
    sender: bytes
    theirs: int
    ours: int


class Numbers:
    """An operator's list: a number a line, each once for each message that it counts.

    Args:
        pseudonym: of an MSISDN.
    """

    def __init__(self, pseudonym: Callable[[str], bytes]) -> None:
        self._pseudonym = pseudonym
        self._theirs: Counter[bytes] = Counter()
        self._first: dict[bytes, int] = {}
        self._ours: Counter[bytes] = Counter()

    def read(self, given: Iterable[str]) -> int:
        """Read the list. What stands behind the number, parted by a comma, semicolon or blank, is passed over.

        Returns:
            How many lines count.

        Raises:
            BadNumbers: see there.
        """
        counted = 0
        for place, line in enumerate(given, 1):
            if place > NUMBERS_MAX:
                raise BadNumbers(f"more than {NUMBERS_MAX:,} lines: divide the list, by days for instance")
            words = line.replace(",", " ").replace(";", " ").replace('"', " ").split()
            if not words:
                continue
            if place == 1 and words[0].casefold() in _NUMBERED:
                continue
            msisdn = normalise(words[0], 0, 0) if len(line) <= LINE_MAX else None
            if msisdn is None:
                raise BadNumbers(f"line {place}: expected a number, such as 84… or 0…, at its beginning")
            sender = self._pseudonym(msisdn)
            self._theirs[sender] += 1
            self._first.setdefault(sender, place)
            counted += 1
        return counted

    def add(self, record: CallDetailRecord) -> None:
        """Count one of ours."""
        self._ours[record.sender] += 1

    def differences(self) -> Iterator[Difference]:
        """In the order of the operator's lines, then those whom it does not know."""
        for sender, place in self._first.items():
            if self._theirs[sender] != self._ours[sender]:
                yield Difference(place, sender, self._theirs[sender], self._ours[sender])
        for sender, count in self._ours.items():
            if sender not in self._theirs:
                yield Difference(None, sender, 0, count)


def day_bounds(first: dt.date, last: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """From the midnight that begins `first` to the one that ends `last`, in the zone."""
    return (
        dt.datetime.combine(first, dt.time(), zone),
        dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone),
    )

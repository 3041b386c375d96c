"""Bills: the lines of call detail records, their sums, and an operator's own list held against them."""

import csv
import datetime as dt
import io
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service import billing
from sms_service.billing import COLUMNS, BadNumbers, Difference, Numbers, Totals, day_bounds, heading, lines
from sms_service.model import CallDetailRecord, Ending

ZONE = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
AT = dt.datetime(2026, 11, 27, 17, 0, 0, 500_000, tzinfo=dt.UTC)


def record(number=1, ending=Ending.ANSWERED, **fields):
    values = {
        "inquiry_id": number,
        "at": AT,
        "smsc": "viettel",
        "sender": b"s" * 16,
        "command": "own_record",
        "fee": 1000,
        "segments": 2,
        "message_ids": ("a1", "a2"),
        "ending": ending,
        "uncertain": False,
        "audited": ending,
        **fields,
    }
    return CallDetailRecord(**values)


def parsed(text):
    return [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(io.StringIO(text))]


def test_a_line():
    """Local time with its offset, the pseudonym, what an operator can look up."""
    first, second = parsed(lines([record(), record(2, fee=None, uncertain=True, message_ids=())], ZONE))
    assert first == {
        "time": "2026-11-28T00:00:00.500+07:00",
        "smsc": "viettel",
        "sender": "73" * 16,
        "command": "own_record",
        "fee": "1000",
        "segments": "2",
        "message_ids": "a1 a2",
        "ending": "answered",
        "uncertain": "no",
        "inquiry_id": "1",
    }
    assert (second["fee"], second["uncertain"], second["message_ids"]) == ("", "yes", "")
    assert parsed(heading())[0] == {name: name for name in COLUMNS}


@given(st.text(), st.lists(st.text()))
def test_whatever_an_smsc_says_stays_in_its_column(smsc, message_ids):
    """Message ids are the SMSC's own words."""
    (row,) = parsed(lines([record(smsc=smsc, message_ids=tuple(message_ids))], ZONE))
    assert row["inquiry_id"] == "1"


def test_sums_by_smsc():
    """Inquiries by ending, segments, fees; and that the audit trail says the same."""
    totals = Totals()
    for one in (
        record(1),
        record(2, Ending.REFUSED, fee=0, segments=1),
        record(3, smsc="mobifone"),
        record(4, Ending.OVER_QUOTA, fee=0, segments=0, audited=None),
        record(5, Ending.UNDELIVERABLE, fee=0, segments=1, audited=Ending.ANSWERED),
    ):
        totals.add(one)
    assert totals.match_audit
    assert list(totals.told()) == [
        "mobifone: 1 inquiries (answered 1), 2 segments, fees 1,000 VND",
        "viettel: 4 inquiries (answered 1, over_quota 1, refused 1, undeliverable 1), 4 segments, fees 1,000 VND",
        "all: 5 inquiries, 6 segments, fees 2,000 VND",
        "the audit trail says the same",
    ]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (record(audited=None), "1 replies left without an entry, 0"),
        (record(audited=Ending.REFUSED), "0 replies left without an entry, 1 stand there under another"),
    ],
)
def test_an_audit_trail_that_says_otherwise(one, told):
    """Is what the sums are held against it for."""
    totals = Totals()
    totals.add(one)
    assert not totals.match_audit
    assert told in list(totals.told())[-1]


def test_fees_that_are_not_known():
    """Are told, not taken for none."""
    totals = Totals()
    totals.add(record(fee=None))
    assert any("1 answered inquiries were recorded by an older version" in line for line in totals.told())


def pseudonym(msisdn):
    return msisdn.encode().rjust(16, b"-")


def numbers(*given_lines, ours=()):
    made = Numbers(pseudonym)
    made.read(given_lines)
    for msisdn in ours:
        made.add(record(sender=pseudonym(msisdn)))
    return made


def test_the_same_counts():
    """Whatever the form of a number, its heading, and what stands behind it."""
    given_lines = ["MSISDN,time\n", "84912345678,2026-11-27 08:00\n", "0912345678;x\n", "\n", '"+84387654321" y\n']
    ours = ["84912345678", "84912345678", "84387654321"]
    assert list(numbers(*given_lines, ours=ours).differences()) == []


def test_differences():
    """By the operator's lines; then who is not in its list. No number is told."""
    found = list(
        numbers(
            "84912345678", "84387654321", "84912345678", ours=["84387654321", "84387654321", "84911111111"]
        ).differences()
    )
    assert found == [
        Difference(1, pseudonym("84912345678"), 2, 0),
        Difference(2, pseudonym("84387654321"), 1, 2),
        Difference(None, pseudonym("84911111111"), 0, 1),
    ]


@pytest.mark.parametrize("bad", ["hello", "5505", "84912345678x", "8" * 300, "=cmd()", "\0"])
def test_what_is_no_list(bad):
    """The line is named, and what stands there is not quoted."""
    with pytest.raises(BadNumbers, match="line 2: expected a number") as raised:
        numbers("84912345678", bad)
    assert bad not in str(raised.value)


def test_a_list_that_is_too_long(monkeypatch):
    monkeypatch.setattr(billing, "NUMBERS_MAX", 2)
    with pytest.raises(BadNumbers, match="more than 2 lines"):
        numbers("84912345678", "84912345678", "84912345678")


def test_days_begin_at_midnight_in_vietnam():
    """The last one is included."""
    since, until = day_bounds(dt.date(2026, 11, 27), dt.date(2026, 11, 28), ZONE)
    assert since.astimezone(dt.UTC).isoformat() == "2026-11-26T17:00:00+00:00"
    assert (until - since).days == 2

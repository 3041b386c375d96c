"""`sms-service cdr` on a real journal: what was finished is what is billed, once, on its day."""

import asyncio
import csv
import datetime as dt
import io

import asyncpg
import pytest
from click.testing import CliRunner

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.postgres import Database, PostgresAuditTrail, PostgresJournal
from sms_service.cli import commands
from sms_service.keys import AuditChain, Pseudonyms, new_keys, write_keys
from sms_service.model import AuditEntry, Ending, Finished, NewInquiry
from tests.contract.databases import journal_database, journal_dsn
from tests.unit.settings.test_load import LEAST

__all__ = ["journal_database", "journal_dsn"]

KEYS = new_keys()
PSEUDONYMS = Pseudonyms(KEYS)
ALICE, BOB = "84912345678", "84387654321"
FIRST, SECOND = dt.datetime(2026, 11, 26, 17, 0, tzinfo=dt.UTC), dt.datetime(2026, 11, 27, 16, 59, 59, tzinfo=dt.UTC)
"""The first and the last second of 27 November in Vietnam."""
THIRD = SECOND + dt.timedelta(seconds=1)


def entry(number, sender, ending, smsc="viettel", segments=1):
    return AuditEntry(number, 1, smsc, PSEUDONYMS.msisdn(sender), b"", "own_record", "", "1", ending, segments, False)


@pytest.fixture
def journal(journal_dsn):
    """Four inquiries on two days: one answered (audited twice), one refused over another SMSC, one silent, one the day after."""

    async def fill():
        database = Database.journal(journal_dsn, user="test", connections=1)
        journal, audit = PostgresJournal(database, SystemClock()), PostgresAuditTrail(database)
        run = await journal.open_run("gateway-1")
        smscs = ["viettel", "mobifone", "viettel", "viettel"]
        rows = [NewInquiry(number, smsc, 0.0, b"%d" % number, b"") for number, smsc in enumerate(smscs, 1)]
        assert await journal.accept(run, rows) == [True] * 4
        chain = AuditChain(KEYS, run.run_id)
        await audit.append(
            [
                chain.link(entry(1, ALICE, Ending.EXPIRED)),
                chain.link(entry(1, ALICE, Ending.ANSWERED, segments=2)),
                chain.link(entry(2, BOB, Ending.REFUSED, "mobifone")),
                chain.link(entry(4, ALICE, Ending.ANSWERED)),
            ]
        )
        finished = [
            Finished(1, Ending.ANSWERED, FIRST.timestamp(), 2, True, 0, ("a,1", 'a"2'), fee=1000),
            Finished(2, Ending.REFUSED, SECOND.timestamp(), 1, False, 0, ("b",)),
            Finished(3, Ending.OVER_QUOTA, SECOND.timestamp(), 0, False, sender=PSEUDONYMS.msisdn(BOB)),
            Finished(4, Ending.ANSWERED, THIRD.timestamp(), 1, False, 0, ("c",), fee=500),
        ]
        assert await journal.finish(run, finished) == [True] * 4
        assert await journal.finish(run, finished) == [True] * 4
        await database.close()

    asyncio.run(fill())


@pytest.fixture
def cdr(tmp_path, journal_dsn):
    write_keys(tmp_path / "sms.keys", KEYS)
    (tmp_path / "config.toml").write_text(LEAST.replace("postgresql://sms:hunter2@db/journal", journal_dsn))

    def call(*arguments, given=None):
        line = ["cdr", "--config", str(tmp_path / "config.toml"), *map(str, arguments)]
        return CliRunner().invoke(commands, line, input=given)

    return call


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_day(journal, cdr):
    """From midnight to midnight in Vietnam; each inquiry once, under the entry that left."""
    result = cdr("--from", "2026-11-27")
    assert result.exit_code == 0, result.stderr
    first, second, third = rows(result.stdout)
    assert first == {
        "time": "2026-11-27T00:00:00.000+07:00",
        "smsc": "viettel",
        "sender": PSEUDONYMS.msisdn(ALICE).hex(),
        "command": "own_record",
        "fee": "1000",
        "segments": "2",
        "message_ids": 'a,1 a"2',
        "ending": "answered",
        "uncertain": "yes",
        "inquiry_id": "1",
    }
    assert (second["smsc"], second["fee"], second["ending"]) == ("mobifone", "0", "refused")
    assert (third["sender"], third["command"], third["ending"]) == (PSEUDONYMS.msisdn(BOB).hex(), "", "over_quota")
    assert "all: 3 inquiries, 3 segments, fees 1,000 VND" in result.stderr
    assert "the audit trail says the same" in result.stderr


def test_several_days_of_one_smsc(journal, cdr):
    """The last day is included."""
    found = rows(cdr("--from", "27/11/2026", "--to", "28/11/2026", "--smsc", "viettel").stdout)
    assert [row["inquiry_id"] for row in found] == ["1", "3", "4"]


def test_a_file_a_day(journal, cdr, tmp_path):
    """Days without any have one too; nobody else may read them; nothing goes to standard output."""
    result = cdr("--from", "2026-11-26", "--to", "2026-11-28", "--daily", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (0, "")
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in files] == [f"cdr-2026-11-{day}.csv" for day in (26, 27, 28)]
    assert [len(rows(file.read_text("utf-8"))) for file in files] == [0, 3, 1]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert "all: 4 inquiries" in result.stderr


def test_an_operators_list(journal, cdr):
    """The same counts, or who is counted otherwise: by line and pseudonym."""
    same = cdr("--from", "2026-11-27", "--numbers", "-", given=f"{ALICE}\n0{BOB[2:]},08:00\n{BOB}\n")
    assert (same.exit_code, same.stdout) == (0, "")
    assert "the operator counts the same" in same.stderr
    other = cdr("--from", "2026-11-27", "--numbers", "-", given=f"{ALICE}\n{ALICE}\n")
    assert other.exit_code == 1
    assert rows(other.stdout) == [
        {"line": "1", "sender": PSEUDONYMS.msisdn(ALICE).hex(), "operator": "2", "records": "1"},
        {"line": "", "sender": PSEUDONYMS.msisdn(BOB).hex(), "operator": "0", "records": "2"},
    ]
    for number in (ALICE, BOB, ALICE[2:], BOB[2:]):
        assert number not in other.output


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--from", "2026-11-27", "--to", "2026-11-26"), "--to 2026-11-26 is before"),
        (("--from", "yesterday"), "no day"),
        (("--from", "2026-11-27", "--daily", "x", "--numbers", "-"), "two tasks"),
    ],
)
def test_what_is_refused(cdr, arguments, what):
    result = cdr(*arguments, given="")
    assert result.exit_code == 2
    assert what in result.stderr


def test_a_list_that_is_none(cdr):
    """Nothing of it is quoted."""
    result = cdr("--from", "2026-11-27", "--numbers", "-", given="84912345678\nsecret\n")
    assert result.exit_code == 2
    assert "--numbers: line 2: expected a number" in result.stderr
    assert "secret" not in result.output


def test_records_of_an_older_version(journal, journal_dsn, cdr):
    """The SMSC is the audit trail's; the fee is not known, and it is said."""

    async def forget():
        connection = await asyncpg.connect(journal_dsn)
        await connection.execute("UPDATE ending SET smsc = NULL, fee = NULL, sender = NULL")
        await connection.close()

    asyncio.run(forget())
    result = cdr("--from", "2026-11-27")
    assert [(row["smsc"], row["fee"]) for row in rows(result.stdout)] == [("viettel", ""), ("mobifone", ""), ("", "")]
    assert "1 answered inquiries were recorded by an older version" in result.stderr


def test_an_audit_trail_that_lacks_an_entry(journal, journal_dsn, cdr):
    """Exit code 1: somebody must look."""

    async def tamper():
        connection = await asyncpg.connect(journal_dsn)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("DELETE FROM audit_entry WHERE inquiry_id = 2")
        await connection.close()

    asyncio.run(tamper())
    result = cdr("--from", "2026-11-27")
    assert result.exit_code == 1
    assert "THE AUDIT TRAIL SAYS OTHERWISE: 1 replies" in result.stderr

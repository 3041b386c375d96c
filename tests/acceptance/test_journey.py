"""The journey on real parts, under load and under failures: TCP, SMPP, PostgreSQL, Valkey, HTTP.

One demo serves all tests of this module; each uses inquiries of its own and accounts for every one of them.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter

import asyncpg
import pytest
import pytest_asyncio
import redis.asyncio

from tests.acceptance.demo_process import Demo, Line, fetch
from tests.acceptance.load_smsc import LoadSmsc

pytestmark = pytest.mark.asyncio(loop_scope="module")

BINDS, WINDOW = 2, 60
CITIZENS = 3000
REFUSAL = "So dien thoai hoac cong dan khong ton tai."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def smsc():
    """An SMSC of the test's own."""
    smsc = LoadSmsc()
    smsc.port = await smsc.start()
    yield smsc
    await smsc.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(smsc, tmp_path_factory):
    """A demo that binds to it."""
    options = ["--smsc", f"127.0.0.1:{smsc.port}", "--binds", str(BINDS), "--window", str(WINDOW)]
    options += ["--citizens", str(CITIZENS), "--ops-port", str(free_port())]
    demo = await Demo.start(tmp_path_factory.mktemp("journey"), *options)
    await smsc.bound(BINDS)
    yield demo
    assert await demo.end() == 0
    assert "is killed" not in demo.said


def free_port() -> int:
    from simulator.engines.ports import free_port as free

    return free()


def asked(lines: list[Line], blanks: int) -> list[tuple[str, str]]:
    """What these numbers text. Blanks make it another message to the SMSC and the same to the syntax: an equal one would be
    a redelivery for 300 s after its link dropped, which the kills here bring about."""
    return [(line.msisdn, line.text + " " * blanks) for line in lines]


def account(smsc: LoadSmsc, lines: list[Line]) -> tuple[int, int, int]:
    """Wrong, missing and surplus replies to one inquiry of each line."""
    wrong = sum(reply != line.reply for line in lines for reply in smsc.replies[line.msisdn])
    missing = sum(not smsc.replies[line.msisdn] for line in lines)
    surplus = sum(max(0, len(smsc.replies[line.msisdn]) - 1) for line in lines)
    return wrong, missing, surplus


async def test_every_number_gets_exactly_the_expected_reply(demo, smsc):
    """Each number of the population asks once; every reply is that of the sending citizen, none is missing or double."""
    lines = demo.lines()
    smsc.replies.clear()
    inquiries = smsc.send(asked(lines, 0))
    await smsc.settled(Counter(line.msisdn for line in lines), 60)

    assert (0, 0, 0) == account(smsc, lines)
    assert all(inquiry.acknowledged for inquiry in inquiries)
    assert set(smsc.replies) <= {line.msisdn for line in lines}
    assert {line.state for line in lines} > {"authenticated", "disowned", "recycled", "locked_two_way"}
    assert {line.reply for line in lines if line.state != "authenticated"} == {REFUSAL}


async def test_nothing_personal_is_left_behind(demo, smsc):
    """After thousands of inquiries no number, ID, name or text stands in logs, metrics, Valkey or the journal."""
    lines = demo.lines()
    haystacks = {path.name: path.read_bytes() for path in (demo.folder / "logs").iterdir()}
    for url in demo.facts()["ops_urls"]:
        for page in ("metrics", "api/stats", "api/history", "readyz"):
            haystacks[f"{url}/{page}"] = (await demo.get(f"{url}/{page}"))[1].encode()
    haystacks["valkey"] = await dump_redis(demo.redis_url())
    haystacks["journal"] = await dump_database(demo.dsn("journal"))
    assert len(haystacks["valkey"]) > 1000
    assert len(haystacks["journal"]) > 1000 * len(lines) / 10

    found = set()
    needles = {form for line in lines for form in forms(line)}
    for name, haystack in haystacks.items():
        words = set(re.findall(rb"[0-9]{9,15}", haystack))
        found |= {(name, "a number") for word in words if word in needles}
        found |= {(name, "a name") for line in lines[::20] for form in names(line) if form in haystack}
    assert set() == found


def forms(line: Line) -> set[bytes]:
    """The forms in which a number and an ID are usually written, as runs of digits."""
    digits = line.msisdn
    return {value.encode() for value in (digits, "0" + digits[2:], digits[2:], "00" + digits, line.citizen_id) if value}


def names(line: Line) -> list[bytes]:
    from sms_service.sms.vietnamese import unaccent

    return [line.name.encode(), unaccent(line.name).encode()]


async def dump_redis(url: str) -> bytes:
    client = redis.asyncio.Redis.from_url(url)
    pieces = []
    async for key in client.scan_iter(count=1000):
        pieces.append(key)
        kind = await client.type(key)
        pieces.append(await client.get(key) if kind == b"string" else b" ".join(await client.smembers(key)))
    await client.aclose()
    return b"\n".join(piece or b"" for piece in pieces)


async def dump_database(dsn: str) -> bytes:
    connection = await asyncpg.connect(dsn)
    tables = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    pieces = []
    for table in tables:
        for row in await connection.fetch(f'SELECT * FROM "{table}"'):
            pieces.extend(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    await connection.close()
    return b"\n".join(pieces)


async def test_sigkill_of_the_gateway_under_load_loses_nothing(demo, smsc):
    """Killed in mid-flight and started again by its supervisor: every acknowledged inquiry is answered, and what is sent
    twice is no more than the windows held."""
    lines = demo.lines()
    smsc.replies.clear()
    inquiries = smsc.send(asked(lines, 1))
    await until(lambda: len(smsc.replies) > len(lines) // 4)
    await demo.kill("gateway-1")
    await smsc.settled(Counter(line.msisdn for line in lines), 90)

    wrong, missing, surplus = account(smsc, lines)
    assert (0, 0) == (wrong, missing)
    assert surplus <= BINDS * WINDOW
    assert all(inquiry.acknowledged for inquiry in inquiries)
    print(f"\nredelivered {smsc.redelivered}, twice {surplus}")


async def test_sigkill_of_postgresql_under_load_loses_nothing(demo, smsc):
    """The journal and the population die together: the SMSC keeps what is not stored, and nobody is refused falsely."""
    lines = demo.lines()
    smsc.replies.clear()
    inquiries = smsc.send(asked(lines, 2))
    await until(lambda: len(smsc.replies) > len(lines) // 4)
    await demo.kill("postgres")
    await smsc.settled(Counter(line.msisdn for line in lines), 90)

    assert (0, 0, 0) == account(smsc, lines)
    assert all(inquiry.acknowledged for inquiry in inquiries)


async def test_while_the_register_is_out_inquiries_wait(demo, smsc):
    """The register fails for some seconds: nobody is refused, everybody is answered when it is back."""
    lines = demo.lines()[:1500]
    smsc.replies.clear()
    admin = demo.facts()["subscribers_url"] + "/admin/faults"
    await asyncio.to_thread(fetch, admin, "PUT", {"outage": True})
    smsc.send(asked(lines, 3))
    await asyncio.sleep(4)
    assert not smsc.replies
    await asyncio.to_thread(fetch, admin, "PUT", {"outage": False})
    await smsc.settled(Counter(line.msisdn for line in lines), 60)

    assert (0, 0, 0) == account(smsc, lines)


async def test_sigkill_of_valkey_under_load_changes_nothing_for_citizens(demo, smsc):
    """What may be lost is lost, and nobody notices."""
    lines = demo.lines()[1500:]
    smsc.replies.clear()
    smsc.send(asked(lines, 4))
    await until(lambda: len(smsc.replies) > len(lines) // 4)
    await demo.kill("valkey")
    await smsc.settled(Counter(line.msisdn for line in lines), 60)

    assert (0, 0, 0) == account(smsc, lines)


async def test_at_the_end_nothing_is_open_and_the_audit_is_whole(demo, smsc):
    """Every accepted inquiry has one ending, the journal holds no content, and every chain verifies."""
    connection = await asyncpg.connect(demo.dsn("journal"))
    open_rows = await connection.fetchval("SELECT count(*) FROM inquiry")
    unaudited = await connection.fetchval(
        "SELECT count(*) FROM ending WHERE ending IN ('answered', 'refused') "
        "AND NOT EXISTS (SELECT FROM audit_entry WHERE audit_entry.inquiry_id = ending.inquiry_id)"
    )
    await connection.close()
    assert (0, 0) == (open_rows, unaudited)


async def until(condition, timeout_s: float = 30) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)

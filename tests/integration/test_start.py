"""A gateway that waits for its stores, as whoever watches the process sees it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from simulator.engines.ports import free_port
from sms_service.adapters.postgres import Database, PostgresKeyring
from sms_service.keys import fingerprints, new_keys, write_keys
from syntax import REFERENCE
from tests.contract.databases import journal_database, journal_dsn
from tests.unit.settings.test_load import LEAST

__all__ = ["journal_database", "journal_dsn"]

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 20


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, None


def manager_of(folder):
    """What a service manager sets for a process that it starts; nobody needs to listen."""
    return {"NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": "200000"}


@pytest.fixture
def notified(tmp_path):
    """Of a service manager: what it hears, at most `WAIT_S` later."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT_S)
        yield lambda: manager.recv(4096).decode()


@pytest.fixture
async def waiting(tmp_path):
    """A gateway that waits for its journal, and the port at which it says so."""
    port = free_port()
    write_keys(tmp_path / "keys", new_keys())
    (tmp_path / "config.toml").write_text(
        f"""
instance = "gateway-1"
[journal]
dsn = "postgresql://sms@127.0.0.1:{free_port()}/journal"
[population]
dsn = "postgresql://sms@127.0.0.1:{free_port()}/population"
query = "SELECT * FROM citizen WHERE citizen_id = ANY($1::text[])"
[subscribers]
url = "http://127.0.0.1:{free_port()}"
[syntax]
file = {json.dumps(str(REFERENCE))}
[keys]
file = "keys"
[ops]
listen = "127.0.0.1:{port}"
[[smsc]]
name = "one"
host = "127.0.0.1"
port = {free_port()}
system_id = "x"
"""
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sms_service", "run", "--config", str(tmp_path / "config.toml"),
        cwd=ROOT, env={**os.environ, **manager_of(tmp_path), "PYTHONPATH": str(ROOT)}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(WAIT_S):
        while (await asyncio.to_thread(get, f"http://127.0.0.1:{port}/healthz"))[0] != 200:
            await asyncio.sleep(0.05)
    yield process, port
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_it_lives_and_is_not_ready_and_leaves_when_told(waiting):
    """Without a journal `/healthz` answers, `/readyz` names what is waited for, and SIGTERM ends it in order."""
    process, port = waiting
    status, body = await asyncio.to_thread(get, f"http://127.0.0.1:{port}/readyz")
    assert (status, body["missing"]) == (503, {"start": "waiting for the journal and the population"})
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), WAIT_S) == 0


async def test_told_to_read_the_syntax_again_while_it_starts(waiting):
    """SIGHUP ends a process that does not expect it: whoever edits the file during an outage must not end the gateway."""
    process, port = waiting
    process.send_signal(signal.SIGHUP)
    assert (await asyncio.to_thread(get, f"http://127.0.0.1:{port}/healthz"))[0] == 200
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), WAIT_S) == 0


async def test_a_service_manager_hears_that_it_waits_and_leaves(notified, waiting):
    """While it waits for its stores it gives signs of life, says what it waits for, and never that it is ready."""
    process, _ = waiting
    heard = {await asyncio.to_thread(notified) for _ in range(10)}
    assert heard == {"WATCHDOG=1", "STATUS=Đang khởi động, chưa nhận tin (Starting: no messages are taken yet)"}
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), WAIT_S) == 0
    while (message := await asyncio.to_thread(notified)) != "STOPPING=1":
        assert message != "READY=1"


def test_another_key_file_does_not_start(tmp_path, journal_dsn):
    """Beside a journal of other keys the gateway ends with the remedy, before it has written anything."""
    others = new_keys()

    async def begin():
        database = Database.journal(journal_dsn, user="test", connections=1)
        await PostgresKeyring(database).check(fingerprints(others), lambda _: True)
        await database.close()

    asyncio.run(begin())
    write_keys(tmp_path / "keys", new_keys())
    config = LEAST.replace("postgresql://sms:hunter2@db/journal", journal_dsn).replace(
        "sms.keys", str(tmp_path / "keys")
    )
    (tmp_path / "config.toml").write_text(
        config.replace('file = "c06.toml"', f'file = "{REFERENCE}"') + f'[ops]\nlisten = "127.0.0.1:{free_port()}"\n'
    )
    command = [sys.executable, "-m", "sms_service", "run", "--config", str(tmp_path / "config.toml")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "the key file is not the one of this journal (audit, pseudonym, seal 1 differ)" in ended.stderr
    assert "from escrow" in ended.stderr
    verify = [sys.executable, "-m", "sms_service", "audit", "verify", "--config", str(tmp_path / "config.toml")]
    assert subprocess.run(verify, cwd=ROOT, capture_output=True, timeout=WAIT_S, check=False).returncode == 2

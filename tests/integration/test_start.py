"""A gateway that waits for its stores, as whoever watches the process sees it."""

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

from simulator.engines.ports import free_port
from sms_service.keys import new_keys, write_keys
from syntax import REFERENCE

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


async def test_it_lives_and_is_not_ready_and_leaves_when_told(tmp_path):
    """Without a journal `/healthz` answers, `/readyz` names what is waited for, and SIGTERM ends it in order."""
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
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(WAIT_S):
        while (await asyncio.to_thread(get, f"http://127.0.0.1:{port}/healthz"))[0] != 200:
            await asyncio.sleep(0.05)
    status, body = await asyncio.to_thread(get, f"http://127.0.0.1:{port}/readyz")
    assert (status, body["missing"]) == (503, {"start": "waiting for the journal and the population"})
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), WAIT_S) == 0

"""Parts that hang without dying, on real parts under load: nothing tells the gateway, and nobody may notice but by waiting.

A stopped process keeps its sockets, and the machine goes on taking what is sent to it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter

import pytest
import pytest_asyncio

from simulator.engines.ports import free_port
from tests.acceptance.demo_process import Demo
from tests.acceptance.load_smsc import LoadSmsc
from tests.acceptance.processes import descriptors, ready, stopped
from tests.acceptance.test_journey import account, asked, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRY_LATER, OK = 0x64, 0
CHECK_S = 2.0
"""What a part has to answer `/readyz`."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def smsc():
    smsc = LoadSmsc()
    smsc.port = await smsc.start()
    yield smsc
    await smsc.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(smsc, tmp_path_factory):
    options = [
        "--smsc",
        f"127.0.0.1:{smsc.port}",
        "--citizens",
        "700",
        "--window",
        "60",
        "--ops-port",
        str(free_port()),
    ]
    demo = await Demo.start(tmp_path_factory.mktemp("hanging"), *options)
    await smsc.bound(2)
    yield demo
    assert await demo.end() == 0


async def test_postgresql_stopped_under_load(demo, smsc):
    """The SMSC is told to try later, before it would deliver again by itself; the gateway says what is missing and lives;
    afterwards everybody is answered once, by the same process, and it holds as many descriptors as before."""
    lines, gateway = demo.lines(), demo.pid("gateway-1")
    smsc.send(asked(lines[:400], 0))
    await until(lambda: len(smsc.replies) == 400)
    before = descriptors(gateway)
    smsc.send(asked(lines[400:600], 0))
    await until(lambda: len(smsc.replies) > 420)
    with stopped(demo.pid("postgres")):
        smsc.statuses.clear()
        smsc.send(asked(lines[600:], 0))
        for _ in range(3):
            missing, took = await ready(demo)
            assert {"journal", "population"} <= set(missing)
            assert took < CHECK_S + 1
            assert (await demo.get(demo.facts()["ops_urls"][0] + "/healthz"))[0] == 200
        await until(lambda: smsc.statuses[TRY_LATER], timeout_s=6)
        assert set(smsc.statuses) <= {TRY_LATER, OK}
    assert smsc.redelivered == 0
    await smsc.settled(Counter(line.msisdn for line in lines), 30)
    assert (0, 0, 0) == account(smsc, lines)
    assert demo.pid("gateway-1") == gateway
    assert (await ready(demo))[0] == {}
    assert descriptors(gateway) <= before + 4  # the two pools may be fuller than they were


async def test_valkey_stopped_under_load(demo, smsc):
    """One batch waits for it, and nobody after that."""
    lines = demo.lines()
    smsc.replies.clear()
    with stopped(demo.pid("valkey")):
        smsc.send(asked(lines[:1], 1))
        await until(lambda: smsc.replies)
        assert await demo.metric("sms_redis_degraded") == 1
        smsc.send(asked(lines[1:], 1))
        await smsc.settled(Counter(line.msisdn for line in lines), 20)
    assert (0, 0, 0) == account(smsc, lines)
    async with asyncio.timeout(10):
        while await demo.metric("sms_redis_degraded"):
            await asyncio.sleep(0.2)
    assert "redis_down" in (demo.folder / "logs" / "gateway-1.log").read_text()


async def test_the_register_stopped_under_load(demo, smsc):
    """Everybody waits, nobody is refused, and `/readyz` says for what."""
    lines = demo.lines()[:300]
    smsc.replies.clear()
    with stopped(demo.pid("subscribers")):
        smsc.send(asked(lines, 2))
        missing, took = await ready(demo)
        assert set(missing) == {"subscribers"}
        assert took < CHECK_S + 1
        assert not smsc.replies
    await smsc.settled(Counter(line.msisdn for line in lines), 30)
    assert (0, 0, 0) == account(smsc, lines)


async def test_leaving_while_postgresql_is_stopped(demo, smsc):
    """A gateway that waits for its journal leaves when it is told to, and does not wait for an answer."""
    gateway = demo.pid("gateway-1")
    with stopped(demo.pid("postgres")):
        os.kill(gateway, signal.SIGTERM)
        await until(lambda: demo.pid("gateway-1") not in (None, gateway))
        waiting = demo.pid("gateway-1")
        async with asyncio.timeout(10):
            while (await ready_or_none(demo)) is None:
                await asyncio.sleep(0.1)
        before = time.monotonic()
        os.kill(waiting, signal.SIGTERM)
        await until(lambda: demo.pid("gateway-1") != waiting)
        assert time.monotonic() - before < 3
    log = (demo.folder / "logs" / "gateway-1.log").read_text()
    assert '"event": "run_not_closed"' in log
    assert '"waiting_for": "journal", "event": "gateway_left"' in log
    await smsc.bound(2)


async def ready_or_none(demo: Demo) -> dict | None:
    try:
        return (await ready(demo))[0]
    except OSError:
        return None

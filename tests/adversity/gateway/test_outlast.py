"""What lasts longer than the gateway's own patience, on real parts under load: ./sms outlast, some five minutes.

Each test has a demo of its own and accounts for every inquiry: answered once, rightly, by the process that was there before.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from simulator.engines.ports import free_port
from tests.acceptance.demo_process import Demo, Line
from tests.acceptance.load_smsc import LoadSmsc
from tests.acceptance.processes import descriptors, ready, stopped
from tests.acceptance.test_journey import account, asked

pytestmark = pytest.mark.outlast

TRY_LATER, OK = 0x64, 0
LEASE_S = 15.0
"""`limits.lease_s`, the default."""
RATE = 60
"""Inquiries a second."""


@contextlib.asynccontextmanager
async def stand(folder: Path, *, gateways: int = 1, more_settings: str = ""):
    """A demo bound to an SMSC of the test's own, ended and looked through afterwards."""
    smsc = LoadSmsc()
    port = await smsc.start()
    options = ["--smsc", f"127.0.0.1:{port}", "--citizens", "700", "--ops-port", str(free_port())]
    demo = await Demo.start(folder, *options, "--gateways", str(gateways))
    try:
        if more_settings:  # of the SMSC, the last table of the file
            with (demo.folder / "config.toml").open("a") as file:
                file.write(more_settings)
            await demo.kill("gateway-1")
        await smsc.bound(2 * gateways)
        yield demo, smsc
    finally:
        assert await demo.end() == 0
        await smsc.stop()


async def drip(smsc: LoadSmsc, lines: list[Line], blanks: int) -> None:
    """Send them at a steady rate, whatever becomes of them."""
    for line in lines:
        smsc.send(asked([line], blanks))
        await asyncio.sleep(1 / RATE)


async def settled(smsc: LoadSmsc, lines: list[Line]) -> None:
    await smsc.settled(Counter(line.msisdn for line in lines), 60)
    assert (0, 0, 0) == account(smsc, lines)


async def test_postgresql_stopped_for_three_leases(tmp_path):
    """Two instances, both silent for longer than their leases: neither takes over what is the other's, and nobody waits for
    an acknowledgement so long that the SMSC gives it up."""
    async with stand(tmp_path, gateways=2) as (demo, smsc):
        lines = demo.lines()
        gateways = [demo.pid("gateway-1"), demo.pid("gateway-2")]
        dripping = asyncio.create_task(drip(smsc, lines, 0))
        await asyncio.sleep(3)
        with stopped(demo.pid("postgres")):
            await asyncio.sleep(0.5)  # for what was on its way
            smsc.statuses.clear()
            await asyncio.sleep(3 * LEASE_S)
            assert set(smsc.statuses) == {TRY_LATER}
            assert {"journal", "population"} <= set((await ready(demo))[0])
        await dripping
        await settled(smsc, lines)
        assert smsc.redelivered == 0  # an SMSC of ten seconds' patience heard in time
        assert await demo.metric("sms_lease_lapses_total") == 2
        assert await demo.metric("sms_resumed_total") == 0
        assert [demo.pid("gateway-1"), demo.pid("gateway-2")] == gateways


async def test_the_backends_of_our_name_stopped_for_three_leases(tmp_path):
    """The server serves, but not over the connections that stood: the run goes on beside them."""
    async with stand(tmp_path) as (demo, smsc):
        lines, gateway = demo.lines(), demo.pid("gateway-1")
        dripping = asyncio.create_task(drip(smsc, lines, 0))
        await asyncio.sleep(3)
        connection = await asyncpg.connect(demo.dsn("journal"))
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'sms-service:gateway-1'"
        pids = [row[0] for row in await connection.fetch(query)]
        with stopped(*pids):
            await asyncio.sleep(3 * LEASE_S)
            assert (await ready(demo))[0] == {}
            await dripping
            await settled(smsc, lines)
        await connection.close()
        assert await demo.metric("sms_lease_lapses_total") == 0
        assert demo.pid("gateway-1") == gateway


@pytest.fixture
def small_disk(tmp_path):
    """The demo's folder, on a file system of its own."""
    folder = tmp_path / "demo"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", str(folder))
    if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_the_journal_on_a_full_disk(small_disk, tmp_path):
    """Nothing is accepted, nothing is lost, and `/readyz` says so though the journal answers."""
    async with stand(tmp_path) as (demo, smsc):
        lines, gateway = demo.lines(), demo.pid("gateway-1")
        dripping = asyncio.create_task(drip(smsc, lines, 0))
        await asyncio.sleep(2)
        fill(small_disk / "ballast")
        smsc.statuses.clear()
        await asyncio.sleep(8)
        assert set(smsc.statuses) <= {TRY_LATER, OK}
        assert smsc.statuses[TRY_LATER] > RATE
        assert "53100" in (await ready(demo))[0]["journal"]
        (small_disk / "ballast").unlink()
        await dripping
        await settled(smsc, lines)
        assert demo.pid("gateway-1") == gateway


def fill(path: Path) -> None:
    left = os.statvfs(path.parent)
    with path.open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, left.f_bavail * left.f_frsize)


async def test_descriptors(tmp_path):
    """As many are held after 200 lost binds and a dozen killed parts as before; when none is left the gateway says so, waits
    without haste, and goes on when there are."""
    rebinding = "rebind_min_s = 0.02\nrebind_max_s = 0.1\n"
    async with stand(tmp_path, more_settings=rebinding) as (demo, smsc):
        lines, gateway = demo.lines(), demo.pid("gateway-1")
        smsc.send(asked(lines, 0))
        await settled(smsc, lines)
        before, lost = descriptors(gateway), 0
        while lost < 200:
            for link in [link for link in smsc.links if link.is_bound]:
                link.transport.abort()
                lost += 1
            await asyncio.sleep(0.02)
        for part in ("postgres", "subscribers", "valkey") * 4:
            await demo.kill(part)
        await smsc.bound(2)
        smsc.replies.clear()
        smsc.send(asked(lines, 1))
        await settled(smsc, lines)
        assert descriptors(gateway) <= before + 3

        resource.prlimit(gateway, resource.RLIMIT_NOFILE, (8, 4096))  # fewer than it has: nothing more is opened
        for link in list(smsc.links):
            link.transport.abort()
        for part in ("postgres", "subscribers", "valkey"):
            await demo.kill(part)
        busy = processor_s(gateway)
        await asyncio.sleep(5)
        assert processor_s(gateway) - busy < 1
        assert not smsc.links
        assert "Too many open files" in (demo.folder / "logs" / "gateway-1.log").read_text()
        resource.prlimit(gateway, resource.RLIMIT_NOFILE, (1024, 4096))
        await smsc.bound(2)
        smsc.replies.clear()
        smsc.send(asked(lines, 2))
        await settled(smsc, lines)
        assert demo.pid("gateway-1") == gateway


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_leaving_in_the_middle_of_it(tmp_path):
    """With PostgreSQL stopped and inquiries in flight, leaving takes what draining may take and a few seconds, and says what
    it left, which is answered afterwards."""
    async with stand(tmp_path) as (demo, smsc):
        lines, gateway = demo.lines(), demo.pid("gateway-1")
        with stopped(demo.pid("subscribers")):
            smsc.send(asked(lines, 0))
            await asyncio.sleep(1)
            with stopped(demo.pid("postgres")):
                began = time.monotonic()
                os.kill(gateway, signal.SIGTERM)
                while demo.pid("gateway-1") == gateway:
                    await asyncio.sleep(0.1)
                assert time.monotonic() - began < 20 + 8
        assert '"event": "drain_incomplete"' in (demo.folder / "logs" / "gateway-1.log").read_text()
        await settled(smsc, lines)

"""Kannel's bearerbox, the most used open SMS gateway, as an ESME of the simulated SMSC.

It needs the package `kannel` of the operating system.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager

import aiohttp
import pytest

from simulator.engines.ports import free_port
from tests.interop.simulator.running import running_smsc, until

BEARERBOX, SMSBOX = (
    shutil.which("bearerbox", path="/usr/sbin:/usr/bin"),
    shutil.which("smsbox", path="/usr/sbin:/usr/bin"),
)
pytestmark = pytest.mark.skipif(
    not (BEARERBOX and SMSBOX), reason="Kannel is not installed here (Debian: apt-get install kannel)"
)

CONFIGURATION = """\
group = core
admin-port = {admin}
admin-password = bar
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 0

group = smsc
smsc = smpp
smsc-id = simulator
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = gateway
smsc-password = secret
system-type = ""
interface-version = 34
msg-id-type = 0x03
enquire-link-interval = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = tester
password = foobar
default-sender = 5505

group = sms-service
keyword = default
catch-all = true
text = "Da nhan: %a"
max-messages = 9
concatenation = true
"""


@asynccontextmanager
async def kannel(folder, smsc_port):
    """bearerbox and smsbox, until the end of the block; gives the ports."""
    ports = {name: free_port("127.0.0.1") for name in ("admin", "box", "sendsms")}
    file = folder / "kannel.conf"
    file.write_text(CONFIGURATION.format(folder=folder, smsc=smsc_port, **ports))
    processes = []
    try:
        for program in (BEARERBOX, SMSBOX):
            with (folder / "said").open("ab") as said:
                processes.append(await asyncio.create_subprocess_exec(program, str(file), stdout=said, stderr=said))
            await until((folder / "bearerbox.log").exists)
        yield ports
    finally:
        for process in reversed(processes):
            process.terminate()
            await process.wait()


async def test_messages_replies_and_receipts(tmp_path):
    """Short, long and accented messages go in, replies of one and of several segments come out, a receipt is understood, the link is
    asked whether it lives; and Kannel's log holds no complaint about its SMSC.
    """
    async with running_smsc() as smsc, kannel(tmp_path, smsc.port) as ports, aiohttp.ClientSession() as http:

        async def bound():
            return (await smsc.health())["binds"]["gateway"] == 1

        async def boxed():
            async with http.get(f"http://127.0.0.1:{ports['admin']}/status.txt?password=bar") as response:
                return "smsbox:" in await response.text()

        await until(bound)
        await until(boxed)
        long = "mot hai ba bon " * 20
        await smsc.text("84912345678", "DC")
        await smsc.text("84912345679", long)
        await smsc.text("84912345670", "Xin chào ệ")
        assert await until(lambda: smsc.received("84912345678")) == ["Da nhan: DC"]
        assert await until(lambda: smsc.received("84912345679")) == ["Da nhan: " + "+".join(long.split())]
        await until(lambda: smsc.received("84912345670"))

        query = {
            "username": "tester", "password": "foobar", "to": "84987654321", "text": "chao", "dlr-mask": "31",
            "dlr-url": "http://127.0.0.1:1/",
        }  # fmt: skip
        async with http.get(f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms", params=query) as response:
            assert response.status == 202
        assert await until(lambda: smsc.received("84987654321")) == ["chao"]
        log = tmp_path / "bearerbox.log"
        await until(lambda: "created DLR message" in log.read_text(errors="replace"))
        await until(lambda: "enquire_link_resp" in log.read_text(errors="replace"))
        counts = await smsc.health()
        assert counts["deliveries"]["gateway"]["given_up"] == counts["submissions"]["refused"] == 0
    complaints = [
        line
        for line in log.read_text(errors="replace").splitlines()
        if ("ERROR" in line or "WARNING" in line or "PANIC" in line) and "SMPP[simulator]" in line
    ]
    assert complaints == []

"""The dashboard of a running demo of two gateways: its values are those of the load, and it says what is taken away."""

import asyncio
import json
import os
import re
import signal
import sys

import pytest
import pytest_asyncio

from simulator.engines.ports import free_port
from tests.acceptance.demo_process import ROOT, Demo, fetch

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATE, SECONDS = 40, 6
WITHIN_MS = 30_000
"""Milliseconds in which the page must say what has happened: questions are put every two seconds, silence takes five."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory):
    ports = ["--phone-port", str(free_port()), "--ops-port", str(free_port())]
    demo = await Demo.start(tmp_path_factory.mktemp("demo"), "--citizens", "500", "--gateways", "2", *ports)
    yield demo
    assert await demo.end() == 0


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, demo):
    """The page of gateway-1."""
    context = await browser.new_context(viewport={"width": 1920, "height": 1080}, locale="vi-VN")
    context.set_default_timeout(WITHIN_MS)
    page = await context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(demo.facts()["ops_urls"][0])
    yield page
    assert complaints == []
    await context.close()


async def says(page, text):
    await page.locator("#say", has_text=text).wait_for()


async def number(page, selector):
    return int((await page.locator(selector).inner_text()).replace(".", ""))


async def load(demo):
    """What `./sms load` says of its run."""
    argv = [
        sys.executable,
        "-m",
        "simulator",
        "load",
        "--dir",
        str(demo.folder),
        "--rate",
        str(RATE),
        "--duration",
        f"{SECONDS}s",
        "--json",
    ]
    process = await asyncio.create_subprocess_exec(
        *argv, "-", cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )  # fmt: skip
    out, _ = await process.communicate()
    return json.loads(out)


async def control(demo, action):
    """`./sms control ACTION` at gateway-1; its exit code."""
    argv = [sys.executable, "-m", "sms_service", "control", action, "--config", str(demo.folder / "config.toml")]
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


def register_fails(demo, **faults):
    config = (demo.folder / "config.toml").read_text()
    url = re.search(r"\[subscribers\]\nurl = \"(.*?)\"", config).group(1)
    status, _ = fetch(f"{url}/admin/faults", "PUT", faults)
    assert status == 200


async def test_its_values_are_those_of_the_load(demo, page):
    """Every inquiry that was sent is on the page, by what became of it; both instances answered, all binds stand."""
    await says(page, "Sẵn sàng trả lời")
    before = await number(page, '#endings tr[data-ending="answered"] td:nth-child(3)')
    assert before == 0
    told = await load(demo)
    sent = told["verdicts"]["right"]
    assert sent == RATE * SECONDS
    await page.locator('.tile[data-key="minute"] b', has_text=str(sent)).wait_for()
    await says(page, "Đang trả lời bình thường")
    totals = [await number(page, f"#endings tbody tr:nth-child({row}) td:nth-child(3)") for row in range(1, 8)]
    assert sum(totals) == sent
    assert totals[0] == await demo.metric("sms_endings_total") - sum(totals[1:])
    assert await page.locator("#instances tbody tr").count() == 2
    assert await page.locator('.binds li[data-level="well"]').count() == 4
    assert await page.locator('.part[data-level="well"]').count() == 4


async def test_says_that_the_register_is_away_and_that_it_is_back(demo, page):
    """With what to do, on the page of each instance."""
    register_fails(demo, outage=True)
    await says(page, "Chưa trả lời được: sổ thuê bao không phản hồi")
    assert await page.locator("body").get_attribute("data-level") == "bad"
    assert "máy chủ sổ thuê bao" in await page.locator("#do").inner_text()
    register_fails(demo)
    await page.locator('body[data-level="well"]').wait_for()


async def test_says_that_the_smsc_is_away_and_that_it_is_back(demo, page):
    """Its binds are lost one and all."""
    url = demo.facts()["phone_url"]
    assert fetch(f"{url}/admin/faults", "PUT", {"maintenance": True})[0] == 200
    await says(page, "Mất kết nối với mọi tổng đài")
    assert await page.locator('.binds li[data-level="bad"]').count() == 4
    assert fetch(f"{url}/admin/faults", "PUT", {})[0] == 200
    await page.locator('body[data-level="well"]').wait_for()


async def test_an_operator_s_order_is_named(demo, page):
    """`sms-service control drain` at one of the two; taken back, all is well."""
    assert await control(demo, "drain") == 0
    await says(page, "gateway-1 không nhận tin mới, theo lệnh người vận hành")
    assert await page.locator("body").get_attribute("data-level") == "warn"
    assert await control(demo, "resume") == 0
    await page.locator('body[data-level="well"]').wait_for()


async def test_says_which_instance_is_silent(demo, page):
    """One that is stopped, as by a machine that hangs; and that it speaks again."""
    os.kill(demo.pid("gateway-2"), signal.SIGSTOP)
    try:
        await says(page, "Phiên bản gateway-2 im lặng")
        assert await page.locator("#instances tr[data-level=bad] b").inner_text() == "gateway-2"
    finally:
        os.kill(demo.pid("gateway-2"), signal.SIGCONT)
    await page.locator('body[data-level="well"]').wait_for()


async def test_without_redis_they_see_each_other_through_the_journal(demo, page):
    """Redis hangs: quotas are each instance's own, and the page shows both instances all the same."""
    os.kill(demo.pid("valkey"), signal.SIGSTOP)
    try:
        await says(page, "Redis không phản hồi")
        await page.locator("#more").wait_for(state="hidden")
        assert await page.locator('#instances tr[data-level="well"]').count() == 2
        assert await page.locator("#instances tbody tr").count() == 2
    finally:
        os.kill(demo.pid("valkey"), signal.SIGCONT)
    await page.locator('body[data-level="well"]').wait_for()


async def test_a_gateway_that_dies_is_told_by_its_own_page(demo, page):
    """Which is left without news, and takes up again when the gateway is started anew."""
    await page.locator('body[data-level="well"]').wait_for()
    stale = asyncio.create_task(page.locator('body[data-level="stale"]').wait_for())
    await asyncio.sleep(0)
    os.kill(demo.pid("gateway-1"), signal.SIGSTOP)
    await stale
    assert "Mất liên lạc với cổng" in await page.locator("#say").inner_text()
    await demo.kill("gateway-1")
    await page.locator('body[data-level="well"]').wait_for()

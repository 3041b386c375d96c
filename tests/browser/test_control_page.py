"""The page by which operators steer, in a browser, on a running gateway's routes with a wheel of the test's own."""

import datetime as dt

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import expect

from simulator.engines.ports import free_port
from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.model import Blocked, Steered
from sms_service.observability.metrics import Metrics
from sms_service.ops.live import Live
from sms_service.ops.server import make_app, serve
from sms_service.ops.steering import SteeringControl
from sms_service.ops.syntax import SyntaxControl
from sms_service.pipeline.steering import Asked, CannotSteer, Open, State
from sms_service.settings import Limits

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT = dt.datetime(2026, 11, 27, 8, 0, tzinfo=dt.UTC)


class Wheel:
    def __init__(self):
        self.asked = []
        self.refuse = ""

    async def do(self, asked):
        self.asked.append(asked)
        if self.refuse:
            raise CannotSteer(self.refuse)
        return Steered(AT, "gateway-1", asked.operator, asked.action, asked.smsc or "", "<b>done</b>"), True

    async def state(self):
        action = Steered(AT, "gateway-2", "lan", "isolate", "viettel", "its messages are turned away")
        return State("gateway-1", ["viettel", "mobifone"], False, 3, ["viettel"], [], 1, [action])

    async def blocked(self):
        return [Blocked(b"\x01" * 16, AT, "asks in a loop", "lan")]

    def inquiries(self, older_s):
        return [Open(7, 31.5, "viettel", "ab" * 16, False)]


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser):
    """The page on a phone, and what it steers."""
    wheel, port = Wheel(), free_port()
    control = SteeringControl("secret", msgspec.json.Decoder(Asked).decode, CannotSteer)
    control.attach(wheel)
    metrics, clock = Metrics(), FakeClock()
    live = Live(
        "gateway-1", smscs=[], limits=Limits(), metrics=metrics, board=MemoryBoard(clock), questions=[], clock=clock
    )
    app = make_app("gateway-1", metrics.registry, {}, SyntaxControl("secret"), live=live, steering=control)
    runner = await serve(app, f"127.0.0.1:{port}")
    context = await browser.new_context(viewport={"width": 390, "height": 800}, locale="vi-VN")
    context.set_default_timeout(10_000)
    page = await context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"http://127.0.0.1:{port}/control")
    yield page, wheel
    assert complaints == []
    await context.close()
    await runner.cleanup()


async def enter(page, token="secret"):
    await page.locator("#token").fill(token)
    await page.locator("#operator").fill("lan")
    await page.locator("#who button").click()


async def test_shows_how_it_is_steered(page):
    """With the token; nothing scrolls sideways on a phone."""
    shown, _ = page
    await enter(shown)
    await shown.locator("#wheel").wait_for()
    assert "Đang nhận tin. 3 đang xử lý." in await shown.locator("#state").inner_text()
    rows = await shown.locator(".smsc b").all_inner_texts()
    assert rows == ["viettel không nhận tin", "mobifone"]
    assert "asks in a loop" in await shown.locator("#blocked").inner_text()
    assert "31.5 s" in await shown.locator("#old").inner_text()
    assert "lan: isolate viettel" in await shown.locator("#actions").inner_text()
    assert await shown.evaluate("document.documentElement.scrollWidth") <= 390


async def test_acts(page):
    """Each button asks for its action, in the operator's name; what came of it is told, as text."""
    shown, wheel = page
    await enter(shown)
    await shown.locator("#wheel").wait_for()
    await shown.get_by_role("button", name="Ngừng nhận tin mới").click()
    outcome = shown.locator("#outcome.good")
    await expect(outcome).to_contain_text("<b>done</b>")
    mobifone = shown.locator(".smsc", has_text="mobifone")
    await mobifone.get_by_role("button", name="Ngắt").click()
    await expect(outcome).to_contain_text("stop")
    await mobifone.locator("input").fill("50")
    await mobifone.get_by_role("button", name="Đổi tốc độ").click()
    await expect(outcome).to_contain_text("pace")
    await shown.locator("#msisdn").fill("0912345678")
    await shown.locator("#reason").fill("hỏi liên tục")
    await shown.get_by_role("button", name="Chặn", exact=True).click()
    await expect(shown.locator("#msisdn")).to_have_value("")
    await shown.get_by_role("button", name="Bỏ", exact=True).click()
    await expect(outcome).to_contain_text("give-up")
    assert wheel.asked == [
        Asked("drain", "lan"),
        Asked("stop", "lan", smsc="mobifone"),
        Asked("pace", "lan", smsc="mobifone", per_second=50.0),
        Asked("block", "lan", msisdn="0912345678", reason="hỏi liên tục"),
        Asked("give-up", "lan", inquiry_id=7),
    ]


async def test_what_cannot_be_done_is_told(page):
    shown, wheel = page
    await enter(shown)
    await shown.locator("#wheel").wait_for()
    wheel.refuse = "that sender is not blocked"
    await shown.get_by_role("button", name="Bỏ chặn").click()
    await shown.locator("#outcome.bad").wait_for()
    assert "that sender is not blocked" in await shown.locator("#outcome").inner_text()


async def test_a_wrong_token_shows_nothing(page):
    shown, _ = page
    await enter(shown, "wrong")
    await shown.locator("#outcome.bad").wait_for()
    assert "không đúng" in await shown.locator("#outcome").inner_text()
    assert await shown.locator("#wheel").is_hidden()


async def test_in_english(page):
    """By one touch, and remembered."""
    shown, _ = page
    await shown.locator("#language").click()
    assert await shown.locator("h1").inner_text() == "Control"
    await shown.reload()
    assert await shown.locator("h1").inner_text() == "Control"

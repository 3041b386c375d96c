"""The ops page of the syntax, in a browser: what is in use, and reading the files again."""

import datetime as dt

import msgspec
import pytest
import pytest_asyncio

from simulator.engines.ports import free_port
from sms_service.observability.metrics import Metrics
from sms_service.ops.server import make_app, serve
from sms_service.ops.syntax import SyntaxControl

pytestmark = pytest.mark.asyncio(loop_scope="module")


class State(msgspec.Struct):
    version: str
    effective_from: dt.date
    effective_until: dt.date | None
    state: str
    digest: str = "0123456789abcdef" * 4


class Outcome(msgspec.Struct):
    accepted: bool
    findings: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    at: float = 1_795_679_262.9


class InUse:
    def __init__(self):
        self.last_reload = None
        self.next = Outcome(accepted=True)

    def states(self):
        return [
            State("2027.1", dt.date(2027, 1, 1), None, "coming"),
            State("2026.1", dt.date(2026, 1, 1), dt.date(2026, 12, 31), "in_force"),
        ]

    async def reload(self):
        self.last_reload = self.next
        return self.next


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser):
    """The page on a small screen, and what is in use behind it."""
    in_use, control = InUse(), SyntaxControl("secret")
    control.attach(in_use)
    port = free_port()
    runner = await serve(make_app("gateway-1", Metrics().registry, {}, control), f"127.0.0.1:{port}")
    context = await browser.new_context(viewport={"width": 390, "height": 800}, locale="vi-VN")
    context.set_default_timeout(10_000)
    page = await context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"http://127.0.0.1:{port}/syntax")
    await page.locator("#versions .state").first.wait_for()
    yield page, in_use
    assert complaints == []
    await context.close()
    await runner.cleanup()


async def test_shows_what_is_in_use(page):
    """Versions with their days as Vietnamese people write them; the table scrolls, the page does not."""
    shown, _ = page
    rows = [await row.locator("td").all_inner_texts() for row in await shown.locator("#versions tr").all()]
    assert rows[0][:4] == ["2027.1", "Chưa đến ngày", "01/01/2027", "chưa ấn định"]
    assert rows[1][:4] == ["2026.1", "Đang hiệu lực", "01/01/2026", "31/12/2026"]
    assert await shown.evaluate("document.documentElement.scrollWidth") <= 390


async def test_reads_the_files_again(page):
    """With the token; a refusal shows every finding, a success the time in Vietnam."""
    shown, in_use = page
    in_use.next = Outcome(accepted=False, findings=("c06.toml:7: không có mục “x” → bỏ", "c06.toml:9: <b>sai</b>"))
    await shown.locator("#token").fill("secret")
    await shown.get_by_role("button").click()
    await shown.locator("#outcome.bad").wait_for()
    text = await shown.locator("#outcome").inner_text()
    assert "bản đang dùng giữ nguyên" in text
    assert "c06.toml:9: <b>sai</b>" in text
    in_use.next = Outcome(accepted=True, changes=("thêm phiên bản “2028.1”",))
    await shown.get_by_role("button").click()
    await shown.locator("#outcome.good").wait_for()
    text = await shown.locator("#outcome").inner_text()
    assert "14:47:42" in text
    assert "– thêm phiên bản “2028.1”" in text


async def test_a_wrong_token_is_told(page):
    """And nothing is read."""
    shown, in_use = page
    await shown.locator("#token").fill("wrong")
    await shown.get_by_role("button").click()
    await shown.locator("#outcome.bad").wait_for()
    assert "không đúng" in await shown.locator("#outcome").inner_text()
    assert in_use.last_reload is None

"""The dashboard in a headless Chromium: what it says is what the gateway knows, in each state, language, scheme and size."""

import json
import re

import msgspec
import pytest
import pytest_asyncio

from simulator.engines.ports import free_port
from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.model import BindState
from sms_service.ops.checks import Questions
from sms_service.ops.figures import Orders
from sms_service.ops.server import make_app, serve
from sms_service.ops.syntax import SyntaxControl
from tests.browser.conftest import CONTRASTS
from tests.unit.ops.fleet import bind, notice
from tests.unit.ops.test_live import Instance

pytestmark = pytest.mark.asyncio(loop_scope="module")

READABLE = 4.5
"""Contrast of text with what is behind it: WCAG 2.2, 1.4.3."""
TEXTS = "#say, #do, .why, #clock, .where, .tool, .more strong, .more span, h2, .tile b, .unit, .note, .badge, .flows, .binds li, .part b, .part span, td, th"
WALL, PHONE = (1920, 1080), (390, 844)


DRAWN = """async ([id, lines]) => {
  const probe = document.body.appendChild(document.createElement("i"));
  const look = () => {
    const canvas = document.querySelector(`#${id} canvas`);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = {};
    for (const line of lines) {
      probe.style.color = `var(--${line})`;
      const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
      found[line] = false;
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 250 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 6) found[line] = true;
    }
    return found;
  };
  const until = performance.now() + 5000;
  for (;;) {
    const found = look();
    if (lines.every(line => found[line]) || performance.now() > until) return found;
    await new Promise(requestAnimationFrame);
  }
}"""
"""Whether a chart has pixels in the colour of each of its lines; what is drawn waits for a frame."""


class Rig:
    """A gateway of figures: a test says what has happened, and beats."""

    def __init__(self):
        self.clock = FakeClock()
        self.board = MemoryBoard(self.clock)
        self.why = dict.fromkeys(("journal", "subscribers", "population", "redis"), "")
        self.binds = [bind(in_window=40), bind(in_window=0)]
        self.instance = Instance("gateway-1", self.board, self.clock)
        self.live = self.instance.live
        self.live.serving(lambda: self.binds)
        self.live._health._questions = [Questions({name: self.check(name) for name in self.why})]
        self.number = 0

    def check(self, name):
        async def check():
            return self.why[name]

        return check

    async def beat(self, seconds=1, **other):
        """Seconds pass; `other` is what gateway-2 says meanwhile, if anything."""
        for _ in range(seconds):
            await self.clock.advance(1)
            await self.live._health.look()
            if other:
                self.number += 1
                said = notice("gateway-2", number=self.number, **other)
                await self.board.exchange("gateway-2", msgspec.json.encode(said))
            await self.live._exchange.once(self.live._notice)
            self.live.beat()


class Page:
    def __init__(self, context, page):
        self.context, self.page = context, page
        self.requests, self.complaints = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def text(self, selector):
        return _plain(await self.page.locator(selector).inner_text())

    async def tile(self, name):
        return _plain(await self.page.locator(f'.tile[data-key="{name}"] .value').inner_text())

    async def level(self):
        return await self.page.locator("body").get_attribute("data-level")

    async def says(self, text):
        await self.page.locator("#say", has_text=text).wait_for()

    async def rows(self, selector):
        return [
            [_plain(cell) for cell in await row.locator("td").all_inner_texts()]
            for row in await self.page.locator(selector).all()
        ]

    async def width(self):
        return await self.page.evaluate("document.documentElement.scrollWidth")


def _plain(text):
    """As it is read: hard blanks and line breaks are blanks."""
    return re.sub(r"\s+", " ", text).strip()


@pytest_asyncio.fixture(loop_scope="module")
async def rig():
    made = Rig()
    await made.beat()
    yield made


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser, rig):
    """Opens the page; afterwards nothing may have been complained of, nor asked for elsewhere."""
    port = free_port()
    app = make_app("gateway-1", rig.instance.metrics.registry, {}, SyntaxControl(""), live=rig.live)
    runner = await serve(app, f"127.0.0.1:{port}")
    pages = []

    async def open_page(size=WALL, *, locale="vi-VN", **options):
        width, height = size
        context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        context.set_default_timeout(10_000)
        page = Page(context, await context.new_page())
        pages.append(page)
        page.url = f"http://127.0.0.1:{port}/"
        await page.page.goto(page.url)
        await page.page.locator("body:not([data-level=stale])").wait_for()
        return page

    yield open_page
    for page in pages:
        assert page.complaints == []
        assert all(url.startswith(page.url) for url in page.requests)
        await page.context.close()
    await runner.cleanup()


async def test_says_that_citizens_are_answered(rig, opened):
    """The figures are those of the gateway: of the second, the minute, since the start."""
    for count in (1190, 10):
        rig.instance.answer(count, seconds=0.0195)
        rig.instance.metrics.ending("refused", 2)
        await rig.beat()
    rig.instance.metrics.in_flight.set(3)
    page = await opened()
    await page.says("Đang trả lời bình thường")
    await rig.beat()
    await page.page.locator('.tile[data-key="inFlight"] b', has_text="3").wait_for()
    assert await page.level() == "well"
    assert "1.204 tin" in await page.text("#do")
    assert await page.page.title() == "Đang trả lời bình thường · Tra cứu dân cư"
    assert await page.tile("accepted") == "300 / giây"  # 1,200 over the four seconds that there were
    assert await page.tile("minute") == "1.204"
    assert await page.tile("p95") in {"19 ms", "20 ms"}
    assert await page.tile("oldest") == "–"
    rows = {row[0]: row[1:] for row in await page.rows("#endings tbody tr")}
    assert (rows["Trả lời thông tin"], rows["Báo không tồn tại"]) == (["1.200", "1.200"], ["4", "4"])
    assert rows["Quá hạn mức (20 tin/60 giây)"] == ["0", "0"]
    assert await page.page.locator(".binds li").all_inner_texts() == ["40/100", "0/100"]
    assert await page.text(".smsc .badge") == "2/2 liên kết"
    assert [await part.get_attribute("data-level") for part in await page.page.locator(".part").all()] == ["well"] * 4


async def test_the_charts_draw_what_was(rig, opened):
    """The hour before the page was opened too; under the cursor stands what was then."""
    for second in range(120):
        rig.instance.metrics.accepted.labels("viettel").inc(60)  # more than are answered
        rig.instance.answer(100 + second % 7 * 10, seconds=0.004)
        rig.instance.metrics.reply_seconds.observe([0.3] * 4 + [3.0])
        await rig.beat()
    rig.instance.answer(200)
    await rig.beat()
    page = await opened()
    await page.page.locator("#traffic .legend b", has_text="200").first.wait_for()
    for chart, lines in (("traffic", ("accepted", "replied")), ("latency", ("p50_ms", "p95_ms", "p99_ms"))):
        assert await page.page.evaluate(DRAWN, [chart, lines]) == dict.fromkeys(lines, True)
    assert await page.text("#traffic .legend") == "Tin đến 200 Trả lời 200"
    await page.page.get_by_role("button", name="5 phút", exact=True).click()
    assert await page.page.get_by_role("button", name="5 phút", exact=True).get_attribute("aria-pressed") == "true"


TROUBLES = {
    "journal": ("bad", "Không nhận được tin: nhật ký không ghi được", "Kiểm tra PostgreSQL của nhật ký"),
    "subscribers": ("bad", "Chưa trả lời được: sổ thuê bao không phản hồi", "Kiểm tra máy chủ sổ thuê bao"),
    "population": ("bad", "Chưa trả lời được: dữ liệu dân cư không phản hồi", "Kiểm tra PostgreSQL của dữ liệu dân cư"),
    "redis": ("warn", "Redis không phản hồi", "Công dân vẫn được trả lời"),
}


@pytest.mark.parametrize("part", TROUBLES)
async def test_says_what_is_down_and_what_to_do(rig, opened, part):
    """At the next second; with the technical cause, as text; and that it is over."""
    page = await opened()
    level, say, todo = TROUBLES[part]
    rig.why[part] = "HTTP 503 <img src=x onerror=alert(1)>"
    await rig.beat()
    await page.says(say)
    assert await page.level() == level
    assert todo in await page.text("#do")
    assert await page.text("#why") == rig.why[part]
    assert await page.page.locator("img").count() == 0
    icon = await page.page.locator("#icon").get_attribute("href")
    assert icon == f"/static/dashboard/{level}.svg"
    assert await page.text(f'.part[data-key="{part}"] span') == "không phản hồi"
    rig.why[part] = ""
    await rig.beat()
    await page.says("Sẵn sàng trả lời")


async def test_says_which_smsc_is_down(rig, opened):
    """With the lost binds, and why in each one's tip; several findings stand beneath the first."""
    page = await opened()
    rig.binds = [bind(state=BindState.DOWN, why="Connection refused")] * 2
    rig.instance.metrics.oldest_s.set(12)
    await rig.beat()
    await page.says("Mất kết nối với mọi tổng đài")
    assert await page.page.locator(".binds li").all_inner_texts() == ["mất", "mất"]
    assert "Connection refused" in await page.page.locator(".binds li").first.get_attribute("title")
    assert await page.text("#more strong") == "Trả lời đang chậm: có tin chờ 12 giây"
    assert await page.page.locator('.tile[data-key="oldest"]').get_attribute("data-level") == "warn"
    rig.binds = [bind(window=0), bind(in_window=3, window=9)]
    rig.instance.metrics.oldest_s.set(0)
    await rig.beat()
    await page.says("Sẵn sàng trả lời")
    assert await page.page.locator(".binds li").all_inner_texts() == ["tạm dừng", "3/9"]
    assert await page.page.locator("#more").is_hidden()


async def test_an_order_is_not_told_as_a_fault(rig, opened):
    """An operator's order is named as such, with the way back; nothing is red that was wanted."""
    page = await opened()
    orders = Orders(draining=True)
    rig.live.serving(lambda: rig.binds, lambda: orders)
    rig.instance.metrics.turned_away.labels("try_later").inc(9)
    await rig.beat()
    await page.says("Không nhận tin mới, theo lệnh người vận hành")
    assert "sms-service control resume, trên gateway-1" in await page.text("#do")
    assert (await page.rows("#instances tbody tr"))[0][0] == "gateway-1 không nhận tin mới"
    orders = Orders()
    rig.binds = [bind(state=BindState.STOPPED, why="stopped by an operator")] * 2
    rig.clock.jump(61)
    await rig.beat(2)
    await page.says("Theo lệnh, đã ngắt khỏi tổng đài viettel")
    assert await page.page.locator(".binds li").all_inner_texts() == ["đã ngắt", "đã ngắt"]
    assert await page.page.locator('[data-level="bad"]').count() == 0


async def test_shows_every_instance(rig, opened):
    """Figures of all add up; one that falls silent is named."""
    page = await opened()
    await rig.beat(3, in_flight=8)
    await page.page.locator("#instances tbody tr").nth(1).wait_for()
    assert await page.text("#where") == "gateway-1 · 2 phiên bản"
    await page.page.locator('.tile[data-key="inFlight"] b', has_text="8").wait_for()
    first, second = await page.rows("#instances tbody tr")
    assert (first[0].split()[0], second[1:]) == ("gateway-1", ["10", "10", "8", "9,9 ms"])
    assert (await page.text(".smsc .badge"), await page.page.locator(".binds li").count()) == ("4/4 liên kết", 4)
    await rig.beat(8)
    await page.says("Phiên bản gateway-2 im lặng")
    _, second = await page.rows("#instances tbody tr")
    assert re.fullmatch(r"gateway-2 im lặng \d,\d giây", second[0])
    assert second[1:] == ["–", "–", "8", "–"]


async def test_a_page_that_hears_nothing_says_so(rig, opened):
    """It does not show old figures as if they were new, and takes up again by itself."""
    page = await opened()
    await page.page.clock.install()
    await page.page.reload()
    await page.says("Sẵn sàng trả lời")
    await page.page.clock.run_for(6000)
    await page.says("Mất liên lạc với cổng")
    assert await page.level() == "stale"
    assert "gateway-1" in await page.text("#do")
    await rig.beat()
    await page.says("Sẵn sàng trả lời")
    assert await page.level() == "well"


async def test_in_english(rig, opened):
    """By the browser's language or the switch, which is remembered; the gateway's sentences too."""
    page = await opened(locale="en-GB")
    await page.says("Ready to answer")
    rig.instance.answer(1200)
    await rig.beat()
    await page.says("Citizens are being answered")
    await page.page.locator('.tile[data-key="minute"] b', has_text="1,200").wait_for()
    await page.page.locator("#language").click()
    await page.says("Đang trả lời bình thường")
    assert await page.tile("minute") == "1.200"
    await page.page.reload()
    await page.says("Đang trả lời bình thường")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("state", ["well", "warn", "bad"])
async def test_readable_in_each_state_scheme_and_size(rig, opened, scheme, size, state):
    """Text stands out from what is behind it; a wall needs no scrolling, a phone none sideways."""
    rig.instance.answer(120)
    if state != "well":
        rig.why["redis"] = "redis: it cannot be reached (TimeoutError)"
        rig.binds = [bind(window=0), bind(state=BindState.DOWN, why="Connection refused")]
        rig.instance.metrics.oldest_s.set(12)
    if state == "bad":
        rig.why["subscribers"] = "subscribers: the register cannot be reached (ServerDisconnectedError)"
        rig.instance.metrics.oldest_s.set(40)
    await rig.beat(2)
    page = await opened(size, color_scheme=scheme, reduced_motion="reduce")
    await page.page.locator(f"body[data-level={state}]").wait_for()
    poor = [found for found in await page.page.evaluate(CONTRASTS, TEXTS) if found[1] < READABLE]
    assert poor == []
    assert await page.width() <= size[0]
    if size == WALL:
        assert await page.page.evaluate("document.documentElement.scrollHeight") <= size[1]
        cut = await page.page.evaluate(
            "[...document.querySelectorAll('#do, .tile b, #parts .list, #endings, .plot')]"
            ".filter((node) => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)"
            ".map((node) => node.id || node.className)"
        )
        assert [one for one in cut if one] == []


async def test_the_scheme_may_be_chosen(opened):
    """Against the system's, and remembered."""
    page = await opened(color_scheme="dark")
    button = page.page.locator("#scheme")
    assert await button.inner_text() == "Nền: tự động"
    await button.click()
    assert await button.inner_text() == "Nền: sáng"
    light = await page.page.evaluate("getComputedStyle(document.body).backgroundColor")
    await button.click()
    assert await button.inner_text() == "Nền: tối"
    assert await page.page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    await page.page.reload()
    assert await button.inner_text() == "Nền: tối"


async def test_nothing_is_stored_but_the_reader_s_choices(rig, opened):
    """Language, scheme and span; no figure."""
    page = await opened()
    await rig.beat(2)
    stored = json.loads(await page.page.evaluate("JSON.stringify(Object.keys(localStorage))"))
    assert set(stored) <= {"language", "scheme", "range"}

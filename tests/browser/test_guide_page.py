"""The citizens' guide as it is printed and as a phone shows it: one sheet, nothing cut off, everything there."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from syntax import REFERENCE, load
from syntax.guide import notice
from syntax.guide_page import guide_html
from syntax.guide_text import written

pytestmark = pytest.mark.asyncio(loop_scope="module")

MM = 96 / 25.4
"""CSS pixels."""
MARGIN_MM = (12, 10)
"""Of the sheet, left and top, as `guide.css` says."""

SCREENS = {"phone": (360, 740), "narrow phone": (320, 568), "tablet": (820, 1180), "desktop": (1440, 900)}


@pytest.fixture(scope="module")
def guide():
    return load(REFERENCE)


@pytest.fixture
def long_guide(tmp_path):
    """Thirty commands: more than a sheet holds."""
    text = REFERENCE.read_text("utf-8").split("\n[[examples]]")[0].replace('example_folder = "examples"', "")
    text += "".join(
        f'[[commands]]\nname = "more{number}"\nkeyword = "XEM{number}"\ntitle = "Xem thêm {number}"\nanswers = "record"\n'
        f'view = "card"\nusage = "Soạn XEM{number} gửi {{short_code}}."\n'
        for number in range(10, 40)
    )
    (tmp_path / "long.toml").write_text(text, "utf-8")
    return load(tmp_path / "long.toml")


@pytest_asyncio.fixture(loop_scope="module")
async def show(browser):
    """Shows a guide in a window of the given size."""
    contexts = []

    async def shown(syntax, width, height):
        contexts.append(await browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN"))
        page = await contexts[-1].new_page()
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        await page.set_content(guide_html(syntax))
        return page

    yield shown
    for context in contexts:
        await context.close()


async def sheets(page):
    """Pages of the printed document."""
    return len(re.findall(rb"/Type\s*/Page\b", await page.pdf(prefer_css_page_size=True)))


async def cut_off(page):
    """What is wider than its place, or sticks out of the window."""
    return await page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((element) => {
            const box = element.getBoundingClientRect();
            return box.left < -1 || box.right > innerWidth + 1
                || (getComputedStyle(element).display !== "inline" && element.scrollWidth > element.clientWidth + 1);
        }).map((element) => element.outerHTML.slice(0, 80))"""
    )


async def test_one_sheet(show, guide):
    """The reference prints on one A4 page, with nothing beyond its edges and nothing fetched."""
    page = await show(guide, 1000, 1400)
    assert await sheets(page) == 1
    width, height = (round((side - 2 * margin) * MM) for side, margin in zip((210, 297), MARGIN_MM, strict=True))
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": width, "height": height})
    assert await cut_off(page) == []
    assert await page.evaluate("document.documentElement.scrollHeight") <= height
    assert page.requests == []


async def test_every_command_is_there(show, guide):
    """Each message, each title and each label can be seen, on paper and on a phone."""
    said = notice(guide)
    for media, (width, height) in (("print", (703, 1046)), ("screen", SCREENS["phone"])):
        page = await show(guide, width, height)
        await page.emulate_media(media=media)
        for block in said.blocks:
            await expect(page.get_by_role("heading", name=block.title, exact=True)).to_be_visible()
            for form in block.forms:
                row = page.locator(".form", has=page.get_by_text(written(form.pieces), exact=True))
                await expect(row).to_be_visible()
                for label in form.gets:
                    await expect(row.get_by_text(re.compile(rf"^{re.escape(label)};?$"))).to_be_visible()
        await expect(page.locator(".short-code")).to_have_text("5505")
        await expect(page.locator(".received")).to_have_text([exchange.reply for exchange in said.exchanges])


async def test_the_number_is_read_from_afar(show, guide):
    """The short code stands more than twice as high as anything else, and no message is smaller than 12 points."""
    page = await show(guide, 1000, 1400)
    await page.emulate_media(media="print")
    size = "(element) => parseFloat(getComputedStyle(element).fontSize) * 0.75"
    number = await page.locator(".short-code").evaluate(size)
    assert number >= 48
    assert number > 2 * await page.locator("h1").evaluate(size)
    for message in await page.locator("kbd").all():
        assert await message.evaluate(size) >= 12


@pytest.mark.parametrize("screen", SCREENS)
async def test_on_a_screen(show, guide, screen):
    """Nothing is cut off or must be scrolled to sideways, and no letter is smaller than 9 points."""
    page = await show(guide, *SCREENS[screen])
    assert await cut_off(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    smallest = await page.evaluate(
        'Math.min(...[...document.querySelectorAll("main *")].map((e) => parseFloat(getComputedStyle(e).fontSize)))'
    )
    assert smallest * 0.75 >= 9


async def test_a_long_guide(show, long_guide):
    """It flows on to further sheets, and no command is parted."""
    page = await show(long_guide, 1000, 1400)
    assert await sheets(page) > 1
    await page.emulate_media(media="print")
    assert await page.locator("article").count() == 34
    assert {
        await article.evaluate("(e) => getComputedStyle(e).breakInside")
        for article in await page.locator("article").all()
    } == {"avoid"}
    assert await cut_off(page) == []

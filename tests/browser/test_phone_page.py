"""The phone page as a person uses it."""

import re

import pytest
from playwright.async_api import expect

from simulator.population import Population
from sms_service.sms import Alphabet, encode_cheapest, segment_count
from tests.browser.conftest import ACCENTED, CITIZENS, MARKUP, RECORD, REFUSAL, SEED

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = Population(citizens=CITIZENS, seed=SEED)
NUMBERS = [number for index in range(CITIZENS) for number in PEOPLE.numbers(index)]


def in_state(state):
    return next(number for number in NUMBERS if number.state == state)


async def choose(page, query):
    """Search for a phone and take the first that is found."""
    await page.locator(".sim").click()
    await page.locator(".query").fill(query)
    await page.locator(f'.citizen[data-msisdn$="{query[1:]}"]').first.click()


async def test_inquiry_and_reply(open_page):
    """A citizen is chosen from the start; one touch texts DC, and the reply comes as a bubble that says what it took."""
    screen = await open_page()
    await expect(screen.page.locator(".sim .badge")).to_have_text("Đã xác thực")
    await screen.page.get_by_role("button", name="DC", exact=True).click()
    reply = screen.bubbles("mt")
    await expect(reply.locator(".bubble")).to_have_text(RECORD)
    await expect(reply.locator(".meta")).to_have_text(
        re.compile(r"^\d\d:\d\d · GSM-7 · 1 đoạn · (\d+ ms|[\d,]+ giây)$")
    )
    sent = screen.bubbles("mo")
    await expect(sent.locator(".bubble")).to_have_text("DC")
    await expect(sent.locator(".meta")).to_have_text(re.compile(r"^\d\d:\d\d · GSM-7 · 1 đoạn · Đã nhận$"))
    await expect(screen.page.locator(".pending-messages li")).to_have_count(0)
    await expect(screen.page.locator(".waiting")).to_be_hidden()


async def test_accented_reply(open_page):
    """A reply with accents is shown as it is, and as UCS-2 in segments."""
    screen = await open_page()
    await screen.page.get_by_role("button", name="DC DAU").click()
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(ACCENTED)
    await expect(screen.bubbles("mt").locator(".meta")).to_contain_text("UCS-2 · 2 đoạn")


async def test_own_number_chip(open_page):
    """The quick inquiries offer the citizen's own ID."""
    screen = await open_page()
    first = next(number for number in NUMBERS if number.state == "authenticated")
    await expect(screen.page.locator(".quick button").last).to_have_text(f"DC {first.citizen_id}")


async def test_typing_with_the_keyboard_alone(open_page):
    """Text is typed and sent with Enter; while it is typed the page counts what it will take."""
    screen = await open_page()
    await screen.page.locator(".text").focus()
    await screen.page.keyboard.type("Tôi là ai")
    await expect(screen.page.locator(".counter")).to_have_text(
        "9/160 · GSM-7 · 1 đoạn".replace("9/160 · GSM-7", "9/70 · UCS-2")
    )
    await screen.page.keyboard.press("Enter")
    await expect(screen.bubbles("mo").locator(".bubble")).to_have_text("Tôi là ai")
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(REFUSAL)
    await expect(screen.page.locator(".text")).to_be_focused()
    await expect(screen.page.locator(".text")).to_have_value("")
    await expect(screen.page.locator(".send")).to_be_disabled()


async def test_shift_enter_breaks_the_line(open_page):
    """Shift with Enter makes a new line and sends nothing."""
    screen = await open_page()
    await screen.page.locator(".text").focus()
    await screen.page.keyboard.type("a")
    await screen.page.keyboard.press("Shift+Enter")
    await expect(screen.page.locator(".text")).to_have_value("a\n")
    await expect(screen.bubbles("mo")).to_have_count(0)


async def test_awaited_reply_shows(open_page):
    """While no reply has come, the page shows that it is awaited."""
    screen = await open_page()
    await screen.page.locator(".text").fill("IM LANG")
    await screen.page.locator(".send").click()
    await expect(screen.page.locator(".waiting")).to_be_visible()


async def test_states(open_page):
    """The chooser finds numbers in each state, and the phone carries the state's badge."""
    screen = await open_page()
    page = screen.page
    for state, label in {
        "unverified": "Chưa xác thực",
        "disowned": "Bị phủ nhận",
        "locked_one_way": "Khóa một chiều",
        "locked_two_way": "Khóa hai chiều",
        "recycled": "Thu hồi",
    }.items():
        await page.locator(".sim").click()
        await page.locator(".filters").get_by_role("button", name=label, exact=True).click()
        first = page.locator(f'.citizen[data-msisdn="{in_state(state).msisdn}"]').last
        await expect(first.locator(".badge").first).to_have_text(label)
        await first.click()
        await expect(page.locator(".chooser")).to_be_hidden()
        await expect(page.locator(".sim .badge")).to_have_text(re.compile(f"{label}|Đã mất hoặc mất tích"))


async def test_conversation_is_kept_for_each_number(open_page):
    """Each number has its own conversation, and finds it again, also after the page was closed."""
    screen = await open_page()
    page = screen.page
    one, two = (number.msisdn for number in NUMBERS[:2])
    await choose(page, f"0{one[2:]}")
    await page.get_by_role("button", name="DC", exact=True).click()
    await expect(screen.bubbles("mt")).to_have_count(1)
    await choose(page, f"0{two[2:]}")
    await expect(screen.bubbles("mo")).to_have_count(0)
    await expect(page.locator(".empty")).to_be_visible()
    await choose(page, f"0{one[2:]}")
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(RECORD)
    await page.reload()
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(RECORD)


async def test_search_by_name(open_page):
    """A name is found without its accents; what nobody is called is said so."""
    screen = await open_page()
    page = screen.page
    citizen = PEOPLE.citizen(0)
    await page.locator(".sim").click()
    await page.locator(".query").fill(citizen.full_name.lower())
    await expect(page.locator(".citizen .name").first).to_have_text(citizen.full_name)
    await page.locator(".query").fill("xyz")
    await expect(page.locator(".found")).to_contain_text("Không tìm thấy ai")


async def test_any_number_may_be_typed(open_page):
    """A number that is nobody's can be used, and gets the refusal's path like any other."""
    screen = await open_page()
    page = screen.page
    await page.locator(".sim").click()
    await page.locator(".query").fill("0999 888 777")
    await page.keyboard.press("Enter")
    await expect(page.locator(".sim .name")).to_have_text("0999 888 777")
    await expect(page.locator(".sim .badge")).to_be_hidden()
    await expect(page.locator(".quick button")).to_have_count(5)
    await page.get_by_role("button", name="DC HD").click()
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(REFUSAL)


async def test_chooser_by_keyboard(open_page):
    """The chooser takes the focus, the arrows walk its list, Escape gives the focus back."""
    screen = await open_page()
    page = screen.page
    await page.locator(".sim").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".query")).to_be_focused()
    await expect(page.locator(".citizen").nth(2)).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".citizen").nth(0)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".query")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".chooser")).to_be_hidden()
    await expect(page.locator(".sim")).to_be_focused()


async def test_message_that_cannot_be_sent(open_page):
    """What the phone could not send is marked, told, and sent again on request."""
    screen = await open_page()
    page = screen.page
    await page.route("**/api/messages", lambda route: route.abort())
    await page.get_by_role("button", name="DC", exact=True).click()
    await expect(page.locator(".failed .meta")).to_contain_text("Chưa gửi được")
    await expect(page.locator(".toast")).to_contain_text("Không liên lạc được")
    await page.unroute("**/api/messages")
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(RECORD)
    await expect(page.locator(".failed")).to_have_count(0)


async def test_refusal_of_the_network_is_told(open_page):
    """A text that the network does not take is refused in its words."""
    screen = await open_page()
    await screen.page.locator(".text").fill("đ" * 700)
    await screen.page.locator(".send").click()
    await expect(screen.page.locator(".toast")).to_have_text("Tin nhắn quá dài: tối đa 10 đoạn.")


async def test_gateway_that_is_away(open_page, service):
    """Without a gateway the page says so; what is texted meanwhile is answered when it is back."""
    screen = await open_page()
    page = screen.page
    await expect(page.locator("#gateway")).to_have_attribute("data-state", "up")
    await expect(page.locator("#gateway-text")).to_have_text("Cổng dịch vụ đã kết nối · 1 liên kết")
    service.drop()
    await expect(page.locator("#gateway")).to_have_attribute("data-state", "down")
    await expect(page.locator(".peer-state")).to_have_text("Chưa kết nối với cổng dịch vụ")
    await page.get_by_role("button", name="DC", exact=True).click()
    await expect(page.locator(".waiting")).to_be_visible()
    await service.bind()
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(RECORD)


async def test_markup_is_text(open_page):
    """A reply that looks like markup is shown letter by letter."""
    screen = await open_page()
    await screen.page.locator(".text").fill("CODE")
    await screen.page.locator(".send").click()
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_text(MARKUP)


async def test_nothing_from_elsewhere(open_page, service):
    """The page asks nobody but its own server, and the browser complains of nothing."""
    screen = await open_page()
    await screen.page.get_by_role("button", name="DC", exact=True).click()
    await expect(screen.bubbles("mt")).to_have_count(1)
    assert all(url.startswith(service.url) for url in screen.requests)
    assert screen.complaints == []


@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568), (768, 1024), (1280, 720), (740, 360)])
async def test_fits_the_screen(open_page, width, height):
    """On small, middle and large screens nothing is cut off sideways, and all that one needs is in sight."""
    screen = await open_page(width, height)
    page = screen.page
    await page.get_by_role("button", name="DC DAU").click()
    await expect(screen.bubbles("mt")).to_be_in_viewport()
    for part in [".sim", ".text", ".send", ".thread"]:
        await expect(page.locator(part)).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.locator(".sim").click()
    for part in [".query", ".chooser-close"]:
        await expect(page.locator(part)).to_be_in_viewport(ratio=1)
    await expect(page.locator(".citizen").first).to_be_in_viewport()


async def test_guide_on_a_small_screen(open_page):
    """Where there is no room beside the phone, the explanation opens over it, and closes by button or Escape."""
    screen = await open_page(360, 740)
    page = screen.page
    guide = page.locator("#guide")
    await expect(guide).to_be_hidden()
    for close in [page.locator("#guide .close").click, lambda: page.keyboard.press("Escape")]:
        await page.locator("#guide-open").click()
        await expect(guide).to_be_visible()
        await expect(guide.get_by_role("heading", name="Cú pháp")).to_be_visible()
        assert await guide.evaluate("guide => guide.scrollWidth <= guide.clientWidth")
        await close()
        await expect(guide).to_be_hidden()
        await expect(page.locator("#guide-open")).to_be_focused()


async def test_every_control_has_a_name(open_page):
    """Each button and field says what it is for to those who do not see it."""
    screen = await open_page(360, 740)
    await screen.page.locator(".sim").click()
    await expect(screen.page.locator(".citizen").first).to_be_visible()
    nameless = await screen.page.evaluate(
        """[...document.querySelectorAll("button, input, textarea")].filter((control) =>
            !(control.ariaLabel || control.labels?.[0]?.textContent.trim() || control.textContent.trim())).length"""
    )
    assert nameless == 0
    await expect(screen.page.get_by_role("log", name="Tin nhắn")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out(open_page, scheme):
    """Text and badges reach a contrast of 4.5 to 1 against what is behind them (WCAG 2.2, 1.4.3)."""
    screen = await open_page(color_scheme=scheme)
    await screen.page.get_by_role("button", name="DC", exact=True).click()
    await expect(screen.bubbles("mt")).to_have_count(1)
    contrasts = await screen.contrasts(
        ".mo .bubble, .mt .bubble, .meta, .badge, .number, .name, .chip, .day, .peer-name p, .syntax dd, .lead, .tick, .more, #gateway-text, .tool"
    )
    assert len(contrasts) > 15
    assert [(name, round(contrast, 2)) for name, contrast in contrasts if contrast < 4.5] == []


TEXTS = [
    "DC",
    "x" * 160,
    "x" * 161,
    "x" * 306,
    "x" * 307,
    "[" * 80,
    "[" * 81,
    "€uro {}",
    "à è ì ò ù É",
    "ệ" * 70,
    "ệ" * 71,
    "ệ" * 134,
    "ệ" * 135,
    "😀" * 35,
    "😀" * 36,
    "a`b",
    "ç",
    "Ç",
    "\t",
]


async def test_counter_agrees_with_the_service(open_page):
    """What the page counts while one types is what the service's own alphabets and segments say."""
    screen = await open_page()
    counted = await screen.page.evaluate(
        "async (texts) => { const { cost } = await import('/static/alphabet.js'); return texts.map(cost); }", TEXTS
    )
    for text, cost in zip(TEXTS, counted, strict=True):
        encoded = encode_cheapest(text, Alphabet.GSM7)
        encoding = "ucs2" if encoded.data_coding == 8 else "gsm7"
        assert (cost["encoding"], cost["units"]) == (encoding, encoded.units), ascii(text)
        assert cost["segments"] == segment_count(text, Alphabet.GSM7), ascii(text)

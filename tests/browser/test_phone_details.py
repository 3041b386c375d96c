"""Several phones at once, one message in detail, faults, languages and colours, as a person uses them."""

import itertools
import re

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from simulator.smsc.faults import PROFILES, Faults
from tests.browser.conftest import RECORD, REFUSAL

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ask(screen, text="DC", phone=1):
    """Text from a phone, and wait for the reply."""
    replies = screen.bubbles("mt", phone)
    before = await replies.count()
    await screen.phone(phone).locator(".text").fill(text)
    await screen.phone(phone).locator(".send").click()
    await expect(replies).to_have_count(before + 1)


async def details(screen, direction, tab="Hành trình", phone=1):
    """Open the details of the newest message of that direction."""
    await screen.bubbles(direction, phone).last.locator(".more").click()
    await screen.page.get_by_role("tab", name=tab).click()


async def faults_of(service):
    async with ClientSession() as session, session.get(f"{service.url}/admin/faults") as response:
        return (await response.json())["faults"]


# ---- several phones


async def test_phones_side_by_side(open_page):
    """Each has its own conversation; one stream serves them all."""
    screen = await open_page()
    await screen.add_phone()
    await screen.add_phone()
    await expect(screen.page.locator(".phone")).to_have_count(3)
    await ask(screen, "DC", phone=2)
    await ask(screen, "DC HD", phone=3)
    await expect(screen.bubbles("mt", 1)).to_have_count(0)
    await expect(screen.bubbles("mt", 2).locator(".bubble")).to_have_text(RECORD)
    await expect(screen.bubbles("mt", 3).locator(".bubble")).to_have_text(REFUSAL)
    boxes = [await screen.phone(number).bounding_box() for number in (1, 2, 3)]
    assert all(left["x"] + left["width"] <= right["x"] for left, right in itertools.pairwise(boxes))
    assert sum("/api/phones/" in url and "/events" in url for url in screen.requests) == 0


async def test_phones_and_conversations_outlive_a_reload(open_page):
    """The same phones in the same order, each with what was said and what became of it."""
    screen = await open_page()
    await screen.add_phone()
    names = await screen.page.locator(".phone .sim .name").all_text_contents()
    await ask(screen, "DC", phone=2)
    await screen.page.reload()
    await expect(screen.page.locator(".phone .sim .name")).to_have_text(names)
    await expect(screen.bubbles("mt", 2).locator(".bubble")).to_have_text(RECORD)
    await expect(screen.bubbles("mo", 2).locator(".tick")).to_have_attribute("data-state", "delivered")


async def test_closing_a_phone(open_page):
    """The one that is left has no button for it; the focus stays on the page."""
    screen = await open_page()
    await expect(screen.phone().locator(".remove")).to_be_hidden()
    await screen.add_phone()
    await screen.phone(1).locator(".remove").click()
    await expect(screen.page.locator(".phone")).to_have_count(1)
    await expect(screen.phone().locator(".sim")).to_be_focused()
    await ask(screen)
    await screen.page.reload()
    await expect(screen.page.locator(".phone")).to_have_count(1)


async def test_a_number_is_open_once(open_page):
    """Whoever chooses a number that is open is led to it and told."""
    screen = await open_page()
    await screen.page.locator("#add-phone").click()
    await screen.page.locator(".chooser[open] .citizen").first.click()
    await expect(screen.page.locator(".toast")).to_have_text("Điện thoại này đang mở rồi.")
    await expect(screen.phone(1).locator(".text")).to_be_focused()


async def test_switching_phones_on_a_small_screen(open_page):
    """One phone has all the room, and the bar leads to the others."""
    screen = await open_page(360, 740)
    await expect(screen.page.locator("#switcher")).to_be_hidden()
    await screen.add_phone()
    await expect(screen.phone(2).locator(".text")).to_be_in_viewport(ratio=1)
    await screen.page.locator("#switcher button").first.click()
    await expect(screen.phone(1).locator(".text")).to_be_in_viewport(ratio=1)
    await expect(screen.phone(2).locator(".text")).not_to_be_in_viewport()


# ---- ticks


async def test_ticks(open_page, service):
    """Held by the SMSC while no gateway is there; delivered when all its parts are acknowledged."""
    screen = await open_page()
    service.drop()
    await expect(screen.page.locator("#gateway")).to_have_attribute("data-state", "down")
    await screen.phone().locator(".text").fill("x" * 200)
    await screen.phone().locator(".send").click()
    tick = screen.bubbles("mo").locator(".tick")
    await expect(tick).to_have_text("Chờ chuyển")
    await service.bind()
    await expect(tick).to_have_text("Đã nhận")
    await expect(tick).to_have_attribute("data-state", "delivered")


# ---- the wire


async def test_wire_of_a_reply(open_page):
    """Every PDU, opened one by one: its fields with their octets, and all octets beside them."""
    screen = await open_page()
    await ask(screen, "DC DAU")
    await details(screen, "mt", "Đường truyền")
    pdus = screen.page.locator(".pdu")
    await expect(pdus.locator("summary b")).to_have_text(["submit_sm", "submit_sm", "submit_sm_resp", "submit_sm_resp"])
    first = pdus.first
    fields = first.locator(".fields tbody tr")
    await expect(
        fields.filter(has=screen.page.get_by_role("rowheader", name="destination_addr")).locator("td").first
    ).to_have_text(re.compile(r"^84\d{9}$"))
    await expect(
        fields.filter(has=screen.page.get_by_role("rowheader", name="command_id")).locator(".hex")
    ).to_have_text("00 00 00 04")
    length = int(await fields.first.locator("td").first.text_content())
    assert await first.locator(".dump span[data-leaf]").count() == length
    await expect(pdus.nth(2).locator(".fields")).to_have_count(0)
    await pdus.nth(2).locator("summary").focus()
    await screen.page.keyboard.press("Enter")
    await expect(pdus.nth(2).locator(".fields")).to_be_visible()
    await expect(pdus.nth(2).locator(".status")).to_have_text("ESME_ROK")


async def test_a_field_lights_up_its_octets(open_page):
    """And the octets their field."""
    screen = await open_page()
    await ask(screen)
    await details(screen, "mo", "Đường truyền")
    pdu = screen.page.locator(".pdu").first
    field = pdu.locator(".fields tr[data-leaf]").nth(1)
    await field.hover()
    await expect(pdu.locator(".dump .lit")).to_have_text(["00", "00", "00", "05"])
    await pdu.locator(".dump span[data-leaf]").first.hover()
    await expect(pdu.locator(".fields tr.lit th")).to_have_text("command_length")


async def test_wire_that_is_no_longer_kept(open_page):
    """Is said to be so."""
    screen = await open_page()
    await ask(screen)
    gone = {"error": "…", "code": "no_trail"}
    await screen.page.route("**/wire", lambda route: route.fulfill(status=404, json=gone))
    await details(screen, "mo", "Đường truyền")
    await expect(screen.page.locator("#wire .problem")).to_contain_text("không còn bản ghi")


# ---- the journey


async def test_journey_of_both_sides(open_page, service):
    """The SMSC's events and the gateway's stages in one order, joined by bind and sequence_number."""
    service.ops.journeys = []
    screen = await open_page()
    await ask(screen, "DC DAU")
    await details(screen, "mo")
    timeline = screen.page.locator("#journey .timeline tbody tr")
    await expect(screen.page.locator("#journey")).to_contain_text("Kết thúc")
    await expect(screen.page.locator(".missing")).to_have_count(0)
    places = await timeline.evaluate_all("rows => rows.map((row) => row.dataset.where)")
    assert places[0] == "phone"
    assert places.count("gateway") == 9
    times = [
        float(time.replace(".", "").replace(",", ".")) for time in await timeline.locator(".at").all_text_contents()
    ]
    assert times == sorted(times)
    words = " ".join(await timeline.all_text_contents())
    for stage in ["Nhận tin", "Đã ghi nhật ký", "Sổ thuê bao đã trả lời", "Đã ghi kiểm toán", "Đã gửi trả lời ×2"]:
        assert stage in words
    await expect(screen.page.locator(".figures dt")).to_have_text(
        ["Cổng xác nhận sau", "Trong cổng dịch vụ", "Trả lời đến sau"]
    )
    await details(screen, "mt")
    await expect(screen.page.locator("#journey")).to_contain_text("Bấm gửi")


async def test_journey_without_trace(open_page, service):
    """The page says that tracing is off, and shows what the SMSC saw; without a gateway it says that."""
    screen = await open_page()
    await ask(screen)
    await details(screen, "mo")
    await expect(screen.page.locator(".missing")).to_have_attribute("data-missing", "off")
    await expect(screen.page.locator(".missing")).to_contain_text("[ops] trace = true")
    await expect(screen.page.locator("#journey .timeline")).to_contain_text("deliver_sm_resp")
    await service.ops.server.close()
    await expect(screen.page.locator(".missing")).to_have_attribute("data-missing", "unreachable")
    await ask(screen)


async def test_journey_is_told_when_tracing_is_on_again(open_page, service):
    """Also while one looks."""
    screen = await open_page()
    await ask(screen)
    await details(screen, "mo")
    await expect(screen.page.locator(".missing")).to_have_attribute("data-missing", "off")
    service.ops.journeys = []
    await ask(screen)
    await expect(screen.page.locator(".missing")).to_have_attribute("data-missing", "pending")
    await details(screen, "mo")
    await expect(screen.page.locator("#journey .timeline")).to_contain_text("Kết thúc")


async def test_journey_grows_while_one_looks(open_page, service):
    """What is told later is shown without asking again."""
    screen = await open_page()
    service.drop()
    await expect(screen.page.locator("#gateway")).to_have_attribute("data-state", "down")
    await screen.page.get_by_role("button", name="DC", exact=True).click()
    await expect(screen.bubbles("mo")).to_have_count(1)
    await details(screen, "mo")
    await expect(screen.page.locator("#journey .timeline tbody tr")).to_have_count(1)
    await service.bind()
    await expect(screen.page.locator("#journey .timeline")).to_contain_text("deliver_sm_resp")


# ---- faults


async def test_profile_in_force_and_off(open_page, service):
    """One touch brings a profile into force, the page shows what that is, one touch ends it."""
    screen = await open_page()
    page = screen.page
    await page.locator("#faults-open").click()
    await expect(page.locator("#in-force")).to_contain_text("Không có lỗi nào")
    await expect(page.locator("#profiles button")).to_have_count(len(PROFILES))
    await page.get_by_role("button", name="Từ chối 10% trả lời").click()
    await expect(page.locator("#in-force li")).to_have_text(["Tỷ lệ submit_sm bị từ chối: 0,1"])
    await expect(page.locator('[data-profile="failing"]')).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#faults-mark")).to_be_visible()
    assert (await faults_of(service))["submit_error_rate"] == 0.1
    await page.locator("#faults-off").click()
    await expect(page.locator("#in-force")).to_contain_text("Không có lỗi nào")
    await expect(page.locator("#faults-mark")).to_be_hidden()
    assert Faults(**await faults_of(service)) == Faults()


async def test_single_faults(open_page, service):
    """Fields are sent together, limits are told, and what is typed is not overwritten meanwhile."""
    screen = await open_page()
    page = screen.page
    await page.locator("#faults-open").click()
    await page.get_by_label("Tỷ lệ deliver_sm gửi hai lần").fill("1,5")
    await page.get_by_role("button", name="Áp dụng").click()
    await expect(page.locator("#fault-problem")).to_have_text(
        "Tỷ lệ deliver_sm gửi hai lần: hãy nhập một số từ 0 đến 1."
    )
    await expect(page.get_by_label("Tỷ lệ deliver_sm gửi hai lần")).to_be_focused()
    await page.get_by_label("Tỷ lệ deliver_sm gửi hai lần").fill("1")
    await page.get_by_label("Gửi đi không theo thứ tự").check()
    async with page.expect_response("**/admin/faults"):
        pass  # a poll
    await expect(page.get_by_label("Tỷ lệ deliver_sm gửi hai lần")).to_have_value("1")
    await page.keyboard.press("Enter")
    await expect(page.locator("#in-force li")).to_have_text(
        ["Tỷ lệ deliver_sm gửi hai lần: 1", "Gửi đi không theo thứ tự: bật"]
    )
    await expect(page.locator("#fault-problem")).to_have_text("")
    assert Faults(**await faults_of(service)) == Faults(duplicate_rate=1, disorder=True)
    await screen.phone().get_by_role("button", name="DC", exact=True).click()
    await expect(page.locator('[data-count="duplicates"]')).to_have_text("1")


async def test_faults_that_another_sets_are_shown(open_page, service):
    """The page is not the only one who may; and the mark shows without the panel."""
    screen = await open_page()
    async with ClientSession() as session:
        await session.put(f"{service.url}/admin/faults", json={"profile": "slow"})
    await expect(screen.page.locator("#faults-mark")).to_be_visible()
    await screen.page.locator("#faults-open").click()
    await expect(screen.page.locator('[data-profile="slow"]')).to_have_attribute("aria-pressed", "true")


async def test_number_that_chooses_a_fault(open_page):
    """The panel opens a phone with such a number, and what becomes of its message is seen on the wire."""
    screen = await open_page()
    page = screen.page
    await page.locator("#faults-open").click()
    await page.get_by_role("button", name="8450 910 0001").click()
    await expect(screen.phone(2).locator(".text")).to_be_focused()
    await page.keyboard.type("DC")
    await page.keyboard.press("Enter")
    await expect(screen.bubbles("mo", 2)).to_have_count(1)
    await details(screen, "mo", "Đường truyền", phone=2)
    await expect(page.locator(".pdu summary b").filter(has_text=re.compile("^deliver_sm$"))).to_have_count(2)


# ---- panels, languages, colours


async def test_one_panel_at_a_time(open_page):
    """Each by its button, Escape closes it and gives the focus back."""
    screen = await open_page()
    page = screen.page
    await expect(page.locator("#guide")).to_be_visible()
    await page.locator("#faults-open").click()
    await expect(page.locator("#guide")).to_be_hidden()
    await expect(page.locator("#faults-open")).to_have_attribute("aria-expanded", "true")
    await expect(page.locator("#faults-title")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#faults")).to_be_hidden()
    await expect(page.locator("#faults-open")).to_be_focused()


async def test_details_by_keyboard(open_page):
    """From the message to its details, from tab to tab with the arrows, and back."""
    screen = await open_page()
    await ask(screen)
    more = screen.bubbles("mt").locator(".more")
    await more.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#details-title")).to_be_focused()
    await screen.page.get_by_role("tab", name="Hành trình").focus()
    await screen.page.keyboard.press("ArrowRight")
    await expect(screen.page.get_by_role("tab", name="Đường truyền")).to_be_focused()
    await expect(screen.page.get_by_role("tabpanel", name="Đường truyền")).to_be_visible()
    await expect(screen.page.get_by_role("tabpanel", name="Hành trình")).to_be_hidden()
    await screen.page.keyboard.press("Escape")
    await expect(more).to_be_focused()


async def test_panel_covers_a_small_screen(open_page):
    """What is behind it cannot be reached until it is closed; nothing is cut off sideways."""
    screen = await open_page(320, 568)
    page = screen.page
    await ask(screen, "DC DAU")
    for tab in ["Đường truyền", "Hành trình"]:
        await details(screen, "mt", tab)
        await expect(page.locator("#details table:visible").first).to_be_visible()
        assert await page.locator("#details .panel-body").evaluate("body => body.scrollWidth <= body.clientWidth")
        assert await page.locator("#stage").evaluate("stage => stage.inert")
        await page.locator("#details .close").click()
        assert not await page.locator("#stage").evaluate("stage => stage.inert")
    await page.locator("#faults-open").click()
    await expect(page.locator("#fault-fields label").first).to_be_visible()
    assert await page.locator("#faults .panel-body").evaluate("body => body.scrollWidth <= body.clientWidth")


async def test_english_by_the_browser_s_language(open_page):
    """Whoever's browser speaks English finds the page in English; the citizens' replies stay as they are."""
    screen = await open_page(locale="en-GB")
    page = screen.page
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("#gateway-text")).to_have_text("Gateway connected · 1 binds")
    await ask(screen)
    await expect(screen.bubbles("mt").locator(".bubble")).to_have_attribute("lang", "vi")
    await expect(screen.bubbles("mo").locator(".meta")).to_have_text(
        re.compile(r"^\d\d:\d\d · GSM-7 · 1 segment · Delivered$")
    )
    await screen.phone().locator(".text").fill("đ" * 700)
    await screen.phone().locator(".send").click()
    await expect(page.locator(".toast")).to_have_text("The message is too long: 10 segments at most.")


async def test_switching_the_language(open_page):
    """All of the page changes, what is open stays open, what is typed stays typed, and a reload remembers."""
    screen = await open_page()
    page = screen.page
    await ask(screen)
    await details(screen, "mo")
    await expect(page.locator("#journey .timeline")).to_contain_text("Bấm gửi")
    await screen.phone().locator(".text").fill("DC H")
    await page.locator("#language").click()
    await expect(page.locator("#journey .timeline")).to_contain_text("Sent by the phone")
    await expect(page.locator("#details-title")).to_have_text("One message in detail")
    await expect(screen.bubbles("mo").locator(".meta")).to_contain_text("Delivered")
    await expect(screen.phone().locator(".text")).to_have_value("DC H")
    await page.reload()
    await expect(page).to_have_title("Simulated phones · Population look-up by SMS")
    await page.locator("#language").click()
    await expect(page).to_have_title("Điện thoại mô phỏng · Tra cứu dân cư qua tin nhắn")


@pytest.mark.parametrize("locale", ["vi-VN", "en-GB"])
async def test_no_word_is_missing(open_page, service, locale):
    """Nowhere on the page does a key stand for its words."""
    service.ops.journeys = []
    screen = await open_page(locale=locale)
    page = screen.page
    await ask(screen)
    await screen.page.locator("#faults-open").click()
    await expect(page.locator("#cases button").first).to_be_visible()
    texts = [await page.locator("body").inner_text()]
    await screen.bubbles("mo").locator(".more").click()
    await expect(page.locator("#journey .timeline [data-where=gateway]").first).to_be_visible()
    texts.append(await page.locator("body").inner_text())
    await page.locator("#guide-open").click()
    texts.append(await page.locator("body").inner_text())
    names = await page.evaluate("[...document.querySelectorAll('[aria-label]')].map((node) => node.ariaLabel)")
    key = re.compile(
        r"\b(?:page|gateway|phone|tick|chooser|state|guide|details|journey|event|stage|wire|faults?|profile|count|case|error)\.\w+\b"
    )
    assert [key.findall(text) for text in [*texts, *names] if key.search(text)] == []
    assert "undefined" not in " ".join([*texts, *names])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_of_the_panels_stands_out(open_page, service, scheme):
    """A contrast of 4.5 to 1 in all of them (WCAG 2.2, 1.4.3)."""
    service.ops.journeys = []
    screen = await open_page(color_scheme=scheme, reduced_motion="reduce")
    page = screen.page
    parts = "#{0} :is(h2, h3, p, dt, dd, th, td, small, li, b, span, label, summary, button:enabled)"
    seen = await screen.contrasts(parts.format("guide"))
    await ask(screen)
    await details(screen, "mo")
    await expect(page.locator("#journey .timeline [data-where=gateway]").first).to_be_visible()
    seen += await screen.contrasts(parts.format("details"))
    await details(screen, "mo", "Đường truyền")
    await page.locator(".pdu").nth(1).locator("summary").click()
    await page.locator(".fields tr[data-leaf]").nth(1).hover()
    seen += await screen.contrasts(parts.format("details"))
    await page.locator("#faults-open").click()
    await page.get_by_role("button", name="Trả lời chậm").click()
    await expect(page.locator("#in-force li")).to_have_count(2)
    await page.get_by_label("Tỷ lệ deliver_sm gửi hai lần").fill("2")
    await page.keyboard.press("Enter")
    await expect(page.locator("#fault-problem")).not_to_have_text("")
    seen += await screen.contrasts(parts.format("faults"))
    assert len(seen) > 200
    assert [(name, round(contrast, 2)) for name, contrast in seen if contrast < 4.5] == []


async def test_colours_may_be_chosen(open_page):
    """By the system, light or dark; a reload remembers."""
    screen = await open_page(color_scheme="light")
    page = screen.page
    back = "getComputedStyle(document.querySelector('.bar')).backgroundColor"
    light = await page.evaluate(back)
    await page.locator("#scheme").click()
    await page.locator("#scheme").click()
    await expect(page.locator("#scheme")).to_have_attribute("aria-label", "Giao diện: tối")
    dark = await page.evaluate(back)
    assert light != dark
    await page.reload()
    await expect(page.locator("#scheme")).to_have_attribute("aria-label", "Giao diện: tối")
    assert await page.evaluate(back) == dark
    await page.locator("#scheme").click()
    assert await page.evaluate(back) == light

"""The phone page in a headless Chromium, on a real SMSC with a gateway that answers from a table, and tells journeys when it is told to.

The browser is the system's: $SMS_CHROMIUM, or the first of the usual names. Where there is none the tests are skipped and
say so; where CI=true or SMS_REQUIRE_BROWSER=1 they fail instead, so that a build without browser is never green by accident.
"""

import asyncio
import json
import os
import shutil
import time

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright

from simulator.smsc.accounts import Account
from simulator.smsc.server import Options, serve
from sms_service.smpp import BindTransceiver, DeliverSm, RequestReceived, Role, Session, SessionSettings, SubmitSm
from sms_service.sms import Alphabet, LongMessages, decode, split

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CITIZENS, SEED = 300, 1

RECORD = "Ho ten: Nguyen Thi Minh Khai\nNgay sinh: 14/02/1985\nSo dinh danh: 001185012345"
ACCENTED = "Họ tên: Nguyễn Thị Minh Khai\nNgày sinh: 14/02/1985\nThường trú: Số 12 phố Hàng Bài, Hà Nội"
REFUSAL = "So dien thoai hoac cong dan khong ton tai."
MARKUP = "<img src=x onerror=alert(1)> & <b>"
STAGES = [
    ("received", 0.0),
    ("journalled", 2.0),
    ("acknowledged", 2.5),
    ("register", 4.0),
    ("population", 6.0),
    ("audit", 8.0),
]
REPLIES = {"DC": RECORD, "DC DAU": ACCENTED, "CODE": MARKUP, "IM LANG": None}


CONTRASTS = """(parts) => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = rgb(color).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const color = getComputedStyle(node).backgroundColor;
    return (rgb(color)[3] ?? 1) > 0 || !node.parentElement ? color : behind(node.parentElement);
  };
  return [...document.querySelectorAll(parts)].filter((node) => node.checkVisibility()).map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
    return [node.className, (a + 0.05) / (b + 0.05)];
  });
}"""


def chromium():
    """The browser's path; skips or fails where there is none."""
    found = os.environ.get("SMS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium: none of {', '.join(NAMES)} is installed, and SMS_CHROMIUM is not set"
        if os.environ.get("CI") == "true" or os.environ.get("SMS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Ops:
    """The ops port of that gateway: `/api/trace` tells journeys once `journeys` is a list, as with `[ops] trace` on."""

    def __init__(self):
        self.journeys = None
        app = web.Application()
        app.router.add_get("/api/trace", self.trace)
        self.server = TestServer(app)

    async def trace(self, request):
        if self.journeys is None:
            return web.json_response({"error": "tracing is off"}, status=404)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        told = 0
        while not request.transport.is_closing():
            for journey in self.journeys[told:]:
                await response.write(b"data: %b\n\n" % json.dumps(journey).encode())
            told = len(self.journeys)
            await asyncio.sleep(0.01)
        return response

    def tell(self, port, deliver, submits):
        """The journey of an inquiry that came as one deliver_sm, and left as some submit_sm."""
        if self.journeys is None:
            return
        place = {"bind": 1, "local_port": port}
        self.journeys.append(
            {
                "smsc": "simulated",
                "received_at": time.time(),
                "deliver_sm": [{**place, "sequence_number": deliver}],
                "steps": [
                    *({"stage": stage, "ms": ms} for stage, ms in STAGES),
                    *({"stage": "submitted", "ms": 9.0, "submit_sm": {**place, "sequence_number": n}} for n in submits),
                    {"stage": "confirmed", "ms": 9.5},
                    {"stage": "finished", "ms": 10.0},
                ],
            }
        )


class Gateway(asyncio.Protocol):
    """An ESME that acknowledges each inquiry and answers it from REPLIES, with the refusal where there is none."""

    def __init__(self, ops):
        self.ops = ops

    def connection_made(self, transport):
        self.transport = transport
        self.session = Session(Role.ESME, SessionSettings(), time.monotonic())
        self.session.request(BindTransceiver(system_id="gateway", password="secret"), time.monotonic())
        transport.write(self.session.data_to_send())

    def data_received(self, data):
        now = time.monotonic()
        for event in self.session.receive_data(data, now):
            if isinstance(event, RequestReceived) and isinstance(event.pdu, DeliverSm):
                self.session.acknowledge([event.pdu.sequence_number])
                self.answer(event.pdu, now)
        self.transport.write(self.session.data_to_send())

    def answer(self, pdu, now):
        text = decode(pdu.short_message, pdu.data_coding, Alphabet.GSM7)
        reply = REPLIES.get(text, REFUSAL)
        if reply is None:
            return
        submits = []
        for segment in split(reply, reference=7, method=LongMessages.UDH, default=Alphabet.GSM7):
            submit = SubmitSm(
                source_addr="5505",
                destination_addr=pdu.source_addr,
                dest_addr_ton=1,
                esm_class=segment.esm_class,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
            )
            submits.append(self.session.request(submit, now))
        self.ops.tell(self.transport.get_extra_info("sockname")[1], pdu.sequence_number, submits)


class Service:
    """The simulated SMSC with its page, and the gateway while it is bound."""

    url: str
    gateway: Gateway | None = None

    def __init__(self, ops, smpp_port, http_port):
        self.ops = ops
        self._smpp_port = smpp_port
        self.url = f"http://127.0.0.1:{http_port}"

    async def bind(self):
        loop = asyncio.get_running_loop()
        _, self.gateway = await loop.create_connection(lambda: Gateway(self.ops), "127.0.0.1", self._smpp_port)

    def drop(self):
        self.gateway.transport.abort()
        self.gateway = None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    """One Chromium for a module's tests; each test has its own context."""
    path = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def service():
    """A fresh SMSC and a bound gateway."""
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    ops = Ops()
    await ops.server.start_server()
    options = Options(
        host="127.0.0.1",
        port=0,
        http_port=0,
        citizens=CITIZENS,
        seed=SEED,
        accounts=(Account("gateway", "secret"),),
        window=100,
        alphabet=Alphabet.GSM7,
        ops_urls=(str(ops.server.make_url("/")),),
    )
    running = asyncio.create_task(serve(options, stop, lambda *ports: ready.set_result(ports)))
    served = Service(ops, *await ready)
    await served.bind()
    yield served
    if served.gateway is not None:
        served.drop()
    stop.set()
    await running
    await ops.server.close()


class Screen:
    """A window on the page, with what it asked for and complained of."""

    def __init__(self, context, page):
        self.context, self.page = context, page
        self.requests, self.complaints = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def phone(self, number=1):
        """One of those that stand side by side, counted from 1."""
        return self.page.locator(".phone").nth(number - 1)

    def bubbles(self, direction, phone=1):
        return self.phone(phone).locator(f".messages .message.{direction}")

    async def contrasts(self, parts):
        """Of each part that is seen, its class and the contrast of its text with what is behind it (WCAG 2.2, 1.4.3)."""
        return await self.page.evaluate(CONTRASTS, parts)

    async def add_phone(self, state="Tất cả"):
        """Whose number is in that state, and who has no phone yet: from the end of the list."""
        await self.page.locator("#add-phone").click()
        await self.page.locator(".chooser[open] .filters").get_by_role("button", name=state, exact=True).click()
        await self.page.locator(".chooser[open] .citizen").nth(3).wait_for()
        listed = self.page.locator(".chooser[open] .citizen")
        await listed.nth(await listed.count() - await self.page.locator(".phone").count()).click()
        await self.page.locator(".phone .quick button:enabled").last.wait_for()


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser, service):
    """Opens the page in a window of the given size; all windows close with the test."""
    screens = []

    async def opened(width=1280, height=900, *, locale="vi-VN", **options):
        context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        context.set_default_timeout(10_000)
        screen = Screen(context, await context.new_page())
        screens.append(screen)
        await screen.page.goto(service.url)
        await screen.page.locator(".quick button:enabled").first.wait_for()
        return screen

    yield opened
    for screen in screens:
        await screen.context.close()

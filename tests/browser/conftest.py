"""The phone page in a headless Chromium, on a real SMSC with a gateway that answers from a table.

The browser is the system's: $SMS_CHROMIUM, or the first of the usual names. Where there is none the tests are skipped and
say so; where CI=true or SMS_REQUIRE_BROWSER=1 they fail instead, so that a build without browser is never green by accident.
"""

import asyncio
import os
import shutil
import time

import pytest
import pytest_asyncio
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
REPLIES = {"DC": RECORD, "DC DAU": ACCENTED, "CODE": MARKUP, "IM LANG": None}


def chromium():
    """The browser's path; skips or fails where there is none."""
    found = os.environ.get("SMS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium: none of {', '.join(NAMES)} is installed, and SMS_CHROMIUM is not set"
        if os.environ.get("CI") == "true" or os.environ.get("SMS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Gateway(asyncio.Protocol):
    """An ESME that acknowledges each inquiry and answers it from REPLIES, with the refusal where there is none."""

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
        for segment in split(reply, reference=7, method=LongMessages.UDH, default=Alphabet.GSM7):
            submit = SubmitSm(
                source_addr="5505",
                destination_addr=pdu.source_addr,
                dest_addr_ton=1,
                esm_class=segment.esm_class,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
            )
            self.session.request(submit, now)


class Service:
    """The simulated SMSC with its page, and the gateway while it is bound."""

    url: str
    gateway: Gateway | None = None

    def __init__(self, smpp_port, http_port):
        self._smpp_port = smpp_port
        self.url = f"http://127.0.0.1:{http_port}"

    async def bind(self):
        loop = asyncio.get_running_loop()
        _, self.gateway = await loop.create_connection(Gateway, "127.0.0.1", self._smpp_port)

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
    options = Options(
        host="127.0.0.1",
        port=0,
        http_port=0,
        citizens=CITIZENS,
        seed=SEED,
        accounts=(Account("gateway", "secret"),),
        window=100,
        alphabet=Alphabet.GSM7,
    )
    running = asyncio.create_task(serve(options, stop, lambda *ports: ready.set_result(ports)))
    served = Service(*await ready)
    await served.bind()
    yield served
    if served.gateway is not None:
        served.drop()
    stop.set()
    await running


class Screen:
    """A window on the page, with what it asked for and complained of."""

    def __init__(self, context, page):
        self.context, self.page = context, page
        self.requests, self.complaints = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def bubbles(self, direction):
        return self.page.locator(f"#messages .message.{direction}")


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser, service):
    """Opens the page in a window of the given size; all windows close with the test."""
    screens = []

    async def opened(width=1280, height=900, **options):
        context = await browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN", **options)
        context.set_default_timeout(10_000)
        screen = Screen(context, await context.new_page())
        screens.append(screen)
        await screen.page.goto(service.url)
        await screen.page.locator("#chips button:enabled").first.wait_for()
        return screen

    yield opened
    for screen in screens:
        await screen.context.close()

"""`./sms text`: one message through a running demo."""

import asyncio
import json
import socket
import threading

import pytest
from aiohttp import web
from click.testing import CliRunner

from simulator.phone.details import Details
from simulator.phone.inbox import Inbox
from simulator.phone.traces import Traces
from simulator.phone.trails import Trails
from simulator.phone.web import make_app
from simulator.smsc.messages import Content
from simulator.text import NO_ANSWER, UNREACHABLE, exchange, phone_url, text
from simulator.text import Unreachable as UnreachablePhone
from sms_service.sms import Alphabet

MSISDN = "84912345678"


class Net:
    """A network whose service answers at once, with nothing, or twice."""

    def __init__(self, replies=("Ho ten: A\nGioi tinh: Nu",), segments=1):
        self.inbox = Inbox(wall=1.0)
        self.replies = replies
        self.segments = segments

    def send(self, msisdn, short_code, text):
        sent = self.inbox.sent(msisdn, short_code, Content(text, "gsm7", 1), wall=0.0, now=0.0)
        for reply in self.replies:
            self.inbox.arrived(msisdn, short_code, Content(reply, "gsm7", self.segments), wall=0.0, now=0.012)
        return sent

    def health(self):
        return {}


async def serving(net):
    trails = Trails()
    details = Details(trails, Traces((), trails), Alphabet.GSM7)
    runner = web.AppRunner(make_app(net, net.inbox, list, details), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


class Demo:
    """A phone's web server in a thread of its own, beside a command that has its own loop."""

    def __init__(self, folder, net):
        self.folder, self.net = folder, net

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.runner, url = asyncio.run_coroutine_threadsafe(serving(self.net), self.loop).result(10)
        (self.folder / "demo.json").write_text(json.dumps({"phone_url": url + "/"}))
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


def run(folder, *arguments):
    return CliRunner().invoke(text, ["--dir", str(folder), *arguments])


def test_reply_is_printed(tmp_path):
    """The reply goes to standard output as it is; what it took to carry goes to standard error."""
    with Demo(tmp_path, Net()):
        result = run(tmp_path, "0912 345 678", "DC")
    assert result.exit_code == 0
    assert result.stdout == "Ho ten: A\nGioi tinh: Nu\n"
    assert result.stderr == "encoding gsm7, 1 segment, 12 ms\n"


def test_several_segments(tmp_path):
    """The first message that comes back is the reply; its segments are counted."""
    net = Net(replies=("one", "two"), segments=2)
    with Demo(tmp_path, net):
        assert run(tmp_path, MSISDN, "DC").stderr == "encoding gsm7, 2 segments, 12 ms\n"


def test_unasked_message_has_no_delay(monkeypatch, tmp_path):
    """Where the phone knows no delay, none is printed."""
    (tmp_path / "demo.json").write_text('{"phone_url": "http://127.0.0.1:1"}')

    async def unasked(*_args, **_kwargs):
        return {"text": "x", "encoding": "gsm7", "segments": 1, "delay_ms": None}

    monkeypatch.setattr("simulator.text.exchange", unasked)
    assert run(tmp_path, MSISDN, "DC").stderr == "encoding gsm7, 1 segment\n"


def test_no_answer(tmp_path):
    """Silence beyond the time-out ends with its own exit code."""
    with Demo(tmp_path, Net(replies=())):
        result = run(tmp_path, MSISDN, "DC", "--timeout", "0.05")
    assert result.exit_code == NO_ANSWER
    assert result.stderr == "text: no answer within 0.05 s\n"
    assert result.stdout == ""


def test_refused_message(tmp_path):
    """What the phone does not accept is explained."""
    with Demo(tmp_path, Net()):
        for arguments, said in [(["12", "DC"], "Số điện thoại"), ([MSISDN, " "], "chưa có nội dung")]:
            result = run(tmp_path, *arguments)
            assert result.exit_code == UNREACHABLE
            assert said in result.stderr


def test_no_demo(tmp_path):
    """Without a demo it says how to start one."""
    result = run(tmp_path, MSISDN, "DC")
    assert result.exit_code == UNREACHABLE
    assert "Start it with: ./sms demo" in result.stderr


def test_demo_that_has_ended(tmp_path):
    """A demo that left its file behind is told from one that runs."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (tmp_path / "demo.json").write_text(json.dumps({"phone_url": f"http://127.0.0.1:{unused.getsockname()[1]}"}))
        result = run(tmp_path, MSISDN, "DC")
    assert result.exit_code == UNREACHABLE
    assert "Is the demo running?" in result.stderr


@pytest.mark.parametrize("facts", ['{"phone_url": null}', "{}", "[]"])
def test_demo_without_phones(tmp_path, facts):
    """A demo with an SMSC of one's own has no phones to text from."""
    (tmp_path / "demo.json").write_text(facts)
    with pytest.raises(UnreachablePhone, match="no phones"):
        phone_url(tmp_path)


def test_broken_file(tmp_path):
    """A file that cannot be read is named."""
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(UnreachablePhone, match=r"demo\.json cannot be read"):
        phone_url(tmp_path)


async def test_phone_that_goes_away():
    """A stream that ends before the reply means that the demo has ended."""

    async def events(_request):
        return web.Response(content_type="text/event-stream", body=b": nothing\n\n")

    async def messages(_request):
        return web.json_response({"id": 1})

    async def oops(_request):
        return web.Response(status=500, text="oops")

    app = web.Application()
    app.router.add_get("/api/phones/1/events", events)
    app.router.add_get("/api/phones/2/events", oops)
    app.router.add_post("/api/messages", messages)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with pytest.raises(UnreachablePhone, match="switched off"):
        await exchange(url, "1", "DC", timeout_s=5)
    with pytest.raises(UnreachablePhone, match="HTTP 500"):
        await exchange(url, "2", "DC", timeout_s=5)
    await runner.cleanup()

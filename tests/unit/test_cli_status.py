"""The status of the service in a terminal."""

import asyncio
import json
import re
import socket
import sys

import click
import msgspec
import pytest
from click.testing import CliRunner

from sms_service import cli_status
from sms_service.adapters.memory import FakeClock, MemoryBoard
from sms_service.cli import commands
from sms_service.model import BindState
from sms_service.ops.exchange import Seen
from sms_service.ops.figures import Flow
from sms_service.ops.live import Second
from sms_service.ops.sayings import saying
from sms_service.ops.server import make_app
from sms_service.ops.syntax import SyntaxControl
from sms_service.ops.verdict import judge
from sms_service.status import exit_code, lines
from tests.unit.ops.fleet import bind, notice, parts, smsc, view
from tests.unit.ops.test_live import Instance


def stats(*instances):
    """What a gateway would answer that sees these."""
    seen = view(*instances)
    findings = tuple(saying(finding) for finding in judge(seen))
    return msgspec.to_builtins(Second(findings[0], findings, seen))


def text(*instances, language="en"):
    return [click.unstyle(line) for line in lines(stats(*instances), language)]


def cells(told, name):
    """Of the row that begins so."""
    return next(re.split(r" {2,}", line) for line in told if line.startswith(name))


def test_all_well():
    """The sentence, the figures, and a table of each kind."""
    told = text(notice(in_flight=3, oldest_s=0.02))
    assert told[0] == "✓ Citizens are being answered"
    assert "inquiries 10/s   replies 10/s   in flight 3 of 2,000   longest wait 20 ms" in told
    assert cells(told, "viettel") == ["viettel", "2/2", "0/200", "0", "0", "0"]
    assert cells(told, "answered") == ["answered", "600", "1,000"]
    assert cells(told, "gateway-1") == ["gateway-1", "serving", "10", "10", "3", "9.9 ms"]
    answering = [line.split()[0] for line in told if line.endswith(" 1.0 ms")]
    assert answering == ["journal", "subscribers", "population", "redis"]


def test_in_vietnamese():
    """The sentences are the gateway's."""
    assert text(notice(), language="vi")[0] == "✓ Đang trả lời bình thường"


def test_every_trouble_with_its_cause():
    """The worst first, each with what to do."""
    gone = (smsc("viettel", bind(state=BindState.DOWN, why="Connection refused")), smsc("vina", bind("vina")))
    told = text(
        notice("gateway-1", parts=parts(subscribers="HTTP 503"), smscs=gone),
        Seen(notice("gateway-2", in_flight=9), 42.0),
    )
    assert told[0] == "✗ No answers: the subscriber register does not respond"
    assert told[2] == "  HTTP 503"
    assert "✗ The SMSC viettel is not bound" in told
    assert "! Instance gateway-2 has been silent for 42 s" in told
    assert cells(told, "viettel") == ["viettel", "0/1", "0/0", "0", "0", "0", "Connection refused"]
    assert cells(told, "subscribers") == ["subscribers", "does not respond"]
    assert cells(told, "gateway-2") == ["gateway-2", "silent for 42 s", "9", "-"]


def test_nothing_yet():
    """A gateway that has just started."""
    told = text(notice(second=Flow(), minute=Flow(), total=Flow(), latency_minute={}))
    assert told[0] == "✓ Ready to answer"
    assert "last minute: 0 replied   p50 -   p95 -   p99 -" in told
    assert cells(told, "none yet") == ["none yet"]


@pytest.mark.parametrize(
    ("fields", "code"), [({}, 0), ({"parts": parts(redis="away")}, 3), ({"parts": parts(journal="away")}, 1)]
)
def test_the_exit_code_says_it_to_scripts(fields, code):
    """0 well, 3 look, 1 not answered."""
    assert exit_code(stats(notice(**fields))) == code


@pytest.fixture
async def address(aiohttp_server):
    """A gateway's ops port."""
    clock = FakeClock()
    instance = Instance("gateway-1", MemoryBoard(clock), clock)
    instance.live.beat()
    app = make_app("gateway-1", instance.metrics.registry, {}, SyntaxControl(""), live=instance.live)
    server = await aiohttp_server(app)
    return f"http://127.0.0.1:{server.port}"


async def ask(*arguments):
    return await asyncio.to_thread(CliRunner().invoke, commands, ["status", *arguments])


async def test_asks_a_gateway(address):
    """Over HTTP; also where the environment names a proxy."""
    result = await ask("--url", address + "/")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("✓ Ready to answer")


async def test_a_proxy_is_for_the_way_out(address, monkeypatch):
    """Not for the machine beside."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await ask("--url", address)).exit_code == 0


async def test_as_json(address):
    """As the gateway says it."""
    result = await ask("--url", address, "--json")
    body = json.loads(result.output)
    assert (body["instance"], body["verdict"]["code"], result.exit_code) == ("gateway-1", "quiet", 0)
    assert body["verdict"]["vi"]["say"] == "Sẵn sàng trả lời"


@pytest.mark.parametrize(
    ("listen", "asked"),
    [
        ("127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("0.0.0.0:9", "http://127.0.0.1:9"),
        ("[::]:9", "http://[::1]:9"),
        ("gw1:80", "http://gw1:80"),
    ],
)
def test_the_address_of_a_configuration(monkeypatch, tmp_path, listen, asked):
    """Where it listens; who listens everywhere is asked here."""

    class Settings:
        class ops:  # noqa: N801
            pass

    Settings.ops.listen = listen
    monkeypatch.setattr("sms_service.settings.load_settings", lambda _path: Settings)
    assert cli_status._of_config(tmp_path / "config.toml") == asked


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


async def test_a_gateway_that_does_not_run():
    """Nobody is answered, as far as is known: 1, and what to look at."""
    result = await ask("--url", f"http://127.0.0.1:{closed_port()}")
    assert result.exit_code == 1
    assert "cannot be asked ([Errno 111] Connection refused): does the gateway run" in result.output


async def test_something_else_listens(aiohttp_server):
    """No ops port, no JSON, or none of ours."""
    from aiohttp import web

    app = web.Application()
    answers = {"/html/api/stats": "<html>", "/json/api/stats": "[]", "/old/api/stats": '{"figures": {}}'}

    async def answer(request):
        return web.Response(text=answers[request.path])

    for path in answers:
        app.router.add_get(path, answer)
    server = await aiohttp_server(app)
    for path, why in (
        ("", "HTTP 404"),
        ("/html", "cannot be asked"),
        ("/json", "verdict"),
        ("/old", "of this version"),
    ):
        result = await ask("--url", f"http://127.0.0.1:{server.port}{path}")
        assert result.exit_code == 1
        assert why in result.output


@pytest.mark.parametrize(
    "arguments",
    [["--url", "http://x", "--config", "y"], ["--live", "--json"], ["--lang", "fr"], ["--config", "/nowhere"]],
)
async def test_wrong_usage(arguments):
    """Is told before anybody is asked."""
    assert (await ask(*arguments)).exit_code == 2


def test_live_shows_each_second_and_what_is_away(monkeypatch):
    """Until Ctrl-C, which is no failure."""
    answers = iter([stats(notice()), cli_status.Unreachable("gone"), KeyboardInterrupt()])
    shown = []

    def fetch(_address):
        answer = next(answers)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(cli_status, "fetch", fetch)
    monkeypatch.setattr(cli_status.time, "sleep", shown.append)
    result = CliRunner().invoke(commands, ["status", "--live"])
    assert result.exit_code == 0, result.output
    assert shown == [cli_status.REFRESH_S] * 2


def test_live_without_rich(monkeypatch):
    """The gateway's own dependencies have it not: the way out is named."""
    monkeypatch.setitem(sys.modules, "rich.console", None)
    result = CliRunner().invoke(commands, ["status", "--live"])
    assert result.exit_code == 2
    assert "needs the package rich" in result.output

"""`sms-service control`, against an ops port of the test's own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from sms_service.cli import commands
from tests.unit.settings.test_load import LEAST


class Ops(BaseHTTPRequestHandler):
    """Remembers what it was asked, and answers as the test says."""

    asked: list
    answer = (
        200,
        {"done": {"instance": "gateway-1", "action": "drain", "target": "", "outcome": "done"}, "recorded": True},
    )

    def do_GET(self):
        self.respond(None)

    def do_POST(self):
        self.respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def respond(self, body):
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        status, answer = self.server.answer
        octets = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_):
        pass


@pytest.fixture
def ops():
    server = HTTPServer(("127.0.0.1", 0), Ops)
    server.asked, server.answer = [], Ops.answer
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def call(tmp_path, ops):
    (tmp_path / "token").write_text("secret\n")
    config = tmp_path / "config.toml"
    listen = f'[ops]\nlisten = "127.0.0.1:{ops.server_port}"\ntoken_file = "{tmp_path / "token"}"\n'
    config.write_text(LEAST.replace("[[smsc]]", listen + "[[smsc]]", 1))

    def run(command, *arguments, given=None):
        line = ["control", command, "--config", str(config), "--operator", "lan", *map(str, arguments)]
        return CliRunner().invoke(commands, line, input=given)

    return run


@pytest.mark.parametrize(
    ("command", "arguments", "body"),
    [
        ("drain", (), {}),
        ("resume", (), {}),
        ("reload-syntax", (), {}),
        ("stop", ("viettel", "--bind", 2), {"smsc": "viettel", "bind": 2}),
        ("start", ("viettel",), {"smsc": "viettel"}),
        ("isolate", ("viettel",), {"smsc": "viettel"}),
        ("admit", ("viettel",), {"smsc": "viettel"}),
        ("pace", ("viettel", 50), {"smsc": "viettel", "per_second": 50.0}),
        ("give-up", (7,), {"inquiry_id": 7}),
        ("requeue", (7,), {"inquiry_id": 7}),
        ("unblock", ("--sender", "ab" * 16), {"sender": "ab" * 16}),
    ],
)
def test_actions(call, ops, command, arguments, body):
    """Asked for with the token and the operator's name; what came of it is told."""
    result = call(command, *arguments)
    assert result.exit_code == 0, result.output
    assert ops.asked == [("/api/control", "Bearer secret", {"action": command, "operator": "lan", **body})]
    assert result.stdout == "gateway-1: drain: done\n"


def test_a_number_is_read_from_standard_input(call, ops):
    """Never an argument."""
    assert call("block", "--reason", "loops", given="84912345678\n").exit_code == 0
    assert ops.asked[0][2] == {"action": "block", "operator": "lan", "reason": "loops", "msisdn": "84912345678"}


def test_what_is_not_recorded_is_told(call, ops):
    ops.answer = (200, {**Ops.answer[1], "recorded": False})
    assert "did not take it down" in call("drain").stderr


def test_status(call, ops):
    """In lines, or as JSON."""
    state = {
        "draining": True, "in_flight": 3, "isolated": ["viettel"], "stopped": [], "blocked": 1,
        "actions": [{"at": "2026-11-27T08:00:00Z", "instance": "gateway-1", "operator": "lan", "action": "isolate", "target": "viettel", "outcome": "x"}],
    }  # fmt: skip
    ops.answer = (200, state)
    told = call("status").stdout
    assert "draining" in told
    assert "isolated: viettel" in told
    assert "2026-11-27T08:00:00Z  gateway-1  lan: isolate viettel: x" in told
    assert json.loads(call("status", "--json").stdout) == state


def test_lists(call, ops):
    ops.answer = (200, [{"inquiry_id": 7, "age_s": 31.5, "smsc": "viettel", "sender": "ab", "resumed": True}])
    shown = call("inquiries", "--older", 30)
    assert "7      31.5 s  viettel  ab  resumed" in shown.stdout
    assert ops.asked[-1][0] == "/api/control/inquiries?older_s=30"
    ops.answer = (200, [{"sender": "ab", "since": "2026-11-27T08:00:00Z", "operator": "lan", "reason": "loops"}])
    assert call("blocked").stdout == "ab  2026-11-27T08:00:00Z  lan: loops\n"


@pytest.mark.parametrize(
    ("answer", "what"),
    [((400, {"error": "smsc: one of viettel"}), "smsc: one of viettel"), ((401, "show the token"), "show the token")],
)
def test_refusals(call, ops, answer, what):
    """In the instance's words."""
    ops.answer = answer
    result = call("drain")
    assert result.exit_code == 2
    assert what in result.stderr


def test_nobody_there(call, ops):
    ops.shutdown()
    ops.server_close()
    result = call("drain")
    assert result.exit_code == 2
    assert "does it run?" in result.stderr


def test_control_that_is_switched_off(tmp_path):
    """What to do about it is told."""
    config = tmp_path / "config.toml"
    config.write_text(LEAST)
    result = CliRunner().invoke(commands, ["control", "drain", "--config", str(config)])
    assert result.exit_code == 2
    assert "[ops] token_file" in result.stderr

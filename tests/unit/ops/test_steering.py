"""Control over HTTP: for whoever shows the token, one action a request, errors in words."""

import msgspec
import pytest

from sms_service.observability.metrics import Metrics
from sms_service.ops.control import Token
from sms_service.ops.server import make_app
from sms_service.ops.steering import BODY_MAX, OPERATOR_MAX, SteeringControl
from sms_service.ops.syntax import SyntaxControl
from sms_service.pipeline.steering import Asked, CannotSteer
from sms_service.ports import Unavailable

TOKEN = "a token of the test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NUMBER = "84912345678"


class Wheel:
    """Stands for what is steered."""

    def __init__(self):
        self.asked = []
        self.error = None

    async def do(self, asked):
        self.asked.append(asked)
        if self.error:
            raise self.error
        return {"action": asked.action}, True

    async def state(self):
        return {"draining": False}

    async def blocked(self):
        return [{"sender": b"\x01" * 16, "reason": "x"}]

    def inquiries(self, older_s):
        return [{"older": older_s}]


@pytest.fixture
def wheel():
    return Wheel()


@pytest.fixture
def client(aiohttp_client, wheel):
    async def make(token=TOKEN, *, started=True):
        control = SteeringControl(token, msgspec.json.Decoder(Asked).decode, CannotSteer)
        if started:
            control.attach(wheel)
        app = make_app("gateway-1", Metrics().registry, {}, SyntaxControl(token), steering=control)
        return await aiohttp_client(app)

    return make


async def test_an_action(client, wheel):
    """Is done as it was asked for."""
    response = await (await client()).post(
        "/api/control", json={"action": "stop", "smsc": "viettel", "bind": 2}, headers=BEARER
    )
    assert (response.status, await response.json()) == (200, {"done": {"action": "stop"}, "recorded": True})
    assert wheel.asked == [Asked("stop", smsc="viettel", bind=2)]


async def test_what_there_is_to_see(client):
    """State, blocked senders as hexadecimal digits, inquiries in flight."""
    http = await client()
    assert await (await http.get("/api/control", headers=BEARER)).json() == {"draining": False}
    assert await (await http.get("/api/control/blocked", headers=BEARER)).json() == [
        {"sender": "01" * 16, "reason": "x"}
    ]
    assert await (await http.get("/api/control/inquiries?older_s=3", headers=BEARER)).json() == [{"older": 3.0}]
    assert (await http.get("/api/control/inquiries?older_s=long", headers=BEARER)).status == 400


@pytest.mark.parametrize("path", ["/api/control", "/api/control/blocked", "/api/control/inquiries"])
async def test_nothing_without_the_token(client, path):
    """Neither to see nor to do; nor where control is switched off, or before the gateway has started."""
    http = await client()
    assert (await http.get(path)).status == 401
    assert (await http.get(path, headers={"Authorization": "Bearer other"})).status == 401
    assert (await (await client("")).get(path, headers=BEARER)).status == 403
    assert (await (await client(started=False)).get(path, headers=BEARER)).status == 503


async def test_no_action_without_the_token(client, wheel):
    assert (await (await client()).post("/api/control", json={"action": "drain"})).status == 401
    assert wheel.asked == []
    assert Token  # the same as of the syntax page


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"action": 5}',
        b'{"action": "drain", "x": 1}',
        f'{{"action": "block", "msisdn": {NUMBER}}}'.encode(),
        b"\xff",
    ],
)
async def test_what_is_no_action(client, wheel, body):
    """400, and nothing that was sent is quoted: it may be a number."""
    response = await (await client()).post("/api/control", data=body, headers=BEARER)
    assert response.status == 400
    assert NUMBER not in await response.text()
    assert wheel.asked == []


async def test_what_is_too_long(client):
    http = await client()
    assert (await http.post("/api/control", data=b" " * (BODY_MAX + 1), headers=BEARER)).status == 413
    long = {"action": "drain", "operator": "x" * (OPERATOR_MAX + 1)}
    assert (await http.post("/api/control", json=long, headers=BEARER)).status == 400


@pytest.mark.parametrize(("error", "status"), [(CannotSteer("no such SMSC"), 400), (Unavailable("journal: away"), 503)])
async def test_what_cannot_be_done(client, wheel, error, status):
    """In words."""
    wheel.error = error
    response = await (await client()).post("/api/control", json={"action": "stop"}, headers=BEARER)
    assert (response.status, await response.json()) == (status, {"error": str(error)})

"""The phone over HTTP."""

import asyncio
import json

import pytest
from aiohttp.test_utils import TestClient, TestServer

from simulator.phone import stream
from simulator.phone.details import Details
from simulator.phone.directory import Directory, Entry
from simulator.phone.inbox import Inbox
from simulator.phone.refusals import NotSent
from simulator.phone.traces import Journey, PduPlace, Step, Traces
from simulator.phone.trails import Passed, Place, Trail, Trails
from simulator.phone.web import PHONES_MAX, TEXT_MAX, make_app
from simulator.smsc.messages import Content
from sms_service.smpp import DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp, encode
from sms_service.sms import Alphabet

MSISDN = "84912345678"
PEOPLE = [Entry(MSISDN, "Nguyễn Thị Minh Khai", "authenticated", "001085012345", departed=False)]


class Net:
    """A network that records what is sent, and refuses when told to."""

    def __init__(self, inbox):
        self.inbox = inbox
        self.refusal = None

    def send(self, msisdn, short_code, text):
        if self.refusal is not None:
            raise self.refusal
        return self.inbox.sent(msisdn, short_code, Content(text, "gsm7", 1), wall=0.0, now=0.0)

    def health(self):
        return {"status": "ok", "binds": {"gateway": 2}}


class Phone:
    """A client of the web application, with what is behind it."""

    def __init__(self):
        self.inbox = Inbox(wall=1.0)
        self.net = Net(self.inbox)
        self.made = 0
        self.trails = Trails()
        self.traces = Traces((), self.trails)
        details = Details(self.trails, self.traces, Alphabet.GSM7)
        self.client = TestClient(TestServer(make_app(self.net, self.inbox, self.make, details)))

    def make(self):
        self.made += 1
        return Directory(PEOPLE)

    def arrives(self, text="Ho ten"):
        return self.inbox.arrived(MSISDN, "5505", Content(text, "gsm7", 1), wall=0.0, now=0.0)

    async def post(self, **body):
        return await self.client.post("/api/messages", json={"from": MSISDN, "to": "5505", "text": "DC", **body})

    async def messages(self, msisdn=MSISDN):
        response = await self.client.get(f"/api/phones/{msisdn}/messages")
        return (await response.json())["messages"]


@pytest.fixture
async def phone():
    phone = Phone()
    async with phone.client:
        yield phone


async def events_of(response, count):
    """So many messages of an event stream."""
    found = []
    async for line in response.content:
        if line.startswith(b"data: "):
            found.append(json.loads(line[6:]))
            if len(found) == count:
                break
    return found


async def test_message_is_sent(phone):
    """A posted message goes to the network, its id is answered, and the phone's list has it."""
    response = await phone.post()
    assert response.status == 200
    (message,) = await phone.messages()
    assert message["id"] == (await response.json())["id"]
    expected = {
        "direction": "mo",
        "text": "DC",
        "encoding": "gsm7",
        "segments": 1,
        "at": "1970-01-01T07:00:00.000+07:00",
    }
    assert expected.items() <= message.items()


@pytest.mark.parametrize(
    "typed", ["0912345678", "+84912345678", "84912345678", "0912 345 678", "+84-912.345.678", "(0912)345678"]
)
async def test_numbers_as_typed(phone, typed):
    """A number may be typed as people write it, in a body or in an address."""
    assert (await phone.post(**{"from": typed})).status == 200
    assert len(await phone.messages(typed)) == 1
    assert len(await phone.messages(MSISDN)) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"from": "0912"}, "bad_number"),
        ({"from": "VIETTEL"}, "bad_number"),
        ({"from": "1414"}, "bad_number"),
        ({"from": "8" * 40}, "bad_number"),
        ({"to": "abc"}, "bad_short_code"),
        ({"to": ""}, "bad_short_code"),
        ({"to": "٥٥"}, "bad_short_code"),
        ({"text": " \n"}, "empty_text"),
        ({"text": "x" * (TEXT_MAX + 1)}, "text_too_long"),
        ({"text": 5}, "bad_json"),
        ({"more": "x"}, "bad_json"),
    ],
)
async def test_bad_messages_are_explained(phone, body, code):
    """Each fault has a sentence in Vietnamese and a word for programs, and nothing is sent."""
    response = await phone.post(**body)
    assert response.status == 400
    answer = await response.json()
    assert answer["code"] == code
    assert answer["error"].endswith(".")
    assert await phone.messages() == []


async def test_body_that_is_no_json(phone):
    """A body that is no JSON is refused, and so is one of another type, which other sites' forms could send."""
    response = await phone.client.post("/api/messages", data=b"{", headers={"Content-Type": "application/json"})
    assert (response.status, (await response.json())["code"]) == (400, "bad_json")
    response = await phone.client.post("/api/messages", data="{}")
    assert (response.status, (await response.json())["code"]) == (415, "content_type")


async def test_huge_body(phone):
    """A body beyond the limit is refused."""
    response = await phone.client.post(
        "/api/messages", data=b"x" * 20_000, headers={"Content-Type": "application/json"}
    )
    assert (response.status, (await response.json())["code"]) == (413, "too_large")


async def test_network_refuses(phone):
    """What the network says of a message it does not take is told with its status."""
    phone.net.refusal = NotSent("queue_full", "Tổng đài đang bận.", 503)
    response = await phone.post()
    assert response.status == 503
    assert await response.json() == {"error": "Tổng đài đang bận.", "code": "queue_full"}


async def test_unknown_address_and_method(phone):
    """Unknown addresses and methods are answered in the same form."""
    response = await phone.client.get("/api/nothing")
    assert (response.status, (await response.json())["code"]) == (404, "not_found")
    response = await phone.client.get("/api/messages")
    assert (response.status, (await response.json())["code"]) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    assert (await phone.client.get("/api/phones/x/messages")).status == 400


async def test_events_bring_what_is_new(phone):
    """A stream begins with what comes after it was opened; each message is one event with its id."""
    phone.arrives("old")
    async with phone.client.get(f"/api/phones/{MSISDN}/events") as response:
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        await phone.post(text="DC")
        phone.arrives("new")
        assert [event["text"] for event in await events_of(response, 2)] == ["DC", "new"]


@pytest.mark.parametrize("by", ["header", "query"])
async def test_events_resume(phone, by):
    """A reader that was cut off gets what it missed, whether it says so as browsers do or in the address."""
    first, _ = phone.arrives("1"), phone.arrives("2")
    headers = {"Last-Event-ID": str(first.id)} if by == "header" else {}
    query = {"after": str(first.id)} if by == "query" else {}
    async with phone.client.get(f"/api/phones/{MSISDN}/events", headers=headers, params=query) as response:
        phone.arrives("3")
        assert [event["text"] for event in await events_of(response, 2)] == ["2", "3"]


async def test_silent_stream_is_kept_alive(phone, monkeypatch):
    """A stream without messages sends comments, so that nobody takes it for dead."""
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.001)
    async with phone.client.get(f"/api/phones/{MSISDN}/events") as response:
        async for line in response.content:
            if line == b": keep-alive\n":
                break
        phone.arrives()
        assert len(await events_of(response, 1)) == 1


async def test_reader_that_leaves_is_forgotten(phone, monkeypatch):
    """When a reader has gone, its stream ends and nothing of it remains."""
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.001)
    async with phone.client.get(f"/api/phones/{MSISDN}/events") as response:
        await response.content.readline()
        assert phone.inbox._threads
        response.close()
    async with asyncio.timeout(5):
        while phone.inbox._threads:
            await asyncio.sleep(0)


async def test_streams_are_bounded(phone, monkeypatch):
    """One stream too many is refused."""
    monkeypatch.setattr(stream, "STREAMS_MAX", 1)
    async with phone.client.get(f"/api/phones/{MSISDN}/events") as response:
        await response.content.readline()
        assert (await phone.client.get(f"/api/phones/{MSISDN}/events")).status == 503


async def test_shutdown_ends_streams():
    """A server that stops does not wait for readers."""
    phone = Phone()
    await phone.client.start_server()
    response = await phone.client.get(f"/api/phones/{MSISDN}/events")
    await response.content.readline()
    await asyncio.wait_for(phone.client.server.close(), 5)
    assert await response.content.read() in {b"", b"\n"}
    await phone.client.close()


async def test_citizens(phone):
    """Citizens are found by query, state and limit; the directory is made once, when it is first asked for."""
    assert phone.made == 0
    for query, count in [({}, 1), ({"query": "khai"}, 1), ({"state": "disowned"}, 0), ({"limit": "0"}, 0)]:
        response = await phone.client.get("/api/citizens", params=query)
        assert len((await response.json())["citizens"]) == count
    assert phone.made == 1
    response = await phone.client.get("/api/citizens")
    assert (await response.json())["citizens"][0] == {
        "msisdn": MSISDN,
        "name": "Nguyễn Thị Minh Khai",
        "state": "authenticated",
        "citizen_id": "001085012345",
        "departed": False,
    }


@pytest.mark.parametrize("limit", ["-1", "x", "99999"])
async def test_bad_limit(phone, limit):
    """A limit that is no small number is refused."""
    response = await phone.client.get("/api/citizens", params={"limit": limit})
    assert (response.status, (await response.json())["code"]) == (400, "bad_limit")


async def test_health(phone):
    """The health page says what the network says, binds above all."""
    response = await phone.client.get("/healthz")
    assert await response.json() == {"status": "ok", "binds": {"gateway": 2}}


async def test_page_and_its_parts(phone):
    """The page and all it names are served, under a policy that lets nothing else in."""
    response = await phone.client.get("/")
    page = await response.text()
    assert response.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    for part in ["app.js", "base.css", "phone.css", "page.css", "details.css", "faults.css", "icon.svg", "icons.svg"]:
        assert f"/static/{part}" in page
        part_response = await phone.client.get(f"/static/{part}")
        assert part_response.status == 200
        assert "default-src 'none'" in part_response.headers["Content-Security-Policy"]
    assert (await phone.client.get("/static/%2e%2e/web.py")).status == 404
    assert "http://" not in page.replace("http://www.w3.org", "")


# ---- several phones over one stream


OTHER = "84987654321"


async def named_events_of(response, count):
    """So many events with their names."""
    found, name = [], "message"
    async for line in response.content:
        if line.startswith(b"event: "):
            name = line[7:-1].decode()
        elif line.startswith(b"data: "):
            found.append((name, json.loads(line[6:])))
            name = "message"
            if len(found) == count:
                break
    return found


async def test_one_stream_for_all_phones(phone):
    """Messages of each phone from behind what the page has of it, in their order, and what has become of them."""
    first = phone.arrives("seen")
    phone.inbox.arrived(OTHER, "5505", Content("other", "gsm7", 1), wall=0.0, now=0.0)
    trail = Trail(MSISDN, 0.0)
    phone.trails.keep(first.id, trail)
    query = [("phone", f"{MSISDN}:{first.id}"), ("phone", OTHER)]
    async with phone.client.get("/api/events", params=query) as response:
        assert await named_events_of(response, 2) == [
            ("message", {"phone": OTHER, "message": {**(await phone.messages(OTHER))[0]}}),
            ("state", {"phone": MSISDN, "id": first.id, "state": "waiting"}),
        ]
        trail.state = "delivered"
        phone.trails.changed(MSISDN)
        assert await named_events_of(response, 1) == [
            ("state", {"phone": MSISDN, "id": first.id, "state": "delivered"})
        ]
        newer = phone.arrives("newer")
        ((_, data),) = await named_events_of(response, 1)
        assert (data["phone"], data["message"]["id"]) == (MSISDN, newer.id)
    async with phone.client.get("/api/events", params=query, headers={"Last-Event-ID": str(first.id)}) as response:
        found = [data["message"]["text"] for name, data in await named_events_of(response, 3) if name == "message"]
        assert found == ["other", "newer"]


@pytest.mark.parametrize("asked", [[], ["x"], [f"{MSISDN}:x"], [f"8491234567{n:x}" for n in range(PHONES_MAX + 1)]])
async def test_phones_of_a_stream_are_checked(phone, asked):
    """At least one, not too many, each a number with the id of a message."""
    response = await phone.client.get("/api/events", params=[("phone", one) for one in asked])
    assert (response.status, (await response.json())["code"][:3]) == (400, "bad")


async def test_single_stream_has_no_states(phone):
    """The contract of a phone's events: messages, and nothing else that has data."""
    trail = Trail(MSISDN, 0.0)
    phone.trails.keep(1, trail)
    async with phone.client.get(f"/api/phones/{MSISDN}/events") as response:
        phone.trails.changed(MSISDN)
        phone.arrives("new")
        assert [event["text"] for event in await events_of(response, 1)] == ["new"]


# ---- one message in detail


SUBMIT = encode(SubmitSm(source_addr="5505", destination_addr=MSISDN, short_message=b"Ho ten"), 9)
DELIVER = encode(DeliverSm(source_addr=MSISDN, destination_addr="5505", short_message=b"DC"), 3)


def noted(phone):
    """An inquiry with its reply, as the wire and the gateway told of them."""
    sent, came = Trail(MSISDN, 1000.0), Trail(MSISDN, 1000.030)
    for trail, octets, at, by_smsc in [
        (sent, DELIVER, 1000.001, True),
        (sent, encode(DeliverSmResp(), 3), 1000.011, False),
        (came, SUBMIT, 1000.030, False),
        (came, encode(SubmitSmResp(message_id="A1"), 9), 1000.031, True),
    ]:
        trail.add(Passed(by_smsc, 2, 50412, at, octets))
    came.ended_at = 1000.032
    phone.trails.keep(1, sent)
    phone.trails.keep(2, came)
    phone.trails.place(sent, Place(50412, 5, 3))
    phone.trails.place(came, Place(50412, 4, 9))
    return sent, came


async def test_wire(phone):
    """Every PDU with its fields, whose leaves cover it octet by octet."""
    noted(phone)
    answer = await (await phone.client.get("/api/phones/0912345678/messages/2/wire")).json()
    submit, response = answer["pdus"]
    assert answer["dropped"] == 0
    assert (submit["sender"], submit["command"], submit["sequence_number"], submit["bind"], submit["ms"]) == (
        "esme", "submit_sm", 9, 2, 0.0
    )  # fmt: skip
    assert (response["sender"], response["command"], response["status"], response["ms"]) == (
        "smsc", "submit_sm_resp", "ESME_ROK", 1.0
    )  # fmt: skip
    assert submit["at"] == "1970-01-01T07:16:40.030+07:00"
    assert bytes.fromhex(submit["hex"]) == SUBMIT
    fields = {field["name"]: field for field in submit["fields"]}
    assert fields["short_message"]["value"] == "Ho ten"
    assert SUBMIT[fields["source_addr"]["start"] : fields["source_addr"]["end"]] == b"5505\0"


async def test_journey_of_both_sides(phone):
    """The SMSC's times and the gateway's on one scale, the same for the message and its reply."""
    sent, came = noted(phone)
    place = PduPlace(1, 50412, 3), PduPlace(1, 50412, 9)
    told = Journey(
        "simulated", 1000.002, (place[0],), (Step("received", 0.0), Step("journalled", 5.5), Step("submitted", 27.0, place[1]))
    )  # fmt: skip
    sent.journey = came.journey = told
    answers = [
        await (await phone.client.get(f"/api/phones/{MSISDN}/messages/{number}/journey")).json() for number in (1, 2)
    ]
    assert answers[0] == answers[1]
    assert [(event["event"], event["ms"], event["message_id"]) for event in answers[0]["events"]] == [
        ("accepted", 0.0, 1),
        ("deliver_sm", 1.0, 1),
        ("deliver_sm_resp", 11.0, 1),
        ("submit_sm", 30.0, 2),
        ("submit_sm_resp", 31.0, 2),
        ("arrived", 32.0, 2),
    ]
    assert answers[0]["gateway"] == {
        "smsc": "simulated",
        "steps": [
            {"stage": "received", "ms": 2.0},
            {"stage": "journalled", "ms": 7.5},
            {"stage": "submitted", "ms": 29.0, "bind": 1, "sequence_number": 9},
        ],
    }
    assert answers[0]["missing"] == ""


async def test_journey_without_the_gateway(phone, monkeypatch):
    """The SMSC's own times, and why there are no others."""
    monkeypatch.setattr(phone.traces, "look", lambda: None)  # the troubles are set below
    noted(phone)
    answer = await (await phone.client.get(f"/api/phones/{MSISDN}/messages/1/journey")).json()
    assert [event["event"] for event in answer["events"]] == ["accepted", "deliver_sm", "deliver_sm_resp"]
    assert (answer["gateway"], answer["missing"]) == (None, "not_configured")
    phone.traces._urls.append("http://127.0.0.1:9")
    for trouble, missing in [(None, "pending"), ("off", "off"), ("unreachable", "unreachable")]:
        if trouble:
            phone.traces.troubles["http://127.0.0.1:9"] = trouble
        answer = await (await phone.client.get(f"/api/phones/{MSISDN}/messages/1/journey")).json()
        assert answer["missing"] == missing


@pytest.mark.parametrize(
    "path", [f"{MSISDN}/messages/99", f"{OTHER}/messages/1", f"{MSISDN}/messages/x", f"{MSISDN}/messages/{'9' * 40}"]
)
@pytest.mark.parametrize("what", ["wire", "journey"])
async def test_no_trail(phone, path, what):
    """A message that is unknown, another phone's or no longer kept."""
    noted(phone)
    response = await phone.client.get(f"/api/phones/{path}/{what}")
    assert (response.status, (await response.json())["code"]) == (404, "no_trail")

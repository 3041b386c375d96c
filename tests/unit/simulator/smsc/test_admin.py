"""The faults over HTTP."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from simulator.smsc.accounts import Account
from simulator.smsc.admin import add_admin_routes
from simulator.smsc.center import Center
from simulator.smsc.faults import DELAY_MAX_MS, PROFILES, Faults
from simulator.smsc.magic import Case, code_of


@pytest.fixture
def center():
    return Center([Account("gateway", "secret")], lambda _: None)


@pytest.fixture
async def client(center):
    app = web.Application()
    add_admin_routes(app, center)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_faults_are_set_and_shown(center, client):
    """What a PUT leaves out is off."""
    response = await client.put("/admin/faults", json={"answer_delay_ms": 50, "disorder": True})
    assert response.status == 200
    assert center.faults == Faults(answer_delay_ms=50, disorder=True)
    await client.put("/admin/faults", json={"profile": "flaky"})
    shown = await (await client.get("/admin/faults")).json()
    assert center.faults == PROFILES["flaky"]
    assert shown["faults"]["cuts_per_minute"] == PROFILES["flaky"].cuts_per_minute
    assert shown["counts"]["cuts"] == 0
    assert set(shown["profiles"]) == set(PROFILES)


async def test_what_is_no_fault_changes_nothing(center, client):
    """And the answer says what would be one."""
    response = await client.put("/admin/faults", data=b'{"disorder": 3}')
    assert response.status == 400
    assert "disorder" in (await response.json())["error"]
    assert center.faults == Faults()


async def test_what_can_be_asked_for(client):
    """Whoever draws a form finds every field with its kind and limits, and for each case a number that chooses it."""
    shown = await (await client.get("/admin/faults")).json()
    assert set(shown["fields"]) == set(shown["faults"])
    assert shown["fields"]["answer_delay_ms"]["maximum"] == DELAY_MAX_MS
    assert shown["fields"]["storm"]["type"] == "boolean"
    assert {name: code_of(number) for name, number in shown["cases"].items()} == {
        case.name.lower(): case.value for case in Case
    }


async def test_faults_in_force_have_their_profile_s_name(client):
    """None where no profile has just these."""
    for asked, named in [({}, "well-behaved"), ({"profile": "slow"}, "slow"), ({"answer_delay_ms": 50}, None)]:
        assert (await (await client.put("/admin/faults", json=asked)).json())["profile"] == named

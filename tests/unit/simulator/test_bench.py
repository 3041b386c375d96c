"""The bench: every message is answered once, and the figures follow from each other."""

import asyncio
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from simulator.bench import ROOT, bench, measure
from simulator.echo import Refused, echo, stay
from simulator.smsc.accounts import Account
from simulator.smsc.center import Center


@pytest.fixture
async def listening():
    """An SMSC on the loopback, and its port."""
    center = Center([Account("gateway", "secret")], lambda _: None)
    server = await asyncio.get_running_loop().create_server(center.link, "127.0.0.1", 0)
    yield center, server.sockets[0].getsockname()[1]
    server.close()
    for link in list(center._links):
        link.close()


@pytest.mark.parametrize("verdict", [False, True])
async def test_exchanges_are_counted(verdict):
    """Over real sockets, with an echo as a process of its own, which ends with it."""
    figures = await measure(0.3, binds=2, outstanding=50, verdict=verdict)
    assert figures["exchanges"] > 50
    assert figures["exchanges_per_s"] == pytest.approx(figures["exchanges"] / figures["seconds"], rel=0.01)
    assert figures["messages_per_s_per_core"] == pytest.approx(2 * figures["exchanges_per_s_per_core"], rel=0.01)


def test_figures_as_json_and_in_words():
    result = CliRunner().invoke(bench, ["--duration", "0.2", "--json"])
    assert json.loads(result.stdout)["exchanges"] > 0
    assert "of one core" in CliRunner().invoke(bench, ["--duration", "0.2"]).stdout


def test_an_echo_without_an_smsc_says_so():
    result = subprocess.run(
        [sys.executable, "-m", "simulator.echo", "--port", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "no SMSC on 127.0.0.1:1" in result.stderr


async def bound(center):
    async with asyncio.timeout(10):
        while not sum(center.binds().values()):
            await asyncio.sleep(0.01)


async def test_an_echo_that_is_not_let_in_says_so(listening):
    """With the command_status by its name."""
    _, port = listening
    with pytest.raises(Refused, match="ESME_RINVPASWD"):
        await echo("127.0.0.1", port, 1, Account("gateway", "wrong"))


async def test_an_echo_that_stays_binds_again(listening, monkeypatch):
    """Whenever the SMSC has ended its binds; it tells when it stands."""
    monkeypatch.setattr("simulator.echo.AGAIN_S", 0.01)
    center, port = listening
    said = []
    staying = asyncio.create_task(stay("127.0.0.1", port, 2, Account("gateway", "secret"), said.append))
    await bound(center)
    for link in list(center._links):
        link.cut()
    await bound(center)
    async with asyncio.timeout(10):
        while len(said) < 3:
            await asyncio.sleep(0.01)
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)
    assert [line.split(" ", 1)[0] for line in said[:3]] == ["2", "the", "2"]

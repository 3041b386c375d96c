import asyncio
import json
import signal
import socket
import sys

import aiohttp
import pytest
from click.testing import CliRunner

from simulator.population import Population
from simulator.subscribers.__main__ import main

NUMBER = Population(citizens=20, seed=3).numbers(0)[0].msisdn


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def start(port):
    command = [sys.executable, "-m", "simulator.subscribers", "--port", str(port), "--citizens", "20", "--seed", "3"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    line = await asyncio.wait_for(process.stdout.readline(), 20)
    assert str(port).encode() in line
    return process, line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_told_to_end(port, number):
    """It answers once it has said so, ends in order on SIGTERM and Ctrl-C, and its output names no number."""
    process, line = await start(port)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.post("/v1/subscribers/lookup", json={"msisdns": [NUMBER]}) as response:
            assert (await response.json())["subscribers"][0]["msisdn"] == NUMBER
        async with session.post("/v1/subscribers/lookup", data=NUMBER) as response:
            assert response.status == 400
        process.send_signal(number)
        output, _ = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    assert NUMBER[2:] not in (line + output).decode()


async def test_a_broken_request_is_not_quoted(port):
    """What is no HTTP is answered with 400 and leaves nothing in the log."""
    process, _ = await start(port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/{NUMBER}\r\nX {NUMBER}\r\n\r\n".encode())
    assert b" 400 " in await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    process.terminate()
    output, _ = await asyncio.wait_for(process.communicate(), 10)
    assert output == b""


def test_a_port_that_is_taken_is_named():
    """The error names address, port and the options to change them; no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--port", str(port), "--citizens", "1"])
    assert result.exit_code == 1
    assert f"127.0.0.1 port {port} (--host, --port)" in result.output


@pytest.mark.parametrize("options", [["--citizens", "0"], ["--seed", "-1"], []])
def test_impossible_options_are_refused(options):
    """A usage error that names the option."""
    result = CliRunner().invoke(main, [*options, *(["--port", "1"] if options else [])])
    assert result.exit_code == 2
    assert (options or ["--port"])[0] in result.output


def test_the_help_has_an_example():
    """One that can be copied, and one for the faults."""
    output = CliRunner().invoke(main, ["--help"]).output
    assert "python -m simulator.subscribers --port" in output
    assert json.dumps({"latency_ms": 200, "error_rate": 0.1}) in output

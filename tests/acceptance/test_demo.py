"""The demo's promises to whoever starts it, with the simulated SMSC and the phone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from simulator.engines.ports import free_port
from simulator.text import exchange
from tests.acceptance.demo_process import ROOT, Demo, gone

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSAL = "So dien thoai hoac cong dan khong ton tai."


def ports() -> list[str]:
    return ["--phone-port", str(free_port()), "--ops-port", str(free_port())]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory):
    """A demo of two gateways below a folder that only its owner may enter."""
    folder = tmp_path_factory.mktemp("closed")
    folder.chmod(0o700)
    demo = await Demo.start(folder, "--citizens", "500", "--gateways", "2", *ports())
    yield demo
    pids = list(demo.pids().values())
    assert await demo.end() == 0
    assert "is killed" not in demo.said
    assert await gone(pids) == []
    assert folder.stat().st_mode & 0o777 == 0o700


async def text(demo: Demo, *arguments: str) -> tuple[int, str, str]:
    """`./sms text`: exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "text", "--dir", str(demo.folder), *arguments,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_text_prints_the_record_of_an_authenticated_number(demo):
    """Both gateways serve; the record is the sender's own, as the export says."""
    lines = [line for line in demo.lines() if line.reply != REFUSAL][:3]
    for line in lines:
        code, out, err = await text(demo, line.msisdn, line.text)
        assert (0, line.reply) == (code, out.strip().replace("\n", " "))
        assert "gsm7" in err


async def test_refusals_are_the_same_bytes_for_every_cause(demo):
    """Unregistered, disowned, locked, recycled: one text, one encoding, one segment."""
    lines = {line.state: line for line in demo.lines() if line.state != "authenticated"}
    answers = [await text(demo, line.msisdn, line.text) for line in lines.values()]
    answers.append(await text(demo, "84999999999", "DC"))
    known = next(line for line in demo.lines() if line.reply != REFUSAL)
    answers.append(await text(demo, known.msisdn, "DC 001085999999"))
    assert {(0, REFUSAL)} == {(code, out.strip()) for code, out, _ in answers}
    assert {"encoding gsm7, 1 segment"} == {err.rsplit(",", 1)[0].strip() for _, _, err in answers}
    assert len(answers) >= 6


async def test_a_long_message_in_accented_vietnamese_is_put_together(demo):
    """Several UCS-2 parts go in, one answer comes out: a misread with the usage."""
    known = next(line for line in demo.lines() if line.reply != REFUSAL)
    code, out, _ = await text(demo, known.msisdn, "cho tôi hỏi đường đến trụ sở công an xã " * 5)
    assert code == 0
    assert "DC" in out
    assert REFUSAL not in out


async def journeys(url: str):
    """What a gateway's trace tells, as it comes."""
    async with ClientSession() as session, session.get(f"{url}/api/trace") as response:
        assert response.status == 200
        async for line in response.content:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


async def test_the_journey_of_an_inquiry_is_told(demo):
    """From the wire to its ending on real stores: journalled before acknowledged, audited before submitted; of the person who
    asked nothing is told.
    """
    line = [line for line in demo.lines() if line.reply != REFUSAL][-2]
    code, out, _ = await text(demo, line.msisdn, line.text)
    assert (0, line.reply) == (code, out.strip().replace("\n", " "))

    async def last(url: str) -> dict:
        """The journey of the inquiry above is the newest of its gateway; a stream says what is kept at once."""
        told: dict = {"received_at": 0}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                async for journey in journeys(url):
                    told = journey
        return told

    newest = max([await last(url) for url in demo.facts()["ops_urls"]], key=lambda journey: journey["received_at"])
    assert abs(newest["received_at"] - time.time()) < 60
    stages = [step["stage"] for step in newest["steps"]]
    assert stages == [
        "received", "journalled", "acknowledged", "register", "population", "audit", "submitted", "confirmed", "finished"
    ]  # fmt: skip
    times = [step["ms"] for step in newest["steps"]]
    assert times == sorted(times)
    assert times[0] == 0 < times[1]
    submitted = newest["steps"][stages.index("submitted")]["submit_sm"]
    for place in (submitted, *newest["deliver_sm"]):
        assert min(place["bind"], place["local_port"], place["sequence_number"]) > 0
    seen = json.dumps(newest)
    for secret in (line.msisdn, line.msisdn[2:], line.citizen_id, line.name, line.text, "5505"):
        assert secret not in seen


async def test_the_phone_joins_the_journeys_of_smsc_and_gateway(demo):
    """By port and sequence_number over real connections: an accented reply of several segments, and the inquiry that it answers."""
    line = [line for line in demo.lines() if line.reply != REFUSAL][-3]
    assert (await text(demo, line.msisdn, "DC DAU"))[0] == 0
    messages = f"{demo.facts()['phone_url']}/api/phones/{line.msisdn}/messages"
    async with ClientSession() as session:

        async def ask(path: str) -> dict:
            async with session.get(f"{messages}{path}") as response:
                assert response.status == 200
                return await response.json()

        sent, came = (await ask(""))["messages"][-2:]
        assert came["segments"] > 1
        async with asyncio.timeout(10):
            while (journey := await ask(f"/{sent['id']}/journey"))["missing"]:
                await asyncio.sleep(0.05)
        wires = [await ask(f"/{message['id']}/wire") for message in (sent, came)]
        assert await ask(f"/{came['id']}/journey") == journey
    assert [pdu["command"] for pdu in wires[0]["pdus"]] == ["deliver_sm", "deliver_sm_resp"]
    submits = [pdu for pdu in wires[1]["pdus"] if pdu["command"] == "submit_sm"]
    steps = journey["gateway"]["steps"]
    assert {pdu["sequence_number"] for pdu in submits} == {
        step["sequence_number"] for step in steps if step["stage"] == "submitted"
    }
    assert len(submits) == came["segments"]
    assert {message["id"] for message in (sent, came)} == {event["message_id"] for event in journey["events"]}
    times = {event["event"]: event["ms"] for event in journey["events"]} | {step["stage"]: step["ms"] for step in steps}
    # One clock for both: what the one did before it told the other stands before it.
    assert times["deliver_sm"] <= times["received"] <= times["journalled"] <= times["deliver_sm_resp"]
    assert times["submitted"] <= times["submit_sm_resp"] <= times["confirmed"]


async def test_a_scenario_against_it(demo, tmp_path):
    """Sent, broken, judged: every reply is right, and the register is as it was found."""
    path, result = tmp_path / "short.toml", tmp_path / "result.json"
    path.write_text(
        '[load]\nrate = 40\nduration = "4s"\nmix = "hostile"\n[[at]]\nsecond = 1\nregister = { outage = true }\n'
        '[[at]]\nsecond = 2\nregister = {}\n[expect]\nthat = ["missing=0", "wrong=0", "max<20s"]\n'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "load", "--dir", str(demo.folder), "--scenario", str(path), "--json", str(result),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    found = json.loads(result.read_bytes())
    assert found["inquiries"] >= 150
    assert set(found["verdicts"]) <= {"right", "silent"}
    assert [step["error"] for step in found["timeline"]] == ["", ""]
    assert json.loads((await demo.get(f"{demo.facts()['subscribers_url']}/admin/faults"))[1])["outage"] is False


async def test_a_configuration_is_tried(demo, tmp_path):
    """Every part, with what is wrong of each; what runs is not disturbed."""
    config = (demo.folder / "config.toml").read_text("utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        config.replace('password = "demo"', 'password = "other"').replace(
            demo.facts()["subscribers_url"], f"http://127.0.0.1:{free_port()}"
        )
    )

    async def tried(path):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sms_service", "check-config", "--config", str(path), "--connect",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await process.communicate()
        return process.returncode, [line.strip() for line in said.decode().splitlines()[1:]]

    good = ["journal: good", "population: good", "subscribers: good", "redis: good", "smsc simulated: good"]
    assert await tried(demo.folder / "config.toml") == (0, good)
    code, lines = await tried(wrong)
    assert code == 1
    assert lines[:2] == good[:2]
    assert lines[2].startswith("subscribers: subscribers: the register cannot be reached")
    assert "command_status 0xe" in lines[4]


async def test_killed_programs_run_again_and_their_pid_files_follow(demo):
    """The supervisor's promise, seen from outside: a gateway dies, its pid file changes, the service goes on."""
    await demo.kill("gateway-2")
    # One who has not asked before: after a cut link an equal text is a redelivery for 300 s.
    known = [line for line in demo.lines() if line.reply != REFUSAL][-1]
    code, out, _ = await text(demo, known.msisdn, known.text)
    assert (0, known.reply) == (code, out.strip().replace("\n", " "))


async def test_the_syntax_is_read_again_without_a_restart(demo, tmp_path):
    """A third gateway with a syntax of its own: SIGHUP takes a new file, refuses a bad one, and the process goes on."""
    syntax = tmp_path / "own.toml"
    good = (ROOT / "syntax" / "c06.toml").read_text("utf-8").replace('example_folder = "examples"\n', "")
    syntax.write_text(good, "utf-8")
    port = free_port()
    config = (demo.folder / "config.toml").read_text()
    for key, value in (("instance", "gateway-3"), ("file", str(syntax)), ("listen", f"127.0.0.1:{port}")):
        old = next(line for line in config.splitlines() if line.startswith(f"{key} = "))
        config = config.replace(old, f"{key} = {json.dumps(value)}")
    (tmp_path / "config.toml").write_text(config, "utf-8")
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sms_service", "run", "--config", str(tmp_path / "config.toml"),
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await becomes(lambda: demo.get(f"{url}/readyz"), lambda status, _: status == 200)

        async def reloaded(text: str) -> dict:
            before = json.loads((await demo.get(f"{url}/api/syntax"))[1])["last_reload"]
            syntax.write_text(text, "utf-8")
            process.send_signal(signal.SIGHUP)
            _, body = await becomes(
                lambda: demo.get(f"{url}/api/syntax"), lambda _, body: json.loads(body)["last_reload"] != before
            )
            return json.loads(body)

        refused = await reloaded(good.replace('"sex"', '"sexx"'))
        assert not refused["last_reload"]["accepted"]
        assert "sexx" in refused["last_reload"]["findings"][0]
        assert [version["version"] for version in refused["versions"]] == ["2026.1"]
        taken = await reloaded(good.replace('version = "2026.1"', 'version = "2026.2"'))
        assert taken["last_reload"]["accepted"]
        assert [(version["version"], version["state"]) for version in taken["versions"]] == [("2026.2", "in_force")]
        assert process.returncode is None
    finally:
        process.terminate()
        assert await process.wait() == 0


async def becomes(ask, holds, within_s: float = 30):
    """What is asked for, once it holds."""
    async with asyncio.timeout(within_s):
        while True:
            with contextlib.suppress(OSError):
                answer = await ask()
                if holds(*answer):
                    return answer
            await asyncio.sleep(0.1)


async def test_a_busy_port_is_named(tmp_path):
    """The error names the port and the option that changes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulator", "demo", "--dir", str(tmp_path / "d"), "--phone-port", str(port),
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, err = await process.communicate()
    assert process.returncode == 2
    assert str(port) in err.decode()
    assert "--phone-port" in err.decode()


async def test_a_second_demo_runs_beside_it_and_sigkill_leaves_nothing(demo, tmp_path):
    """Other folder, other ports: both answer. Killed without a chance to clean up, it leaves no process behind. The second has two
    SMSCs, and over each its phones are answered.
    """
    second = await Demo.start(tmp_path, "--citizens", "300", "--smscs", "2", *ports())
    line = next(line for line in second.lines() if line.reply != REFUSAL)
    assert second.facts()["smsc_urls"][0] == second.facts()["phone_url"]
    for url in second.facts()["smsc_urls"]:
        reply = await exchange(url, line.msisdn, line.text, timeout_s=30)
        assert reply["text"].replace("\n", " ") == line.reply
    assert {"smsc", "smsc-2"} <= second.pids().keys()
    pids = list(second.pids().values())
    assert len(pids) >= 6
    os.kill(second.process.pid, signal.SIGKILL)
    await second.process.wait()
    assert await gone(pids) == []

    again = await Demo.start(tmp_path, "--citizens", "300", *ports())
    code, out, _ = await text(again, line.msisdn, line.text)
    assert (0, line.reply) == (code, out.strip().replace("\n", " "))
    assert await again.end() == 0

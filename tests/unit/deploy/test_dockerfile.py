"""The images' recipe: hadolint's rules, and what it does not know of ours. No engine runs here, so no image is built."""

import fnmatch
import http.server
import json
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from sms_service.cli import commands

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "deploy" / "Dockerfile"
PINNED = re.compile(r"^[a-z0-9./-]+:\d+(\.\d+)+-slim-[a-z]+(@sha256:[0-9a-f]{64})?$")
"""A slim image by its minor version and by the Debian release that it stands on."""


class Stage(NamedTuple):
    name: str
    source: str
    steps: list[tuple[str, str]]


def stages():
    text = "\n".join(line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            source, _, name = rest.partition(" AS ")
            found.append(Stage(name, source, []))
        elif instruction:
            found[-1].steps.append((instruction, " ".join(rest.split())))
    return found


STAGES = {stage.name: stage for stage in stages()}
FINAL = ("gateway", "simulator")


def lineage(name):
    """A stage and those that it is made from, the first first."""
    stage = STAGES.get(name)
    return [*lineage(stage.source), stage] if stage else []


def last(name, instruction):
    """What an instruction says last on the way to a stage."""
    return [rest for stage in lineage(name) for step, rest in stage.steps if step == instruction][-1]


def test_hadolint_finds_nothing():
    """Its rules, and those of shellcheck in it, down to the level of style."""
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", "--no-color", "--failure-threshold", "style", FILE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_hadolint_finds_something(tmp_path):
    """Where there is something to find."""
    (tmp_path / "Dockerfile").write_text("FROM python:latest\nRUN cd /tmp && sudo make\n")
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", tmp_path / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert {"DL3007", "DL3004"} <= set(re.findall(r"DL\d+", done.stdout))


def test_one_base_pinned_by_its_version():
    """Every stage stands on it or on another stage; nothing says latest."""
    outside = {stage.source for stage in STAGES.values() if stage.source not in STAGES}
    assert len(outside) == 1
    assert PINNED.match(outside.pop())


def test_the_gateway_is_what_is_built_when_no_stage_is_named():
    assert list(STAGES)[-1] == "gateway"


@pytest.mark.parametrize("name", FINAL)
def test_what_runs_is_nobody(name):
    """A number, so that runAsNonRoot can be checked before it runs; not changed back by a later stage."""
    users = [rest for stage in lineage(name) for step, rest in stage.steps if step == "USER"]
    assert users == ["10001:10001"]


@pytest.mark.parametrize("name", FINAL)
def test_what_runs_holds_no_tools(name):
    """It is made from no stage that installs; what it has of them it copies. pip is gone."""
    ran = [rest for stage in lineage(name) for step, rest in stage.steps if step == "RUN"]
    assert not [
        command for command in ran if re.search(r"pip .*install |apt|curl|wget|gcc", command.replace("uninstall", ""))
    ]
    assert any("pip uninstall" in command for command in ran)


@pytest.mark.parametrize("name", FINAL)
def test_signals_reach_the_program(name):
    """A shell in between would keep SIGTERM to itself."""
    assert last(name, "STOPSIGNAL") == "SIGTERM"
    for instruction in ("ENTRYPOINT", "CMD"):
        assert isinstance(json.loads(last(name, instruction)), list)


def test_nothing_is_fetched_but_wheels_with_known_hashes():
    """No ADD, and no pip that would take a package without its hash, build one, or resolve anything."""
    steps = [step for stage in STAGES.values() for step in stage.steps]
    assert not [rest for instruction, rest in steps if instruction == "ADD"]
    installs = [rest for instruction, rest in steps if instruction == "RUN" and re.search(r"pip .*\binstall\b", rest)]
    assert len(installs) == 2
    for command in installs:
        assert {"--require-hashes", "--no-deps", "--no-cache-dir"} <= set(shlex.split(command))
        assert "--only-binary :all:" in command


def test_the_venv_is_on_the_path_only_where_programs_run():
    """Where it stands before pip, `python -m pip` would mean the venv's python, which has none."""
    for stage in STAGES.values():
        if any("pip --python" in rest for _, rest in stage.steps):
            assert not [rest for one in lineage(stage.name) for step, rest in one.steps if step == "ENV"]


def test_what_is_copied_is_there_and_is_sent_to_the_builder():
    """The ignore file leaves out everything but what the recipe names."""
    rules = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert "*" in rules
    copied = {
        rest.split()[0]
        for stage in STAGES.values()
        for step, rest in stage.steps
        if step == "COPY" and "--from=" not in rest
    }
    assert copied == sent
    assert all((ROOT / path).exists() for path in copied)
    assert any(fnmatch.fnmatch("a/__pycache__", rule) for rule in rules)


def test_stages_are_copied_from_by_name():
    froms = [re.search(r"--from=(\S+)", rest) for stage in STAGES.values() for _, rest in stage.steps]
    assert {match[1] for match in froms if match} == {"gateway-packages", "simulator-packages"}


def test_the_command_is_one_that_the_gateway_knows():
    """`run --config FILE` as it stands, with --help behind it."""
    entry, command = json.loads(last("gateway", "ENTRYPOINT")), json.loads(last("gateway", "CMD"))
    assert entry == ["python", "-m", "sms_service"]
    result = CliRunner().invoke(commands, [*command, "--help"])
    assert result.exit_code == 0
    assert "Run one instance of the gateway" in result.output


class Healthz(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_the_health_check_tells_alive_from_dead():
    """As it stands, at another port."""
    check = re.fullmatch(r"(--\S+ )+CMD (\[.*\])", last("gateway", "HEALTHCHECK"))
    argv = json.loads(check[2])
    port = last("gateway", "EXPOSE")
    assert f":{port}/healthz" in argv[-1]
    with http.server.HTTPServer(("127.0.0.1", 0), Healthz) as server:
        argv = [sys.executable, *[word.replace(f":{port}/", f":{server.server_port}/") for word in argv[1:]]]
        threading.Thread(target=server.serve_forever).start()
        alive = subprocess.run(argv, capture_output=True, check=False)
        server.shutdown()
    dead = subprocess.run(argv, capture_output=True, check=False)
    assert (alive.returncode, dead.returncode) == (0, 1)

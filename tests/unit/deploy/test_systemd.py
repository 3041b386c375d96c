"""The unit of a gateway, by systemd's own judgement where it is installed; by its text everywhere."""

import configparser
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sms_service.adapters.systemd import SIGNS_A_PERIOD
from sms_service.settings import Limits

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "systemd"
UNIT = FOLDER / "sms-gateway@.service"
EXPOSURE_MAX = 1.5
"""Of 10, by `systemd-analyze security`: what is left is the network, which the gateway is for."""


def tool(name):
    """A program of systemd's, or a skipped test that says why."""
    if (found := shutil.which(name)) is None:
        pytest.skip(f"{name} is not on this machine")
    return found


@pytest.fixture
def installed(tmp_path):
    """The unit of one instance, its program at a place that exists here."""
    program = tmp_path / "opt/sms-service/.venv/bin/python"
    program.parent.mkdir(parents=True)
    program.symlink_to(shutil.which("sh"))
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/sms-service", f"{tmp_path}/opt/sms-service"))
    return unit


def analyze(*arguments):
    return subprocess.run(
        [tool("systemd-analyze"), "--no-pager", *arguments],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "SYSTEMD_COLORS": "0"},
    )  # fmt: skip


def test_systemd_finds_nothing(installed):
    """No unknown name, no value that it cannot read, no program that is not there."""
    done = analyze("verify", "--man=no", installed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_finds_something(installed):
    """Where there is something to find."""
    installed.write_text(installed.read_text().replace("ProtectHome=yes", "ProtectHome=perhaps\nProtectHouse=yes"))
    done = analyze("verify", "--man=no", installed)
    assert "protect home" in done.stderr
    assert "ProtectHouse" in done.stderr


def test_it_is_exposed_to_little_but_the_network(installed):
    """The score is below its limit, and what is open is known."""
    done = analyze("security", "--offline=true", "--json=short", f"--threshold={EXPOSURE_MAX * 10:.0f}", installed)
    assert done.returncode == 0, done.stdout
    open_ = {line["json_field"] for line in json.loads(done.stdout) if line["set"] is False and line["exposure"]}
    assert open_
    assert open_ <= {
        "IPAddressDeny", "PrivateNetwork", "RestrictAddressFamilies_AF_UNIX", "RestrictAddressFamilies_AF_INET_INET6",
        "RootDirectoryOrRootImage", "DeviceAllow",
    }  # fmt: skip


def test_a_unit_without_its_walls_is_over_the_limit(installed):
    walls = re.compile(r"^(Protect|Private|Restrict|SystemCall|Capability|NoNew|User|Group).*\n", re.MULTILINE)
    installed.write_text(walls.sub("", installed.read_text()))
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX * 10:.0f}", installed)
    assert done.returncode != 0


@pytest.fixture(scope="module")
def service():
    """The section, with what stands several times joined."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(UNIT)
    return dict(parser["Service"])


def test_the_manager_is_told_and_watches(service):
    """It hears the gateway and nobody else, expects signs of life, and starts it again however it ended."""
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert float(service["WatchdogSec"]) / SIGNS_A_PERIOD == 15
    assert service["Restart"] == "always"
    assert service["TimeoutStartSec"] == "infinity"


def test_leaving_has_the_time_that_it_may_take(service):
    assert float(service["TimeoutStopSec"]) >= Limits().shutdown_s + 20


def test_the_command_is_one_that_the_gateway_knows(service):
    """And its folders are those of the checkout."""
    assert service["ExecStart"].split() == [
        "/opt/sms-service/.venv/bin/python", "-m", "sms_service", "run", "--config", "/etc/sms-service/%i.toml",
    ]  # fmt: skip
    assert "SMS_INSTANCE=%i" in service["Environment"].split()
    assert "PYTHONPATH=/opt/sms-service" in service["Environment"].split()


def test_its_user_and_folder_are_made(tmp_path, service):
    """By systemd-sysusers and systemd-tmpfiles, in a root of their own; nobody but root and the gateways gets in."""
    (tmp_path / "etc").mkdir()
    for name, file in (("systemd-sysusers", "sysusers.conf"), ("systemd-tmpfiles", "tmpfiles.conf")):
        flags = ["--create"] if name == "systemd-tmpfiles" else []
        if os.geteuid() and flags:
            pytest.skip("systemd-tmpfiles gives folders away, which needs root")
        subprocess.run([tool(name), f"--root={tmp_path}", *flags, FOLDER / file], check=True, capture_output=True)
    passwd = (tmp_path / "etc/passwd").read_text()
    (user,) = [line.split(":") for line in passwd.splitlines() if line.startswith(service["User"] + ":")]
    assert user[6].endswith("nologin")
    folder = (tmp_path / "etc/sms-service").stat()
    assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o777) == (0, int(user[3]), 0o750)

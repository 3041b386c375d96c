"""The command line of the simulated SMSC."""

import os
import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from simulator.smsc.__main__ import main


def test_help_shows_examples():
    """The help names every option's meaning and shows how to call it."""
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "./sms smsc --account" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--account", "gateway"], "SYSTEM_ID:PASSWORD"),
        (["--account", "a:b", "--account", "a:c"], "same system_id"),
        (["--alphabet", "ebcdic"], "ebcdic"),
        (["--citizens", "0"], "citizens"),
    ],
)
def test_bad_options(arguments, said):
    """Wrong options are refused with what is wrong."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_busy_port():
    """A taken port ends it with a sentence, not a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--http-port", str(port), "--port", "0"])
    assert result.exit_code == 2
    assert result.output == f"smsc: cannot listen on port {port}: Address already in use\n"


def test_runs_until_terminated():
    """The process says where it listens, and SIGTERM ends it cleanly."""
    arguments = [sys.executable, "-m", "simulator.smsc", "--port", "0", "--http-port", "0", "--citizens", "5"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        line = process.stdout.readline()
        assert line.startswith("SMPP on 127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10) == ("", None)
    assert process.returncode == 0

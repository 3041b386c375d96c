"""Ctrl-C, as a terminal sends it: everything is written, and the program says how it ended."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from simulator.capture.recording import Kind, Reader
from simulator.engines.ports import free_port
from tests.unit.simulator.capture.conversation import WAIT_S
from tests.unit.simulator.capture.test_replay import BOUND
from tests.unit.simulator.capture.test_show import file_of

ROOT = Path(__file__).resolve().parents[4]


def started(*argv):
    """The command, once it has said its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "capture", *argv],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stderr.readline()
    return process


def test_record(tmp_path):
    """The file is whole up to then."""
    port = free_port()
    file = tmp_path / "x.smpp"
    with socket.create_server(("127.0.0.1", 0)) as smsc:
        smsc.settimeout(WAIT_S)
        process = started(
            "record", str(file), "--listen", f"127.0.0.1:{port}", "--to", f"127.0.0.1:{smsc.getsockname()[1]}"
        )
        with socket.create_connection(("127.0.0.1", port)) as esme:
            esme.sendall(b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1")
            passed, _ = smsc.accept()
            with passed:
                assert len(passed.recv(16, socket.MSG_WAITALL)) == 16
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, said
    assert "Ended: told to end." in said
    with file.open("rb") as stream:
        assert [record.kind for record in Reader(stream)] == [Kind.OPENED, Kind.PDU, Kind.CLOSED]


def test_replay(tmp_path):
    """What was not done is told, and nothing complains."""
    file = tmp_path / "x.smpp"
    file.write_bytes(file_of(BOUND))
    process = started("replay", str(file), "--listen", "127.0.0.1:0")
    process.send_signal(signal.SIGINT)
    told, said = process.communicate(timeout=WAIT_S)
    assert (process.returncode, said) == (1, "")
    assert "1 x a connection less than in the recording" in told

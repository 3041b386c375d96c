"""What a service manager hears, over a real socket."""

import asyncio
import os
import socket

import pytest
import structlog

from sms_service.adapters.memory.clock import FakeClock
from sms_service.adapters.systemd import ServiceManager


class Manager:
    """A service manager's end of the socket."""

    def __init__(self, address, name):
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)

    def heard(self):
        """Every datagram since the last time."""
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return messages

    def close(self):
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket in the file system, and one in the abstract namespace."""
    path = str(tmp_path / "notify")
    name = f"sms-test-{os.getpid()}-{tmp_path.name}"
    listening = Manager(path, path) if request.param == "path" else Manager("\0" + name, "@" + name)
    yield listening
    listening.close()


def test_what_a_process_says_of_itself(manager):
    """One datagram each, as sd_notify(3) has them."""
    process = ServiceManager({"NOTIFY_SOCKET": manager.name})
    process.ready()
    process.status("Sẵn sàng trả lời (Ready to answer)")
    process.stopping()
    assert manager.heard() == ["READY=1", "STATUS=Sẵn sàng trả lời (Ready to answer)", "STOPPING=1"]


def test_what_has_not_changed_is_not_said_again(manager):
    """The status is looked at each second."""
    process = ServiceManager({"NOTIFY_SOCKET": manager.name})
    for text in ("well", "well", "not well", "not well", "well"):
        process.status(text)
    assert manager.heard() == ["STATUS=well", "STATUS=not well", "STATUS=well"]


def test_a_status_is_one_line(manager):
    """A second line would be another variable."""
    ServiceManager({"NOTIFY_SOCKET": manager.name}).status("well\nMAINPID=1")
    assert manager.heard() == ["STATUS=well MAINPID=1"]


async def test_signs_of_life_at_half_of_the_time(manager):
    """The first at once, then two in the time within which one is expected."""
    clock = FakeClock()
    process = ServiceManager(
        {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    )
    assert process.watchdog_s == 30
    task = asyncio.create_task(process.watch(clock))
    await clock.advance(0)
    assert manager.heard() == ["WATCHDOG=1"]
    await clock.advance(14.9)
    assert manager.heard() == []
    await clock.advance(0.1)
    assert manager.heard() == ["WATCHDOG=1"]
    await clock.advance(45)
    assert manager.heard() == ["WATCHDOG=1"] * 3
    task.cancel()


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}],
    ids=["unset", "another process's", "none", "no number"],
)
async def test_nobody_waits_for_signs_of_life(manager, environ):
    """Then none is given, and the task ends."""
    await ServiceManager({"NOTIFY_SOCKET": manager.name, **environ}).watch(FakeClock())
    assert manager.heard() == []


def test_without_a_manager_nobody_is_told():
    """As in a terminal or a container; nothing is logged."""
    with structlog.testing.capture_logs() as logs:
        process = ServiceManager({})
        process.ready()
        process.stopping()
    assert logs == []


def test_a_manager_that_has_gone_is_told_of_once(tmp_path):
    """The gateway goes on; the log has one line until somebody listens again."""
    path = str(tmp_path / "notify")
    process = ServiceManager({"NOTIFY_SOCKET": path})
    with structlog.testing.capture_logs() as logs:
        process.ready()
        process.stopping()
        manager = Manager(path, path)
        process.ready()
        manager.close()
        process.stopping()
    assert [line["event"] for line in logs] == ["service_manager_deaf"] * 2
    assert "FileNotFoundError" in logs[0]["error"]


def test_a_manager_that_does_not_read_holds_up_nobody(manager):
    """Its queue is full at some time; the process does not wait for room."""
    process = ServiceManager({"NOTIFY_SOCKET": manager.name})
    with structlog.testing.capture_logs() as logs:
        for _ in range(10_000):
            process.ready()
    assert [line["event"] for line in logs] == ["service_manager_deaf"]
    assert len(manager.heard()) < 10_000

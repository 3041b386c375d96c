"""Ports: free ones, and messages about those that are not."""

import socket
from pathlib import Path

import pytest

from simulator.engines import ports
from simulator.engines.program import CannotStartError


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_free_port_can_be_listened_on():
    """And once taken it is free no longer."""
    port = ports.free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)


def test_a_free_port_is_none_that_outgoing_connections_get():
    """Or a client that tries again and again would some day connect to itself."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(10_000 <= ports.free_port() < lowest for _ in range(20))


def test_a_free_port_is_none_that_browsers_refuse(monkeypatch):
    """Chromium opens no page on 10080 (ERR_UNSAFE_PORT), whoever listens there."""
    monkeypatch.setattr(ports, "_LOWEST_PORT", 10_079)
    monkeypatch.setattr(ports, "_highest_port", lambda: 10_081)
    assert {ports.free_port() for _ in range(50)} <= {10_079, 10_081}


@pytest.mark.parametrize(
    ("text", "highest"),
    [("32768\t60999\n", 32_767), ("40000 50000", 39_999), ("1024 65535", 32_767), ("", 32_767), ("x y", 32_767)],
)
def test_the_kernels_range_bounds_the_choice(tmp_path, text, highest):
    """Unless it leaves no room or cannot be read."""
    path = tmp_path / "range"
    path.write_text(text)
    assert ports._highest_port(path) == highest


def test_an_unreadable_range_counts_as_the_usual_one(tmp_path):
    """Not every kernel tells."""
    assert ports._highest_port(tmp_path / "none") == 32_767


def test_a_full_machine_is_said_to_be_full(monkeypatch):
    """The search ends."""
    monkeypatch.setattr(ports, "is_free", lambda port, host: False)
    with pytest.raises(CannotStartError, match="no free port"):
        ports.free_port()


def test_a_busy_port_is_named_with_its_option(listener):
    """So that whoever asked knows what to change."""
    port = listener.getsockname()[1]
    with pytest.raises(CannotStartError, match=rf"port {port} .* in use .* --phone-port"):
        ports.check_port_free(port, "--phone-port")


def test_a_port_with_connections_still_closing_is_free(listener):
    """A demo that is started again at once gets its port back."""
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as client:
        server_side, _ = listener.accept()
        server_side.close()  # the side that closes first waits
        assert client.recv(1) == b""
    listener.close()
    ports.check_port_free(port, "--phone-port")

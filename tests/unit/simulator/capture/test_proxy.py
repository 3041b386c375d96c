"""What comes before there is a connection to the SMSC: not every event loop waits with reading when it is told to."""

from unittest.mock import Mock

from simulator.capture.proxy import Proxy


async def never(side):
    """A connection that takes long."""


async def test_what_comes_early_is_sent_on(monkeypatch):
    """Octets and the end, in their order, once the SMSC is there; no more is read meanwhile."""
    proxy = Proxy("127.0.0.1", 1, Mock, lambda: 0)
    monkeypatch.setattr(proxy, "connect", never)
    esme = proxy.side()
    ours, theirs = Mock(**{"is_closing.return_value": False}), Mock(**{"is_closing.return_value": False})
    esme.connection_made(ours)
    esme.data_received(b"one")
    assert ours.mock_calls[-1] == (("pause_reading", (), {}))
    esme.data_received(b"two")
    assert esme.eof_received()
    esme.peer.connection_made(theirs)
    assert theirs.mock_calls[:2] == [("write", (b"onetwo",), {}), ("write_eof", (), {})]
    proxy.close()

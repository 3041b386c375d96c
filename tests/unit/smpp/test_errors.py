"""What the errors carry and say."""

import pytest

from sms_service.smpp import FramingLost, LocalProtocolError, SmppError, UndecodablePdu, WindowFull


@pytest.mark.parametrize("error", [LocalProtocolError, WindowFull, UndecodablePdu, FramingLost])
def test_one_family(error):
    """Whoever wants to catch everything of this package can."""
    assert issubclass(error, SmppError)


def test_a_full_window_is_the_callers_to_mind():
    """WindowFull is caught where LocalProtocolError is."""
    assert issubclass(WindowFull, LocalProtocolError)


def test_undecodable_carries_the_answer():
    """Whoever holds the stream can answer from the error alone."""
    error = UndecodablePdu(0x00000005, 7, 0x0A, "source_addr")

    assert (error.command_id, error.sequence_number, error.command_status) == (5, 7, 0x0A)
    assert str(error) == "command_id 0x00000005: source_addr"


def test_lost_framing_keeps_the_good_frames():
    """PDUs before the broken one are not lost with it."""
    error = FramingLost(3, [b"frame"])

    assert error.frames == [b"frame"]
    assert str(error) == "command_length 3 is no PDU's"

"""What a phone makes of a text."""

import pytest

from simulator.smsc.messages import SEGMENTS_MAX, Arrival, Content, TooLong, cut, encoding_of
from sms_service.sms import Alphabet


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [("DC", "gsm7", 1), ("x" * 161, "gsm7", 2), ("Đồng", "ucs2", 1), ("ệ" * 71, "ucs2", 2), ("[" * 81, "gsm7", 2)],
)
def test_cheapest_encoding(text, encoding, segments):
    """Plain text goes as GSM 7-bit, accents as UCS-2, and long texts in segments with headers."""
    content, cut_segments = cut(text, 7, Alphabet.GSM7)
    assert content == Content(text, encoding, segments)
    assert len(cut_segments) == segments
    assert all((segment.esm_class == 0x40) == (segments > 1) for segment in cut_segments)


def test_too_long():
    """More segments than a phone sends are refused; as many are not."""
    assert cut("x" * 153 * SEGMENTS_MAX, 1, Alphabet.GSM7)[0].segments == SEGMENTS_MAX
    with pytest.raises(TooLong):
        cut("x" * (153 * SEGMENTS_MAX + 1), 1, Alphabet.GSM7)


def test_encoding_on_the_air():
    """Latin-1 to the ESME is GSM 7-bit or UCS-2 to the phone, by what the text needs."""
    assert encoding_of("cà phê", 3) == "ucs2"
    assert encoding_of("cafe", 3) == "gsm7"
    assert encoding_of("cafe", 8) == "ucs2"


def test_repr_shows_no_person():
    """Neither number nor text stands in a repr."""
    shown = repr(Arrival("84912345678", "5505", Content("Ho ten: A", "gsm7", 1)))
    assert "849" not in shown
    assert "Ho ten" not in shown

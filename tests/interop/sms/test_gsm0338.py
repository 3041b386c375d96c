"""GSM 7-bit against an independent codec."""

from gsm0338 import Codec
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.gsm7 import encodable_gsm7, gsm7_decode, gsm7_encode

CODEC = Codec()


def test_every_character_of_the_plane_is_written_alike():
    """Each of the 65,536 characters of the basic plane, except the escape itself, is written by both or by neither."""
    for point in range(0x10000):
        character = chr(point)
        try:
            expected, _ = CODEC.encode(character)
        except UnicodeEncodeError:
            expected = None
        if character != "\x1b":
            assert encodable_gsm7(character) is (expected is not None), hex(point)
            assert expected is None or gsm7_encode(character) == expected


@given(st.text(st.sampled_from("AZaz09 @$_\n\r£¥§¿ñÑäÄ[]{}~^|\\€\fΔΦΞàèéÉ")))
def test_texts_are_written_and_read_alike(text):
    """Both codecs give the same septets for a text, and read them as the same text."""
    octets = gsm7_encode(text)

    assert octets == CODEC.encode(text)[0]
    assert gsm7_decode(octets) == CODEC.decode(octets)[0] == text

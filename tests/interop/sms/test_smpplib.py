"""Segments against the splitter of an independent client."""

from hypothesis import given
from hypothesis import strategies as st
from smpplib.gsm import make_parts

from sms_service.sms import Alphabet, LongMessages, split

# Characters of one unit each, which are all that the other splitter does not tear.
PLAIN = st.text(st.sampled_from("ABCxyz 0189.,:;/\n@$_£éàÑΔ"), min_size=140, max_size=480)
ACCENTED = st.text(st.sampled_from("Nguyễn Thị Ẩn đĐ"), min_size=60, max_size=220)


@given(PLAIN | ACCENTED)
def test_segments_are_the_same_but_for_the_reference(text):
    """Text of one-unit characters is cut into the same segments under the same data_coding and esm_class."""
    others, data_coding, esm_class = make_parts(text)
    segments = split(text, reference=0, method=LongMessages.UDH, default=Alphabet.GSM7)

    def without_reference(octets):
        return octets[:3] + octets[4:] if esm_class else octets

    assert [without_reference(segment.short_message) for segment in segments] == [
        without_reference(other) for other in others
    ]
    assert {(segment.data_coding, segment.esm_class) for segment in segments} == {(data_coding, esm_class)}

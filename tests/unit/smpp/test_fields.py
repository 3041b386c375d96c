"""How single fields are written. How they are read is seen through the codec."""

import pytest

from sms_service.smpp import LocalProtocolError
from sms_service.smpp.fields import CString, Integer, SizedOctets, c_string, sized_octets


def test_c_string_ends_with_a_nul():
    """§3.1: a C-Octet String is NUL-terminated, and its maximum counts the NUL."""
    assert c_string("5505", 5, False, "source_addr") == b"5505\0"


def test_c_string_keeps_latin_1():
    """Every octet but NUL can be written, so whatever was read can be."""
    assert c_string("Việt"[:2] + "é", 21, False, "source_addr") == b"Vi\xe9\0"


@pytest.mark.parametrize(
    ("text", "size", "fixed", "problem"),
    [
        ("12345", 5, False, "source_addr is 5 octets long where 4 are meant"),
        ("12", 17, True, "source_addr is 2 octets long where 16 are meant"),
        ("84\x009", 21, False, "source_addr holds a NUL"),
        ("số", 21, False, "source_addr has characters outside Latin-1"),
    ],
)
def test_c_string_refuses_what_does_not_fit(text, size, fixed, problem):
    """A string that would be read differently, or not at all, is never written; the error names the field and not the value."""
    with pytest.raises(LocalProtocolError) as caught:
        c_string(text, size, fixed, "source_addr")

    assert str(caught.value) == problem
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("length", [0, 1, 254])
def test_sized_octets_begin_with_their_number(length):
    """sm_length is derived (§5.2.21)."""
    assert sized_octets(b"x" * length, 254, "short_message") == bytes((length,)) + b"x" * length


def test_sized_octets_have_a_limit():
    """255 octets are more than short_message may hold (§5.2.22)."""
    with pytest.raises(LocalProtocolError, match="short_message is 255 octets long, more than 254"):
        sized_octets(b"x" * 255, 254, "short_message")


def test_only_requests_are_held_to_the_sizes():
    """Reading a request stops at the specified size; reading a response goes on to the NUL."""
    kind = CString(21)

    assert "pos + 21" in kind.read("source_addr", strict=True)
    assert "pos + 21" not in kind.read("source_addr", strict=False)


def test_what_is_derived_is_checked_in_both():
    """A length that contradicts the body is refused in requests and in responses."""
    kind = SizedOctets()

    assert kind.read("short_message", strict=True) == kind.read("short_message", strict=False)


@pytest.mark.parametrize(("size", "letter"), [(1, "B"), (2, "H"), (4, "L")])
def test_integer_formats(size, letter):
    """Integers are unsigned (§3.1)."""
    assert Integer(size).format == letter

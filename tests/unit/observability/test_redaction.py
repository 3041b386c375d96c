"""Nothing that looks like a number or an ID passes; what an operator needs does."""

import enum
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.model import Content, Subscriber, SubscriberState
from sms_service.observability.redaction import (
    EXCEPTIONS_MAX,
    MASK,
    VALUE_MAX,
    describe,
    foreign_message,
    redact,
    redacted,
)

NUMBERS = [
    "84912345678",
    "+84912345678",
    "0084912345678",
    "0912345678",
    "912345678",
    "0912 345 678",
    "0912.345.678",
    "091-234-5678",
    "(091) 234-5678",
    "+84 (0)912 345 678",
    "0912\u00a0345\u00a0678",
    "84_912_345_678",
    "0912/345/678",
    "０９１２３４５６７８",
    "001085012345",
    "001 085 012345",
    "001.085.012.345",
    "123456789",
    "84123456789012",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "DC {} gui 5505", "from={},", "[{}]", "'{}'", "tel:{}\n"])
def test_numbers_are_masked(number, around):
    """A phone number or an ID in any usual form is masked wherever it stands in a text."""
    shown = redacted(around.format(number))
    assert MASK in shown
    assert len(re.findall(r"\d", shown)) < 8
    assert shown.replace(MASK, "").count(number[-4:]) == 0


@given(
    digits=st.text("0123456789", min_size=9, max_size=15),
    separators=st.lists(st.sampled_from(["", " ", ".", "-", "/", ") ", "\u00a0"]), min_size=14, max_size=14),
    before=st.text(max_size=600),
    after=st.text(max_size=20),
)
def test_no_grouping_hides_a_number(digits, separators, before, after):
    """However its digits are grouped and wherever a long text is cut, no eight of them are left in a row."""
    number = "".join(digit + separator for digit, separator in zip(digits, separators, strict=False))
    shown = redacted(before + number + after)
    runs = re.findall(r"\d(?:[\s.\-_/()]{0,2}\d)*", shown)
    assert all(len(re.findall(r"\d", run)) < 8 for run in runs)


def test_a_number_across_the_cut_is_masked_whole():
    """A value is masked before it is shortened: no half of a number is left at its end."""
    shown = redacted("x" * (VALUE_MAX - 5) + "84912345678")
    assert len(shown) == VALUE_MAX
    assert "8491" not in shown


@pytest.mark.parametrize(
    "value",
    [
        84912345678,
        -84912345678,
        1085012345,
        ["84912345678"],
        ("a", ["84912345678"]),
        {"msisdn": "84912345678"},
        {"84912345678": 1},
        {84912345678: 1},
        {"84912345678", "x"},
        {"a": {"b": [{"c": 84912345678}]}},
        b"84912345678",
        bytearray(b"84912345678"),
        memoryview(b"84912345678"),
        "84912345678".encode("utf-16-be"),
        ValueError("84912345678"),
        [ValueError("84912345678")],
        pathlib.Path("/tmp/84912345678"),
        Content("84912345678", "5505", "DC 001085012345"),
        Subscriber(SubscriberState.AUTHENTICATED, "001085012345"),
        type("Citizen", (), {"__repr__": lambda _self: "84912345678 Nguyễn Văn An"})(),
    ],
)
def test_nested_and_odd_values(value):
    """Numbers in numbers, octets, keys, lists, exceptions and objects of any class are not shown."""
    shown = repr(redacted(value))
    assert "4912345678"[:4] not in shown
    assert "1085" not in shown
    assert "Nguy" not in shown


class _Status(enum.IntEnum):
    OK = 88


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        5505,
        2775,
        9_999_999,
        0.25,
        1_763_916_455.25,
        "viettel",
        "5505",
        "127.0.0.1:8081",
        "gateway-1/7.12",
        "command_status 0x58",
        "0.1 s, 5 s, 120 s",
        "tiếng Việt",
        [1, "a", None],
        {"a": 1},
        _Status.OK,
    ],
)
def test_what_operators_need_passes(value):
    """Ports, counts, seconds, names, short codes and links are shown as they are."""
    assert redacted(value) == value


def test_the_timestamp_passes():
    """The line's own time is no number of anybody's; the same text under another key would be."""
    event = {"timestamp": "2026-11-23T17:15:34.123456Z", "event": "bind_stands", "at": "2026-11-23 17:15:34"}
    assert redact(None, "info", event) == {
        "timestamp": "2026-11-23T17:15:34.123456Z",
        "event": "bind_stands",
        "at": f"{MASK}:15:34",
    }


# ---- exceptions ----------------------------------------------------------------------------------------------------------


def raised(error, cause=None):
    """The error as it is once it was raised."""
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_an_error_is_told_by_type_and_place():
    """No text of it, but where it came from, innermost first."""
    told = describe(raised(ValueError("84912345678 Nguyễn Văn An")))
    assert re.fullmatch(r"ValueError at test_redaction\.py:\d+", told)


def test_an_error_that_was_never_raised():
    """It has a type and no place."""
    assert describe(KeyError("84912345678")) == "KeyError"


def test_causes_and_groups_are_told():
    """What is behind an error is what an operator looks for."""
    told = describe(raised(OSError("x"), cause=raised(KeyError("84912345678"))))
    assert re.fullmatch(r"OSError at \S+, from KeyError at \S+", told)
    group = describe(raised(ExceptionGroup("84912345678", [raised(ValueError("x")), KeyError("y")])))
    assert re.fullmatch(r"ExceptionGroup at \S+ \(ValueError at \S+; KeyError\)", group)


def test_a_long_chain_has_an_end():
    """Causes and members without end are told to a depth."""
    error = ValueError("innermost")
    for _ in range(50):
        error = raised(ValueError("x"), cause=error)
    assert describe(error).count("from") == EXCEPTIONS_MAX
    wide = ExceptionGroup("x", [ValueError("x")] * 50)
    assert describe(wide).count("ValueError") == EXCEPTIONS_MAX


# ---- what libraries log --------------------------------------------------------------------------------------------------


def test_a_librarys_message_is_its_first_line_without_reprs():
    """asyncio prints futures and their exceptions, texts and all, from the second line on and between angle brackets."""
    text = "Task exception was never retrieved\nfuture: <Task exception=ValueError('Nguyễn Văn An')>"
    assert foreign_message(text) == "Task exception was never retrieved"
    slow = "Executing <Handle Link.data_received(b'DC <An>') at link.py:9> took 0.2 seconds"
    assert foreign_message(slow) == f"Executing {MASK} took 0.2 seconds"

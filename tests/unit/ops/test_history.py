"""The last hour, second by second."""

import math

from hypothesis import given
from hypothesis import strategies as st

from sms_service.ops.history import HISTORY_S, SERIES_MAX, History


def told(history, seconds=HISTORY_S):
    """With None for nothing."""
    series = history.last(seconds)
    return {name: [None if math.isnan(value) else value for value in values] for name, values in series.items()}


def test_the_newest_stand_last():
    """As many as there were, or as were asked for."""
    history = History(5)
    for second in range(3):
        history.put(second, {"accepted": second + 1})
    assert told(history) == {"accepted": [1, 2, 3]}
    assert told(history, 2) == {"accepted": [2, 3]}


def test_nothing_is_told_before_the_first_second():
    """A new process has no hour behind it."""
    assert told(History()) == {}


def test_it_goes_round():
    """What is older than the ring is long goes."""
    history = History(4)
    for second in range(11):
        history.put(second, {"a": second})
    assert told(history) == {"a": [7, 8, 9, 10]}
    assert told(history, 3) == {"a": [8, 9, 10]}


def test_a_second_that_was_missed_holds_nothing():
    """Not 0, and not what stood in its place a round before."""
    history = History(4)
    for second in (0, 1, 2, 3, 6):
        history.put(second, {"a": second})
    assert told(history) == {"a": [3, None, None, 6]}
    history.put(106, {"a": 1})
    assert told(history) == {"a": [None, None, None, 1]}


def test_a_value_that_is_missing_holds_nothing():
    """None, or no mention of it; a series that begins later has nothing before."""
    history = History(4)
    history.put(0, {"a": 1, "p95": None})
    history.put(1, {"a": 2, "p95": 7})
    history.put(2, {"p95": 8.26})
    assert told(history) == {"a": [1, 2, None], "p95": [None, 7, 8.3]}


def test_a_second_that_comes_again_is_that_one():
    """A beat that was early: the newer values stand."""
    history = History(4)
    history.put(5, {"a": 1})
    history.put(5, {"a": 2})
    history.put(4, {"a": 3})
    history.put(6, {"a": 4})
    assert told(history) == {"a": [3, 4]}


def test_series_are_limited():
    """Whose last value is the oldest makes room: an instance that is no more."""
    history = History(4, series=3)
    history.put(0, {"accepted": 1, "replied@old": 1})
    history.put(1, {"accepted": 2, "replied@one": 2})
    history.put(2, {"accepted": 3, "replied@two": 3})
    assert told(history) == {"accepted": [1, 2, 3], "replied@one": [None, 2, None], "replied@two": [None, None, 3]}


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 99)), max_size=40))
def test_as_a_list_would_keep_it(steps):
    """Whatever seconds come, the ring tells the same as a list of all of them."""
    history, kept, now = History(7), [], 0
    for pause, value in steps:
        kept += [None] * (pause - 1) + [value] if kept else [value]
        now += pause
        history.put(now, {"a": value})
    assert told(history) == ({"a": kept[-7:]} if kept else {})


def test_its_size():
    """The hour is 3,600 seconds of at most 64 series; every number takes 8 octets, whatever comes."""
    history = History()
    for second in range(2):
        history.put(second, {f"s{number}": 1.5 for number in range(SERIES_MAX + 10)})
    rings = history._series.values()
    assert sum(len(ring) * ring.itemsize for ring in rings) == HISTORY_S * SERIES_MAX * 8 == 1_843_200

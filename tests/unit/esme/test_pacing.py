"""The operator's rate and the window under complaints, with time as an argument."""

from hypothesis import given
from hypothesis import strategies as st

from sms_service.esme.pacing import BEAT_S, FIRST_PAUSE_S, PAUSE_S, WINDOW_FLOOR, Congestion, TokenBucket


def test_no_rate_is_no_limit():
    """A rate of 0 lets everything pass, whatever the time."""
    bucket = TokenBucket(0.0, now=0.0)
    assert bucket.take(10_000, now=0.0) == 10_000


def test_a_burst_is_one_beat_and_one():
    """After silence, however long, one beat's worth and one more leaves at once, and then nothing in the same moment."""
    bucket = TokenBucket(100.0, now=0.0)
    assert bucket.take(1000, now=3600.0) == int(1 + 100 * BEAT_S)
    assert bucket.take(1000, now=3600.0) == 0


def test_what_is_not_wanted_is_kept():
    """Only what is taken is spent."""
    bucket = TokenBucket(100.0, now=0.0)
    assert bucket.take(2, now=0.0) == 2
    assert bucket.take(1000, now=0.0) == int(1 + 100 * BEAT_S) - 2


@given(rate=st.floats(0.5, 2000), asked_per_beat=st.integers(1, 500))
def test_the_rate_is_never_exceeded_over_time(rate, asked_per_beat):
    """Over any number of beats no more leaves than the rate allows, plus the first burst."""
    bucket = TokenBucket(rate, now=0.0)
    sent = 0
    for beat in range(60):
        sent += bucket.take(asked_per_beat, now=beat * BEAT_S)
        assert sent <= rate * beat * BEAT_S + 1 + rate * BEAT_S + 1e-6


@given(rate=st.floats(0.5, 2000))
def test_the_rate_is_reached(rate):
    """With enough to send, what leaves in five seconds of beats is the rate, to one segment: nothing is spilt between beats."""
    bucket = TokenBucket(rate, now=0.0)
    sent = sum(bucket.take(10_000, now=beat * BEAT_S) for beat in range(101))
    assert sent >= rate * 5 - 1


def test_a_complaint_pauses_and_halves():
    """After a complaint nothing may be under way for the pause, and half the window after it."""
    congestion = Congestion(100)
    congestion.complained(now=5.0)
    assert congestion.allowed(5.0) == 0
    assert congestion.allowed(5.0 + FIRST_PAUSE_S - 0.001) == 0
    assert congestion.allowed(5.0 + FIRST_PAUSE_S) == 50


def test_a_window_starts_full():
    """Before any complaint the whole window is allowed, at whatever time the clock begins."""
    assert Congestion(100).allowed(0.0) == 100
    assert Congestion(100).allowed(-1e9) == 100


def test_complaints_of_one_burst_count_once():
    """What the SMSC says during the pause answers what left before it."""
    congestion = Congestion(100)
    for _ in range(50):
        congestion.complained(now=5.0)
    assert congestion.allowed(5.0 + PAUSE_S) == 50


def test_a_bind_never_closes_for_good():
    """However many complaints, one segment may be under way after each pause."""
    congestion = Congestion(100)
    now = 0.0
    for _ in range(20):
        congestion.complained(now)
        now += PAUSE_S
    assert congestion.allowed(now) == WINDOW_FLOOR


def test_a_window_of_confirmations_widens_by_one():
    """Additive increase: a full window of confirmations gives about one place back."""
    congestion = Congestion(100)
    congestion.complained(0.0)
    for _ in range(50):
        congestion.confirmed(1)
    assert congestion.allowed(PAUSE_S) == 50
    congestion.confirmed(1)
    assert congestion.allowed(PAUSE_S) == 51


def test_silence_halves_the_window_and_does_not_pause():
    """Down to one segment, which asks whether anybody is there."""
    congestion = Congestion(8)
    widths = []
    for turn in range(5):
        congestion.unheard(turn * PAUSE_S)
        congestion.unheard(turn * PAUSE_S)  # of those that left together
        widths.append(congestion.allowed(turn * PAUSE_S))
    assert widths == [4, 2, 1, 1, 1]
    congestion.confirmed(1)
    assert congestion.allowed(4 * PAUSE_S) == 2


@given(st.lists(st.integers(1, 100), max_size=300))
def test_a_window_never_widens_beyond_its_size(confirmations):
    """Whatever is confirmed, the configured window is the most."""
    congestion = Congestion(10)
    congestion.complained(0.0)
    for count in confirmations:
        congestion.confirmed(count)
        assert 5 <= congestion.allowed(PAUSE_S) <= 10


def test_pauses_grow_while_complaints_go_on():
    """Each complaint without a window of confirmations since the last doubles the pause, up to a second; a complaint that
    comes alone costs little."""
    congestion = Congestion(8)
    now, pauses = 0.0, []
    for _ in range(7):
        congestion.complained(now)
        pause = next(step / 100 for step in range(1, 200) if congestion.allowed(now + step / 100))
        pauses.append(pause)
        now += pause
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    congestion.confirmed(8)
    congestion.complained(now)
    assert congestion.allowed(now + FIRST_PAUSE_S) > 0

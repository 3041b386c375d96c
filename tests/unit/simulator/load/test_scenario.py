"""Scenario files: those that come with the simulator are sound, and what is wrong with another is told with its line."""

import pytest

from simulator.load.scenario import bundled, listed, named, read
from simulator.load.scenario_file import OCTETS_MAX, BadScenario

GOOD = """about = "It wobbles"
[load]
rate = 50
duration = "20s"
replies = "any"
mix = { keyword = 3, typed = 1 }
[demo]
gateways = 2
[[at]]
second = 9
kill = "gateway-2"
[[at]]
second = 5
smsc = { profile = "throttling" }
[expect]
that = ["p99<5s"]
[[expect.within]]
from = 10
to = 20
that = ["max<5s"]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "one.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.stem)
def test_those_that_come_with_it(path):
    """Each says what it shows and expects that nothing is missing."""
    scenario = read(path)
    assert scenario.about
    assert scenario.name == path.stem
    assert "missing=0" in {demand.expression.text for demand in scenario.demands}
    assert scenario.load.plan.duration_s <= 60


def test_their_list():
    """One line each, with what it shows."""
    lines = listed(bundled()).splitlines()
    assert len(lines) == len(bundled()) >= 8
    assert any(line.startswith("register-outage") and "nobody is refused" in line for line in lines)
    assert named("quick").stem == "quick"


def test_a_sound_one(written):
    """Steps in the order of their seconds; a mix by its kinds; expectations with their seconds."""
    scenario = read(written(GOOD))
    assert [(step.second, step.words()) for step in scenario.steps] == [
        (5, "SMSC: profile throttling"),
        (9, "kill gateway-2"),
    ]
    assert (scenario.gateways, scenario.smscs) == (2, 1)
    assert scenario.load.plan.replies == "any"
    assert (scenario.load.plan.mix.keyword, scenario.load.plan.mix.typed) == (3, 1)
    whole, within = scenario.demands
    assert whole.span is None
    assert (within.span.since_s, within.span.until_s) == (10, 20)


FAULTS = {
    "no TOML": ("rate = 50", "rate = ", 3, "Invalid value"),
    "unknown key": ("rate = 50", "rat = 50", 3, "there is no such key here, did you mean rate"),
    "unknown key of a step": ("second = 9", "secnd = 9", 10, "did you mean second"),
    "missing key": ("second = 9\n", "", 9, "expected a key second"),
    "wrong type": ("second = 9", 'second = "nine"', 10, "a number"),
    "two loads": ("rate = 50", "rate = 50\nconcurrency = 5", 2, "two loads"),
    "no load": ("rate = 50\n", "", 2, "expected one of rate"),
    "bad rate": ("rate = 50", 'rate = "fast"', 3, "load.rate"),
    "bad duration": ('"20s"', '"long"', 4, "load.duration"),
    "no kind of reply": ('"any"', '"some"', 5, "invalid enum value"),
    "bad mix": ("keyword = 3", "keywrd = 3", 6, "load.mix"),
    "too many gateways": ("gateways = 2", "gateways = 99", 8, "expected 1 to 16"),
    "two actions": ('kill = "gateway-2"', 'kill = "gateway-2"\npause = "gateway-1"', 9, "expected one of smsc"),
    "no action": ('kill = "gateway-2"\n', "", 9, "not none"),
    "too late": ("second = 9", "second = 99", 10, "a second of the load, 0 to 20"),
    "no such process": ('"gateway-2"', '"gatway"', 11, "expected gateway-1"),
    "a gateway that is not there": ('"gateway-2"', '"gateway-3"', 11, "gateways = 3 or more"),
    "the SMSC itself": ('"gateway-2"', '"smsc"', 11, "the load itself runs in the SMSC"),
    "no such profile": ('"throttling"', '"throtling"', 14, "there is no such profile"),
    "no such fault of the register": ("smsc = { profile", "register = { profile", 14, "the fields are latency_ms"),
    "no expression": ('"p99<5s"', '"p99"', 16, "expected SUBJECT"),
    "no expression within": ('"max<5s"', '"mx<5s"', 20, "did you mean max"),
    "seconds the wrong way": ("to = 20", "to = 5", 17, "from < to"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(written, fault):
    """With file and line."""
    old, new, line, what = FAULTS[fault]
    assert old in GOOD
    with pytest.raises(BadScenario) as raised:
        read(written(GOOD.replace(old, new, 1)))
    first = str(raised.value).splitlines()[0]
    assert first.startswith(f"one.toml:{line}: ")
    assert what in first


def test_several_faults_are_told_together(written):
    with pytest.raises(BadScenario) as raised:
        read(written(GOOD.replace("second = 9", "second = 99").replace('"p99<5s"', '"p99"')))
    assert len(str(raised.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"\xff", "expected UTF-8"),
        (b"#" * (OCTETS_MAX + 1), "at most"),
        (b"", "load"),
        (b"a = " + b"[" * 9999, "one.toml"),
    ],
)
def test_hostile_files(written, octets, what):
    with pytest.raises(BadScenario, match=what):
        read(written(octets))


def test_a_file_that_is_not_there():
    """Nor a scenario of that name."""
    with pytest.raises(BadScenario, match=r"no file none\.toml and no scenario of that name"):
        named("none.toml")


@pytest.mark.parametrize("subject", ["missing=0", "truncated=0", "not_taken=0"])
def test_what_is_known_only_at_the_end_is_not_expected_of_some_seconds(written, subject):
    """It would hold whatever happens."""
    with pytest.raises(BadScenario, match="known only when the run has ended"):
        read(written(GOOD.replace('"max<5s"', f'"{subject}"')))


def test_seconds_that_hold_no_whole_one(written):
    """Nothing is measured in them."""
    with pytest.raises(BadScenario, match="at least one whole second"):
        read(written(GOOD.replace("from = 10\nto = 20", "from = 10.1\nto = 10.9")))


@pytest.mark.parametrize("octets", [b"x = " + b"9" * 5_000, b'"\\u001b[2J" = 1'])
def test_files_that_would_crash_or_move_the_cursor(written, octets):
    """Are told in a line that can be printed."""
    with pytest.raises(BadScenario) as raised:
        read(written(octets))
    assert str(raised.value).replace("\n", "").isprintable()

"""Which version speaks on which day, and that each message is read once."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from syntax import Misread, Read, Retired, Syntax, Versions
from syntax.versions import SUSPENDED

DAY = dt.timedelta(days=1)
JANUARY, MARCH, JULY, OCTOBER = (dt.date(2026, month, 1) for month in (1, 3, 7, 10))


@pytest.fixture(scope="module")
def version(rich):
    """Makes a version whose only command, of this name, has this keyword."""

    def make(name, start, keyword, *, command="own", until=None, grace=None):
        only = replace(rich.document.commands[0], name=command, keyword=keyword, aliases=(), usage=f"Soạn {keyword}.")
        document = replace(
            rich.document,
            version=name,
            effective_from=start,
            effective_until=until,
            grace_until=grace,
            commands=(only,),
        )
        return Syntax(document, rich.catalogue, rich.digest)

    return make


@pytest.fixture(scope="module")
def three(version):
    """One from January, one from March that lets the first work until the end of June, one from July until September."""
    return Versions([
        version("3", JULY, "MOT BA", until=OCTOBER - DAY),
        version("1", JANUARY, "MOT MOT"),
        version("2", MARCH, "MOT HAI", grace=JULY - DAY),
    ])  # fmt: skip


def reads(versions, day, text):
    syntax, reading = versions.on(day).read(text)
    return syntax.version, type(reading)


@pytest.mark.parametrize(
    ("day", "speaks"),
    [(JANUARY, "1"), (MARCH - DAY, "1"), (MARCH, "2"), (JULY - DAY, "2"), (JULY, "3"), (OCTOBER - DAY, "3")],
)
def test_a_version_speaks_from_its_first_day_until_a_later_one_begins(three, day, speaks):
    """Its own messages are read by it, and its words answer what nobody understands."""
    in_force = three.on(day)

    assert (in_force.syntax.version, in_force.lapsed) == (speaks, False)
    assert reads(three, day, {"1": "MOT MOT", "2": "MOT HAI", "3": "MOT BA"}[speaks]) == (speaks, Read)
    assert reads(three, day, "?") == (speaks, Misread)


def test_in_grace_the_old_messages_are_answered_by_the_old_version(three):
    """Until the last day of it, and no longer."""
    assert reads(three, MARCH, "MOT MOT") == ("1", Read)
    assert reads(three, JULY - DAY, "MOT MOT") == ("1", Read)
    assert reads(three, JULY, "MOT MOT") == ("3", Retired)
    assert (three.on(MARCH).grace.version, three.on(MARCH).retired) == ("1", ())
    assert (three.on(JULY).grace, [one.version for one in three.on(JULY).retired]) == (None, ["2", "1"])


@pytest.mark.parametrize("everything", [True, False])
def test_what_is_suspended_is_not_answered_by_the_version_in_grace(version, everything):
    """Suspending a command, or all, would else leave open the old way to ask for it."""
    old, made = version("1", JANUARY, "CU"), version("2", MARCH, "MOI", grace=JULY)
    document = made.document
    if everything:
        document = replace(document, suspended=True)
    else:
        document = replace(document, commands=(replace(document.commands[0], suspended=True),))
    new = Syntax(document, made.catalogue, made.digest)
    in_force = Versions([old, new]).on(MARCH)

    assert in_force.grace is old
    for text in ("CU", "MOI"):
        syntax, reading = in_force.read(text)

        assert (syntax, reading.command, reading.kind) == (new, "own", "suspended")
    assert Versions([old, made]).on(MARCH).read("CU") == (old, old.read("CU"))


def test_after_grace_the_old_messages_are_told_the_new_way(three):
    """By the version in force, with the usage of the command that has the same name."""
    for text in ("MOT MOT", "MOT HAI"):
        syntax, reading = three.on(JULY).read(text)

        assert (syntax.version, reading) == ("3", Retired("own"))
        assert syntax.retired(reading) == "Cu phap cu. Soan MOT BA."


def test_a_command_that_is_gone_points_to_the_nearest(version):
    """Where no command of today has the name of the old one."""
    versions = Versions([version("1", JANUARY, "CU", command="gone"), version("2", MARCH, "MOI", command="new")])

    assert versions.on(MARCH).read("CU")[1] == Retired("new")


def test_what_a_later_version_will_understand_is_not_understood_yet(three):
    """A version that has not begun says nothing."""
    assert reads(three, JANUARY, "MOT HAI") == ("1", Misread)
    assert reads(three, MARCH, "MOT BA") == ("2", Misread)


@pytest.mark.parametrize(
    ("day", "syntax"), [(JANUARY - DAY, "1"), (dt.date.min, "1"), (OCTOBER, "3"), (dt.date.max, "3")]
)
def test_without_a_version_in_force_the_service_is_suspended(three, day, syntax):
    """Before the first and after the last: every message is told so, in the words of the nearest version."""
    in_force = three.on(day)

    assert in_force.lapsed
    for text in ("MOT MOT", "MOT BA", "?"):
        assert in_force.read(text) == (in_force.syntax, SUSPENDED)
    assert (in_force.syntax.version, SUSPENDED.kind) == (syntax, "suspended")


def test_a_gap_between_versions_is_without_any(version):
    """A version that ended does not come back; the next begins on its day."""
    versions = Versions([version("1", JANUARY, "MOT", until=MARCH - DAY), version("2", JULY, "HAI")])

    assert [versions.on(day).lapsed for day in (MARCH - DAY, MARCH, JULY - DAY, JULY)] == [False, True, True, False]


def test_a_message_of_two_versions_is_read_by_the_one_in_force(version):
    """Once, and by no other."""
    versions = Versions([version("1", JANUARY, "MOT"), version("2", MARCH, "MOT", grace=JULY)])

    assert reads(versions, JANUARY, "MOT") == ("1", Read)
    assert reads(versions, MARCH, "MOT") == ("2", Read)


def test_versions_together(three):
    """What the gateway prepares for once: the fields, the zone, the longest reply."""
    assert [one.version for one in three.all] == ["1", "2", "3"]
    assert three.fields == three.all[0].fields
    assert (three.time_zone, three.segments_max) == ("Asia/Ho_Chi_Minh", 5)


def test_the_days_of_change(three):
    """The first day of each version, and the day after grace and after the last."""
    assert three.changes() == [JANUARY, MARCH, JULY, OCTOBER]


def test_a_date_without_a_morrow_is_no_day_of_change(version):
    """Nor is the first of all days one that has a day before."""
    versions = Versions([version("1", dt.date.min, "MOT", until=dt.date.max, grace=dt.date.max)])

    assert versions.changes() == [dt.date.min]


DAYS = st.dates(JANUARY, JANUARY + 30 * DAY)


def speaking(versions, day):
    in_force = versions.on(day)
    names = [in_force.syntax, *filter(None, [in_force.grace])]
    return None if in_force.lapsed else ([one.version for one in names], [one.version for one in in_force.retired])


@settings(max_examples=60)
@given(data=st.data(), starts=st.lists(DAYS, min_size=1, max_size=4, unique=True))
def test_something_else_speaks_on_the_days_of_change_and_on_no_other(version, data, starts):
    """So a timer that waits for these days misses nothing, and wakes for nothing."""
    ends = st.none() | st.integers(0, 40)
    made = []
    for number, start in enumerate(starts):
        until, grace = data.draw(ends), data.draw(ends)
        made.append(
            version(
                str(number), start, f"SO {number}",
                until=None if until is None else start + until * DAY,
                grace=None if grace is None else start + grace * DAY,
            )
        )  # fmt: skip
    versions = Versions(made)
    days = [JANUARY + number * DAY for number in range(-1, 90)]
    changed = [day for day in days if speaking(versions, day) != speaking(versions, day - DAY)]

    assert versions.changes() == changed

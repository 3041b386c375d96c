"""The syntax in use changes without a restart, and no message is lost or read twice over it."""

import asyncio
import datetime as dt
import threading

import pytest
from structlog.testing import capture_logs

from sms_service.adapters.memory import FakeClock
from sms_service.model import Ending
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.syntaxes import LOAD_S
from sms_service.ports import Misconfigured
from syntax import REFERENCE, Finding, SyntaxFileError, Versions, load

from .world import ALICE, ALICE_ID, BOB, syntaxes_of

EPOCH_DAY = dt.datetime.fromtimestamp(FakeClock().time(), dt.timezone(dt.timedelta(hours=7))).date()
BAD = SyntaxFileError([Finding("c06.toml", 7, "không có trường “x”", "dùng một mã có ở fields.toml")])


def version(tmp_path, name, begins, *changes):
    """The reference under another version, from a day on, with passages replaced."""
    text = REFERENCE.read_text("utf-8").replace('example_folder = "examples"\n', "")
    for old, new in (('version = "2026.1"', f'version = "{name}"'), ("2026-01-01", f"{begins}"), *changes):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / f"{name}.toml"
    path.write_text(text, "utf-8")
    return load(path)


@pytest.fixture
def tomorrow(tmp_path):
    """A version that begins tomorrow and answers DC with the sex alone."""
    fields = '["full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"]'
    return version(tmp_path, "tomorrow", EPOCH_DAY + dt.timedelta(days=1), (fields, '["sex"]'))


@pytest.fixture
def clock():
    return FakeClock()


async def test_a_new_version_speaks_from_midnight_in_vietnam(clock, tomorrow):
    """Nobody has to do anything at midnight; a clock that steps back begins the day again."""
    syntaxes = syntaxes_of(load(REFERENCE), tomorrow, clock=clock, metrics=Metrics())
    assert syntaxes.in_force().syntax.version == "2026.1"
    midnight = dt.datetime.combine(tomorrow.effective_from, dt.time(), dt.timezone(dt.timedelta(hours=7))).timestamp()
    await clock.advance(midnight - clock.time() - 1)
    assert syntaxes.in_force().syntax.version == "2026.1"
    await clock.advance(1)
    assert syntaxes.in_force().syntax.version == "tomorrow"
    assert [state.state for state in syntaxes.states()] == ["in_force", "retired"]


async def test_what_speaks_is_asked_of_the_files_once_a_day(clock):
    """The hot path gets the same object until something changes."""
    syntaxes = syntaxes_of(load(REFERENCE), clock=clock, metrics=Metrics())
    assert syntaxes.in_force() is syntaxes.in_force()


async def test_a_reload_takes_effect_at_once(clock, tmp_path):
    """The new files speak to the next batch."""
    new = version(tmp_path, "2026.2", EPOCH_DAY)
    syntaxes = syntaxes_of(load(REFERENCE), load=lambda: Versions([new]), clock=clock, metrics=Metrics())
    with capture_logs() as logs:
        outcome = await syntaxes.reload()
    assert outcome.accepted
    assert syntaxes.in_force().syntax is new
    assert [line["event"] for line in logs] == ["syntax_reloaded"]


async def test_a_reload_says_what_it_changed(clock, tmp_path):
    """A file read unchanged, and one that was changed under its old name, are what people trip over."""
    kept = load(REFERENCE)
    changed = version(tmp_path, "2026.1", EPOCH_DAY, ("Hệ thống", "Máy"))
    new = version(tmp_path, "2026.2", EPOCH_DAY + dt.timedelta(days=1))
    loaded = iter([Versions([kept]), Versions([changed, new]), Versions([new])])
    syntaxes = syntaxes_of(kept, load=lambda: next(loaded), clock=clock, metrics=Metrics())
    assert ["không có gì thay đổi" in change for change in (await syntaxes.reload()).changes] == [True]
    added, renamed = (await syntaxes.reload()).changes
    assert added == "thêm phiên bản “2026.2”"
    assert renamed.startswith("phiên bản “2026.1” đổi nội dung mà giữ tên")
    assert (await syntaxes.reload()).changes == ("bỏ phiên bản “2026.1”",)


@pytest.mark.parametrize("error", [BAD, Misconfigured("population.query gives no column 'x'")])
async def test_what_is_refused_changes_nothing(clock, error):
    """A bad file, or one that this configuration cannot serve, is told with its findings; the old one stays."""

    def refuse():
        raise error

    metrics = Metrics()
    old = load(REFERENCE)
    syntaxes = syntaxes_of(old, load=refuse, clock=clock, metrics=metrics)
    outcome = await syntaxes.reload()
    assert not outcome.accepted
    assert outcome.findings == (str(error),)
    assert syntaxes.last_reload == outcome
    assert syntaxes.in_force().syntax is old
    assert metrics.syntax_reloads.labels("refused")._value.get() == 1


async def test_a_failure_that_nobody_foresaw_is_a_refusal_too(clock):
    """The reload says so, by the failure's type alone, and the next one is done as if nothing had been."""
    old = load(REFERENCE)
    outcomes = iter([PermissionError(13, "84912345678"), Versions([old])])

    def once():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    syntaxes = syntaxes_of(old, load=once, clock=clock, metrics=Metrics())
    refused = await syntaxes.reload()
    assert not refused.accepted
    assert "PermissionError" in refused.findings[0]
    assert "84912345678" not in refused.findings[0]
    assert (await syntaxes.reload()).accepted


async def test_a_file_that_hangs_keeps_nobody(clock):
    """After `LOAD_S` the reload is refused, the next one is done, and the thread keeps no process that wants to leave."""
    old, hangs = load(REFERENCE), threading.Event()
    threads = []

    def hang():
        threads.append(threading.current_thread())
        if len(threads) == 1:
            hangs.wait()
        return Versions([old])

    syntaxes = syntaxes_of(old, load=hang, clock=clock, metrics=Metrics())
    reload = asyncio.create_task(syntaxes.reload())
    await clock.advance(LOAD_S)
    assert not (await reload).accepted
    assert (await syntaxes.reload()).accepted
    assert threads[0].is_alive()
    assert threads[0].daemon
    hangs.set()
    threads[0].join()


async def test_what_the_configuration_cannot_serve_is_refused(clock, tmp_path):
    """A field that the population has not: found at the reload, not when a citizen asks."""
    new = version(tmp_path, "2026.2", EPOCH_DAY)

    async def suits(versions):
        assert versions.all == (new,)
        raise Misconfigured("population.query gives no column 'other_name'")

    syntaxes = syntaxes_of(load(REFERENCE), load=lambda: Versions([new]), suits=suits, clock=clock, metrics=Metrics())
    assert not (await syntaxes.reload()).accepted
    assert syntaxes.in_force().syntax.version == "2026.1"


async def test_one_reload_at_a_time_beside_the_service(clock):
    """Files are read in a thread, so citizens are answered meanwhile; a second request waits for the first."""
    threads, running = [], []
    old = load(REFERENCE)

    def slowly():
        threads.append(threading.current_thread())
        running.append(1)
        assert len(running) == 1
        running.pop()
        return Versions([old])

    syntaxes = syntaxes_of(old, load=slowly, clock=clock, metrics=Metrics())
    await asyncio.gather(syntaxes.reload(), syntaxes.reload())
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_no_version_in_force_suspends_the_service(world, tmp_path):
    """After the last day of the last version citizens are told so, and operators by an error in the log."""
    last = version(tmp_path, "old", "2020-01-01", ("# effective_until = 2027-12-31", "effective_until = 2020-12-31 #"))
    with capture_logs() as logs:
        gateway = await world.instance().start("v1", syntax=last)
    assert [line["last"] for line in logs if line["event"] == "no_syntax_in_force"] == ["old"]
    await gateway.texts(gateway.message(ALICE))
    assert world.ending_names() == {"suspended": 1}
    assert "tam ngung" in gateway.smsc.texts_to(ALICE)[0]


async def test_an_inquiry_is_answered_by_the_version_that_read_it(world, tmp_path):
    """A reload while the register is waited for: those before it get the old view, those after it the new, each once,
    and the audit trail says which.
    """
    fields = '["full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"]'
    new = version(tmp_path, "2026.2", EPOCH_DAY, (fields, '["sex"]'))
    gateway = await world.instance().start("v1", load=lambda: Versions([new]))
    world.subscribers.hold()
    await gateway.texts(gateway.message(ALICE))
    assert (await gateway.syntaxes.reload()).accepted
    await gateway.texts(gateway.message(BOB))
    world.subscribers.release()
    await world.settle()
    assert ALICE_ID in gateway.smsc.texts_to(ALICE)[0]
    assert gateway.smsc.texts_to(BOB)[0].startswith("Gioi tinh: ")
    assert world.ending_names() == {"answered": 2}
    entries = {one.entry.syntax: one.entry.fields for one in world.store.audit.values()}
    assert entries == {
        load(REFERENCE).name: "full_name,date_of_birth,sex,citizen_id,permanent_residence",
        new.name: "sex",
    }


async def test_old_ways_to_ask(world, tmp_path):
    """In the period of grace the old syntax is answered as it was; after it, with the new way to ask."""
    old = version(tmp_path, "old", "2020-01-01", ('keyword = "DC"', 'keyword = "DC"\naliases = ["TRA CỨU"]'))
    for grace, ending, answer in (
        (f"grace_until = {EPOCH_DAY}", Ending.ANSWERED, ALICE_ID),
        ("", Ending.MISREAD, "het hieu luc. Soan DC gui 5505"),
    ):
        new = version(tmp_path, f"new{len(grace)}", "2025-01-01", ("time_zone", f"{grace}\ntime_zone"))
        gateway = await world.instance(f"gateway-{len(grace)}").start(f"b{len(grace)}", syntax=[old, new])
        await gateway.texts(gateway.message(ALICE, "TRA CUU", link=f"b{len(grace)}"))
        assert answer in gateway.smsc.texts_to(ALICE)[-1]
        assert world.endings()[-1].ending is ending
        await gateway.stop()

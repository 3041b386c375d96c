"""What a call of the command does, against SMSCs that calculate their runs: one run, a scenario, a search."""

import asyncio
import json
import os

import msgspec
import pytest

from simulator.load.figures import Verdict
from simulator.load.own_demo import DemoOptions
from simulator.load.remote import Refused, Smsc, Unreachable
from simulator.load.request import BadRequest, Request
from simulator.load.scenario_file import BadScenario
from simulator.load.target import NoTarget
from simulator.load.work import Job, Work
from tests.unit.simulator.load.fake_engine import WRONG, FakeSmsc, story

SCENARIO = """
about = "It wobbles"
[load]
rate = 50
duration = "4s"
[[at]]
second = 1
smsc = { submit_per_second = 10.0 }
[[at]]
second = 2
register = { outage = true }
[expect]
that = ["p99<5s"]
[[expect.within]]
from = 2
to = 4
that = ["max<5s"]
"""


@pytest.fixture
def demo(fakes, tmp_path):
    """A running demo of fake SMSCs, as its folder tells it; what stands in for the register is told too."""

    async def run(*smscs, citizens=1_000_000, gateways=1):
        register = FakeSmsc()
        await fakes(*smscs, register)
        told = {
            "smsc_urls": [smsc.url for smsc in smscs],
            "ops_urls": ["http://127.0.0.1:1"] * gateways,
            "subscribers_url": register.url,
            "citizens": citizens,
            "seed": 1,
            "pid": os.getpid(),
        }
        (tmp_path / "demo.json").write_text(json.dumps(told))
        return register

    return run


@pytest.fixture
def work(tmp_path):
    def make(request=None, **options):
        options = {"json": str(tmp_path / "result.json"), **options}
        return Work(Job(request=request or Request(duration="3s"), folder=tmp_path, **options))

    return make


def result(tmp_path):
    return msgspec.json.decode((tmp_path / "result.json").read_bytes())


async def test_one_run(demo, work, tmp_path, capsys):
    """Table, document and page; the command that repeats it; passed."""
    await demo(FakeSmsc())
    code = await work(Request(rate="50", duration="3s"), html=str(tmp_path / "page.html"), fail_if=("p99>5s",)).run()
    found = result(tmp_path)
    assert code == 0
    assert found["command"] == "./sms load --rate 50 --duration 3s --fail-if 'p99>5s'"
    assert found["inquiries"] == 150
    assert "PASSED" in capsys.readouterr().out
    assert "<!DOCTYPE html>" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(("wrongs", "fail_if"), [((WRONG,), ()), ((), ("p50>1us",))])
async def test_a_run_that_fails(demo, work, wrongs, fail_if):
    """Over a wrong reply, whatever the thresholds; or over a threshold."""
    await demo(FakeSmsc(lambda plan: story(plan, wrongs=wrongs)))
    assert await work(fail_if=fail_if).run() == 1


async def test_the_document_alone_on_standard_output(demo, work, capsysbinary):
    """So that a program can read it."""
    await demo(FakeSmsc())
    await work(json="-").run()
    assert msgspec.json.decode(capsysbinary.readouterr().out)["format"] == "sms-load/1"


async def test_a_scenario(demo, work, tmp_path):
    """Its steps are done in their seconds at all SMSCs and the register, its expectations held, its faults taken back."""
    first, second = FakeSmsc(), FakeSmsc()
    register = await demo(first, second)
    path = tmp_path / "wobble.toml"
    path.write_text(SCENARIO)
    assert await work(Request(), scenario=str(path)).run() == 0
    found = result(tmp_path)
    assert [(step["at_s"], step["what"]) for step in found["timeline"]] == [
        (1, "SMSC: submit per second 10"),
        (2, "register: outage"),
    ]
    assert (found["about"], found["title"]) == ("It wobbles", "Scenario wobble: open loop, 50 a second for 4 s")
    assert found["command"] == f"./sms load --scenario {path}"
    assert {check["expression"]: check["since_s"] for check in found["checks"]} == {
        "p99<5s": None, "max<5s": 2, "wrong>0": None, "missing>0": None,
    }  # fmt: skip
    for fake in (first, second):
        assert fake.faults == [{"submit_per_second": 10.0}, {"submit_per_second": 0.0, "maintenance": False}]
    assert [faults.get("outage") for faults in register.faults] == [True, None]


async def test_a_scenario_that_needs_more_of_the_demo(demo, work, tmp_path):
    """Is told before anything is sent."""
    smsc = FakeSmsc()
    await demo(smsc)
    path = tmp_path / "two.toml"
    path.write_text(SCENARIO + "[demo]\ngateways = 2\n")
    with pytest.raises(BadRequest, match=r"needs 2 gateways, and the demo in .* has 1: start it with --gateways 2"):
        await work(Request(), scenario=str(path)).run()
    assert smsc.plans == []


async def test_a_search(demo, work, tmp_path, capsys):
    """The highest rate that keeps the objective, between one that did and one that did not; each trial is told as it ends."""
    await demo(FakeSmsc(lambda plan: story(plan, capacity=450)))
    code = await work(find_max=True, objective=("p99<300ms",), html=str(tmp_path / "found.html")).run()
    found = result(tmp_path)
    assert code == 0
    assert 400 <= found["sustained_per_s"] <= 470 < found["failed_per_s"] * 1.02
    assert found["objective"] == ["p99<300ms"]
    told = capsys.readouterr()
    assert "inquiries a second are sustained with p99<300ms" in told.out
    assert "trial 1 at 100/s: passed" in told.err
    assert "Sustainable rate" in (tmp_path / "found.html").read_text()


async def test_a_search_begins_at_the_rate_and_goes_no_higher(demo, work, tmp_path):
    """And says that the service may do more."""
    await demo(FakeSmsc())
    assert await work(Request(rate="40", duration="2s"), find_max=True, highest=100.0).run() == 0
    found = result(tmp_path)
    assert [trial["rate_per_s"] for trial in found["trials"]] == [40, 80, 100]
    assert found["ending"] == "limit"


async def test_a_search_among_too_few(demo, work, tmp_path, capsys):
    """Trials follow one another, so a rate needs senders for a whole period of the quota. The search goes no higher than there are
    senders for, and how many citizens it would take is told."""
    smsc = FakeSmsc()
    await demo(smsc, citizens=100)
    assert await work(Request(rate="80", duration="2s"), find_max=True).run() == 0
    found = result(tmp_path)
    assert found["ending"] == "limit"
    assert [trial["passed"] for trial in found["trials"]] == [True]
    told = capsys.readouterr()
    assert "the search goes no higher than 44 a second. For 20,000: the load needs" in told.err
    assert "At least 44 inquiries a second are sustained" in " ".join(told.out.split())


async def test_an_interrupted_run(demo, work, tmp_path, capsys):
    """Ends in order, is told, and passes nobody's pipeline."""
    smsc = FakeSmsc(hold_at=2)
    await demo(smsc)
    job = work(Request(rate="50", duration="5s"))
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(10):
        while not smsc.plans:
            await asyncio.sleep(0.01)
    job._interrupts.take(running)
    assert await running == 130
    told = capsys.readouterr()
    assert "INTERRUPTED, ended early" in told.out
    assert "Ctrl-C again gives up" in told.err
    assert smsc.deleted == 1


async def test_a_run_that_somebody_else_ended(demo, work, tmp_path):
    """Says nothing."""
    smsc = FakeSmsc(hold_at=2)
    await demo(smsc)
    running = asyncio.create_task(work(Request(rate="50", duration="5s")).run())
    async with asyncio.timeout(10):
        while not smsc.plans:
            await asyncio.sleep(0.01)
    smsc.stopped.set()
    assert await running == 3
    assert result(tmp_path)["void"] == ["somebody else ended it, by DELETE /admin/load"]


async def test_a_trial_that_says_nothing_is_made_again(demo, work, tmp_path):
    """One hiccup of the simulator is no bound."""
    hiccups = iter(["it lagged", ""])
    await demo(FakeSmsc(lambda plan: story(plan, void=next(hiccups, ""))))
    assert await work(Request(rate="40", duration="2s"), find_max=True, highest=40.0).run() == 0
    found = result(tmp_path)
    assert [(trial["rate_per_s"], trial["passed"]) for trial in found["trials"]] == [(40, True)]


async def test_no_esme_is_bound(fakes, work):
    """Is told before anything is sent."""
    smsc = FakeSmsc(binds=0)
    await fakes(smsc)
    with pytest.raises(NoTarget, match=r"no ESME is bound to the SMSC of .*: bind yours, or try with ./sms echo"):
        await work(smsc_url=(smsc.url,)).run()
    assert smsc.plans == []


async def test_a_search_that_is_refused(demo, work, tmp_path):
    """No answer, and it is the simulator's fault."""
    await demo(FakeSmsc(refuse=(409, "another runs")))
    assert await work(Request(rate="1", duration="2s"), find_max=True).run() == 3
    assert "another runs" in result(tmp_path)["trials"][0]["why"]


@pytest.mark.parametrize(
    ("request_", "options", "what"),
    [
        (Request(ramp="1..9"), {"find_max": True}, "--find-max and --ramp are two loads"),
        (Request(), {"find_max": True, "scenario": "quick"}, "are two tasks"),
        (Request(), {"find_max": True, "fail_if": ("p99>1s",)}, "its --objective"),
        (Request(rate="9"), {"scenario": "quick"}, "--rate: a scenario says itself"),
        (Request(), {"objective": ("p99<1s",)}, "--objective: of --find-max"),
        (Request(), {"highest": 9.0}, "--highest: of --find-max"),
        (Request(), {"find_max": True, "objective": ("p99",)}, "--objective: 'p99': expected"),
        (Request(), {"find_max": True, "demo": DemoOptions(binds=3)}, "--binds: of a demo that is started"),
        (Request(), {"smsc_url": ("http://127.0.0.1:1",), "demo": DemoOptions(binds=3)}, "--binds: of a demo, and"),
        (Request(), {"scenario": "quick", "demo": DemoOptions(binds=3)}, "--binds: of a demo that is started"),
    ],
)
async def test_what_does_not_go_together(demo, work, request_, options, what):
    """Each is told, with the option that is too much; nothing is sent."""
    smsc = FakeSmsc()
    await demo(smsc)
    with pytest.raises(BadRequest, match=what.replace("?", r"\?")):
        await work(request_, **options).run()
    assert smsc.plans == []


async def test_no_such_scenario(work):
    """The nearest name is told."""
    with pytest.raises(BadScenario, match="did you mean flaky"):
        await work(Request(), scenario="flaki").run()


async def test_smscs_of_no_demo(fakes, work, tmp_path):
    """Their population is theirs to tell; what they send is asked of them alone."""
    first, second = FakeSmsc(), FakeSmsc()
    await fakes(first, second)
    request = Request(rate="50", duration="3s", mix="plain", replies="any")
    assert await work(request, smsc_url=(first.url, second.url)).run() == 0
    assert [fake.plans[0].replies for fake in (first, second)] == ["any", "any"]
    found = result(tmp_path)
    assert f"--replies any --smsc-url {first.url} --smsc-url {second.url}" in found["command"]
    assert found["environment"]["gateways"] == 0


async def test_smscs_of_different_populations(fakes, work):
    """Cannot be told from one another's numbers."""
    first, second = FakeSmsc(), FakeSmsc(citizens=5)
    await fakes(first, second)
    with pytest.raises(NoTarget, match="the same --citizens and --seed"):
        await work(smsc_url=(first.url, second.url)).run()


async def test_a_scenario_for_smscs_of_no_demo(fakes, work, tmp_path):
    """Their faults it can put in force; what it would do to a demo's processes it cannot."""
    smsc = FakeSmsc()
    await fakes(smsc)
    path = tmp_path / "one.toml"
    path.write_text(SCENARIO)
    with pytest.raises(BadRequest, match="acts on processes or the register of a demo"):
        await work(Request(), scenario=str(path), smsc_url=(smsc.url,)).run()
    path.write_text(SCENARIO.replace("register = { outage = true }", "smsc = { maintenance = true }"))
    assert await work(Request(), scenario=str(path), smsc_url=(smsc.url,)).run() == 0


async def test_a_refused_run(demo, work):
    """The SMSC's reason is the command's."""
    await demo(FakeSmsc(refuse=(400, "too few citizens")))
    with pytest.raises(Refused, match="too few citizens"):
        await work().run()


async def test_a_service_that_is_busy_sustains_nothing(demo, work, tmp_path):
    """Whatever objective it keeps."""

    def busy(plan):
        for happening in story(plan):
            fields = (
                {"verdicts": {Verdict.BUSY: sum(happening.verdicts.values())}} if hasattr(happening, "verdicts") else {}
            )
            yield msgspec.structs.replace(happening, **fields)

    await demo(FakeSmsc(busy))
    assert await work(Request(rate="2", duration="2s"), find_max=True).run() == 1
    assert result(tmp_path)["sustained_per_s"] is None


async def test_an_address_with_a_password(work):
    """Would stand in the report."""
    with pytest.raises(BadRequest, match="without a user"):
        await work(smsc_url=("http://a:secret@127.0.0.1:1",)).run()


async def test_a_simulator_that_is_lost_ends_a_search(demo, work, tmp_path):
    """With what was found until then."""
    smsc = FakeSmsc()
    await demo(smsc)
    job = work(Request(rate="40", duration="2s"), find_max=True)
    before = Smsc.begin

    async def begin(self, plan):
        if len(smsc.plans) >= 2:
            raise Unreachable("it is gone")
        return await before(self, plan)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Smsc, "begin", begin)
        assert await job.run() == 0
    found = result(tmp_path)
    assert (found["ending"], found["sustained_per_s"]) == ("lost", 80)

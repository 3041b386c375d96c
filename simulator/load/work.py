"""What a call of `./sms load` does: one run, a scenario, or the search for the highest rate; and how the result is told.

All three are runs against a target, the running demo or one that is started and ended again. They differ in what is done between
begin and end (a scenario's steps), and in how many there are (a search's trials).
"""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from simulator.load.checks import SEARCH_DEFAULTS, Demand, Kind, with_defaults
from simulator.load.outcome import About, Outcome, environment
from simulator.load.own_demo import DemoOptions, citizens_for, own_demo
from simulator.load.plan import Plan
from simulator.load.progress import Meter
from simulator.load.remote import Refused, Smsc, Unreachable, session
from simulator.load.request import BadRequest, Load, Request, demands, load_of, options_of
from simulator.load.running import Interrupts, Timeline, run_once
from simulator.load.scenario import Scenario, named, read
from simulator.load.schedule import Schedule
from simulator.load.search import FIRST_RATE, LostSimulator, RefusedLoad, Search
from simulator.load.senders import PERIOD_S, TooFewSenders, check_enough, needs
from simulator.load.target import Target, of_smscs, running_demo
from simulator.load.telling import Telling
from simulator.load.timeline import Timeline as Steps

DEFAULT_OBJECTIVE: Final = "p99<500ms"
"""Of a search: a citizen does not notice half a second beside what the network takes."""
HIGHEST_RATE: Final = 20_000.0
"""Inquiries a second beyond which a search does not go unless told: a demo for more takes long to make."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What the command was asked for."""

    request: Request
    fail_if: tuple[str, ...] = ()
    find_max: bool = False
    objective: tuple[str, ...] = ()
    highest: float | None = None
    scenario: str | None = None
    folder: Path
    folder_given: bool = False
    smsc_url: tuple[str, ...] = ()
    demo: DemoOptions = DemoOptions()
    json: str | None = None
    html: str | None = None


class Work:
    """One call of the command."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._telling = Telling(job.json, job.html)
        self._interrupts = Interrupts(self._telling.say)

    async def run(self) -> int:
        """Returns the exit code.

        Raises:
            BadRequest: options that cannot be, or not together.
            BadScenario: a scenario file that is none.
            CannotStartError, NoTarget, Unreachable, Refused: nothing was sent.
        """
        self._check_together()
        with self._interrupts.listening():
            async with session() as http:
                if self._job.scenario is not None:
                    return await self._scenario(http, read(named(self._job.scenario)))
                if self._job.find_max:
                    return await self._search(http)
                return await self._load(http)

    def _check_together(self) -> None:
        job = self._job
        if any("@" in url for url in job.smsc_url):
            raise BadRequest("--smsc-url: an address without a user: it stands in the report")
        if job.smsc_url and (given := [*job.demo.given(), *(["--dir"] if job.folder_given else [])]):
            raise BadRequest(f"{given[0]}: of a demo, and --smsc-url names SMSCs of no demo")
        if job.scenario is not None:
            if job.find_max:
                raise BadRequest("--find-max and --scenario are two tasks: give one")
            if given := options_of(job.request):
                raise BadRequest(
                    f"{given[0]}: a scenario says itself what its load is; change its file, or a copy of it"
                )
        if job.find_max:
            others = [form for form in options_of(job.request) if form in _OTHER_FORMS]
            if others:
                raise BadRequest(
                    f"--find-max and {others[0]} are two loads: a search is of steady rates, and begins at --rate"
                )
            if job.fail_if:
                raise BadRequest("--fail-if: what a trial of --find-max must keep is its --objective")
        elif job.objective or job.highest is not None:
            raise BadRequest(f"{'--objective' if job.objective else '--highest'}: of --find-max, which is not given")

    async def _load(self, http: aiohttp.ClientSession) -> int:
        job = self._job
        found = load_of(job.request)
        wanted = with_defaults(demands(Kind.FAIL_IF, job.fail_if, "--fail-if"))
        about = _About(f"Load: {found.words}", self._command(job.request, fail_if=job.fail_if), wanted)
        async with self._target(http, [found.plan], job.demo) as target:
            return self._telling.outcome(await self._one(http, target, found.plan, about))

    # A scenario.

    async def _scenario(self, http: aiohttp.ClientSession, scenario: Scenario) -> int:
        job = self._job
        options = job.demo
        for name in ("gateways", "smscs"):
            if getattr(options, name) is None:
                options = msgspec.structs.replace(options, **{name: getattr(scenario, name)})
        thresholds = demands(Kind.FAIL_IF, job.fail_if, "--fail-if")
        about = _About(
            f"Scenario {scenario.name}: {scenario.load.words}",
            self._command(Request(), scenario=job.scenario, fail_if=job.fail_if),
            with_defaults([*thresholds, *scenario.demands]),
            scenario.about,
        )
        async with self._target(http, [scenario.load.plan], options, asked=job.demo) as target:
            _check_demo(scenario, target)
            smscs = [Smsc(http, url) for url in target.smsc_urls]
            steps = Steps(scenario.steps, target, smscs, Smsc(http, target.subscribers_url))
            return self._telling.outcome(await self._one(http, target, scenario.load.plan, about, steps))

    # A search.

    async def _search(self, http: aiohttp.ClientSession) -> int:
        job = self._job
        objective = job.objective or (DEFAULT_OBJECTIVE,)
        wanted = with_defaults(demands(Kind.MUST, objective, "--objective"), SEARCH_DEFAULTS)
        highest = job.highest or HIGHEST_RATE
        first = load_of(job.request).plan.curve[0].rate if job.request.rate is not None else min(FIRST_RATE, highest)
        async with self._target(http, [self._trial_of(highest).plan], job.demo) as target:
            highest = self._within_population(highest, target)

            async def run(rate: float, name: str) -> Outcome:
                found = self._trial_of(rate)
                try:
                    _check_lasting(found.plan, target)
                    request = msgspec.structs.replace(job.request, rate=f"{rate:g}")
                    about = _About(f"Load: {found.words}", self._command(request), wanted)
                    return await self._one(http, target, found.plan, about, name=name)
                except (TooFewSenders, Refused) as error:
                    raise RefusedLoad(str(error)) from error
                except Unreachable as error:
                    raise LostSimulator(str(error)) from error

            search = Search(run, first=first, highest=highest, told=self._telling.say)
            found = await search.search([demand.expression.text for demand in wanted if demand.kind is Kind.MUST])
            return self._telling.found(found)

    def _within_population(self, highest: float, target: Target) -> float:
        """As high as there are senders for: nothing beyond is worth a trial."""
        try:
            _check_lasting(self._trial_of(highest).plan, target)
        except TooFewSenders as error:
            least, most = 0.0, highest
            while most - least > max(1.0, least / 1000):
                middle = (least + most) / 2
                try:
                    _check_lasting(self._trial_of(middle).plan, target)
                    least = middle
                except TooFewSenders:
                    most = middle
            capped = max(1.0, float(int(least)))
            self._telling.say(f"the search goes no higher than {capped:,g} a second. For {highest:,g}: {error}")
            return capped
        return highest

    def _trial_of(self, rate: float) -> Load:
        return load_of(msgspec.structs.replace(self._job.request, rate=f"{rate:g}"))

    # What all of them do.

    async def _one(
        self,
        http: aiohttp.ClientSession,
        target: Target,
        plan: Plan,
        said: _About,
        timeline: Timeline | None = None,
        *,
        name: str = "",
    ) -> Outcome:
        about = About(
            title=said.title,
            about=said.about,
            command=said.command,
            environment=environment(
                citizens=target.citizens, seed=target.seed, smscs=len(target.smsc_urls), gateways=len(target.ops_urls)
            ),
            plan=plan,
            demands=said.demands,
        )
        smscs = [Smsc(http, url) for url in target.smsc_urls]
        with Meter(self._telling.console, plan, name) as meter:
            return await run_once(smscs, about, meter, self._interrupts, timeline)

    @asynccontextmanager
    async def _target(
        self,
        http: aiohttp.ClientSession,
        plans: Sequence[Plan],
        options: DemoOptions,
        *,
        asked: DemoOptions | None = None,
    ) -> AsyncIterator[Target]:
        """The running demo, or one of these options; `asked` are those of the command line, if they are others."""
        job = self._job
        if job.smsc_url:
            yield await of_smscs(http, job.smsc_url)
            return
        target = await running_demo(http, job.folder)
        if target is not None:
            if given := (asked or options).given():
                raise BadRequest(
                    f"{', '.join(given)}: of a demo that is started for the run, and the one in {job.folder} runs already. "
                    "End it, or leave them out"
                )
            yield target
            return
        if options.citizens is None:
            options = msgspec.structs.replace(options, citizens=citizens_for(plans, options.smscs or 1))
        folder = job.folder.absolute() if job.folder_given else None
        async with own_demo(http, options, folder, self._telling.say) as target:
            yield target

    def _command(self, request: Request, *, scenario: str | None = None, fail_if: Sequence[str] = ()) -> str:
        argv = ["./sms", "load", *(("--scenario", scenario) if scenario else ()), *options_of(request)]
        for url in self._job.smsc_url:
            argv += ["--smsc-url", url]
        for option in self._job.demo.given():
            argv += [option, str(getattr(self._job.demo, option.removeprefix("--")))]
        for text in fail_if:
            argv += ["--fail-if", text]
        return shlex.join(argv)


class _About(msgspec.Struct, frozen=True):
    """What a run is to be called, and what is demanded of it."""

    title: str
    command: str
    demands: Sequence[Demand]
    about: str = ""


_OTHER_FORMS: Final = ("--ramp", "--steps", "--spike", "--daily", "--concurrency")


def _check_demo(scenario: Scenario, target: Target) -> None:
    """See that the running demo is as large as the scenario needs.

    Raises:
        BadRequest: see there.
    """
    if not target.folder.name and any(step.smsc is None for step in scenario.steps):
        raise BadRequest("the scenario acts on processes or the register of a demo, and --smsc-url names SMSCs of none")
    if not target.folder.name:
        return
    for name, has, needed in (
        ("gateways", len(target.ops_urls), scenario.gateways),
        ("smscs", len(target.smsc_urls), scenario.smscs),
    ):
        if has < needed:
            raise BadRequest(
                f"the scenario needs {needed} {name}, and the demo in {target.folder} has {has}: "
                f"start it with --{name} {needed}, or end it and have one started for the run"
            )


def _check_lasting(plan: Plan, target: Target) -> None:
    """See that there are senders for this rate during a whole period of the quota: trials follow one another.

    Raises:
        TooFewSenders: see there.
    """
    shares = len(target.smsc_urls)
    lasting = msgspec.structs.replace(
        plan,
        shares=shares,
        duration_s=max(plan.duration_s, PERIOD_S),
        curve=tuple(msgspec.structs.replace(point, rate=point.rate / shares) for point in plan.curve),
    )
    check_enough(lasting, needs(lasting, Schedule(lasting.curve, lasting.duration_s)), target.citizens)

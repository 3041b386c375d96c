"""Scenario files: a load, what is done to the service while it goes on, and what is expected of it, in TOML.

    about = "What it shows"
    [load]                                  # the options of ./sms load, by their names
    rate = 200
    duration = "60s"
    [demo]                                  # what it needs of the demo
    gateways = 2
    [[at]]                                  # any number, each of one kind: smsc, register, kill, pause or resume
    second = 20
    smsc = { profile = "throttling" }       # faults as PUT /admin/faults takes them; {} ends them
    [[at]]
    second = 30
    kill = "gateway-1"                      # a process of DIR/pids
    [expect]
    that = ["p99<5s", "missing=0"]          # what must hold of the whole run
    [[expect.within]]                       # and of what ends within some seconds
    from = 40
    to = 60
    that = ["p99<500ms"]

An error names the file, the line, and what is expected there.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from simulator.load.checks import Demand, Kind
from simulator.load.expressions import parse
from simulator.load.gathering import Span
from simulator.load.request import BadRequest, Load, Request, load_of
from simulator.load.scenario_checks import problems
from simulator.load.scenario_file import BadScenario, Expect, LoadPart, Step, Told

SCENARIOS: Final = Path(__file__).with_name("scenarios")
"""Those that come with the simulator."""


NAME_SHOWN_MAX: Final = 100
"""Characters of a name that is none."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that is sound."""

    name: str
    about: str
    load: Load
    request: Request
    gateways: int
    smscs: int
    steps: tuple[Step, ...]
    """In the order of their seconds."""
    demands: tuple[Demand, ...]


def named(text: str) -> Path:
    """The file that is meant: a path, or the name of one that comes with the simulator.

    Raises:
        BadScenario: there is none.
    """
    path = Path(text)
    with contextlib.suppress(OSError, ValueError):  # a name that no file can have
        if path.is_file():
            return path
    text = text[:NAME_SHOWN_MAX]
    known = {one.stem: one for one in bundled()}
    if text in known:
        return known[text]
    near = difflib.get_close_matches(text, known, n=1)
    hint = f", did you mean {near[0]}?" if near else "."
    raise BadScenario(f"there is no file {text} and no scenario of that name{hint} Scenarios: {', '.join(known)}")


def bundled() -> list[Path]:
    """The scenarios that come with the simulator."""
    return sorted(SCENARIOS.glob("*.toml"))


def listed(paths: Iterable[Path]) -> str:
    """Their names, and what each shows."""
    lines = []
    for path in paths:
        about = read(path).about
        lines.append(f"{path.stem:<20}  {about}")
    return "\n".join(lines)


def read(path: Path) -> Scenario:
    """The scenario of a file.

    Raises:
        BadScenario: see there.
    """
    told = Told(path)
    file = told.file
    request = _request(file.load)
    try:
        load = load_of(request)
    except BadRequest as error:
        option, _, text = str(error).partition(": ")
        key = option.removeprefix("--")
        if key in LoadPart.__struct_fields__:
            raise told.bad([(("load", key), text)]) from None
        raise told.bad([(("load",), str(error).replace("--", ""))]) from None
    if found := list(problems(file, load)):
        raise told.bad(found)
    return Scenario(
        name=path.stem,
        about=file.about,
        load=load,
        request=request,
        gateways=file.demo.gateways,
        smscs=file.demo.smscs,
        steps=tuple(sorted(file.at, key=lambda step: step.second)),
        demands=tuple(_demands(file.expect)),
    )


def _request(load: LoadPart) -> Request:
    """The same options as texts of the command line."""

    def text(value: float | str | None) -> str | None:
        return value if value is None or isinstance(value, str) else f"{value:.15g}"

    def listed(values: list[float] | None) -> str | None:
        return None if values is None else ",".join(f"{value:.15g}" for value in values)

    mix = (
        load.mix
        if isinstance(load.mix, str)
        else ",".join(f"{kind}={weight:.15g}" for kind, weight in load.mix.items())
    )
    return Request(
        rate=text(load.rate),
        ramp=load.ramp,
        steps=listed(load.steps),
        spike=listed(load.spike),
        daily=text(load.daily),
        concurrency=load.concurrency,
        duration=text(load.duration) or "",
        warmup=text(load.warmup),
        drain=text(load.drain),
        mix=mix,
        quota=load.quota,
        replies=load.replies,
        seed=load.seed,
    )


def _demands(expect: Expect) -> Iterator[Demand]:
    for text in expect.that:
        yield Demand(parse(text), Kind.MUST)
    for within in expect.within:
        for text in within.that:
            yield Demand(parse(text), Kind.MUST, Span(within.since, within.until))

"""What is wrong with a scenario whose keys and types are right: actions, processes, faults, seconds, expressions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from simulator.load.expressions import BadExpression, parse
from simulator.load.figures import Verdict
from simulator.load.request import FORMS, Load
from simulator.load.scenario_file import DemoPart, Expect, File, Step
from simulator.smsc.faults import BadFaults, read_faults
from simulator.subscribers.faults import Faults as RegisterFaults
from syntax.places import Place

ACTIONS: Final = ("smsc", "register", "kill", "pause", "resume")
GATEWAYS_MAX: Final = 16
SMSCS_MAX: Final = 8
"""Of a demo."""
_PROCESS: Final = re.compile(r"gateway-[1-9][0-9]?|postgres|valkey|subscribers")
_PROCESSES: Final = "gateway-1, gateway-2, …, postgres, valkey or subscribers"

_KNOWN_AT_THE_END: Final = frozenset({Verdict.MISSING.value, Verdict.TRUNCATED.value, Verdict.NOT_TAKEN.value})

Problem = tuple[Place, str]


def problems(file: File, load: Load) -> Iterator[Problem]:
    """Each with its place."""
    if not any(getattr(file.load, form) is not None for form in FORMS):
        yield ("load",), f"expected one of {', '.join(FORMS)}"
    yield from _demo_problems(file.demo)
    for number, step in enumerate(file.at):
        yield from _step_problems(step, ("at", number), load.plan.duration_s)
        yield from _process_problems(step, ("at", number), file.demo.gateways)
    yield from _expect_problems(file.expect, load.plan.duration_s + load.plan.drain_s)


def _demo_problems(demo: DemoPart) -> Iterator[Problem]:
    for key, number, most in (("gateways", demo.gateways, GATEWAYS_MAX), ("smscs", demo.smscs, SMSCS_MAX)):
        if not 1 <= number <= most:
            yield ("demo", key), f"expected 1 to {most}, not {number}"


def _step_problems(step: Step, place: Place, duration_s: float) -> Iterator[Problem]:
    given = [action for action in ACTIONS if getattr(step, action) is not None]
    if len(given) != 1:
        yield place, f"expected one of {', '.join(ACTIONS)}, not {' and '.join(given) or 'none'}"
    if not 0 <= step.second <= duration_s:
        yield (*place, "second"), f"expected a second of the load, 0 to {duration_s:g}, not {step.second:g}"
    if step.smsc is not None:
        try:
            read_faults(msgspec.json.encode(step.smsc))
        except (BadFaults, TypeError) as error:
            yield (*place, "smsc"), str(error)
    if step.register is not None:
        try:
            msgspec.convert(step.register, RegisterFaults)
        except msgspec.ValidationError as error:
            yield (*place, "register"), f"{error}; the fields are {', '.join(RegisterFaults.__struct_fields__)}"


def _process_problems(step: Step, place: Place, gateways: int) -> Iterator[Problem]:
    for action in ("kill", "pause", "resume"):
        name = getattr(step, action)
        if name is None:
            continue
        if name.startswith("smsc"):
            yield (
                (*place, action),
                f"expected {_PROCESSES}: the load itself runs in the SMSC; its faults can do as much",
            )
        elif not _PROCESS.fullmatch(name):
            yield (*place, action), f"expected {_PROCESSES}, not {name!r}"
        elif name.startswith("gateway-") and int(name.removeprefix("gateway-")) > gateways:
            number = name.removeprefix("gateway-")
            yield (*place, action), f"{name} is there with gateways = {number} or more in [demo]"


def _expect_problems(expect: Expect, end_s: float) -> Iterator[Problem]:
    for number, text in enumerate(expect.that):
        yield from _expression_problems(text, ("expect", "that", number))
    for number, within in enumerate(expect.within):
        place: Place = ("expect", "within", number)
        if not 0 <= within.since < within.until <= end_s:
            yield place, f"expected from < to, both within 0 … {end_s:g} seconds"
        elif not math.ceil(within.since) < within.until:
            yield place, "expected at least one whole second between from and to"
        for index, text in enumerate(within.that):
            yield from _expression_problems(text, (*place, "that", index))
            yield from _late_problems(text, (*place, "that", index))


def _late_problems(text: str, place: Place) -> Iterator[Problem]:
    """Verdicts that are given when the run ends, of whatever second."""
    try:
        subject = parse(text).subject
    except BadExpression:
        return
    if subject in _KNOWN_AT_THE_END:
        yield place, f"{subject} is known only when the run has ended: expect it of the whole run, in [expect] that"


def _expression_problems(text: str, place: Place) -> Iterator[Problem]:
    try:
        parse(text)
    except BadExpression as error:
        yield place, str(error)

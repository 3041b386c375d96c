"""What the command line asks for, as a plan and demands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from simulator.load import curves
from simulator.load.checks import Demand, Kind
from simulator.load.curves import BadRate
from simulator.load.expressions import BadExpression, parse
from simulator.load.mixes import BadMix, mix
from simulator.load.plan import DRAIN_S, DURATION_MAX_S, QUOTA_PER_MINUTE, Plan, Point
from simulator.load.units import NoDuration, seconds, written

DEFAULT_RATE: Final = "100"
DEFAULT_DURATION: Final = "30s"
WARMUP_MAX_S: Final = 5.0
"""Seconds of the warm-up unless it is given: a sixth of the duration, and no more than this. Caches and pools are warm by then."""
WARMUP_SHARE: Final = 1 / 6


class BadRequest(ValueError):
    """An option that cannot be. The text names it and says what would do."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a load, as texts; None for those that are not given. At most one form is."""

    rate: str | None = None
    ramp: str | None = None
    steps: str | None = None
    spike: str | None = None
    daily: str | None = None
    concurrency: int | None = None
    duration: str = DEFAULT_DURATION
    warmup: str | None = None
    drain: str | None = None
    mix: str = "typical"
    quota: int = QUOTA_PER_MINUTE
    replies: Literal["right", "any"] = "right"
    seed: int = 1


FORMS: Final = ("rate", "ramp", "steps", "spike", "daily", "concurrency")


_Made = tuple[tuple[Point, ...], str]
"""A curve, and what it is in words."""


class Load(msgspec.Struct, frozen=True):
    """A plan, and what it is in words."""

    plan: Plan
    words: str


def load_of(request: Request) -> Load:
    """The plan that is asked for.

    Raises:
        BadRequest: see there.
    """
    given = [form for form in FORMS if getattr(request, form) is not None]
    if len(given) > 1:
        raise BadRequest(f"--{given[0]} and --{given[1]} are two loads: give one")
    duration_s = _duration("--duration", request.duration)
    if not 1 <= duration_s <= DURATION_MAX_S:
        raise BadRequest(f"--duration: from 1 s to a day, not {request.duration}")
    warmup_s = min(WARMUP_MAX_S, float(round(duration_s * WARMUP_SHARE)))
    if request.warmup is not None:
        warmup_s = _duration("--warmup", request.warmup)
    if warmup_s >= duration_s:
        raise BadRequest(
            f"--warmup: shorter than the duration, which it is part of; {warmup_s:g} s of {duration_s:g} s leave nothing"
        )
    drain_s = DRAIN_S if request.drain is None else _duration("--drain", request.drain)
    try:
        chosen = mix(request.mix)
    except BadMix as error:
        raise BadRequest(f"--mix: {error}") from None
    form = given[0] if given else "rate"
    concurrency = request.concurrency or 0
    curve: tuple[Point, ...] = ()
    if form == "concurrency":
        words = f"closed loop, {concurrency:,} at a time for {written(duration_s)}"
    else:
        curve, words = _curve(form, getattr(request, form) or DEFAULT_RATE, duration_s)
    try:
        plan = msgspec.convert(
            msgspec.to_builtins(
                Plan(
                    curve=curve,
                    concurrency=concurrency,
                    duration_s=duration_s,
                    warmup_s=warmup_s,
                    drain_s=drain_s,
                    mix=chosen,
                    quota_per_minute=request.quota,
                    replies=request.replies,
                    seed=request.seed,
                )
            ),
            Plan,
        )
    except msgspec.ValidationError as error:
        raise BadRequest(f"this load cannot be: {error}") from None
    return Load(plan, words)


def demands(kind: Kind, texts: Sequence[str], option: str) -> list[Demand]:
    """Thresholds or objectives.

    Raises:
        BadRequest: see there.
    """
    try:
        return [Demand(parse(text), kind) for text in texts]
    except BadExpression as error:
        raise BadRequest(f"{option}: {error}") from None


def options_of(request: Request) -> list[str]:
    """The options that make this request."""
    plain = Request()
    argv: list[str] = []
    for name in Request.__struct_fields__:
        value = getattr(request, name)
        if value != getattr(plain, name):
            argv += [f"--{name}", str(value)]
    return argv


def _curve(form: str, text: str, duration_s: float) -> _Made:
    separator, least, most = _RATES[form]
    try:
        rates = curves.rates(text, separator, least, most)
    except BadRate as error:
        raise BadRequest(f"--{form}: {error}") from None
    curve, words = _MAKERS[form](rates, duration_s)
    return curve, f"open loop, {words} for {written(duration_s)}"


def _steady(rates: list[float], duration_s: float) -> _Made:
    return curves.steady(rates[0], duration_s), f"{rates[0]:,g} a second"


def _ramp(rates: list[float], duration_s: float) -> _Made:
    return curves.ramp(rates[0], rates[1], duration_s), f"from {rates[0]:,g} to {rates[1]:,g} a second"


def _steps(rates: list[float], duration_s: float) -> _Made:
    return curves.steps(rates, duration_s), f"steps of {', '.join(f'{rate:,g}' for rate in rates)} a second"


def _spike(rates: list[float], duration_s: float) -> _Made:
    base, peak = rates
    return curves.spike(base, peak, duration_s), f"{base:,g} a second with a spike of {peak:,g}"


def _daily(rates: list[float], duration_s: float) -> _Made:
    return curves.daily(rates[0], duration_s), f"a country's day, {rates[0]:,g} a second in its busiest hour,"


_RATES: Final = {
    "rate": (",", 1, 1),
    "ramp": ("..", 2, 2),
    "steps": (",", 2, 100),
    "spike": (",", 2, 2),
    "daily": (",", 1, 1),
}
_MAKERS: Final = {"rate": _steady, "ramp": _ramp, "steps": _steps, "spike": _spike, "daily": _daily}


def _duration(option: str, text: str) -> float:
    try:
        return seconds(text)
    except NoDuration as error:
        raise BadRequest(f"{option}: {error}") from None

"""The mix of messages as the command takes it: a name, or kinds with weights, `keyword=90,typed=10`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from simulator.load.plan import MIXES, Mix


class BadMix(ValueError):
    """A text is none. It says what would be."""


def mix(text: str) -> Mix:
    """A mix by its name or its weights.

    Raises:
        BadMix: see there.
    """
    name = text.strip()
    if name in MIXES:
        return MIXES[name]
    if "=" not in name:
        raise BadMix(f"there is no mix {name!r}: expected {', '.join(MIXES)}, or kind=weight,… of {', '.join(kinds())}")
    found: dict[str, float] = {}
    for part in name.split(","):
        kind, _, weight = (piece.strip() for piece in part.partition("="))
        if kind in found:
            raise BadMix(f"{kind!r} stands there twice")
        found[kind] = _weight(part, weight)
    return from_weights(found)


def from_weights(weights: Mapping[str, float]) -> Mix:
    """A mix of kinds with weights that are no less than 0.

    Raises:
        BadMix: a kind that there is not, or nothing above 0.
    """
    for kind in weights:
        if kind not in kinds():
            near = difflib.get_close_matches(kind, kinds(), n=1)
            hint = f", did you mean {near[0]}?" if near else "."
            raise BadMix(f"there is no kind {kind!r}{hint} Kinds: {', '.join(kinds())}")
    if not any(weights.values()):
        raise BadMix("at least one weight must be above 0")
    return Mix(**weights)


def kinds() -> tuple[str, ...]:
    """The kinds of messages."""
    return Mix.__struct_fields__


def shown(chosen: Mix) -> str:
    """A mix in words: its name, or its weights."""
    for name, known in MIXES.items():
        if known == chosen:
            return name
    return ",".join(f"{kind}={weight:g}" for kind in kinds() if (weight := getattr(chosen, kind)))


def _weight(part: str, weight: str) -> float:
    if not (weight.isascii() and weight.replace(".", "", 1).isdigit()):
        raise BadMix(f"{part.strip()!r}: expected kind=weight, with a weight of 0 or more")
    return float(weight)

"""What has been changed in the register since it was made: a number disowned, locked, freed, given to somebody else, moved.

Changes are kept in memory, one for each number, the last that was made, until they are undone or the register ends: a register that
starts again is as the population says. They are bounded, and an answer is made when the change is, not when it is asked for.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from simulator.population import Number, NumberState, Population

CHANGES_MAX: Final = 100_000
"""Changed numbers, some 60 MB."""


OPERATOR_MAX: Final = 64
"""Characters of an operator's name."""


class Change(enum.StrEnum):
    """What can happen to a number."""

    AUTHENTICATE = "authenticate"
    """It is bound to its citizen and free of locks."""
    DISOWN = "disown"
    """Its citizen has said that it is not theirs."""
    UNVERIFY = "unverify"
    """Its particulars are in doubt."""
    LOCK_ONE_WAY = "lock_one_way"
    """It receives only."""
    LOCK_TWO_WAY = "lock_two_way"
    """It neither sends nor receives."""
    RECYCLE = "recycle"
    """It was taken back, and is nobody's; with `to`, it has been sold to that citizen, who is authenticated."""
    PORT = "port"
    """It moved to another operator, named by `operator`. Owner and state stay; its messages come through that operator's SMSC."""


_STATES: Final = {
    Change.AUTHENTICATE: NumberState.AUTHENTICATED,
    Change.DISOWN: NumberState.DISOWNED,
    Change.UNVERIFY: NumberState.UNVERIFIED,
    Change.LOCK_ONE_WAY: NumberState.LOCKED_ONE_WAY,
    Change.LOCK_TWO_WAY: NumberState.LOCKED_TWO_WAY,
    Change.RECYCLE: NumberState.RECYCLED,
}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change that is asked for."""

    msisdn: Annotated[str, Meta(max_length=20)]
    change: Change
    to: Annotated[str, Meta(pattern=r"^[0-9]{12}\Z")] | None = None
    """Of `recycle`: the citizen ID of the new owner."""
    operator: Annotated[str, Meta(max_length=OPERATOR_MAX)] | None = None
    """Of `port`."""


class Changed(msgspec.Struct, frozen=True):
    """A number as it is now."""

    number: Number
    operator: str | None

    def __repr__(self) -> str:
        return f"<Changed {self.number.state}>"


class BadChange(ValueError):
    """A change that cannot be. The text says why, and names no number."""


class Changes:
    """The changes of one register.

    Args:
        population: what the numbers were.
        changes_max: see CHANGES_MAX.
    """

    def __init__(self, population: Population, changes_max: int = CHANGES_MAX) -> None:
        self.answers: dict[str, bytes] = {}
        """By msisdn: the answer of the look-up, as JSON."""
        self._population = population
        self._changed: dict[str, Changed] = {}
        self._max = changes_max
        self._encode = msgspec.json.Encoder().encode

    def make(self, asked: Asked, today: dt.date) -> Changed:
        """Change a number.

        Raises:
            BadChange: see there.
        """
        before = self._now(asked.msisdn)
        if asked.msisdn not in self._changed and len(self._changed) >= self._max:
            raise BadChange(
                f"{self._max} numbers are changed, and no more can be: undo some with DELETE /admin/changes"
            )
        if asked.to is not None and asked.change is not Change.RECYCLE:
            raise BadChange(f'"to" goes with recycle, not with {asked.change}')
        if (asked.operator is not None) != (asked.change is Change.PORT):
            raise BadChange('"operator" goes with port, and port with it')
        after = Changed(_changed(before.number, asked, today), asked.operator or before.operator)
        self._changed[asked.msisdn] = after
        self.answers[asked.msisdn] = self._encode(after.number)
        return after

    def all(self) -> list[Changed]:
        """Every changed number, in the order in which they were first changed."""
        return list(self._changed.values())

    def undo(self, msisdn: str | None = None) -> int:
        """Make one number, or all, as the population has them. Returns how many were changed."""
        gone = list(self._changed) if msisdn is None else [msisdn] if msisdn in self._changed else []
        for one in gone:
            del self._changed[one], self.answers[one]
        return len(gone)

    def _now(self, msisdn: str) -> Changed:
        if (changed := self._changed.get(msisdn)) is not None:
            return changed
        number = self._population.find(msisdn)
        if number is None:
            raise BadChange("the population has no such number; numbers stand as 84…")
        return Changed(number, None)


def _changed(number: Number, asked: Asked, today: dt.date) -> Number:
    if asked.change is Change.PORT:
        return number
    if asked.change is Change.RECYCLE and asked.to is not None:
        return Number(number.msisdn, NumberState.AUTHENTICATED, asked.to, today)
    if asked.change is Change.RECYCLE:
        return Number(number.msisdn, NumberState.RECYCLED, None, today)
    if number.citizen_id is None:
        raise BadChange('the number is nobody\'s: give it to somebody with recycle and "to"')
    return Number(number.msisdn, _STATES[asked.change], number.citizen_id, today)

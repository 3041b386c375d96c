"""What the register knows: a number's answer is derived when it is asked for, and nothing of the population is kept.

A number leads back to its citizen by the inverse of the permutation that gave it out, so a register of a hundred million citizens
starts as fast and needs as little memory as one of ten. Answers are kept as JSON while there is room, for people ask again. What was
changed since (`changes`) stands before what is derived.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from simulator.population import Population
from simulator.subscribers.changes import Changes

KEPT_MAX: Final = 200_000
"""Answers that are kept, some 60 MB; the oldest go first. A derivation costs ten to twenty times an answer that is kept."""

_UNKNOWN: Final = b"null"


class Register:
    """The numbers of a population, and what has been changed."""

    def __init__(self, population: Population, kept_max: int = KEPT_MAX) -> None:
        self.citizens: Final = population.citizens
        """How many citizens' numbers there are."""
        self._find = population.find
        self._encode = msgspec.json.Encoder().encode
        self._kept: dict[str, bytes] = {}
        self._kept_max = kept_max
        self.changes: Final = Changes(population)

    def lookup(self, msisdns: Sequence[str]) -> bytes:
        """The JSON object that answers: `{"subscribers": […]}` in the order asked, null for a number that is unknown."""
        changed, kept = self.changes.answers, self._kept
        answers = [changed.get(msisdn) or kept.get(msisdn) or self._derived(msisdn) for msisdn in msisdns]
        return b'{"subscribers":[%b]}' % b",".join(answers)

    def _derived(self, msisdn: str) -> bytes:
        number = self._find(msisdn)
        answer = _UNKNOWN if number is None else self._encode(number)
        if len(self._kept) >= self._kept_max:
            del self._kept[next(iter(self._kept))]
        self._kept[msisdn] = answer
        return answer

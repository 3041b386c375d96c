"""Who texts what: senders with the inquiry that each of them sends and the reply that each is owed, drawn from the population.

A sender keeps one inquiry through the whole run, so that a plan's mix is met by the mix of senders.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

from simulator.load.owed import Person, Replies
from simulator.load.plan import Mix
from simulator.load.sender import Sender
from simulator.load.senders import weights
from simulator.load.typing import signed, typed
from simulator.population import Population
from simulator.population.numbers import MSISDNS, NUMBERS_PER_CITIZEN_MAX, Msisdns
from sms_service.sms import Alphabet
from syntax import Syntax

TRIES: Final = 8
"""Times that an unclear message is drawn anew."""
_MISREAD: Final = ("XYZ 123", "cho toi hoi thong tin", "alo", "DC 12", "DC QUE", "thong tin ca nhan", "1", "DK DC")
_ACCENTED: Final = ("DC DAU", "DC CO DAU", "dc có dấu", "DC MUC SINH DAU")
_CLEAR: Final = (
    *("DC", "DC", "DC", "DC {}", "DC {}"),
    *("DC TB", "DC MUC SINH", "DC MUC CU TRU", "DC MUC THE", "DC MUC GIA DINH", "DC MUC THE CU TRU"),
)
_LETTER: Final = "Kinh nho co quan kiem tra giup thong tin cua toi, toi xin chan thanh cam on rat nhieu "
"""What makes a message take several segments, below a line break."""
_KINDS_BY_SENDER: Final = frozenset({"unregistered", "abusive"})


class Traffic:
    """Draws the senders of one SMSC's share.

    Args:
        population: whose citizens text.
        syntax: in which they ask.
        mix: of what.
        seed: of the draws.
        share: which part of the citizens, of `shares`.
        alphabet: what data_coding 0 means.
    """

    def __init__(
        self,
        population: Population,
        syntax: Syntax,
        mix: Mix,
        *,
        seed: int,
        share: int,
        shares: int,
        alphabet: Alphabet,
    ) -> None:
        self._population = population
        self._syntax = syntax
        self._replies = Replies(syntax, alphabet)
        self._alphabet = alphabet
        self._share, self._shares = share, shares
        self._dice = Random(seed * 1_000_003 + share)  # noqa: S311 - a load is no secret
        kinds = {kind: weight for kind, weight in weights(mix).items() if kind not in _KINDS_BY_SENDER}
        self._kinds, self._weights = [*kinds], [*kinds.values()]
        total = sum(kinds.values()) + mix.unregistered
        self._unregistered = mix.unregistered / total if total else 0.0

    def senders(self, wanted: int, abusive: int) -> Iterator[Sender]:
        """So many of each, the abusive first; fewer where the share has no more.

        The abusive are the last citizens of the share, and the others the first, so that nobody who has used up the quota in
        one run has to keep it in the next.
        """
        indexes = range(self._share, self._population.citizens, self._shares)
        taken: set[int] = set()
        for _, (index, msisdn, person, _other) in zip(range(abusive), self._people(reversed(indexes)), strict=False):
            taken.add(index)
            yield self._sender(msisdn, "abusive", "DC", person)
        people = self._people(index for index in indexes if index not in taken)
        nobody = self._nobodies()
        made = 0
        while made < wanted and (self._kinds or self._unregistered):
            if self._dice.random() < self._unregistered:
                yield self._sender(next(nobody), "unregistered", "DC", Person(None, None))
            else:
                found = next(people, None)
                if found is None:
                    return
                _, msisdn, person, other = found
                kind = self._dice.choices(self._kinds, self._weights)[0]
                yield self._sender(msisdn, kind, self._text(kind, person, other), person)
            made += 1

    def _people(self, indexes: Iterable[int]) -> Iterator[tuple[int, str, Person, str]]:
        """For each number of these citizens: the citizen's index, the number, the person, and the ID of somebody else."""
        other = self._population.citizen(self._population.citizens - 1).citizen_id
        for index in indexes:
            citizen, numbers = self._population.subscriber(index)
            for number in numbers:
                yield index, number.msisdn, Person(citizen, number), other
            other = citizen.citizen_id

    def _nobodies(self) -> Iterator[str]:
        """Numbers that nobody has: of those kept for each citizen the ones beyond what the citizen has, then those kept for citizens whom
        there are not.
        """
        msisdns = Msisdns(2 * self._population.seed + 1)
        for index in range(self._share, self._population.citizens, self._shares):
            held = len(self._population.numbers(index))
            yield from itertools.islice(msisdns.of(index), held, None)
        index = self._population.citizens + self._share
        while (index + 1) * NUMBERS_PER_CITIZEN_MAX <= MSISDNS:
            yield from msisdns.of(index)
            index += self._shares

    def _text(self, kind: str, person: Person, other: str) -> str:  # noqa: PLR0911 - one a kind
        own = person.citizen.citizen_id if person.citizen is not None else ""
        match kind:
            case "citizen_id":
                return f"DC {own}" if self._dice.random() < 0.5 else f"DC {own[:3]} {own[3:6]} {own[6:]}"
            case "accents":
                return self._dice.choice(_ACCENTED)
            case "page":
                return "DC TB TRANG 2 DAU"
            case "other_id":
                return f"DC {other}"
            case "help":
                return "DC HD"
            case "misread":
                return self._dice.choice(_MISREAD)
            case "typed":
                return self._clear(self._dice.choice(_CLEAR).format(own))
            case "multipart":
                plain = "DC\n" + _LETTER * self._dice.randint(2, 4)
                return plain if self._syntax.read(plain) == self._syntax.read("DC") else signed(self._dice, "DC")
        return "DC"

    def _clear(self, text: str) -> str:
        """The text as somebody types it, still clear."""
        meant = self._syntax.read(text)
        for _ in range(TRIES):
            made = typed(self._dice, text)
            if self._syntax.read(made) == self._syntax.read(made + " ") == meant:
                return made
        return text

    def _sender(self, msisdn: str, kind: str, text: str, person: Person) -> Sender:
        return Sender(msisdn, kind, text, person, self._replies.to(person, text), self._alphabet)

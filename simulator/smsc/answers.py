"""Answers to submit_sm that are kept back for a while, each for the connection that its question came over."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from simulator.smsc.link import Link
from sms_service.smpp import SubmitSmResp


class Answers(NamedTuple):
    """To some of the submit_sm of one read."""

    confirmed: Sequence[tuple[int, str]]
    """sequence_number and message_id."""
    refused: Sequence[SubmitSmResp]


def give(link: Link, answers: Answers) -> None:
    """Queue them on the link; an ended one drops them. Write them with its `flush`."""
    if link.account is None:
        return
    link.session.confirm(answers.confirmed)
    for refusal in answers.refused:
        link.session.respond(refusal)


class HeldAnswers:
    """What is kept back, by the time it is due. An ESME's window bounds it: nothing is asked while nothing is answered."""

    def __init__(self) -> None:
        self._held: list[tuple[float, int, Link, Answers]] = []
        self._ties = count()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, link: Link, answers: Answers, until: float) -> None:
        """Keep them until that time."""
        heappush(self._held, (until, next(self._ties), link, answers))

    def release(self, now: float) -> None:
        """Give what is due."""
        links = set()
        while self._held and self._held[0][0] <= now:
            _, _, link, answers = heappop(self._held)
            give(link, answers)
            links.add(link)
        for link in links:
            link.flush()
